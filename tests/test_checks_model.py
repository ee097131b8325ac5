"""Notebook 03: what learners answer, and what they must hear."""

import pytest
from checking import Notebook, enough, rows
from torch import nn

from mnist_logreg import checks

RIGHT = {
    "3.1": [
        checks.softmax.solution,
        "def my_softmax(scores):\n    return torch.softmax(scores, dim=1)",
        "def my_softmax(scores):\n    return torch.softmax(scores, dim=-1).numpy()",
        "def my_softmax(scores):\n"
        "    rows = []\n"
        "    for row in scores:\n"
        "        powers = torch.exp(row - row.max())\n"
        "        rows.append(powers / powers.sum())\n"
        "    return torch.stack(rows)",
    ],
    "3.2": [
        checks.cross_entropy.solution,
        "def my_loss(p, y):\n    return -torch.log(p[y])",
        "def my_loss(p, y):\n    return -p.log()[y].item()",
        "import numpy as np\n\ndef my_loss(p, y):\n    return -np.log(p[y])",
        "def my_loss(p, y):\n    return math.log(1 / p[y])",
    ],
    "3.3": [
        checks.slope.solution,
        "def my_slope(loss_with, value, nudge):\n"
        "    return (loss_with(value + nudge) - loss_with(value)) / nudge",
        "def my_slope(loss_with, value, nudge):\n"
        "    before = loss_with(value)\n"
        "    after = loss_with(value - nudge)\n"
        "    return (before - after) / nudge",
    ],
    "3.4": [
        checks.sgd_step.solution,
        "def my_sgd_step(W, b, X, y, lr):\n"
        "    W = W.clone().requires_grad_()\n"
        "    b = b.clone().requires_grad_()\n"
        "    nn.functional.cross_entropy(X @ W.T + b, y).backward()\n"
        "    return W - lr * W.grad, b - lr * b.grad",
        "def my_sgd_step(W, b, X, y, lr):\n"
        "    Y = nn.functional.one_hot(y, len(W))\n"
        "    P = torch.softmax(X @ W.T + b, dim=1)\n"
        "    G = (P - Y) / X.shape[0]\n"
        "    return [W - lr * (X.T @ G).T, b - lr * G.sum(0)]",
    ],
}

HEAD = "def my_softmax(scores):\n    "
LOSS = "def my_loss(p, y):\n    return "
SLOPE = "def my_slope(loss_with, value, nudge):\n    "
STEP = (
    "def my_sgd_step(W, b, X, y, lr):\n    Y = nn.functional.one_hot(y, len(W))\n    "
)
P = "P = torch.softmax(X @ W.T + b, dim=1)\n    "
G = P + "G = (P - Y) / len(X)\n    "

WRONG = {
    "3.1": [
        (HEAD + "return torch.exp(scores)", "Divide each by the sum of its row"),
        (
            HEAD + "p = torch.exp(scores)\n    return p / p.sum(dim=1, keepdim=True)",
            "too large for a float",
        ),
        (HEAD + "return torch.softmax(scores, dim=0)", "wrong sums"),
        (HEAD + "return torch.softmax(scores)", "dim"),
        (
            HEAD + "p = torch.exp(scores)\n    return p / p.sum()",
            "sum of the whole table",
        ),
        (HEAD + "p = torch.exp(scores)\n    return p / p.sum(dim=1)", "do not fit"),
        (
            HEAD + "p = torch.exp(scores)\n    return p / p.sum(dim=0, keepdim=True)",
            "wrong sums",
        ),
        (HEAD + "return scores / scores.sum(dim=1, keepdim=True)", "torch.exp"),
        (HEAD + "return torch.log_softmax(scores, dim=1)", "logarithms"),
        (HEAD + "return torch.sigmoid(scores)", "each score on its own"),
        (HEAD + "return torch.softmax(-scores, dim=1)", "take out the minus sign"),
        (HEAD + "return torch.softmax(scores, dim=1).argmax(dim=1)", "the answers"),
        (HEAD + "return scores - scores.amax(dim=1, keepdim=True)", "the first part"),
        (
            HEAD + "p = torch.exp(scores - scores.max())\n"
            "    return p / p.sum(dim=1, keepdim=True)",
            "of the whole table",
        ),
        (
            HEAD + "p = torch.exp(scores - scores.amin(dim=1, keepdim=True))\n"
            "    return p / p.sum(dim=1, keepdim=True)",
            "Subtract its largest",
        ),
        (HEAD + "print(torch.softmax(scores, dim=1))", "Write `return` in its place"),
        (
            HEAD
            + "torch.exp(scores)\n    return scores / scores.sum(dim=1, keepdim=True)",
            "keeps nothing",
        ),
        (HEAD + "return torch.exp(scores) / torch.exp(scores).sum", "brackets"),
        (HEAD + "return math.exp(scores)", "exp"),
        (
            HEAD + "for row in scores:\n        return torch.softmax(row, dim=0)",
            "inside the loop",
        ),
        (HEAD + "return [0.09, 0.9, 0.01]", "whatever it is given"),
        (HEAD + "return e ** scores", "is only a letter"),
    ],
    "3.2": [
        (LOSS + "math.log(p[y])", "minus sign is missing"),
        (LOSS + "-math.log10(p[y])", "base 10"),
        (LOSS + "-math.log2(p[y])", "base 2"),
        (LOSS + "p[y]", "Take its logarithm"),
        (LOSS + "-p[y]", "Take the logarithm of it first"),
        (LOSS + "1 - p[y]", "grows to 1 at most"),
        (LOSS + "-math.log(1 - p[y])", "punishes the right answer"),
        (LOSS + "-torch.log(p)", "Only the true one"),
        (LOSS + "-torch.log(p).sum()", "adds up all digits"),
        (LOSS + "-torch.log(p).mean()", "averages over all digits"),
        (LOSS + "-math.log(p.max())", "the digit the model likes most"),
        (LOSS + "-(p * p.log()).sum()", "does not look at `y`"),
        (LOSS + "-p[y] * math.log(p[y])", "weighted by the probability"),
        (LOSS + "-math.log(p[y - 1])", "one digit too low"),
        (LOSS + "-math.log(p)", "single number"),
        (LOSS + "-math.log(p(y))", "square brackets"),
        (LOSS + "-math.log(y)", "the logarithm of the digit"),
        (LOSS + "-log(p[y])", "nothing is called `log`"),
        (LOSS + "1 / p[y]", "one over the probability"),
        (LOSS + "(1 - p[y]) ** 2", "squared error"),
        (LOSS + "nn.functional.cross_entropy(p, torch.tensor(y))", "than take a log"),
        ("def my_loss(p, y):\n    print(-math.log(p[y]))", "`return` in its place"),
        (LOSS + "2.3026", "whatever it is given"),
    ],
    "3.3": [
        (SLOPE + "return loss_with(value + nudge) - loss_with(value)", "Divide by how"),
        (
            SLOPE
            + "return (loss_with(value + nudge) - loss_with(value - nudge)) / nudge",
            "it is two nudges",
        ),
        (
            SLOPE + "return (loss_with(value) - loss_with(value + nudge)) / nudge",
            "the wrong way round",
        ),
        (
            SLOPE + "return loss_with(value + nudge) - loss_with(value) / nudge",
            "in brackets",
        ),
        (
            SLOPE + "return (loss_with(value + nudge) - loss_with(value)) * nudge",
            "Divide by it",
        ),
        (
            SLOPE + "return (loss_with(value + nudge) - loss_with(value)) / value",
            "by how far the weight moved",
        ),
        (SLOPE + "return loss_with(value)", "this is the loss"),
        (SLOPE + "return loss_with(value + nudge)", "after the nudge"),
        (SLOPE + "return loss_with(value + nudge) / nudge", "difference of two losses"),
        (
            SLOPE + "return (loss_with(value) + nudge - loss_with(value)) / nudge",
            "the weight is nudged, not the loss",
        ),
        (
            SLOPE + "return (loss_with(value + nudge) - loss_with(value)) / 2 * nudge",
            "multiplies by the nudge",
        ),
        (
            SLOPE + "return (loss_with(value + nudge) - loss_with(value - nudge))"
            " / 2 * nudge",
            "write `/ (2 * nudge)`",
        ),
        (
            SLOPE + "return (loss_with(value + nudge) - loss_with(value - nudge)) / 2",
            "how far the weight moved",
        ),
        (
            SLOPE + "return (loss_with(nudge) - loss_with(value)) / nudge",
            "to the tiny nudge itself",
        ),
        (SLOPE + "return loss_with(value + nudge) / loss_with(value)", "a ratio"),
        (SLOPE + "return (loss_with - value) / nudge", "brackets"),
        (SLOPE + "return loss_with[value]", "round brackets"),
        (
            SLOPE + "slope = (loss_with(value + nudge) - loss_with(value)) / nudge",
            "must begin with `return`",
        ),
        (
            SLOPE + "print((loss_with(value + nudge) - loss_with(value)) / nudge)",
            "`return` in its place",
        ),
        (SLOPE + "return (value + nudge - value) / nudge", "not the loss"),
    ],
    "3.4": [
        (
            STEP + P + "G = P - Y\n    return W - lr * G.T @ X, b - lr * G.sum(0)",
            "mean",
        ),
        (STEP + G + "return W + lr * G.T @ X, b + lr * G.sum(0)", "uphill"),
        (
            STEP + P + "G = (Y - P) / len(X)\n"
            "    return W - lr * G.T @ X, b - lr * G.sum(dim=0)",
            "uphill",
        ),
        (STEP + G + "return W - G.T @ X, b - G.sum(dim=0)", "multiply the slopes"),
        (
            STEP + "P = X @ W.T + b\n    G = (P - Y) / len(X)\n"
            "    return W - lr * G.T @ X, b - lr * G.sum(dim=0)",
            "takes the scores for probabilities",
        ),
        (
            STEP + "P = torch.sigmoid(X @ W.T + b)\n    G = (P - Y) / len(X)\n"
            "    return W - lr * G.T @ X, b - lr * G.sum(dim=0)",
            "not the sigmoid",
        ),
        (
            STEP + "P = torch.softmax(X @ W.T + b, dim=0)\n    G = (P - Y) / len(X)\n"
            "    return W - lr * G.T @ X, b - lr * G.sum(dim=0)",
            "down the batch",
        ),
        (
            STEP + "P = torch.softmax(X @ W.T, dim=1)\n    G = (P - Y) / len(X)\n"
            "    return W - lr * G.T @ X, b - lr * G.sum(dim=0)",
            "bias is missing from the scores",
        ),
        (STEP + G + "return W - lr * G.T @ X, b", "the biases did not move"),
        (STEP + G + "return W, b - lr * G.sum(dim=0)", "the weights did not move"),
        (STEP + G + "return W - lr * G.T @ X, b - lr * G.mean(dim=0)", "added up"),
        (
            STEP + G + "return W - lr * G.T @ X, b - lr * G.sum()",
            "added up over the images",
        ),
        (STEP + G + "return W - lr * G.T @ X, b - lr * G.sum(dim=1)", "fit"),
        (STEP + G + "return W - lr * X.T @ G, b - lr * G.sum(dim=0)", "fit"),
        (STEP + G + "return W - lr * G @ X, b - lr * G.sum(dim=0)", "do not fit"),
        (STEP + G + "return G.T @ X, G.sum(dim=0)", "these are the slopes"),
        (STEP + G + "return lr * G.T @ X, lr * G.sum(dim=0)", "these are the steps"),
        (STEP + G + "return W - lr * G.T @ X", "`W` alone"),
        (STEP + G + "return b - lr * G.sum(dim=0), W - lr * G.T @ X", "changed places"),
        (
            STEP + G + "W - lr * G.T @ X\n    b - lr * G.sum(0)\n    return W, b",
            "keeps",
        ),
        (
            STEP + "P = torch.softmax(X @ W + b, dim=1)\n    G = (P - Y) / len(X)\n"
            "    return W - lr * G.T @ X, b - lr * G.sum(dim=0)",
            "do not fit",
        ),
        (
            STEP + P + "G = (P - Y) / len(W)\n"
            "    return W - lr * G.T @ X, b - lr * G.sum(dim=0)",
            "number of digits",
        ),
        (
            STEP + P + "G = (P - y) / len(X)\n"
            "    return W - lr * G.T @ X, b - lr * G.sum(dim=0)",
            "fit",
        ),
    ],
}


@pytest.fixture
def lesson(notebook: Notebook):
    """What the cells above have imported."""
    notebook.run("import math\nimport torch.nn as nn")
    notebook.names["nn"] = nn
    return notebook


@pytest.mark.parametrize(("number", "code"), rows(RIGHT))
def test_right_in_any_form(lesson, number, code):
    assert lesson.answer(number, code) == ("right", "right.")


@pytest.mark.parametrize(("number", "code", "words"), rows(WRONG))
def test_a_mistake_is_named(lesson, number, code, words):
    status, message = lesson.answer(number, code)
    assert status == "wrong"
    assert words in message


def test_there_are_enough_wrong_answers():
    enough(WRONG, "3")
