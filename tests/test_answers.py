"""What learners answer, and what they must hear."""

import pytest
from answers import answers

from mnist_logreg import checks

# What cells above the exercises have imported and made.
BEFORE = {
    "dataset": """
from mnist_logreg.model import class_means
is_three = train_dataset.targets == 3
first = test_dataset.data[0]
means = class_means(train_dataset.data, train_dataset.targets)
distance = lambda image, mean: (image - mean).square().sum().item()
""",
    "dataloader": "batch_size = 32",
    "model": "import math\nfrom torch import nn",
    "training": """
import math
from torch import nn
from mnist_logreg.training import evaluate
loss_fn = nn.CrossEntropyLoss()
""",
}
ANSWERS = {
    f"{answer[0]}-{place}": (name, *answer)
    for name in BEFORE
    for place, answer in answers(name).items()
}
NOTEBOOKS = dict(enumerate(BEFORE, 1))


def typed(notebook, name: str, number: str, code: str) -> tuple[str, str]:
    """The verdict on an answer that is typed into a notebook."""
    assert notebook.run(BEFORE[name]).error is None
    return notebook.answer(number, code)


@pytest.mark.parametrize(
    "name, number, code, status, words", ANSWERS.values(), ids=ANSWERS
)
def test_each_answer_hears_what_it_must(name, number, code, status, words, notebook):
    found, message = typed(notebook, name, number, code)
    assert found == status, message
    assert words in message
    assert status != "right" or message == words


@pytest.mark.parametrize("number", checks.exercises())
def test_the_solution_is_right(number, notebook):
    solution = checks.exercises()[number].solution
    name = NOTEBOOKS[int(number[0])]
    assert typed(notebook, name, number, solution) == ("right", "right.")


@pytest.mark.parametrize("number", checks.exercises())
def test_there_are_at_least_fifteen_wrong_answers(number):
    wrong = [a for a in ANSWERS.values() if a[1] == number and a[3] == "wrong"]
    assert len(wrong) >= 15
