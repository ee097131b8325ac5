"""The exercises of notebook 03 on slopes: what mistakes give, and the help."""

import torch
from torch.nn import functional as F

from mnist_logreg.checks.calls import call_with_curve, curve
from mnist_logreg.checks.exercise import FunctionExercise

# --------------------------------------------------------- 3.3: find a slope by a nudge


def _slope(loss_with, value, nudge):
    return (loss_with(value + nudge) - loss_with(value - nudge)) / (2 * nudge)


def _curves(chance):
    # Steep and slow to bend, so that no two mistakes come to the same.
    nudge = 0.01
    yield {"w²": 100, "w": -290}, 3.0, nudge
    yield {"w²": 200, "w": 150}, -1.0, nudge
    a, b, value = torch.randint(2, 6, (3,), generator=chance).tolist()
    yield {"w²": 10 * a, "w": 100 * b}, float(value), nudge
    # No whole number, so that `//` shows; flat, so that tiny nudges drown in rounding.
    yield {"w²": 0.6, "w": 0.7}, 1.5, nudge


def _slope_mistakes(powers, value, nudge):
    f = curve(powers)
    here, up, down = f(value), f(value + nudge), f(value - nudge)
    forward, backward, both = up - here, here - down, up - down
    turned = (
        "the sign is the wrong way round: a slope is positive where the loss rises. "
        "Take the loss after the nudge minus the loss before"
    )
    brackets = "division comes before subtraction: put the difference in brackets"
    inside = (
        "`loss_with(nudge)` sets the weight to the tiny nudge itself. Nudge it from "
        "where it is: `value + nudge`"
    )
    for rise in (forward, backward):
        yield (
            rise / 2 * nudge,
            "`/ 2 * nudge` halves, then multiplies by the nudge. From `value` it is "
            "one nudge: `/ nudge`",
        )
        yield (
            rise / (2 * nudge),
            "half as steep as it is: from `value` it is one nudge. Divide by `nudge`",
        )
        yield -rise / nudge, turned
        yield (
            rise,
            "this is how much the loss changed. Divide by how far the weight moved, in "
            "brackets if that is `(2 * nudge)`",
        )
        yield (
            rise * nudge,
            "this multiplies by the nudge. Divide by it. (`/ 2 * nudge` multiplies "
            "as well: write `/ (2 * nudge)`)",
        )
    yield (
        both / nudge,
        "twice too steep: from `value - nudge` to `value + nudge` it is two nudges. "
        "Divide by `(2 * nudge)`",
    )
    yield -both / nudge, turned
    yield both, "this is how much the loss changed. Divide by `(2 * nudge)`"
    yield both * nudge, "this multiplies by the nudge. Divide by `(2 * nudge)`"
    for rise in (forward, both):
        yield (
            rise / value,
            "divide by how far the weight moved, not by the weight itself",
        )
    yield up - here / nudge, brackets
    yield up - down / nudge, brackets
    yield up - down / (2 * nudge), brackets
    yield here, "this is the loss. Return how fast it changes as the weight changes"
    yield up, "this is the loss after the nudge. How much did it change, for how far?"
    for ratio in (up / nudge, here / nudge, here / value):
        yield ratio, "take the difference of two losses, and divide that by the nudge"
    for rise in (forward, backward, both):
        yield (
            nudge / rise,
            "this is upside down: the change of the loss stands above the line, the "
            "nudge below it",
        )
    yield (
        (up - f(nudge)) / nudge,
        "compare with where the weight is now: `loss_with(value)`",
    )
    yield up / here, "this is a ratio of losses. Take their difference, over the nudge"
    yield (f(nudge) - here) / nudge, inside
    yield f(nudge) / nudge, inside
    yield (
        1.0,
        "the nudge belongs inside the brackets, `loss_with(value + nudge)`: the weight "
        "is nudged, not the loss",
    )


slope = FunctionExercise(
    number="3.3",
    answer="my_slope",
    expected=_slope,
    cases=_curves,
    call=call_with_curve,
    mistakes=_slope_mistakes,
    tolerance=0.01,  # a nudge to one side alone is right as well
    nudge="A slope is how much the loss changes, divided by how far the weight moved.",
    step="`loss_with(value + nudge)` is the loss after the nudge. Subtract the loss "
    "before it, in brackets, and divide.",
    solution="""
def my_slope(loss_with, value, nudge):
    up, down = loss_with(value + nudge), loss_with(value - nudge)
    return (up - down) / (2 * nudge)
""",
)


# ------------------------------------------------- 3.4: one step of gradient descent


def _step(W, b, X, y, lr):  # noqa: N803 - as the notebook names them
    g = (torch.softmax(X @ W.T + b, dim=1) - F.one_hot(y, len(W))) / len(X)
    return W - lr * g.T @ X, b - lr * g.sum(dim=0)


def _batches(chance):
    yield (
        torch.zeros(2, 3),
        torch.tensor([0.5, 0.0]),
        torch.tensor([[1.0, 0.0, 0.5], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0]]),
        torch.tensor([0, 1, 1]),
        0.5,
    )
    for n in (4, 7):
        yield (
            torch.randn(5, 6, generator=chance),
            torch.randn(5, generator=chance),
            torch.rand(n, 6, generator=chance),
            torch.randint(5, (n,), generator=chance),
            0.1 * n,
        )


def _step_mistakes(w, b, x, y, lr):
    def step(g):
        """Where a step leads with the slopes g by the scores, [B, K]."""
        return w - lr * g.T @ x, b - lr * g.sum(dim=0)

    n, scores, wanted = len(x), x @ w.T + b, F.one_hot(y, len(w))
    p = torch.softmax(scores, dim=1)
    g = (p - wanted) / n
    slopes = (g.T @ x, g.sum(dim=0))
    new_w, new_b = step(g)
    yield (
        step(n * g),
        "this takes a step for the sum of the images, not for their mean. Divide the "
        "slopes by `len(X)`",
    )
    yield (
        step(-g),
        "this goes uphill: the loss would rise. The step is minus the rate times the "
        "slope, and the slope is *probability minus truth*",
    )
    yield (
        step(-n * g),
        "this goes uphill, and for the sum of the images. Subtract, and divide by "
        "`len(X)`",
    )
    yield step(g / lr), "the learning rate is missing: multiply the slopes by `lr`"
    yield (
        step((scores - wanted) / n),
        "this takes the scores for probabilities. Use `torch.softmax(scores, dim=1)`",
    )
    yield (
        step((torch.sigmoid(scores) - wanted) / n),
        "use `torch.softmax(scores, dim=1)`, not the sigmoid",
    )
    yield (
        step((torch.softmax(scores, dim=0) - wanted) / n),
        "the softmax runs down the batch. Each image's row must sum to 1: `dim=1`",
    )
    yield (
        step((torch.softmax(x @ w.T, dim=1) - wanted) / n),
        "the bias is missing from the scores: `X @ W.T + b`",
    )
    yield (
        (new_w, b),
        "the biases did not move. Their slopes are those of the scores, added up over "
        "the images: `.sum(dim=0)`",
    )
    yield (w, new_b), "the weights did not move. Their slopes are `G.T @ X`"
    yield (w, b), "nothing moved. Return the new weights and biases"
    yield (
        (new_w, b - lr * n * slopes[1]),
        "the weights are right. The biases' slopes lack the division by `len(X)`",
    )
    yield (
        (new_w, b - lr * g.mean(dim=0)),
        "the weights are right. The slopes of the biases are added up over the images "
        "(`.sum(dim=0)`), since the division by `len(X)` is done",
    )
    yield slopes, "these are the slopes. Return what `W` and `b` are after the step"
    yield (
        (lr * slopes[0], lr * slopes[1]),
        "these are the steps. Subtract them from `W` and `b`",
    )
    yield (
        (-lr * slopes[0], -lr * slopes[1]),
        "these are the steps. Add them to `W` and `b`, and return those",
    )
    yield new_w, "this is the new `W` alone. Return both: `return W, b`"
    yield new_b, "this is the new `b` alone. Return both: `return W, b`"
    yield (new_b, new_w), "first `W`, then `b`: they have changed places"
    yield (
        step(p - wanted / n),
        "division comes before subtraction: put `P - Y` in brackets",
    )
    yield (
        (new_w, b - lr * g),
        "the weights are right. For the biases, add up the rows: `G.sum(dim=0)`",
    )
    for size in (32, 64, 100, 60000):
        yield (
            step(n * g / size),
            f"this divides by {size}. A batch may have any number of images: `len(X)`",
        )
    yield (
        step(p / n),
        "the truth is missing: subtract the one-hot labels from the probabilities",
    )
    yield step(g / n), "this divides by the number of images twice"
    yield (
        (w - lr * slopes[0] / n, new_b),
        "the biases are right. The weights' slopes are divided by `len(X)` twice",
    )
    yield (
        step(n * g / len(w)),
        "this divides by the number of digits. Divide by that of the images, `len(X)`",
    )


sgd_step = FunctionExercise(
    number="3.4",
    answer="my_sgd_step",
    expected=_step,
    cases=_batches,
    mistakes=_step_mistakes,
    nudge="Scores, probabilities, *probability minus truth* over `len(X)`; then both "
    "slopes, and both steps.",
    step="`G = (torch.softmax(X @ W.T + b, dim=1) - Y) / len(X)` has a row for each "
    "image. `G.T @ X` has the shape of `W`. What has the shape of `b`?",
    solution="""
def my_sgd_step(W, b, X, y, lr):
    Y = nn.functional.one_hot(y, len(W))
    G = (torch.softmax(X @ W.T + b, dim=1) - Y) / len(X)
    return W - lr * G.T @ X, b - lr * G.sum(dim=0)
""",
)
