"""A learner's value in any form: made plain, compared, converted. Nothing here raises.

The types are asked, never the objects: an object may lie about its class, its length
and its equality.
"""

import math
import types
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import torch
from torch import nn

from mnist_logreg.checks.troubles import FAULTS, name_of

LISTS: tuple = (list, tuple, range, deque, type({}.keys()), type({}.values()))
METHODS = (types.BuiltinFunctionType, types.MethodType, types.MethodWrapperType)
LARGEST = 3_000_000  # parts of a list that are looked at
DEEPEST = 12  # lists within lists


@dataclass(frozen=True)
class Odd:
    """Something that is not a number, tensor, list or text.

    what: in a learner's words.
    """

    what: str
    remedy: str = ""


# Kinds of values, what they are in a learner's words, and what makes an answer of one.
ODD: tuple[tuple, ...] = (
    (types.FunctionType, "a function, not its result", "brackets call it"),
    (type, "a class", "brackets make something of it"),
    ((set, frozenset), "a set, which has no order", "make a list: square brackets"),
    ((bytes, bytearray), "bytes"),
    (nn.Module, "a model", "brackets with its input call it, as in `model(images)`"),
    (types.ModuleType, "a module", "a dot and a name in it follow"),
)


def plain(value):
    """A value without its form.

    Parameters
    ----------
    value : object
        Anything at all.

    Returns
    -------
    int, float, complex, str, None, torch.Tensor, list, dict or Odd
        A single number; a tensor (float64, or complex, on the CPU, of one dimension
        or more) for a tensor, an array or nested lists of numbers; a list or a dict of
        plain parts; None for None and for ``...``; Odd for everything else.
    """
    try:
        with torch.device("cpu"), torch._C.DisableTorchFunctionSubclass():
            return _plain(value, [LARGEST], 0)
    except FAULTS:
        return Odd(f"an object of type {name_of(value)}")


def _plain(value, left, depth):
    kind = type(value)
    if value is None or value is ...:
        return None
    if issubclass(kind, int):
        return int.__add__(value, 0)
    if issubclass(kind, float):
        return float.__add__(value, 0.0)
    if issubclass(kind, complex):
        return _real(complex.__add__(value, 0))
    if issubclass(kind, str):
        return str.__str__(value)
    if issubclass(kind, torch.Tensor):
        return _plain_tensor(value)
    if issubclass(kind, np.generic):
        if issubclass(kind, np.floating):
            return np.floating.__float__(value)
        return _plain(np.generic.item(value), left, depth + 1)
    if issubclass(kind, np.ndarray):
        array = np.ndarray.view(value, np.ndarray)
        if array.dtype.kind not in "biufc":
            return _plain(array.tolist(), left, depth + 1)
        wide = np.complex128 if array.dtype.kind == "c" else np.float64
        return _plain_tensor(torch.from_numpy(np.array(array, dtype=wide)))
    if kind.__module__ == "torch.return_types":
        return Odd("two things at once", "take its `.indices` or its `.values`")
    if kind in LISTS or kind.__mro__[1:2] in ((list,), (tuple,)):
        return _plain_list(value, left, depth)
    if issubclass(kind, dict):
        items = dict.items(value)
        return {_key(key): _plain(part, left, depth + 1) for key, part in items}
    if kind in (Fraction, Decimal):
        return float(value)
    return _odd(value, kind, left, depth)


def _plain_tensor(value):
    tensor = torch.Tensor.detach(value)
    if tensor.is_meta:
        return Odd("a tensor on meta", "add `.cpu()` to bring it back")
    if tensor.layout != torch.strided:
        tensor = tensor.to_dense()
    tensor = tensor.cpu().resolve_conj().resolve_neg()
    tensor = tensor if tensor.is_complex() else tensor.double()
    return tensor if tensor.dim() else _real(tensor.item())


def _plain_list(value, left, depth):
    items = list(tuple.__iter__(value) if isinstance(value, tuple) else value)
    left[0] -= len(items)
    if depth > DEEPEST or left[0] < 0:
        return Odd("lists within lists without end")
    if items and all(type(item) in (int, float) for item in items):
        try:
            return torch.tensor(items, dtype=torch.float64)
        except FAULTS:  # a whole number larger than any float
            return items
    parts = [_plain(item, left, depth + 1) for item in items]
    if parts and all(type(part) in (int, float) for part in parts):
        return torch.tensor(parts, dtype=torch.float64)
    kinds = {(type(p), getattr(p, "shape", 0), getattr(p, "dtype", 0)) for p in parts}
    if len(kinds) == 1 and type(parts[0]) is torch.Tensor:
        return torch.stack(parts)
    return parts


def _real(number: complex):
    if type(number) is complex and number.imag == 0:
        return number.real
    return number


def _key(key):
    found = plain(key)
    return found if type(found) in (int, float, str) else f"({name_of(key)})"


def _odd(value, kind, left, depth):
    if issubclass(kind, METHODS):
        name = getattr(value, "__name__", "it") if kind in METHODS else "it"
        return Odd(
            f"the method `{name}` itself, not its result",
            f"brackets call it: `{name}()`",
        )
    if issubclass(kind, Iterator):
        return Odd(
            f"a {name_of(value)}, which has not computed anything yet",
            "put `list(…)` round it",
        )
    for kinds, *said in ODD:
        if issubclass(kind, kinds):
            return Odd(*said)
    if hasattr(kind, "__array__"):  # of pandas, JAX and others
        return _plain(np.array(value), left, depth + 6)
    return Odd(f"an object of type {name_of(value)}")


def same(got, right, tolerance: float = 1e-5) -> bool:
    """Whether two values agree in any form, nan equal to nan.

    Parameters
    ----------
    got, right : object
        Values of any form, or what `plain` made of them.
    tolerance : float
        The difference allowed, relative to the right number where that is above 1.
    """
    return _same(plain(got), plain(right), tolerance)


def _same(got, right, tolerance):
    if right is None or type(right) in (str, Odd):
        return type(got) is type(right) and got == right
    if type(right) is dict:
        return (
            type(got) is dict
            and got.keys() == right.keys()
            and all(_same(got[key], right[key], tolerance) for key in right)
        )
    if type(right) is list:
        return (
            type(got) in (list, torch.Tensor)
            and len(got) == len(right)
            and all(_same(plain(a), b, tolerance) for a, b in zip(got, right))
        )
    got, right = _numbers(got), _numbers(right)
    if got is None or right is None:
        return False
    if right.dim() == 0 and got.numel() == 1:
        got = got.reshape(())
    if got.shape != right.shape:
        return False
    room = tolerance * right.abs().clamp(min=1).nan_to_num(posinf=0)
    equal = (got == right) | (got.isnan() & right.isnan())
    return bool((equal | ((got - right).abs() <= room)).all())


def _numbers(value):
    """A number or tensor as a tensor; None for anything else."""
    if type(value) is torch.Tensor:
        return value
    if type(value) not in (int, float, complex):
        return None
    try:
        kind = torch.complex128 if type(value) is complex else torch.float64
        return torch.tensor(value, dtype=kind, device="cpu")
    except FAULTS:  # a whole number larger than any float
        return torch.tensor(math.inf if value > 0 else -math.inf, device="cpu")


def in_form(value, example):
    """A right value in the form of the package's own, which the next cells need.

    Parameters
    ----------
    value : object
        What a learner's function returned.
    example : object
        What the package's returns: a number, a tensor, or a tuple of such.
    """
    if type(example) is tuple:
        return tuple(map(in_form, value, example))
    found = plain(value)
    if type(example) is torch.Tensor:
        return torch.as_tensor(found).to("cpu", example.dtype)
    if type(example) in (int, float, bool):
        return type(example)(_numbers(found))
    return value


def has_form(value, example) -> bool:
    """Whether a value can stand where one like the example is needed."""
    if type(example) is tuple:
        return type(value) in (tuple, list) and all(map(has_form, value, example))
    if type(example) is torch.Tensor:
        return (
            issubclass(type(value), torch.Tensor)
            and value.dtype == example.dtype
            and value.device.type == "cpu"
        )
    if type(example) in (int, float, bool):
        return issubclass(type(value), (int, float))
    return True
