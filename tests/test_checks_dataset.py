"""Notebook 01: what learners answer, and what they must hear."""

import pytest
from answers import answers
from checking import enough

from mnist_logreg import checks

ANSWERS = answers("dataset")
BEFORE = [
    "from mnist_logreg.model import class_means",
    "is_three = train_dataset.targets == 3",
    "first = test_dataset.data[0]",
    "means = class_means(train_dataset.data, train_dataset.targets)",
    "distance = lambda image, mean: (image - mean).square().sum().item()",
]


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


@pytest.mark.parametrize("number", [n for n in checks.exercises() if n[0] == "1"])
def test_the_solution_is_right(number, lesson):
    solution = checks.exercises()[number].solution
    assert lesson.answer(number, solution) == ("right", "right.")


def test_there_are_mistakes_enough():
    wrong = [(number, code) for number, code, words in ANSWERS if words]
    enough({n: [c for m, c in wrong if m == n] for n, _ in wrong}, "1")
