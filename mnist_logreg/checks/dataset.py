"""The first exercises of notebook 01, on counting: what mistakes give, and the help."""

import torch

from mnist_logreg.checks.exercise import FunctionExercise, ValueExercise
from mnist_logreg.checks.values import Odd

LABELS = {
    "train_dataset.targets": lambda lesson: lesson.train_labels,
    "test_dataset.targets": lambda lesson: lesson.test_labels,
}
LEN = (
    "`len` counts all entries of a comparison, the false ones too. `.sum()` counts the "
    "true ones"
)


# ----------------------------------------- 1.1: how many images there are of each digit


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
    yield (
        right * torch.arange(10),
        "this adds up the labels themselves, so that each 9 counts nine times. Add up "
        "the comparison: `(train_dataset.targets == 9).sum()`",
    )
    by_size = "the counts are sorted by size. Keep them in the order of digits, 0 first"
    yield right.sort().values, by_size
    yield right.sort(descending=True).values, by_size
    yield right.sum(), "this is how many labels there are in all. Count each digit"
    yield labels.sum(), "this adds up the labels themselves. Compare them with a digit"
    yield (
        False,
        "this is a single `False`. Compare the labels, `train_dataset.targets`, with "
        "one digit at a time: neither the data set itself, nor a list of digits",
    )
    yield [], "the list is empty. `my_counts.append(…)` adds a count to it"
    yield (
        torch.cat([right[1:], torch.zeros(1)]),
        "this counts 1 to 10, and there are 0 to 9: `range(10)` runs through them",
    )
    yield right[1:], "the zeros are missing: ten counts are wanted, for 0 to 9"
    yield right[:-1], "the nines are missing: `range(10)` runs from 0 to 9"
    yield right.max(), "this is the largest count alone. Ten are wanted, for 0 to 9"
    yield right.argmax(), "this is the most common digit. Ten counts are wanted"
    for digit, count in enumerate(right):
        yield (
            count,
            f"this is the count of the digit {digit} alone. Collect all ten in a list",
        )
    yield right.cumsum(0), "each count holds those before it. Count each digit alone"
    yield right.roll(1), "each count stands one place too late: the zeros come first"
    yield right.roll(-1), "each count stands one place too early: the zeros come first"
    yield torch.full((10,), len(labels)), LEN


def _count_remark(counts, lesson):
    n = len(lesson.train_labels)
    if isinstance(counts, dict):
        return "this is a dictionary. The ten counts alone are wanted, as a list"
    if isinstance(counts, list) and any(isinstance(count, Odd) for count in counts):
        return "brackets call a method: `.sum()`, not `.sum`"
    if isinstance(counts, list) and None in counts:
        return "it holds `None`: `print(…)` hands back nothing. Leave `print` out"
    if isinstance(counts, list) and any(isinstance(count, str) for count in counts):
        return "it holds text. Leave the quotes out"
    if isinstance(counts, torch.Tensor) and counts.shape == (2, 10):
        return (
            "these are two rows, the digits and their counts. The counts alone are "
            "wanted: pick them with `[1]`"
        )
    if isinstance(counts, list) and len(counts) == 10:
        return (
            "this is a list of ten, but not of ten numbers. `.sum()` of each "
            "comparison makes a number of it"
        )
    if isinstance(counts, torch.Tensor) and counts.shape == (10, n):
        return (
            "these are ten comparisons, each with a true or false for every label. "
            "`.sum()` of each counts the true ones"
        )
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
    nudge="The cell above the exercise counts the threes. Do the same for every digit.",
    step="`for digit in range(10):` walks through the digits 0 to 9. Start with an "
    "empty list, `my_counts = []`, and in each round add one count to it with "
    "`my_counts.append(…)`.",
    solution="""
my_counts = []
for digit in range(10):
    my_counts.append((train_dataset.targets == digit).sum().item())
""",
)


# -------------------------------------------------------------------- 1.2: the accuracy


def percent_right(answers: torch.Tensor, labels: torch.Tensor) -> float:
    """The percentage of answers that equal their labels; both int64 [N]."""
    return 100 * (answers == labels).double().mean().item()


def _answers_and_labels(chance):
    yield torch.tensor([7, 2, 1, 0, 4]), torch.tensor([7, 2, 1, 6, 9])
    for n in (37, 150):
        labels = torch.randint(10, (n,), generator=chance)
        missed = torch.rand(n, generator=chance) < 0.3
        missed[0], missed[1], missed[-1] = True, False, False
        yield torch.where(missed, (labels + 1) % 10, labels), labels


def _accuracy_mistakes(answers, labels):
    hits, n = (answers == labels).sum().item(), len(labels)
    yield hits / n, "this is a fraction. Multiply it by 100 for percent"
    yield 100 - 100 * hits / n, "this is the share of wrong answers. Compare with `==`"
    yield 1 - hits / n, "this is the share of wrong answers. Compare with `==`"
    yield hits, "this is how many are right. Divide by how many there are, times 100"
    yield 100 * hits, "divide by how many answers there are"
    yield n - hits, "this is how many are wrong. Compare with `==`, and divide"
    yield (
        answers == labels,
        "this says of each answer whether it is right. Count the true ones with "
        "`.sum()`, and divide by how many there are",
    )
    yield (
        100 * (answers == labels),
        "this has a 100 for each right answer. Add up with `.sum()` before you divide",
    )
    for factor in (1, 100):
        yield (
            factor / n,
            "this counts one right answer. Does the function return too early, or does "
            "the count start again in every round?",
        )
        yield (
            factor * hits / labels,
            "this divides by the labels themselves. Divide by how many there are, "
            "`len(labels)`",
        )
        yield (
            factor * (answers == labels) / n,
            "this is the part that each answer adds. Add them up with `.sum()`",
        )
        yield (
            factor * answers / labels,
            "this divides digits by digits. Compare them: `answers == labels`",
        )
    yield (
        100 * (answers - labels).double().mean(),
        "this subtracts. Compare the two with `==`",
    )
    yield 100.0, LEN
    yield n, "this is how many answers there are. How many of them are right?"
    yield (
        False,
        "this is a single `False`: not *all* answers are right. Compare with `==` and "
        "count the true ones",
    )
    yield (
        100 * (answers == labels)[:-1].sum() / n,
        "the last pair is left out: `range(len(labels))` runs through all places",
    )
    yield (
        100 * hits / (n - hits),
        "this divides by how many are wrong. Divide by how many there are",
    )
    yield (
        100 * (answers[:, None] == labels).sum() / n,
        "this compares every answer with every label. `for a, b in zip(answers, "
        "labels):` takes them in pairs",
    )
    for divisor in (5, 10_000, 60_000, 10):
        for factor in (1, 100):
            yield (
                factor * hits / divisor,
                f"this divides by {divisor:,}, whatever it is given. Divide by "
                "`len(labels)`",
            )
    for whole in (round(100 * hits / n), 100 * hits // n):
        yield whole, "this is rounded. Divide with `/`, not `//`, and do not round"
    yield 100 * n / max(hits, 1), "the division is upside down: right answers by all"
    yield (
        100 * answers.sum() / labels.sum(),
        "this adds up the digits themselves. Add up the comparison `answers == labels`",
    )


accuracy = FunctionExercise(
    number="1.2",
    answer="my_accuracy",
    expected=percent_right,
    cases=_answers_and_labels,
    mistakes=_accuracy_mistakes,
    nudge="Comparing the two tensors with `==` gives a true for each right answer.",
    step="`(answers == labels).sum()` counts the right answers, and `len(labels)` is "
    "how many there are.",
    solution="""
def my_accuracy(answers, labels):
    return 100 * (answers == labels).sum().item() / len(labels)
""",
)
