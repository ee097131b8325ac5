"""A check in the notebook: finds the answer, has it judged, says what came of it.

Whatever the learner's cell has done or left undone, nothing here raises, and something
is handed on that the next cells can work with.
"""

import copy
import functools
import inspect
import textwrap
from dataclasses import replace

from mnist_logreg.checks import habits, help, reading
from mnist_logreg.checks.cells import MEMORY
from mnist_logreg.checks.exercise import FunctionExercise, ValueExercise
from mnist_logreg.checks.judging import (
    judge_function,
    judge_value,
    outcome,
    usual,
    wrong,
)
from mnist_logreg.checks.lesson import Lesson
from mnist_logreg.checks.syntax import parsed
from mnist_logreg.checks.troubles import FAULTS, told
from mnist_logreg.checks.values import has_form, in_form, plain, same
from mnist_logreg.checks.verdicts import Verdict, show

# What the check of each exercise returned when it was run last.
HANDED_ON: dict[str, object] = {}


def check(exercise: FunctionExercise | ValueExercise, names: dict):
    """Judge the answer among a notebook's names, show the verdict, hand on.

    Parameters
    ----------
    exercise : FunctionExercise or ValueExercise
    names : dict
        The notebook's global names.

    Returns
    -------
    object
        The right value, or a function that works: the learner's own if it is right.
    """
    go_on = None
    try:
        if isinstance(exercise, FunctionExercise):
            go_on = exercise.expected
            verdict, go_on = _function(exercise, names)
        else:
            lesson = Lesson()
            with usual():
                go_on = exercise.expected(lesson)
            verdict = _value(exercise, names, lesson)
    except FAULTS as error:  # of the notebook's own state, not of an answer
        message = (
            f"this check could not be made ({type(error).__name__}). Run the cells of "
            "the notebook again from the top: *Run* > *Run All Above Selected Cell*."
        )
        verdict = Verdict(exercise.number, "todo", message)
    show(replace(verdict, helped=help.looked_at(exercise.number)))
    HANDED_ON[exercise.number] = go_on
    return go_on


def _value(exercise, names, lesson):
    code = _code(exercise)
    return (
        _damaged(exercise, names, lesson)
        or _before(exercise, names)
        or _borrowed(exercise, names, code)
        or judge_value(exercise, names[exercise.answer], lesson, code)
    )


def _function(exercise, names):
    go_on = exercise.expected
    verdict = _before(exercise, names)
    if verdict is not None:
        return verdict, go_on
    answer = names[exercise.answer]
    if not callable(answer):
        hint = f"`{exercise.answer}` must be a function. {_begin(exercise)}."
        return wrong(exercise, hint), go_on
    called = []

    def call(arguments):
        came = outcome(exercise, answer, arguments)
        called.append((arguments, came))
        return came

    code = _source(answer) or _code(exercise)
    verdict = _borrowed(exercise, names, code) or judge_function(exercise, call, code)
    if verdict.status == "right":
        go_on = _fit_for_use(answer, exercise, called)
    return verdict, go_on


def _borrowed(exercise, names, code) -> Verdict | None:
    """What is said of an answer that takes what this very check hands on."""
    handed = HANDED_ON.get(exercise.number, ...)
    if type(handed) in (int, bool, str, type(...)):  # two names may hold the same
        return None
    for name in reading.names(parsed(code)):
        if names.get(name) is handed and name != exercise.answer:
            hint = (
                f"`{name}` is what this check hands on to the next cells, not an "
                "answer. Write it out yourself."
            )
            return wrong(exercise, hint)
    return None


def _fit_for_use(answer, exercise, called):
    """The learner's function; if needed with copies of arguments, or another form."""
    copies = any(came.changed for _, came in called)
    arguments, came = called[0]
    with usual():
        example = exercise.run(exercise.expected, *copy.deepcopy(arguments))
    if not copies and has_form(came.value, example):
        return answer

    @functools.wraps(answer)
    def fitted(*arguments):
        if copies:
            arguments = copy.deepcopy(arguments)
        return in_form(answer(*arguments), example)

    return fitted


def _before(exercise, names) -> Verdict | None:
    """What is said where there is no answer, or only that of an earlier run."""
    name = exercise.answer
    missing = name not in names
    changed = MEMORY.changed(name)
    cell = changed or MEMORY.binding(name)
    last = changed or MEMORY.last
    stopped = cell.trouble if cell else None
    undone = cell is None or stopped or reading.dots(cell.code)
    elsewhere = changed or (undone and last is not cell)
    empty = changed or missing or _is_unfilled(exercise, names[name])
    if last and (elsewhere or (empty and not stopped)):
        said = habits.compares(last.code, name)
        if elsewhere and not said:
            said = reading.misnamed(last.code, name, exercise.solution)
        if said:
            return wrong(exercise, said)
    if stopped:
        again = "Mend it, run it, then run this check again."
        return wrong(exercise, f"your cell {told(stopped)} {again}")
    shows = last and last is not cell and reading.shows_a_value(last.code)
    if empty and (changed or shows):
        hint = (
            f"the cell that you ran last gives nothing to `{name}`. "
            f"{_begin(exercise)}, run the cell, then run this check again."
        )
        return wrong(exercise, hint)
    if missing:
        message = (
            f"not done yet: there is no `{name}`. Write your answer into the cell "
            "above, run it, then run this check."
        )
        return Verdict(exercise.number, "todo", message)
    return None


def _begin(exercise) -> str:
    if isinstance(exercise, FunctionExercise):
        return f"Keep the line that starts with `def {exercise.answer}(`"
    return f"Find the line of your answer. Begin it with `{exercise.answer} = `"


def _is_unfilled(exercise, answer) -> bool:
    """Whether a name still holds what the stub gave it."""
    if isinstance(exercise, FunctionExercise):
        return reading.dots(_source(answer)) is not None
    return plain(answer) is None


def _damaged(exercise, names, lesson) -> Verdict | None:
    """What is said if a cell has overwritten what the answer is computed from."""
    for path, truth in exercise.intact.items():
        first, *rest = path.split(".")
        held = names.get(first)
        for part in rest:
            held = getattr(held, part, None)
        if held is None or same(held, truth(lesson), 0):
            continue
        cause = "Something has overwritten it"
        if reading.chained(_code(exercise), exercise.answer) == path:
            cause = (
                "Your line has overwritten it: a second `=` gives a value, and `==` "
                "compares"
            )
        line = MEMORY.origin(first)
        again = f"the one with `{line}`" if line else f"the one that makes `{first}`"
        hint = (
            f"`{path}` does not hold the data any more. {cause}. Mend your cell, run "
            f"{again} once more, then yours, then this check."
        )
        return wrong(exercise, hint)
    return None


def _code(exercise) -> str:
    cell = MEMORY.binding(exercise.answer)
    return cell.code if cell else ""


def _source(function) -> str:
    try:
        return textwrap.dedent(inspect.getsource(function))
    except FAULTS:
        return ""
