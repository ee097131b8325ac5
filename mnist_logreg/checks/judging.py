"""Judges an answer. The same in the notebook and in grading, from plain values.

In the notebook the learner's function is called here, by `outcome`; in grading another
process calls `outcome`, and what it returns comes back as plain values.
"""

import contextlib
import copy
import inspect
import io
import random
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch

from mnist_logreg.checks import habits, hints, reading
from mnist_logreg.checks.exercise import FunctionExercise, ValueExercise
from mnist_logreg.checks.troubles import FAULTS, Trouble, told, trouble
from mnist_logreg.checks.values import plain, same
from mnist_logreg.checks.verdicts import Verdict
from mnist_logreg.checks.words import sentence, shown, small, what

RIGHT = "right."
NOT_DONE = "not done yet"


@dataclass(frozen=True)
class Outcome:
    """What came of a call of the learner's function, all of it plain.

    Attributes
    ----------
    value : object
        What it returned.
    printed : str
        What it printed.
    trouble : Trouble or None
        The error that it stopped with.
    changed : tuple of str
        The names of arguments that it changed.
    """

    value: object = None
    printed: str = ""
    trouble: Trouble | None = None
    changed: tuple[str, ...] = ()


def outcome(
    exercise: FunctionExercise, function: Callable, arguments: tuple
) -> Outcome:
    """Call a learner's function on copies of arguments. Never raises.

    Parameters
    ----------
    exercise : FunctionExercise
    function : callable
    arguments : tuple

    Returns
    -------
    Outcome
    """
    given = copy.deepcopy(arguments)
    names: dict = {}
    printed, value, found = io.StringIO(), None, None
    with usual(), contextlib.redirect_stdout(printed):
        try:
            names = getattr(function, "__globals__", names)
            value = exercise.run(function, *given)
        except (*FAULTS, KeyboardInterrupt) as error:
            found = trouble(error, names)
    changed = tuple(
        name
        for name, before, after in zip(_names(exercise), arguments, given)
        if not same(after, before, 0)
    )
    return Outcome(value, printed.getvalue()[:2000], found, changed)


@contextlib.contextmanager
def usual() -> Iterator[None]:
    """Torch as it is without settings; random numbers go on afterwards as before."""
    kind = torch.get_default_dtype()
    states = random.getstate(), np.random.get_state()
    try:
        torch.set_default_dtype(torch.float32)
        with (
            torch.device("cpu"),
            torch.random.fork_rng(devices=[]),
            torch.enable_grad(),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")  # they name files, not the learner's line
            yield
    finally:
        torch.set_default_dtype(kind)
        random.setstate(states[0])
        np.random.set_state(states[1])


def judge_value(exercise: ValueExercise, answer, lesson, code="") -> Verdict:
    """Judge a value.

    Parameters
    ----------
    exercise : ValueExercise
    answer : object
        The learner's value, as it is or plain.
    lesson : Lesson
        The data that right answers are computed from.
    code : str
        The learner's cell, if it is known.
    """
    with usual():
        found = plain(answer)
        if found is None:
            return _nothing(exercise, code)
        right = exercise.expected(lesson)
        if same(found, right, exercise.tolerance):
            return Verdict(exercise.number, "right", RIGHT)
        if reading.dots(code):
            return _nothing(exercise, code)
        hint = hints.hint(exercise, answer, right, (lesson,), code)
        if hint is None and exercise.remark:
            with contextlib.suppress(*FAULTS):  # an answer of a kind not thought of
                hint = exercise.remark(found, lesson)
        hint = hint or f"{hints.difference(answer, right, False)}. {exercise.nudge}"
        return wrong(exercise, hint)


def judge_function(
    exercise: FunctionExercise,
    call: Callable[[tuple], Outcome],
    code: str = "",
    chance: torch.Generator | None = None,
) -> Verdict:
    """Judge a function.

    Parameters
    ----------
    exercise : FunctionExercise
    call : callable
        Given a tuple of arguments, it has the learner's function called on copies of
        them and returns an Outcome.
    code : str
        The learner's code, if it is known.
    chance : torch.Generator, optional
        Where arguments are drawn from; without it, each call draws others.
    """
    line = reading.dots(code)
    if line is not None:
        return Verdict(
            exercise.number,
            "todo",
            f"{NOT_DONE}. In `{line}` your code takes the place of the dots.",
        )
    if chance is None:
        chance = torch.Generator("cpu")
        chance.seed()
    with usual():
        cases = list(exercise.cases(chance))
    seen: list[tuple] = []  # arguments, what came back, what is right
    remark, failed = "", None
    for arguments in cases:
        came = call(arguments)
        with usual():
            right = exercise.run(exercise.expected, *copy.deepcopy(arguments))
            right = exercise.found(right, *arguments)
            if came.trouble is None:
                came = replace(came, value=exercise.found(came.value, *arguments))
                seen.append((arguments, came.value, right))
        fits = came.trouble is None and same(came.value, right, exercise.tolerance)
        if failed is None and not fits:
            failed = arguments, came, right
            if came.trouble is not None or len(seen) > 1:
                break
        elif failed:
            break  # the second case, to tell a constant
        if came.changed:
            remark = (
                f" But your function changes {_listed(came.changed)}, which later "
                "code may still need."
            )
    if failed is None:
        return Verdict(exercise.number, "right", RIGHT + remark)
    with usual():
        return _judge_case(exercise, *failed, _contrast(seen, failed[0]), code)


def _contrast(seen: list[tuple], arguments) -> tuple | None:
    """Of the last two cases the other one, if it wants another value and got the same.

    arguments: those of the one that failed.
    """
    if len(seen) < 2:
        return None
    (_, one, wanted), (_, two, other) = seen[-2:]
    if not same(one, two, 0) or same(wanted, other):
        return None
    return next(case for case in seen[-2:] if case[0] is not arguments)


def _judge_case(exercise, arguments, came, right, contrast, code) -> Verdict:
    """Say what is wrong with what a function made of its arguments."""
    readable = all(map(small, arguments))
    called = ", ".join(
        f"{name} = {small(value)}" if small(value) else f"{name}: {what(value)}"
        for name, value in zip(_names(exercise), arguments)
    )
    if came.trouble is not None:
        stopped = f"your function {told(came.trouble)}"
        if lost := habits.lost(code):
            stopped += f" Also, {lost}"
        elif readable or exercise.call is None:
            stopped += f" The check called it with {called}"
        return wrong(exercise, stopped)
    if plain(came.value) is None:
        if came.printed.strip():
            return wrong(exercise, habits.PRINTED)
        if came.value is ... or reading.returns_none(code):
            message = f"{NOT_DONE}. Let the function return its result."
            return Verdict(exercise.number, "todo", message)
        nothing = (
            "`None` came back: no `return` was reached, or the name behind it was "
            "never given a value"
        )
        return wrong(exercise, habits.unreturned(code) or nothing)
    hint = hints.hint(exercise, came.value, right, arguments, code)
    if contrast:
        given, value, wanted = contrast
        # Where no hint fits the other case, one fits this case by chance.
        if not hint or not hints.hint(exercise, value, wanted, given, code):
            hint = (
                f"your function returns {shown(came.value)} whatever it is given. "
                f"Compute the result from {' and '.join(_names(exercise))}"
            )
    if hint is None:
        difference = f"{called}: {hints.difference(came.value, right, True)}"
        hint = exercise.otherwise or difference
    elif small(came.value) and small(right) and readable:
        hint = (
            f"{sentence(hint)} ({called}: you returned {small(came.value)}, right is "
            f"{small(right)})"
        )
    return wrong(exercise, hint)


def _nothing(exercise, code) -> Verdict:
    """The verdict on None and on dots."""
    if empty := reading.gives_nothing(code, exercise.answer):
        return wrong(exercise, reading.NOTHING[empty].format("the line"))
    message = (
        f"{NOT_DONE}. Your code takes the place of the dots in `{exercise.answer} = "
        "...`; then run that cell and this one."
    )
    return Verdict(exercise.number, "todo", message)


def wrong(exercise, hint: str) -> Verdict:
    """The verdict that a hint makes."""
    if hint.startswith(NOT_DONE):  # said of a stub that is code to be changed
        return Verdict(exercise.number, "todo", sentence(hint))
    return Verdict(exercise.number, "wrong", f"not yet: {sentence(hint)}")


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def _names(exercise) -> list[str]:
    """The names of the arguments, as the text of the exercise has them."""
    return list(inspect.signature(exercise.expected).parameters)
