"""Which sentence moves a learner on from a wrong answer."""

import contextlib

import torch

from mnist_logreg.checks import habits, reading
from mnist_logreg.checks.troubles import FAULTS
from mnist_logreg.checks.values import Odd, plain, same
from mnist_logreg.checks.words import number, small, what


def hint(exercise, answer, right, arguments, code) -> str | None:
    """The hint that fits: what the code shows, else what the value shows.

    Parameters
    ----------
    exercise : Exercise
    answer, right : object
        What the learner has, and what is right.
    arguments : tuple
        What ``exercise.mistakes`` is called with.
    code : str
        The learner's cell or function, if it is known.

    Returns
    -------
    str or None
    """
    found = plain(answer)
    if type(found) is Odd:
        return f"this is {found.what}" + (f": {found.remedy}" if found.remedy else "")
    if type(found) is str and type(right) is not str:
        return "this is text. A number is wanted: leave out the quotes"
    whole = None if "//" in exercise.solution else habits.likely(code)
    said = habits.sure(code) or (whole if same(found, 0) else None)
    if said:
        return said
    with contextlib.suppress(*FAULTS):  # of arguments that a cell has spoiled
        for value, said in exercise.mistakes(*arguments):
            if same(found, value, exercise.tolerance) and not same(
                value, right, exercise.tolerance
            ):
                return said
    if _has_nan(found) and not _has_nan(plain(right)):
        return (
            "there is a `nan` in it, *not a number*: 0/0, infinity minus infinity or "
            "the logarithm of a negative number make one"
        )
    return (
        whole
        or _turned(found, plain(right), exercise.tolerance)
        or _off_by_a_little(found, plain(right))
        or reading.unused(code, exercise.solution)
    )


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
    is_turned = found.shape != right.shape and found.numel() == right.numel()
    if is_turned and same(found.reshape(right.shape), right, tolerance):
        return (
            f"the values are right, in the shape {list(found.shape)} where "
            f"{list(right.shape)} is wanted"
        )
    return None


def _off_by_a_little(found, right) -> str | None:
    """What is said of right numbers in percent, with the other sign, or rounded."""
    numbers = (int, float, torch.Tensor)
    if type(found) not in numbers or type(right) not in numbers:
        return None
    try:
        found, right = (torch.as_tensor(x, dtype=torch.float64) for x in (found, right))
    except OverflowError:  # a whole number larger than any float
        return None
    if found.shape != right.shape:
        return None
    if not same(found, right, 1e-3):
        if same(found / 100, right, 1e-4):
            return "this is 100 times too large. Is it in percent, or multiplied twice?"
        if same(found * 100, right, 1e-4):
            return "this is 100 times too small: leave out the division by 100"
        if same(-found, right, 1e-4):
            return "this is right but for its sign: it is the wrong way round"
    for places in (1, 2, 3, 4):
        if same(found, right.round(decimals=places), 1e-6):
            return "this is rounded. Give the number as it is, with all its decimals"
    return None


def difference(answer, right, is_result: bool) -> str:
    """Where an answer differs.

    Parameters
    ----------
    answer, right : object
    is_result : bool
        Whether a function returned it. Then what is right may be told: the function
        is called with other arguments, too.

    Returns
    -------
    str
    """
    found, wanted = plain(answer), plain(right)
    kinds = type(found), type(wanted)
    verb = "you returned" if is_result else "you gave"
    forms = f"{verb} {what(answer)}, wanted is {what(right)}"
    if kinds == (list, torch.Tensor):
        return f"{forms} alone"
    are_tensors = kinds == (torch.Tensor, torch.Tensor)
    if are_tensors and found.shape != wanted.shape:
        return forms
    is_row = kinds in ((list, list), (torch.Tensor, list))
    if is_row and len(found) == len(wanted):
        for i, (a, b) in enumerate(zip(found, wanted)):
            if not same(a, b):
                return f"of the {len(wanted)} results, number {i + 1}: " + (
                    difference(a, b, is_result)
                )
    if is_result and small(answer) and small(right):
        return f"{verb} {small(answer)}, right is {small(right)}"
    if are_tensors:
        gap = (found - wanted).abs().nan_to_num(torch.inf)
        place = (gap > 1e-4 * gap.max().clamp(max=1e300)).nonzero()[0].tolist()
        at = str(place) if len(place) > 1 else f"[{place[0]}]"
        a, b = (number(t[tuple(place)].item()) for t in (found, wanted))
        return f"at place {at} {verb} {a}, right is {b}"
    if set(kinds) <= {int, float}:
        if same(found / 100 if abs(found) < 1e300 else 0, wanted / 100, 1e-4):
            return f"{number(found)} is close. Let Python compute it all, unrounded"
        return f"{number(found)} is too {'large' if found > wanted else 'small'}"
    return forms
