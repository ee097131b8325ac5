"""Notebook 02: what learners answer, and what they must hear."""

import pytest
from answers import answers
from checking import enough

from mnist_logreg import checks

ANSWERS = answers("dataloader")
BEFORE = ["batch_size = 32"]


@pytest.fixture
def lesson(notebook):
    """The notebook, with what cells before the exercises have made."""
    for cell in BEFORE:
        assert notebook.run(cell).error is None
    return notebook


@pytest.mark.parametrize("number, code, words", ANSWERS)
def test_each_answer_hears_what_it_must(number, code, words, lesson):
    status, message = lesson.answer(number, code)
    assert status == ("wrong" if words else "right")
    assert words in message if words else message == "right."


@pytest.mark.parametrize("number", [n for n in checks.exercises() if n[0] == "2"])
def test_the_solution_is_right(number, lesson):
    solution = checks.exercises()[number].solution
    assert lesson.answer(number, solution) == ("right", "right.")


def test_there_are_mistakes_enough():
    wrong = [(number, code) for number, code, words in ANSWERS if words]
    enough({n: [c for m, c in wrong if m == n] for n, _ in wrong}, "2")
