"""How answers are called that need more than plain arguments: a model, a curve.

While answers are graded this runs in the learner's own process, which gets this module
as it is. So it judges nothing, and nothing in it tells what is right.
"""

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

from mnist_logreg.checks.values import FAULTS, same
from mnist_logreg.checks.words import small, what
from mnist_logreg.lean import lean_steps


def places(result):
    """The two parts of a split as lists of places, or None if it is not a split."""
    try:
        first, second = result
        return [[int(place) for place in part] for part in (first, second)]
    except FAULTS:
        return None


def three_splits(function, n, n_validation, seed):
    """The split of a seed, the same once more, and that of the next seed."""
    first = function(n, n_validation, seed)
    if places(first) is None:
        return [first, None, None]
    return [first, *(function(n, n_validation, s) for s in (seed, seed + 1))]


def curve(powers):
    """A loss with a slope that is known: {"w²": a, "w": b} means a w² + b w.

    It is a 32-bit number, as that of the notebook.
    """

    def loss_with(w):
        w = float(w)
        return torch.tensor(powers["w²"] * w * w + powers["w"] * w).item()

    return loss_with


def call_with_curve(function, powers, value, nudge):
    """The slope that the function finds on a curve."""
    return function(curve(powers), value, nudge)


def call_epoch(function, model, loader, loss_fn, optimizer):
    """What the function returns, and the weights that it leaves."""
    trained, steps = _to_train(model, optimizer)
    with lean_steps():
        returned = function(trained, _batched(*loader), nn.CrossEntropyLoss(), steps)
    return _with_weights(returned, trained)


def call_fit(function, model, learn, validate, test, optimizer, epochs):
    """What the function returns, and the weights that it leaves."""
    trained, steps = _to_train(model, optimizer)
    loaders = (_batched(*part) for part in (learn, validate, test))
    with lean_steps():
        returned = function(trained, *loaders, steps, epochs)
    return _with_weights(returned, trained)


def _to_train(model, rate):
    """A linear model of pixels with given numbers and no slopes yet; its optimizer."""
    weight, bias = model
    trained = nn.Linear(*reversed(weight.shape))
    with torch.no_grad():
        trained.weight.copy_(weight)
        trained.bias.copy_(bias)
    return trained, optim.SGD(trained.parameters(), lr=rate)


def _batched(images, labels):
    """A loader: batches of three, the last one smaller."""
    return DataLoader(TensorDataset(images, labels), batch_size=3)


def _with_weights(returned, trained):
    if returned is None:
        return None
    return [returned, trained.weight.detach(), trained.bias.detach()]


def call_choice(function, decays, validation_loss):
    """The losses stand in a list; the function gets something to call."""

    def loss_of(decay):
        for known, loss in zip(decays, validation_loss, strict=True):
            if same(decay, known):
                return loss
        said = small(decay) or what(decay)
        raise ValueError(f"`validation_loss` takes one of the decays, and got {said}")

    return function(list(decays), loss_of)
