"""A value in words and in figures, as a verdict shows it to a learner."""

import torch

from mnist_logreg.checks.troubles import FAULTS
from mnist_logreg.checks.values import Odd, plain

FEW = 12  # numbers that are small enough to read


def sentence(hint: str) -> str:
    """A hint with its full stop, where it has no mark of its own."""
    ends = hint.endswith(("?", ".", ")")) and not hint.endswith("`)")
    return hint if ends else f"{hint}."


def what(value) -> str:
    """The form of a value, in a learner's words."""
    found = plain(value)
    if type(found) is Odd:
        return found.what
    if found is None:
        return "nothing (`None`)"
    if type(found) is str:
        return "text, which stands in quotes"
    if type(found) is dict:
        return f"a dictionary of {_count(len(found), 'entry')}"
    if type(found) is complex:
        return "a complex number"
    if type(found) in (int, float):
        return "a single number"
    names: dict[type, str] = {list: "a list", tuple: "a tuple"}
    name = names.get(type(value))
    if type(found) is list:
        if name and 0 < len(found) < 5:
            parts = ", ".join(
                "a list" if type(form) is list else what(part)
                for part, form in zip(value, found)
            )
            return f"{_count(len(found), 'value')} ({parts})"
        return f"{name or 'a list'} of {_count(len(found), 'value')}"
    if name and found.dim() == 1:
        return f"{name} of {_count(len(found), 'number')}"
    name = "nested lists" if name else "an array"
    if issubclass(type(value), torch.Tensor):
        name = "a tensor"
    return f"{name} of shape {list(found.shape)}"


def small(value) -> str | None:
    """A value in figures, if it is small enough to read, else None."""
    found = plain(value)
    if type(found) in (int, float, complex):
        return number(found)
    if type(found) is str and len(found) <= 40:
        return repr(found)
    if type(found) is torch.Tensor and found.numel() <= FEW:
        return _nested(found.tolist(), issubclass(type(value), tuple))
    if type(found) is list and len(found) <= 4:
        parts = [small(part) or "" for part in found]
        if all(parts):
            ends = "()" if type(value) is tuple else "[]"
            return ends[0] + ", ".join(parts) + ends[1]
    if type(found) is dict and len(found) <= FEW:
        parts = [small(part) or "" for part in found.values()]
        if all(parts):
            return "{" + ", ".join(f"{k}: {p}" for k, p in zip(found, parts)) + "}"
    return None


def shown(value) -> str:
    """A value in figures if it is small, else its form."""
    return small(value) or what(value)


def number(value) -> str:
    """A number with as many digits as help to tell it from its neighbours."""
    try:
        if type(value) is complex:
            return str(value)
        if abs(value) < 10**15 and value == int(value):
            return str(int(value))
        return f"{value:.5g}"
    except FAULTS:  # nan, infinity, or larger than any float
        return str(value) if type(value) is float else "a huge number"


def _nested(value, round_brackets=False) -> str:
    if not isinstance(value, list):
        return number(value)
    ends = "()" if round_brackets else "[]"
    return ends[0] + ", ".join(map(_nested, value)) + ends[1]


def _count(n: int, word: str) -> str:
    plural = {"entry": "entries"}.get(word, word + "s")
    return f"{n} {word if n == 1 else plural}"
