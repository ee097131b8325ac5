"""The checks of the exercises: solutions pass, likely mistakes meet a fitting hint."""

import math
from pathlib import Path

import nbformat
import pytest
import torch
from torch.nn.functional import one_hot

from mnist_logreg import checks, model

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


@pytest.fixture
def verdict(monkeypatch):
    """Call it for the verdict on the last answer: its status and message."""
    said = []
    monkeypatch.setattr(checks, "display", lambda data, raw: said.append(data))

    def last():
        data = said[-1]
        assert data["text/plain"].endswith(data[checks.MIME]["message"])
        return data[checks.MIME]["status"], data[checks.MIME]["message"]

    return last


torch.manual_seed(0)
LABELS = torch.tensor([1, 1, 1, 1, 7, 0, 2, 2, 3, 4, 5, 6, 8, 8, 9])
TEST_LABELS = torch.tensor([1, 7, 1, 0, 5, 9, 9, 3])
IMAGES = torch.randint(0, 256, (300, 28, 28), dtype=torch.uint8)
IMAGE_LABELS = torch.arange(300) % 10
MEANS = model.class_means(IMAGES, IMAGE_LABELS)
CONFUSION = torch.diag(torch.full((10,), 90))
CONFUSION[4, 9], CONFUSION[9, 4], CONFUSION[2, 8] = 7, 5, 6
SWEEP = {0.01: 88.0, 0.03: 91.0, 0.1: 92.0, 1.0: 90.0, 3.0: 70.0}


def counts(x):
    return checks.class_counts(x, LABELS)


def guess(x):
    return checks.always_guess(x, LABELS, TEST_LABELS)


def nearest(x):
    return checks.nearest_mean(x)


def batches(x):
    return checks.batches(x, 100, 32)


def get_batch(x):
    return checks.get_batch(x, IMAGES, IMAGE_LABELS)


def rate(x):
    return checks.best_rate(x, SWEEP)


def pair(x):
    return checks.most_confused(x, CONFUSION)


def differences(images, means):
    return images[:, None].float() - means


def distances(images, means):
    return differences(images, means).square().sum(dim=(2, 3))


def softly(z, **sum_over):
    """Softmax by its three steps, with whatever sum."""
    powers = (z - z.amax(dim=1, keepdim=True)).exp()
    return powers / powers.sum(**sum_over)


def onehot_gap(z, y):
    return torch.softmax(z, dim=1) - one_hot(y, z.shape[1])


VALUES = [  # check, right answers, wrong answers with a word of the hint
    (
        counts,
        [LABELS.bincount(), LABELS.bincount().tolist()],
        [
            (LABELS.unique(), "Count how often"),
            (LABELS.bincount() / len(LABELS), "shares"),
            (LABELS.bincount().sort(descending=True).values, "sorted"),
            (len(LABELS), "in all"),
            (LABELS[:10], "add up to 22, but there are 15"),
            (LABELS.bincount().roll(1), "values are not"),
            ("seven", "of type str"),
        ],
    ),
    (
        guess,
        [25.0, torch.tensor(25.0)],
        [
            (0.25, "fraction"),
            (100 * 4 / 15, "training set"),
            (2, "how many are right"),
            (12.5, "rarest"),
            (50.0, "counts the training images"),
            (TEST_LABELS == 1, "mean"),
            (10, "not equally common"),
            (75, "wrong answers"),
            (4, "counts training images"),
            (200, "100 times"),
            (25.1, "close: let Python compute it all, unrounded"),
            (90, "too large"),
            (-3, "too small"),
            (10**400, "too large"),
        ],
    ),
    (
        batches,
        [(4, 4), [4, 4]],
        [
            ((3, 4), "smaller batch"),
            ((3, 32), "evenly"),
            ((4, 32), "not full"),
            ((3.125, 4), "round up"),
            (4, "a single number; wanted: 2 values"),
        ],
    ),
    (
        checks.parameters,
        [7850],
        [
            (7840, "bias"),
            (7841, "ten digits has its own"),
            (785, "one digit"),
            (784 * 11, "not for each pixel"),
            (794, "ten rows"),
            (7940, "not ten"),
            ((7, 850), "comma"),
            (2, "numel"),
        ],
    ),
    (
        checks.loss_floor,
        [math.log(1 + 9 / math.e), 1.4612],
        [
            (1 + 9 / math.e, "logarithm"),
            (math.e / (math.e + 9), "probability"),
            (math.log10(1 + 9 / math.e), "base 10"),
            (-math.log(1 + 9 / math.e), "sign"),
            (math.log(10), "guesses"),
            (math.log2(1 + 9 / math.e), "base 2"),
            (1.46, "unrounded"),
            (-math.log(math.e) / (math.e + 9), "brackets"),
            (0, "never"),
        ],
    ),
    (
        rate,
        [0.1],
        [
            (92.0, "Which rate"),
            (0.01, "smallest rate"),
            (3.0, "worst"),
            (2, "place"),
            (1.0, "another rate did better"),
        ],
    ),
    (
        pair,
        [(4, 9), torch.tensor([4, 9])],
        [
            ((0, 0), "diagonal"),
            ((9, 4), "turned round"),
            (49, "divmod"),
            (torch.tensor(49), "divmod"),
            ((8, 8), "diagonal"),
            ((2, 8), "more frequent"),
            (7, "how often"),
        ],
    ),
]

FUNCTIONS = [
    (
        nearest,
        [lambda x, m: distances(x, m).argmin(dim=1), model.nearest_mean],
        [
            (lambda x, m: distances(x, m).argmax(dim=1), "argmin, not argmax"),
            (distances, "the distances"),
            (
                lambda x, m: differences(x, m).sum(dim=(2, 3)).argmin(dim=1),
                "Square them",
            ),
            (
                lambda x, m: differences(x, m).square().sum(dim=(1, 2)).argmin(dim=1),
                "adds up over the digits",
            ),
            (lambda x, m: distances(x, m).argmin(dim=0), "one answer an image"),
            (lambda x, m: distances(x, m).min(dim=1).values, "smallest distances"),
            (lambda x, m: distances(x, m).argmin(), "all images together"),
            (
                lambda x, m: differences(x, m).sum((2, 3)).square().argmin(dim=1),
                "not their sum",
            ),
            (lambda x, m: distances(x, m).argmin(dim=1).tolist(), "Return a tensor"),
            (lambda x, m: [0] * 9, "called your function with a tensor of shape [30"),
            (lambda x, m: x @ m, "stopped with RuntimeError"),
        ],
    ),
    (
        checks.mean_loss,
        [lambda a, n: sum(x * k for x, k in zip(a, n, strict=True)) / sum(n)],
        [
            (lambda a, n: sum(a) / len(a), "mean of means"),
            (lambda a, n: sum(x * k for x, k in zip(a, n, strict=True)), "Divide"),
            (
                lambda a, n: sum(x * k for x, k in zip(a, n, strict=True)) / len(n),
                "number of batches",
            ),
            (lambda a, n: sum(a) / sum(n), "multiply each batch's mean"),
            (lambda a, n: sum(a), "Weight"),
            (lambda a: sum(a), "stopped with TypeError"),
        ],
    ),
    (
        get_batch,
        [
            lambda x, y, i: (x[i].unsqueeze(1).float() / 255, y[i]),
            lambda x, y, i: [x[i][:, None] / 255, y[i]],
        ],
        [
            (lambda x, y, i: (x[i].unsqueeze(1).float(), y[i]), "Divide them by 255"),
            (lambda x, y, i: (x[i] / 255, y[i]), "channel"),
            (lambda x, y, i: x[i][:, None] / 255, "Return the labels"),
            (lambda x, y, i: (y[i], x[i][:, None] / 255), "changed places"),
            (lambda x, y, i: (x[i][:, None].double() / 255, y[i]), "float64"),
            (lambda x, y, i: (x[i][:, None], y[i]), "still bytes"),
            (lambda x, y, i: (x[i].unsqueeze(0) / 255, y[i]), "comes after the batch"),
            (lambda x, y, i: (x[i][:, None] / 255, y), "all the labels"),
            (lambda x, y, i: (x[i][:, None] / 255, y[i].float()), "not their dtype"),
            (lambda x, y, i: (x[i][:, None] / 255, y[i].tolist()), "Return a tensor"),
            (lambda x, y, i: (x[sorted(i)][:, None] / 255, y[sorted(i)]), "order"),
        ],
    ),
    (
        checks.softmax,
        [
            lambda z: softly(z, dim=1, keepdim=True),
            lambda z: torch.softmax(z, dim=1),
            lambda z: (z - torch.logsumexp(z, dim=1, keepdim=True)).exp(),
        ],
        [
            (torch.exp, "own sum"),
            (lambda z: z.exp() / z.exp().sum(), "all the rows together"),
            (lambda z: torch.softmax(z, dim=0), "columns"),
            (lambda z: (z - z.amax(dim=1, keepdim=True)).exp(), "own sum"),
            (lambda z: softly(z, dim=(0, 1)), "all the rows together"),
            (lambda z: softly(z, dim=0), "columns"),
            (lambda z: softly(z, dim=1), "keepdim"),
            (lambda z: softly(z - z.amax(dim=1), dim=1, keepdim=True), "keepdim"),
            (torch.sigmoid, "sigmoid"),
            (lambda z: z.exp() / z.exp().sum(dim=1, keepdim=True), "overflows"),
            (
                lambda z: (z - z.max()).exp() / (z - z.max()).exp().sum(1, True),
                "its own largest score",
            ),
            (lambda z: z, "keeps nothing"),
            (lambda z: z.exp() / z.sum(dim=1, keepdim=True), "powers that you have"),
        ],
    ),
    (
        checks.score_gradient,
        [lambda z, y: onehot_gap(z, y) / len(z)],
        [
            (onehot_gap, "divide by its size"),
            (lambda z, y: onehot_gap(z, y) / z.shape[1], "number of digits"),
            (lambda z, y: -onehot_gap(z, y) / len(z), "sign"),
            (lambda z, y: torch.softmax(z, dim=1) / len(z), "one-hot"),
            (
                lambda z, y: torch.softmax(z, dim=1) - one_hot(y, 3) / len(z),
                "brackets",
            ),
            (lambda z, y: onehot_gap(z, y) / 32, "batch at hand"),
            (
                lambda z, y: (torch.softmax(z, dim=0) - one_hot(y, 3)) / len(z),
                "dim=1",
            ),
            (
                lambda z, y: (torch.sigmoid(z) - one_hot(y, z.shape[1])) / len(z),
                "softmax",
            ),
            (
                lambda z, y: (torch.softmax(z, dim=1) + one_hot(y, 3)) / len(z),
                "do not add",
            ),
            (
                lambda z, y: (torch.log_softmax(z, dim=1) - one_hot(y, 3)) / len(z),
                "logarithms",
            ),
            (lambda z, y: torch.softmax(z, dim=0) - one_hot(y, 3), "dim=1. And"),
            (lambda z, y: z - one_hot(y, 3), "and divide by the size"),
        ],
    ),
]

RIGHT = [(check, answer) for check, right, _ in VALUES + FUNCTIONS for answer in right]
WRONG = [(check, *pair) for check, _, wrong in VALUES + FUNCTIONS for pair in wrong]


CLOSE = {"rtol": 0, "atol": 1e-4, "check_dtype": False}


@pytest.mark.parametrize("check, answer", RIGHT)
def test_a_right_answer_passes_and_is_used(check, answer, verdict):
    go_on = check(answer)
    assert verdict() == ("right", "right.")
    if callable(answer):
        assert go_on is answer
    else:
        torch.testing.assert_close(*map(torch.as_tensor, (go_on, answer)), **CLOSE)


def test_what_goes_on_has_the_form_that_the_next_cells_need(verdict):
    assert torch.equal(counts(LABELS.bincount().tolist()), LABELS.bincount())
    assert isinstance(guess(torch.tensor(25.0)), float)
    assert pair(torch.tensor([4, 9])) == (4, 9)


def test_a_verdict_is_a_box_to_look_at(monkeypatch):
    said = []
    monkeypatch.setattr(checks, "display", lambda data, raw: said.append(data))
    counts(LABELS[:10])
    assert said[0]["text/html"] == (
        '<div class="alert alert-warning">✗ Exercise 1.1: not yet: your counts add up '
        "to 22, but there are 15 labels. Count those of the training set.</div>"
    )


@pytest.mark.parametrize("check, answer, hint", WRONG)
def test_a_likely_mistake_meets_its_hint_and_the_right_value_goes_on(
    check, answer, hint, verdict
):
    go_on = check(answer)
    status, message = verdict()
    assert status == "wrong" and hint in message
    assert go_on is not answer
    check(go_on)
    assert verdict() == ("right", "right.")


@pytest.mark.parametrize("check", [check for check, _, _ in VALUES])
def test_an_untouched_stub_is_called_not_done(check, verdict):
    check(None)
    assert verdict()[0] == "todo"
    check(...)
    assert verdict()[0] == "todo"


@pytest.mark.parametrize("check", [check for check, _, _ in FUNCTIONS])
def test_an_untouched_function_is_called_not_done(check, verdict):
    go_on = check(lambda *arguments: None)
    assert verdict()[0] == "todo" and callable(go_on)
    check(7)
    assert verdict()[0] == "wrong"


def test_every_exercise_of_the_series_is_tried_above():
    assert len(VALUES + FUNCTIONS) == 12
    for _, _, wrong in VALUES + FUNCTIONS:
        assert len(wrong) >= 3


@pytest.mark.parametrize("name", sorted(p.name for p in NOTEBOOKS.glob("*.ipynb")))
def test_stored_verdicts(name):
    """In the committed notebooks every stub is to do, and every solution right."""
    for cell in nbformat.read(NOTEBOOKS / name, as_version=4).cells:
        tags = cell.metadata.get("tags", [])
        for tag, wanted in (("exercise", "todo"), ("solution", "right")):
            if tag in tags:
                stated = [o.data[checks.MIME]["status"] for o in cell.outputs]
                assert stated == [wanted]


def test_a_confusion_matrix_without_its_diagonal_is_noticed(verdict):
    assert checks.most_confused((4, 9), CONFUSION.clone().fill_diagonal_(0)) == (4, 9)
    assert verdict()[0] == "wrong" and ".clone()" in verdict()[1]


def test_of_equals_any_is_right(verdict):
    assert checks.best_rate(0.3, {0.01: 80.0, 0.1: 92.0, 0.3: 92.0}) == 0.3
    assert verdict() == ("right", "right.")
    tied = CONFUSION.clone()
    tied[8, 3] = tied.clone().fill_diagonal_(0).max()
    for pair in ((4, 9), (8, 3)):
        assert checks.most_confused(pair, tied) == pair
        assert verdict() == ("right", "right.")
