"""The exercises of notebook 01: what is right, and what each mistake gives."""

import torch

from mnist_logreg import model
from mnist_logreg.checks.exercise import FunctionExercise, ValueExercise
from mnist_logreg.checks.words import number

LABELS = {
    "train_dataset.targets": lambda lesson: lesson.train_labels,
    "test_dataset.targets": lambda lesson: lesson.test_labels,
}


# ---------------------------------------- 1.1: how many images there are of each digit


def _counts(lesson):
    return torch.bincount(lesson.train_labels, minlength=10)


def _count_mistakes(lesson):
    right = _counts(lesson)
    labels = lesson.train_labels
    yield (
        torch.bincount(lesson.test_labels, minlength=10),
        "these are the counts of the test set. Count the labels of the training set, "
        "`train_dataset.targets`",
    )
    yield labels.unique(), "these are the digits that occur. Count how often each does"
    yield labels, "these are the labels themselves. Count how often each digit occurs"
    yield (
        right / len(labels),
        "these are shares. Leave the division out: we want counts",
    )
    yield 100 * right / len(labels), "these are percentages. Leave the division out"
    by_size = (
        "the counts are sorted by size. Keep them in the order of the digits, 0 first"
    )
    yield right.sort().values, by_size
    yield right.sort(descending=True).values, by_size
    yield right.sum(), "this is how many labels there are in all. Count each digit"
    yield right[1:], "the zeros are missing: ten counts are wanted, for 0 to 9"
    yield right[:-1], "the nines are missing: `range(10)` runs from 0 to 9"
    yield right.max(), "this is the largest count alone. Ten are wanted, for 0 to 9"
    yield right.argmax(), "this is the most common digit. Ten counts are wanted"
    yield right.cumsum(0), "each count holds those before it. Count each digit alone"
    yield right.roll(1), "each count stands one place too late: the zeros come first"
    yield right.roll(-1), "each count stands one place too early: the zeros come first"


def _count_remark(counts, lesson):
    n = len(lesson.train_labels)
    if isinstance(counts, torch.Tensor) and counts.shape == (10,) and counts.sum() != n:
        return (
            f"your counts add up to {counts.sum():g}, but there are {n} labels. Count "
            "all labels of the training set"
        )
    return None


class_counts = ValueExercise(
    number="1.1",
    answer="my_counts",
    expected=_counts,
    mistakes=_count_mistakes,
    remark=_count_remark,
    intact=LABELS,
    nudge="The labels are in `train_dataset.targets`, and `torch.bincount` counts.",
    step="Put the labels into the brackets of `torch.bincount( )`, and the result into "
    "`my_counts`.",
    solution="my_counts = torch.bincount(train_dataset.targets)",
)


# --------------------------------------- 1.2: always guessing the most common digit


def _guess(lesson):
    most = _counts(lesson).argmax()
    return 100 * (lesson.test_labels == most).double().mean().item()


def _guess_mistakes(lesson):
    counts, tests = _counts(lesson), lesson.test_labels
    most, fewest = counts.argmax(), counts.argmin()
    hits = (tests == most).sum().item()
    share = hits / len(tests)
    yield share, "this is a fraction. Multiply it by 100 for percent"
    yield (
        100 * counts.max() / counts.sum(),
        "this is the share in the training set. Judge the guess on the test labels, "
        "`test_dataset.targets`",
    )
    yield (
        counts.max() / counts.sum(),
        "this is a fraction, and of the training set. Judge on `test_dataset.targets`, "
        "in percent",
    )
    yield (
        100 * (tests == fewest).double().mean(),
        "this guesses the rarest digit. Take the most common one, `most`",
    )
    yield hits, "this is how many are right. Divide by the number of test images"
    yield (
        100 * hits,
        "this is 100 times how many are right. Divide by the number of test images",
    )
    for factor in (1, 100):
        yield (
            factor * hits / counts.sum(),
            "this divides by the number of training images. The guess is judged on the "
            f"{len(tests)} test images",
        )
        yield (
            factor * counts.max() / len(tests),
            "this counts the training images. Count how often the digit is the label "
            "of a test image",
        )
    yield (
        tests == most,
        "this says of each image whether the guess is right. Take `.float().mean()` "
        "of it, times 100",
    )
    yield (
        False,
        "this is `False`, a single answer. Compare the labels, `test_dataset.targets`, "
        "not the data set",
    )
    yield 10.0, "close, but the digits are not equally common. Count the right guesses"
    yield 0.1, "close, but the digits are not equally common. Count the right guesses"
    yield most, "this is the digit to guess. How often is that guess right?"
    yield 100 - 100 * share, "this is the share of wrong answers. Compare with `==`"
    yield 1 - share, "this is the share of wrong answers. Compare with `==`"
    yield counts.max(), "this counts training images. Take the share of the test labels"


def _guess_remark(answer, lesson):
    if isinstance(answer, float | int) and not 0 <= answer <= 100:
        return f"{number(answer)} is no percentage: those lie between 0 and 100"
    return None


always_guess = ValueExercise(
    number="1.2",
    answer="my_guess",
    expected=_guess,
    mistakes=_guess_mistakes,
    remark=_guess_remark,
    intact=LABELS,
    tolerance=5e-4,
    nudge="Which share of `test_dataset.targets` equals `most`?",
    step="`test_dataset.targets == most` is true where the guess is right; "
    "`.float().mean()` of it is the share that is true.",
    solution="my_guess = 100 * (test_dataset.targets == most).float().mean().item()",
)


# ---------------------------------------------------- 1.3: classify by the nearest mean


def _images_and_means(chance):
    # Noise: on real digits several mistakes give the same answers.
    for n in (30, 7):
        images = torch.randint(256, (n, 28, 28), dtype=torch.uint8, generator=chance)
        yield images, 255 * torch.rand(10, 28, 28, generator=chance)


def _nearest_mistakes(images, means):
    difference = images[:, None].float() - means
    distance = difference.square().sum(dim=(2, 3))
    cancel = "differences of both signs cancel out. Square "
    yield (
        distance.argmax(dim=1),
        "this picks the mean that is farthest away. Use `argmin`, not `argmax`",
    )
    yield distance, "these are the distances. Return the digit with the smallest one"
    yield difference.sum(dim=(2, 3)).argmin(dim=1), cancel + "them before you add up"
    yield (
        difference.sum(dim=(2, 3)).square().argmin(dim=1),
        cancel + "each one before you add them up, not their sum",
    )
    yield (
        distance.argmin(),
        "this is one number for all images together. `argmin(dim=1)` gives one each",
    )
    for dims in ((1, 2), (1, 3)):
        yield (
            difference.square().sum(dim=dims).argmin(dim=1),
            "this adds up over the digits. The rows and columns of an image are "
            "dimensions 2 and 3",
        )
    for dim in (2, 3):
        yield (
            difference.square().sum(dim=dim).argmin(dim=1),
            "this adds up over one dimension of the image alone. Rows and columns are "
            "both needed: `dim=(2, 3)`",
        )
    yield (
        distance.argmin(dim=0),
        "this finds the nearest image for each mean. Take `argmin` over the digits, "
        "`dim=1`: one answer for each image",
    )
    yield (
        distance.min(dim=1).values,
        "these are the smallest distances. Return which digit it was: `argmin`",
    )
    yield difference, "these are the differences. Square them and add them up"
    yield difference.square(), "these are the squares. Add them up over `dim=(2, 3)`"
    yield (
        difference.square().sum(),
        "this adds up everything. Give `sum` the dimensions to add up: `dim=(2, 3)`",
    )


nearest_mean = FunctionExercise(
    number="1.3",
    answer="my_nearest_mean",
    expected=model.nearest_mean,
    cases=lambda chance: list(_images_and_means(chance)),
    mistakes=_nearest_mistakes,
    nudge="Square, add up, find the smallest: one step a line, each with a name.",
    step="The squares are `difference.square()`; add them up with `.sum(dim=(2, 3))`, "
    "which leaves a table `[N, 10]`, a row for each image.",
    solution="""
def my_nearest_mean(images, means):
    difference = images[:, None].float() - means
    return difference.square().sum(dim=(2, 3)).argmin(dim=1)
""",
)
