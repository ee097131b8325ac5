"""Judges an answer. The same in the notebook and in grading, from plain values.

In the notebook the learner's function is called here, by `outcome`; in grading another
process calls `outcome`, and what it returns comes back as plain values.
"""

import contextlib
import copy
import inspect
import io
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from mnist_logreg.checks import habits
from mnist_logreg.checks.exercise import FunctionExercise, ValueExercise
from mnist_logreg.checks.troubles import Trouble, explain, located, trouble
from mnist_logreg.checks.values import (
    FAULTS,
    Odd,
    number,
    plain,
    same,
    shown,
    small,
    what,
)
from mnist_logreg.checks.verdicts import Verdict

RIGHT = "right."


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
    """Call a learner's function on copies of arguments. Never raises."""
    given = copy.deepcopy(arguments)
    names = getattr(function, "__globals__", {})
    printed, value, found = io.StringIO(), None, None
    with usual(), contextlib.redirect_stdout(printed):
        try:
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
        ):
            yield
    finally:
        torch.set_default_dtype(kind)
        random.setstate(states[0])
        np.random.set_state(states[1])


def judge_value(exercise: ValueExercise, answer, lesson, given=(), code="") -> Verdict:
    """Judge a value.

    Parameters
    ----------
    exercise : ValueExercise
    answer : object
        The learner's value, as it is or plain.
    lesson : Lesson
        The data that right answers are computed from.
    given : tuple
        What the check is given of the notebook's results.
    code : str
        The learner's cell, if it is known.
    """
    with usual():
        found = plain(answer)
        if found is None:
            return _nothing(exercise, code)
        right = exercise.expected(lesson, *given)
        for value in (right, *exercise.also_right(lesson, *given)):
            if same(found, value, exercise.tolerance):
                return Verdict(exercise.number, "right", RIGHT)
        hint = _hint(exercise, answer, right, (lesson, *given), code)
        if hint is None and exercise.remark:
            with contextlib.suppress(*FAULTS):  # an answer of a kind not thought of
                hint = exercise.remark(found, lesson, *given)
        hint = hint or f"{_difference(answer, right, False)}. {exercise.nudge}"
        return _wrong(exercise, hint)


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
    line = habits.dots(code)
    if line is not None:
        return Verdict(
            exercise.number,
            "todo",
            f"not done yet. In `{line}` your code takes the place of the dots.",
        )
    if chance is None:
        chance = torch.Generator("cpu")
        chance.manual_seed(int.from_bytes(os.urandom(7)))
    with usual():
        cases = exercise.cases(chance)
    seen, wanted, remark, failed = [], [], "", None
    for arguments in cases:
        came = call(arguments)
        with usual():
            right = exercise.run(exercise.expected, *copy.deepcopy(arguments))
        if came.trouble is None:
            seen.append(came.value)
            wanted.append(right)
        if failed is None and not _fits(came, right, exercise.tolerance):
            failed = arguments, came, right
            if came.trouble is not None or len(seen) > 1:
                break
        elif failed:
            break  # the second case, to tell a constant
        for name in came.changed:
            remark = (
                f" Mind that your function changes `{name}` itself, which whoever "
                "calls it may still need."
            )
    if failed is None:
        return Verdict(exercise.number, "right", RIGHT + remark)
    with usual():
        return _judge_case(exercise, *failed, _constant(seen, wanted), code)


def _fits(came: Outcome, right, tolerance) -> bool:
    return came.trouble is None and same(came.value, right, tolerance)


def _constant(seen, wanted) -> bool:
    """Whether a function returned the same in two cases that want different values."""
    return len(seen) > 1 and same(*seen[-2:], 0) and not same(*wanted[-2:])


def _judge_case(exercise, arguments, came, right, constant, code) -> Verdict:
    """Say what is wrong with what a function made of its arguments."""
    called = ", ".join(
        f"{name} = {small(value)}" if small(value) else f"{name}: {what(value)}"
        for name, value in zip(_names(exercise), arguments)
    )
    if came.trouble is not None:
        hint = (
            f"your function stopped{located(came.trouble)}: {explain(came.trouble)}. "
            f"The check called it with {called}"
        )
        return _wrong(exercise, hint)
    found = plain(came.value)
    if found is None:
        if came.printed.strip():
            hint = (
                "`print` shows a result and hands back nothing. Write `return` in its "
                "place"
            )
        elif came.value is ... or habits.returns_none(code):
            message = "not done yet. Let the function return its result."
            return Verdict(exercise.number, "todo", message)
        else:
            hint = habits.sure(code) or (
                "your function hands nothing back (`None`): its last line must begin "
                "with `return`"
            )
        return _wrong(exercise, hint)
    hint = _hint(exercise, came.value, right, arguments, code)
    if hint is None and constant:
        hint = (
            f"your function returns {shown(came.value)} whatever it is given. Compute "
            f"the result from {' and '.join(_names(exercise))}"
        )
    if hint is None:
        hint = f"{called}: {_difference(came.value, right, True)}"
    elif small(came.value) and small(right) and all(map(small, arguments)):
        hint += (
            f". ({called}: you returned {small(came.value)}, right is {small(right)})"
        )
    return _wrong(exercise, hint)


def _hint(exercise, answer, right, arguments, code) -> str | None:
    """The hint that fits, or None: what the code shows, else what the value shows."""
    found = plain(answer)
    if type(found) is Odd:
        return f"this is {found.what}" + (f": {found.remedy}" if found.remedy else "")
    if type(found) is str and type(right) is not str:
        return "this is text, which stands in quotes. Leave the quotes out"
    said = habits.sure(code)
    if said:
        return said
    for value, hint in exercise.mistakes(*arguments):
        if not same(value, right, exercise.tolerance) and same(
            found, value, exercise.tolerance
        ):
            return hint
    if _has_nan(found) and not _has_nan(plain(right)):
        return (
            "there is a `nan` in it, *not a number*: 0/0, infinity minus infinity or "
            "the logarithm of a negative number make one"
        )
    return habits.likely(code) or _turned(found, plain(right), exercise.tolerance)


def _has_nan(found) -> bool:
    if type(found) is torch.Tensor:
        return bool(found.isnan().any())
    return type(found) is float and found != found


def _turned(found, right, tolerance) -> str | None:
    """What is said of a right table that lies on its side, or has a side too many."""
    if type(found) is not torch.Tensor or type(right) is not torch.Tensor:
        return None
    if found.dim() == 2 and same(found.T, right, tolerance):
        return "rows and columns have changed places: `.T` turns them"
    if found.shape != right.shape and found.numel() == right.numel():
        if same(found.reshape(right.shape), right, tolerance):
            return (
                f"the values are right, in the shape {list(found.shape)} where "
                f"{list(right.shape)} is wanted"
            )
    return None


def _difference(answer, right, is_result: bool) -> str:
    """Where an answer differs; a function's right result may be told, a value not."""
    found, wanted = plain(answer), plain(right)
    verb = "you returned" if is_result else "you gave"
    if type(wanted) is not torch.Tensor or type(found) is not torch.Tensor:
        return _other_difference(answer, right, found, wanted, verb, is_result)
    if found.shape != wanted.shape:
        return f"{verb} {what(answer)}, wanted is {what(right)}"
    if is_result and small(answer) and small(right):
        return f"{verb} {small(answer)}, right is {small(right)}"
    place = ((found - wanted).abs().nan_to_num(1) > 1e-9).nonzero()[0].tolist()
    at = str(place) if len(place) > 1 else f"[{place[0]}]"
    a, b = (number(t[tuple(place)].item()) for t in (found, wanted))
    return f"at place {at} {verb} {a}, right is {b}"


def _other_difference(answer, right, found, wanted, verb, is_result) -> str:
    numbers = (int, float)
    if type(found) in numbers and type(wanted) in numbers:
        if is_result:
            return f"{verb} {number(found)}, right is {number(wanted)}"
        if abs(found - wanted) <= 0.01 * abs(wanted):
            return f"{number(found)} is close. Let Python compute it all, unrounded"
        side = "large" if found > wanted else "small"
        return f"{number(found)} is too {side}"
    parts = [
        list(x) if type(x) in (list, torch.Tensor) else [] for x in (found, wanted)
    ]
    if len(parts[1]) and len(parts[0]) == len(parts[1]):
        for i, (a, b) in enumerate(zip(*parts)):
            if not same(a, b):
                return f"of the {len(parts[1])} results, number {i + 1}: " + (
                    _difference(a, b, is_result)
                )
    if is_result and small(answer) and small(right):
        return f"{verb} {small(answer)}, right is {small(right)}"
    return f"{verb} {what(answer)}, wanted is {what(right)}"


def _nothing(exercise, code) -> Verdict:
    """The verdict on None and on dots."""
    if habits.prints(code, exercise.answer):
        hint = (
            f"`print` shows a value and hands back nothing, so that `{exercise.answer}` "
            "holds `None`. Leave `print` out"
        )
        return _wrong(exercise, hint)
    message = (
        f"not done yet. Your code takes the place of the dots in `{exercise.answer} = "
        "...`; then run that cell and this one."
    )
    return Verdict(exercise.number, "todo", message)


def _wrong(exercise, hint: str) -> Verdict:
    end = "" if hint.endswith(("?", ".", ")")) and not hint.endswith("`)") else "."
    return Verdict(exercise.number, "wrong", f"not yet: {hint}{end}")


def _names(exercise) -> list[str]:
    """The names of the arguments, as the text of the exercise has them."""
    return list(inspect.signature(exercise.expected).parameters)
