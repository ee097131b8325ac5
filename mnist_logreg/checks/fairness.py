"""The exercises of notebook 02 on fair judging: what mistakes give, and the help."""

import torch

from mnist_logreg.checks.calls import places, three_splits
from mnist_logreg.checks.dataset import LEN
from mnist_logreg.checks.exercise import FunctionExercise
from mnist_logreg.checks.values import Odd, plain

# ---------------------------------------------------- 2.3: a split that can be repeated


def shuffled_split(n: int, n_validation: int, seed: int) -> tuple:
    """Two tensors of places, without a common one: n - n_validation, n_validation."""
    chance = torch.Generator().manual_seed(seed)
    order = torch.randperm(n, generator=chance)
    return order[n_validation:], order[:n_validation]


FAIR = "a fair split: no place twice, none left out, repeatable, another for each seed"
_ORDER = "let `torch.randperm(n, generator=chance)` make the order"
NOT_TWO = (
    "two tensors of places are wanted, with a comma: first those of the training part, "
    "then those of the validation part"
)
NO_PLACES = (
    "there are places in it that the set does not have: they run from 0 to n − 1. Take "
    "them from `torch.randperm(n, generator=chance)`"
)
IN_BOTH = (
    "some places are in both parts. Make **one** order with `torch.randperm`, and cut "
    "it in two: `order[:n_validation]` and `order[n_validation:]`"
)
CHANGED = "the two parts have changed places: return the training part first"
SIZE = (
    "the validation part does not hold `n_validation` places. `order[:k]` are the "
    "first `k` of an order, `order[k:]` all others"
)
LEFT_OUT = (
    "some places are in neither part. If the validation part is "
    "`order[:n_validation]`, the training part is `order[n_validation:]`"
)
TWICE = f"a place comes up twice in a part: {_ORDER}"
OTHERWISE = f"called twice with the same seed, it gave two different splits: {_ORDER}"
NO_CHANCE = f"nothing is shuffled, the places are in the order of the set: {_ORDER}"
NO_SEED = (
    "another seed gives the same split. Seed the generator with `seed`, the function's "
    "own argument"
)


def _judged_split(results, n, n_validation, seed):
    """What is to be said of three splits, FAIR if nothing; None for no result."""
    result, again, other = results
    found = plain(result)
    if found is None or type(found) is Odd:
        return result
    parts = places(result)
    if parts is None or not all(parts):
        return NOT_TWO
    training, validation = parts
    both = training + validation
    if min(both) < 0 or max(both) >= n:
        return NO_PLACES
    if set(training) & set(validation):
        return IN_BOTH
    if (len(training), len(validation)) == (n_validation, n - n_validation):
        return CHANGED
    if len(validation) != n_validation:
        return SIZE
    if len(set(both)) < n:
        return LEFT_OUT if len(set(both)) == len(both) else TWICE
    if places(again) != parts:
        return OTHERWISE
    if both == sorted(both) or validation + training == sorted(both):
        return NO_CHANCE
    if places(other) == parts:
        return NO_SEED
    return FAIR


def _split_mistakes(n, n_validation, seed):
    unfair = NOT_TWO, NO_PLACES, IN_BOTH, CHANGED, SIZE, LEFT_OUT, TWICE
    for said in (*unfair, OTHERWISE, NO_CHANCE, NO_SEED):
        yield said, said


split = FunctionExercise(
    number="2.3",
    answer="my_split",
    expected=shuffled_split,
    cases=lambda chance: [
        (10, 3, 0),
        (int(torch.randint(41, 60, (1,), generator=chance)), 20, 7),
    ],
    mistakes=_split_mistakes,
    call=three_splits,
    found=_judged_split,
    nudge="Shuffle all places once, then cut the shuffled list in two.",
    step="`order = torch.randperm(n, generator=chance)` holds the places 0 to n − 1 in "
    "random order. `order[:n_validation]` are the first ones of it.",
    solution="""
def my_split(n, n_validation, seed):
    chance = torch.Generator().manual_seed(seed)
    order = torch.randperm(n, generator=chance)
    return order[n_validation:], order[:n_validation]
""",
)


# ------------------------------------------------------------ 2.4: recall of each digit


def recall_of_digits(answers: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The percentage of each digit's images that are read rightly: float [10]."""
    rightly = [(answers[labels == d] == d).float().mean() for d in range(10)]
    return 100 * torch.stack(rightly)


def _read_and_labels(chance):
    labels = torch.tensor([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 1])
    yield torch.tensor([0, 1, 2, 3, 4, 3, 6, 7, 8, 4, 1, 7]), labels
    for n in (90, 200):
        labels = torch.cat(
            [torch.arange(10), torch.randint(10, (n,), generator=chance)]
        )
        missed = torch.rand(n + 10, generator=chance) < 0.3
        other = torch.randint(10, (n + 10,), generator=chance)
        yield torch.where(missed, other, labels), labels


def _recall_mistakes(answers, labels):
    right = recall_of_digits(answers, labels)
    there, said = labels.bincount(minlength=10), answers.bincount(minlength=10)
    hits = labels[answers == labels].bincount(minlength=10)
    yield right / 100, "these are fractions. Multiply by 100 for percent"
    yield (
        100 * hits / said,
        "this divides by how often a digit was *read*. Recall divides by how often it "
        "was *there*: pick the images with `labels == d`",
    )
    yield hits / said, "this divides by how often a digit was *read*, not *there*"
    yield hits, "these are counts. Divide each by how many images show that digit"
    yield (
        100 * hits / len(labels),
        "this divides by all images. Divide by those that show the digit",
    )
    yield hits / len(labels), "this divides by all images, not by those of the digit"
    yield 100 - right, "these are the shares that are missed. Compare with `==`"
    yield 1 - right / 100, "these are the shares that are missed. Compare with `==`"
    yield (
        100 * hits.sum() / len(labels),
        "this is the accuracy over all digits. One number for each digit is wanted",
    )
    yield hits.sum() / len(labels), "this is the accuracy over all digits, one number"
    yield right.mean(), "this is the mean of the ten. Return all ten"
    yield (
        right.mean() / 100,
        "this is the mean of the ten, and a fraction. Return all ten, in percent",
    )
    yield there, "this counts the images of each digit. How many are read rightly?"
    yield said, "this counts how often each digit was read. How often was it right?"
    yield (
        100 * said / there,
        "this compares how often a digit is read with how often it is there, right or "
        "wrong. Count the right answers alone",
    )
    yield (
        100 * there / len(labels),
        "these are the shares of the labels. Look at the answers to them",
    )
    yield (
        100 * said / len(labels),
        "these are the shares of the answers. Compare them with the labels",
    )
    yield torch.full((10,), 100.0), LEN
    for digit in range(10):
        yield (
            torch.full((10,), float(right[digit])),
            f"all ten are the recall of the digit {digit}. Use the digit of each round",
        )
    yield (
        dict(enumerate(right)),
        "this is a dictionary. The ten numbers alone are wanted, as a list",
    )
    missing = "ten numbers are wanted, for 0 to 9: `range(10)`"
    yield right[:-1], f"the 9 is missing: {missing}"
    yield right[1:], f"the 0 is missing: {missing}"
    for digit in range(10):
        alone = f"this is the recall of the digit {digit} alone"
        yield right[digit], f"{alone}. Collect all ten in a list"
        yield right[digit] / 100, f"{alone}, as a fraction. Collect all ten in a list"
    for digit in range(10):
        yield (
            answers[labels == digit],
            f"these are the answers to the images of a {digit}. Which share of them is "
            "right? And collect all ten digits",
        )
    yield right.sort().values, "they are sorted by size. Keep the order of the digits"
    yield (
        [answers[labels == d] for d in range(10)],
        "these are the answers to the images of each digit. Which share of them is "
        "right?",
    )
    yield (
        [answers[labels == d] == d for d in range(10)],
        "these are trues and falses. `.float().mean()` of each is the share of trues",
    )


recall = FunctionExercise(
    number="2.4",
    answer="my_recall",
    expected=recall_of_digits,
    cases=_read_and_labels,
    mistakes=_recall_mistakes,
    tolerance=1e-4,
    nudge="Take one digit: pick the answers to its images, and ask which share of "
    "them is that digit. Then do it for all ten.",
    step="For the digit `d`, `mine = answers[labels == d]` are the answers to its "
    "images, and `(mine == d).sum() / len(mine)` is the share that is right. A loop "
    "over `range(10)` collects ten of them in a list.",
    solution="""
def my_recall(answers, labels):
    shares = []
    for d in range(10):
        mine = answers[labels == d]
        shares.append(100 * (mine == d).sum().item() / len(mine))
    return shares
""",
)
