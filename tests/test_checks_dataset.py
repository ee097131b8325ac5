"""Notebook 01: what learners answer, and what they must hear."""

import pytest
from checking import enough, rows

from mnist_logreg import checks

RIGHT = {
    "1.1": [
        "my_counts = torch.bincount(train_dataset.targets)",
        "my_counts = train_dataset.targets.bincount().tolist()",
        "my_counts = [int((train_dataset.targets == d).sum()) for d in range(10)]",
        "my_counts = [sum(train_dataset.targets == d) for d in range(10)]",
        "my_counts = train_dataset.targets.bincount().numpy()",
        "my_counts = tuple(train_dataset.targets.bincount().double())",
        "from collections import Counter\n"
        "my_counts = [n for _, n in sorted(Counter(train_dataset.targets.tolist())"
        ".items())]",
    ],
    "1.2": [
        "my_guess = 100 * (test_dataset.targets == most).float().mean()",
        "hits = (test_dataset.targets == most).sum().item()\n"
        "my_guess = hits / len(test_dataset) * 100",
        "import numpy as np\n"
        "my_guess = np.float32(100 * (test_dataset.targets == most).numpy().mean())",
        "my_guess = 7.78",
    ],
    "1.3": [
        checks.nearest_mean.solution,
        "def my_nearest_mean(images, means):\n"
        "    pixels = images.flatten(1).float()\n"
        "    return torch.cdist(pixels, means.flatten(1)).argmin(dim=1).tolist()",
        "def my_nearest_mean(images, means):\n"
        "    answers = []\n"
        "    for image in images:\n"
        "        gaps = (image.double() - means.double()) ** 2\n"
        "        answers.append(gaps.sum(dim=(1, 2)).argmin().item())\n"
        "    return answers",
    ],
}

START = """def my_nearest_mean(images, means):
    difference = images[:, None].float() - means
    """

WRONG = {
    "1.1": [
        ("my_counts = torch.bincount(test_dataset.targets)", "of the test set"),
        ("my_counts = test_dataset.targets.bincount().tolist()", "of the test set"),
        ("my_counts = train_dataset.targets.unique()", "Count how often"),
        ("my_counts = train_dataset.targets", "labels themselves"),
        ("my_counts = len(train_dataset.targets)", "in all"),
        ("my_counts = train_dataset.targets.bincount() / len(train_dataset)", "shares"),
        ("my_counts = sorted(train_dataset.targets.bincount().tolist())", "by size"),
        ("my_counts = train_dataset.targets.bincount()[1:]", "zeros"),
        (
            "my_counts = [int((train_dataset.targets == d).sum()) for d in range(9)]",
            "nines",
        ),
        (
            "my_counts = [sum(train_dataset.targets == d) for d in range(1, 10)]",
            "zeros",
        ),
        ("my_counts = train_dataset.targets.bincount().max()", "largest"),
        ("my_counts = train_dataset.targets[:100].bincount()", "add up to 100"),
        ("my_counts = torch.bincount", "brackets"),
        ("my_counts = train_dataset.targets.bincount", "brackets"),
        ("my_counts = torch.bincount(train_dataset)", "a tensor is needed"),
        ("my_counts = torch.bincount(…)", "three dots"),
        ("my_counts = torch.bincount(train_dataset.targets", "bracket"),
        ("my_counts = torch.bincount(targets)", "nothing is called `targets`"),
        ("my_counts = torch.bincout(train_dataset.targets)", "spelling"),
        ("print(torch.bincount(train_dataset.targets))", "gives it no name"),
        ("my_counts = print(torch.bincount(train_dataset.targets))", "print"),
        ("my_counts == torch.bincount(train_dataset.targets)", "`=`"),
        ("my_counts = 'torch.bincount(train_dataset.targets)'", "quotes"),
        ("my_counts = set(train_dataset.targets.tolist())", "set"),
        (
            "my_counts = ((train_dataset.targets == d).sum() for d in range(10))",
            "list(",
        ),
        ("my_counts = 600", "wanted is a tensor of shape [10]"),
    ],
    "1.2": [
        ("my_guess = (test_dataset.targets == most).float().mean()", "fraction"),
        ("my_guess = 100 * (train_dataset.targets == most).float().mean()", "training"),
        ("my_guess = (train_dataset.targets == most).float().mean()", "training"),
        ("my_guess = (test_dataset.targets == most).sum()", "how many are right"),
        ("my_guess = 100 * (test_dataset.targets == most).sum()", "100 times"),
        (
            "my_guess = 100 * sum(test_dataset.targets == most) / len(train_dataset)",
            "number of training images",
        ),
        ("my_guess = test_dataset.targets == most", "of each image"),
        ("my_guess = test_dataset == most", "Compare the labels"),
        ("my_guess = (test_dataset == most).float().mean()", "`.targets`"),
        ("my_guess = 10", "not equally common"),
        ("my_guess = most", "digit to guess"),
        ("my_guess = 100 * (test_dataset.targets != most).float().mean()", "wrong ans"),
        ("my_guess = counts[most]", "counts training images"),
        ("my_guess = 100 * (test_dataset.targets == most).mean()", "`.float()`"),
        ("my_guess = 100 * (test_dataset.targets == most).float().mean", "brackets"),
        ("my_guess = 100 * (test_dataset.targets = most).float().mean()", "`==`"),
        ("my_guess = test_dataset.targets = most", "second `=`"),
        ("my_guess = 100 (test_dataset.targets == most).float().mean()", "`*`"),
        ("my_guess = 97", "too large"),
        ("my_guess = -4", "between 0 and 100"),
        ("my_guess = float('nan')", "nan"),
        ("my_guess = 7.7", "unrounded"),
        ("my_guess = '7.78 %'", "quotes"),
        ("my_guess = 10 ** 400", "percentage"),
    ],
    "1.3": [
        (START + "return difference", "differences"),
        (START + "return difference.square()", "squares"),
        (START + "return difference.square().sum(dim=(2, 3))", "distances"),
        (START + "return difference.square().sum(dim=(2, 3)).argmax(dim=1)", "argmin"),
        (
            START + "return difference.square().sum(dim=(2, 3)).argmin()",
            "gives one each",
        ),
        (START + "return difference.square().sum(dim=(2, 3)).argmin(dim=0)", "dim=1"),
        (START + "return difference.square().sum(dim=(1, 2)).argmin(dim=1)", "2 and 3"),
        (START + "return difference.sum(dim=(2, 3)).argmin(dim=1)", "cancel"),
        (START + "return difference.sum(dim=(2, 3)).square().argmin(dim=1)", "cancel"),
        (START + "return difference.square().sum(dim=(2, 3)).min(dim=1)", "`.indices`"),
        (
            START + "return difference.square().sum(dim=(2, 3)).min(dim=1).values",
            "which digit",
        ),
        (START + "return difference.square.sum(dim=(2, 3)).argmin(dim=1)", "brackets"),
        (
            START
            + "total = difference.square().sum(dim=(2, 3))\n    return min(total)",
            "`return min(total)`",
        ),
        (START + "return t.square().sum(dim=(2, 3)).argmin(dim=1)", "`t` is only"),
        (START + "difference.square().sum(dim=(2, 3)).argmin(dim=1)", "return"),
        (
            START + "print(difference.square().sum(dim=(2, 3)).argmin(dim=1))",
            "`print` shows",
        ),
        (
            START + "difference.square()\n"
            "    return difference.sum(dim=(2, 3)).argmin(dim=1)",
            "keeps nothing",
        ),
        (
            START + "for d in difference:\n"
            "        return d.square().sum(dim=(1, 2)).argmin()",
            "inside the loop",
        ),
        (START + "return difference.square().sum(dim=(3, 4)).argmin(dim=1)", "no dim"),
        (START + "return 7", "whatever it is given"),
        (START + "return torch.zeros(len(images))", "at place"),
        (START + "return images @ means", "shapes do not fit"),
        ("def my_nearest_mean(images):\n    return images", "keep the line"),
        ("my_nearest_mean = 7", "must be a function"),
    ],
}


@pytest.fixture
def lesson(notebook):
    """The notebook, with what the cells before exercise 1.2 have made."""
    notebook.run("counts = torch.bincount(train_dataset.targets)")
    notebook.run("most = counts.argmax().item()")
    return notebook


@pytest.mark.parametrize("number, code", rows(RIGHT))
def test_right_in_any_form(number, code, lesson):
    assert lesson.answer(number, code)[0] == "right"


@pytest.mark.parametrize("number, code, words", rows(WRONG))
def test_each_mistake_hears_what_moves_on(number, code, words, lesson):
    status, message = lesson.answer(number, code)
    assert status == "wrong" and words in message


def test_there_are_mistakes_enough():
    enough(WRONG, "1")
