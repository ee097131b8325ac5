"""The exercises of notebook 03 on probabilities: what mistakes give, and the help."""

import math

import torch
from torch.nn import functional as F

from mnist_logreg.checks.exercise import FunctionExercise

# ------------------------------------------------------------------ 3.1: write softmax


def _softmax(scores):
    return torch.softmax(scores, dim=1)


def _score_tables(chance):
    yield torch.tensor([[2.0, 0.0, 1.0], [1.0, 1.0, 3.0]])
    for shape in ((4, 4), (5, 10)):
        yield 3 * torch.randn(shape, generator=chance)
    # Far too large for exp, and rows far apart.
    far = 1500 * torch.arange(3)[:, None]
    yield far + 300 * torch.randn(3, 10, generator=chance)


def _shares(table):
    return table / table.sum(dim=1, keepdim=True)


def _softmax_mistakes(scores):
    powers = torch.exp(scores)
    shifted = torch.exp(scores - scores.amax(dim=1, keepdim=True))
    rows = (
        "this divides by the wrong sums: each **row** is an image. Add up with `dim=1`"
    )
    yield powers, "these are the powers. Divide each by the sum of its row"
    yield shifted, "these are the powers. Divide each by the sum of its row"
    yield (
        _shares(powers),
        "right for small scores, but `exp(1000)` is too large for a float and becomes "
        "infinite. Subtract each row's largest score first: no probability changes",
    )
    yield (
        powers / shifted.sum(dim=1, keepdim=True),
        "the largest score was subtracted below the line only. Subtract it above, too",
    )
    yield torch.softmax(scores, dim=0), rows
    yield powers / powers.sum(dim=0), rows
    yield shifted / shifted.sum(dim=0), rows
    for each in (powers, shifted):
        yield (
            each / each.sum(),
            "this divides by the sum of the whole table. Each row needs a sum of its "
            "own: `.sum(dim=1, keepdim=True)`",
        )
    yield (
        _shares(torch.exp(scores - scores.max())),
        "this subtracts the largest score of the whole table, so a row far below it "
        "comes out as 0/0. Subtract from each row its own largest: `amax(dim=1, "
        "keepdim=True)`",
    )
    yield (
        _shares(torch.exp(scores - scores.amin(dim=1, keepdim=True))),
        "this subtracts each row's smallest score, and what is left may still be too "
        "large for `exp`. Subtract its largest: `amax`",
    )
    yield (
        _shares(torch.exp(scores - scores.mean(dim=1, keepdim=True))),
        "this subtracts each row's mean, and what is left may still be too large for "
        "`exp`. Subtract its largest: `amax`",
    )
    yield _shares(scores), "take `torch.exp` of the scores first"
    yield (
        shifted / shifted.mean(dim=1, keepdim=True),
        "this divides by each row's mean. Divide by the row's sum",
    )
    yield torch.log_softmax(scores, dim=1), "these are logarithms. Leave the log out"
    yield (
        torch.sigmoid(scores),
        "this is the sigmoid, each score on its own. Let the ten of a row share a sum",
    )
    yield (
        _shares(torch.exp(-scores)),
        "the largest score got the smallest probability: take out the minus sign",
    )
    yield (
        scores - scores.amax(dim=1, keepdim=True),
        "this is the first part. Take `torch.exp` of it, then divide by the row's sum",
    )
    yield (
        _softmax(scores).argmax(dim=1),
        "these are the answers. Return the probabilities",
    )
    yield _softmax(scores).amax(dim=1), "this is the best of each row. Return them all"


softmax = FunctionExercise(
    number="3.1",
    answer="my_softmax",
    expected=_softmax,
    cases=lambda chance: [(scores,) for scores in _score_tables(chance)],
    mistakes=_softmax_mistakes,
    nudge="Two lines: the powers, then each divided by the sum of its row.",
    step="`powers = torch.exp(scores - scores.amax(dim=1, keepdim=True))` keeps every "
    "power at 1 or below. What is each row of `powers` divided by?",
    solution="""
def my_softmax(scores):
    powers = torch.exp(scores - scores.amax(dim=1, keepdim=True))
    return powers / powers.sum(dim=1, keepdim=True)
""",
)


# ------------------------------------------------- 3.2: the cross-entropy of one image


def _loss(p, y):
    return -math.log(p[y])


def _predictions(chance):
    yield torch.tensor([0.15, 0.05, 0.2, 0.12, 0.48]), 2
    yield torch.tensor([0.5, 0.1, 0.4]), 1
    for y in torch.randint(1, 9, (2,), generator=chance).tolist():
        yield torch.softmax(2 * torch.randn(10, generator=chance), dim=0), y


def _loss_mistakes(p, y):
    right, digits = p[y], len(p)
    yield (
        right.log(),
        "a loss is small when the model is right. The minus sign is missing",
    )
    for base, logarithm in ((10, right.log10()), (2, right.log2())):
        yield (
            -logarithm,
            f"this is the logarithm to base {base}. `math.log` is the natural one",
        )
    yield (
        right.log10(),
        "the minus sign is missing, and `math.log` is the natural logarithm",
    )
    yield right, "this is the probability of the true digit. Take its logarithm"
    yield -right, "this is minus the probability. Take the logarithm of it first"
    yield 1 - right, "this grows to 1 at most. Take minus the logarithm of `p[y]`"
    yield (
        -(1 - right).log(),
        "this punishes the right answer. Take the logarithm of `p[y]` itself",
    )
    yield (
        -p.log(),
        "these are the losses for every digit. Only the true one, `y`, counts",
    )
    yield p.log(), "these are the logarithms for every digit. Only the true one counts"
    yield -p.log().sum(), "this adds up all digits. Only the true one, `y`, counts"
    yield (
        -p.log().mean(),
        "this averages over all digits. Only the true one, `y`, counts",
    )
    yield (
        -p.max().log(),
        "this takes the digit the model likes most. Take the true one, `y`",
    )
    yield (
        -(p * p.log()).sum(),
        "this does not look at `y`. Take the logarithm of the true digit's probability",
    )
    yield (
        -right * right.log(),
        "this is weighted by the probability. The logarithm alone",
    )
    yield -p[y - 1].log(), "this is one digit too low. Python counts from 0: `p[y]`"
    if y + 1 < digits:
        yield (
            -p[y + 1].log(),
            "this is one digit too high. Python counts from 0: `p[y]`",
        )
    yield -math.log(y), "this is the logarithm of the digit. Take that of `p[y]`"
    yield -p[0].log(), "this always takes the 0. Take the true digit: `p[y]`"
    yield -right.log() / digits, "divide by nothing: this is the loss of one image"
    yield (-right).exp(), "this is `exp` of minus the probability. Take minus its `log`"
    yield 1 / right, "this is one over the probability. Take its logarithm as well"
    yield (
        (1 - right) ** 2,
        "this is a squared error. Take minus the logarithm of `p[y]`",
    )
    yield (
        F.cross_entropy(p[None], torch.tensor([y])),
        "PyTorch's function does more than take a logarithm. Work from the formula",
    )


cross_entropy = FunctionExercise(
    number="3.2",
    answer="my_loss",
    expected=_loss,
    cases=_predictions,
    mistakes=_loss_mistakes,
    nudge="Which of the ten probabilities counts? Then `math.log`, and a sign.",
    step="`p[y]` is the probability that the model gave to the true digit.",
    solution="""
import math


def my_loss(p, y):
    return -math.log(p[y])
""",
)
