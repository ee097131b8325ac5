"""No check raises, whatever it is given: tried with values that nobody thought of."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_logreg import checks
from mnist_logreg.checks import notebook
from mnist_logreg.checks.exercise import FunctionExercise
from mnist_logreg.checks.values import plain, same
from mnist_logreg.checks.words import shown, what
from mnist_logreg.data import open_data

EXERCISES = checks.exercises().values()


@pytest.fixture(autouse=True, scope="module")
def small_data():
    open_data("digits")


class Hostile:
    """An object each of whose doors is a trap."""

    def __init__(self, error):
        object.__setattr__(self, "error", error)

    def _trap(self, *arguments, **named):
        raise object.__getattribute__(self, "error")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __len__ = __iter__ = _trap
    __repr__ = __str__ = __format__ = __bool__ = __hash__ = __getitem__ = _trap
    __array__ = __float__ = __int__ = __index__ = __getattr__ = __call__ = _trap
    __add__ = __sub__ = __rsub__ = __truediv__ = __deepcopy__ = __reduce_ex__ = _trap
    __torch_function__ = __array_function__ = __array_ufunc__ = __length_hint__ = _trap

    @property
    def __class__(self):
        return torch.Tensor


class HostileList(list):
    __iter__ = __len__ = __eq__ = __getitem__ = Hostile._trap
    error = ValueError("a trap")


class HostileFloat(float):
    __float__ = __eq__ = __sub__ = __repr__ = __format__ = __abs__ = Hostile._trap
    error = KeyError("a trap")


class HostileTensor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, arguments=(), named=None):
        raise RuntimeError("a trap")


def endless_list():
    found = [1.0]
    found.append(found)
    found.append(found)
    return found


def generator():
    yield 1
    raise ValueError


NUMBERS = st.one_of(
    st.integers(),
    st.integers(min_value=10**300, max_value=10**320),
    st.floats(),
    st.complex_numbers(),
    st.booleans(),
    st.fractions(),
    st.decimals(),
)
KINDS = [
    *(torch.uint8, torch.int64, torch.bool, torch.float16, torch.bfloat16),
    *(torch.float32, torch.float64, torch.complex64),
]
TENSORS = st.builds(
    lambda shape, kind, fill, device: torch.full(
        shape, fill, dtype=torch.float64, device=device
    ).to(kind),
    st.lists(st.integers(0, 12), max_size=4),
    st.sampled_from(KINDS),
    st.sampled_from([0.0, 1.0, -1.0, 7.0, math.inf, -math.inf, math.nan]),
    st.sampled_from(["cpu", "meta"]),
)


def odd_values():
    """Values of kinds that are no answers at all."""
    return [
        *(Hostile(ValueError("a trap")), Hostile(SystemExit(3)), HostileList([1, 2])),
        *(HostileFloat(3), torch.zeros(10).as_subclass(HostileTensor), endless_list()),
        *(generator(), map(int, "12"), zip("a", "b"), iter([1]), range(10), {1, 2}),
        *(print, len, torch.exp, torch.zeros(3).sum, Hostile, int, math, object()),
        *(None, ..., NotImplemented, b"12", bytearray(3), memoryview(b"12"), slice(3)),
        *(np.zeros((2, 0)), np.array(["a"]), np.array([None]), np.datetime64("2020")),
        *(np.ma.masked_array([1, 2], [0, 1]), np.array([object()]), np.float16("nan")),
        *(torch.eye(10).to_sparse(), torch.nn.Linear(2, 3), torch.zeros(2, 3).T),
        *(torch.zeros(3, requires_grad=True), torch.empty(0), torch.tensor([]).conj()),
        *(torch.max(torch.eye(2), dim=1), torch.zeros(3, dtype=torch.complex64).imag),
        *(Decimal("NaN"), Decimal("sNaN"), Fraction(1, 3), "1.5", "", "\ud800"),
        *({"a": [1]}, {(1, 2): 3}, {None: {}}, [[1], [2, 3]], [[], [[]]], [1, "a"]),
        *([torch.zeros(2), torch.zeros(3)], (torch.zeros(2), [1]), [10**400, 1]),
        *(lambda: 3, type, Exception("x"), ValueError, frozenset([3]), 1j, -0.0),
    ]


ODD = st.integers(0, len(odd_values()) - 1).map(lambda i: odd_values()[i])
VALUES = st.recursive(
    st.one_of(NUMBERS, st.text(max_size=20), TENSORS, ODD),
    lambda parts: st.one_of(
        st.lists(parts, max_size=11),
        st.tuples(parts, parts),
        st.dictionaries(
            st.one_of(st.text(max_size=3), st.integers()), parts, max_size=3
        ),
    ),
    max_leaves=15,
)
# Tensors have no end of forms; what takes long to draw is not what we look for.
TRIES = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def check(exercise, answer):
    """Let a check judge an answer in a notebook; returns what it says, and hands on."""
    said = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notebook, "show", said.append)
        names = {exercise.answer: answer}
        go_on = notebook.check(exercise, names)
    (verdict,) = said
    assert verdict.status in ("right", "wrong", "todo")
    assert "could not be made" not in verdict.message
    assert verdict.message and len(verdict.data["text/plain"]) < 3000
    return verdict, go_on


class Held:
    """Holds a value whose own repr may be a trap: hypothesis shows it."""

    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return f"<{type(self.value)}: {shown(self.value)}>"


@TRIES
@given(VALUES.map(Held))
def test_values_are_understood_compared_and_described(held):
    value = held.value
    found = plain(value)
    assert isinstance(what(value), str) and isinstance(shown(value), str)
    assert isinstance(same(value, value), bool)
    for other in (1.5, torch.zeros(10), (4, 9), [torch.zeros(2, 3), 1], "a", None):
        assert isinstance(same(value, other), bool)
        assert isinstance(same(other, found), bool)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.number)
@settings(TRIES, max_examples=20)
@given(held=VALUES.map(Held))
def test_no_value_makes_a_check_raise(exercise, held):
    verdict, go_on = check(exercise, held.value)
    assert go_on is not None
    if verdict.status != "right":
        _, again = check(exercise, go_on)
        assert again is not None


FUNCTIONS = [e for e in EXERCISES if isinstance(e, FunctionExercise)]


def returns(value):
    def answer(*arguments, **named):
        return value

    return answer


def raises(error):
    def answer(*arguments, **named):
        raise error

    return answer


def spoils(value):
    """A function that does to its arguments what it can, and returns something."""

    def answer(*arguments, **named):
        for argument in arguments:
            for spoil in ("zero_", "clear", "resize_", "sort", "pop"):
                try:
                    getattr(argument, spoil)()
                except Exception:
                    continue
        print("spoilt", "x" * 99_999)
        torch.set_default_dtype(torch.float64)
        return value

    return answer


def by_argument(value):
    """A function that returns one of its arguments, or what it computes from them."""

    def answer(*arguments, **named):
        first = arguments[0]
        return first if value is None else (first, value)

    return answer


class HostileError(Exception):
    __str__ = Hostile._trap
    error = ValueError("a trap")


ERRORS = st.sampled_from(
    [
        *(ValueError("x"), SystemExit(1), KeyboardInterrupt(), RecursionError("x")),
        *(SyntaxError("x"), MemoryError(), StopIteration(), GeneratorExit()),
        HostileError(),
    ]
)


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda e: e.number)
@settings(TRIES, max_examples=20)
@given(
    answer=st.one_of(
        VALUES.map(returns),
        ERRORS.map(raises),
        VALUES.map(spoils),
        VALUES.map(by_argument),
    )
)
def test_no_function_makes_a_check_raise(exercise, answer):
    verdict, go_on = check(exercise, answer)
    assert callable(go_on)
    assert verdict.status != "right"
    assert torch.get_default_dtype() is torch.float32
