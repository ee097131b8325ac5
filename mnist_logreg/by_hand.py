"""Gradient descent by the lesson's formula: the whole of a training in plain NumPy.

It does what the standard loop does, batch for batch, without autograd. The formula, for
a batch x of B images with one-hot labels y, as rows of pixels and columns of classes:

    z = W x + b                 the scores
    g = (softmax(z) - y) / B    the slope of the mean loss by the scores
    W = W - rate * g xᵀ         a step downhill; b = b - rate * (sum of g)

Where the model ends in a sigmoid s of z, ``output_gradient`` has its slope as well.
"""

import math
from numbers import Integral, Real

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from mnist_logreg.data import InMemoryDataset
from mnist_logreg.errors import UserError
from mnist_logreg.model import LogisticRegression, SoftmaxRegression
from mnist_logreg.training import History, epochs_kept, finite

# So many images, about, are converted to floats at once: they fit a processor's cache,
# and there is never a float copy of the whole set.
IMAGES_AT_ONCE = 256


def outputs_of(z, scale):
    """What the model puts out for the scores z: the scores, or scale * sigmoid(z)."""
    return scale / (1 + np.exp(-z)) if scale else z


def output_gradient(outputs, y, scale):
    """The slope of the summed cross-entropy by the scores z.

    Parameters
    ----------
    outputs : float array [10, B]
        The scores themselves, or ``scale`` times their sigmoids s.
    y : float array [10, B]
        The labels, one-hot: an image a column.
    scale : float
        Of the sigmoids; 0 where the outputs are the scores.

    Returns
    -------
    float array [10, B]
        softmax(outputs) - y, times the slope scale * s * (1 - s) of the sigmoid.
    """
    g = np.exp(outputs - np.maximum.reduce(outputs))
    g /= np.add.reduce(g)
    g -= y
    if scale:
        g *= outputs
        g *= 1 - outputs / scale
    return g


def losses_of(outputs, labels):
    """The cross-entropy of each image: float array [10, B] and int array [B] to [B]."""
    shifted = outputs - outputs.max(axis=0)
    right = shifted[labels, np.arange(len(labels))]
    return np.log(np.exp(shifted).sum(axis=0)) - right


@torch.no_grad()
def train_by_hand(
    model: LogisticRegression | SoftmaxRegression,
    train: InMemoryDataset,
    test: InMemoryDataset,
    *,
    epochs: int,
    lr: float,
    batch_size: int = 32,
    decay: bool = False,
    weight_decay: float = 0.0,
    scale: float = 1.0,
) -> History:
    """Train by stochastic gradient descent on the cross-entropy, in one thread.

    After the same ``torch.manual_seed`` it learns from the same batches, in the same
    order, as a loop over ``loader(train, batch_size, shuffle=True)``, so that both give
    the same losses but for rounding. Ctrl-C, or a loss that is no longer finite, ends
    the training: a line says so, and the epochs done are kept.

    Parameters
    ----------
    model : LogisticRegression or SoftmaxRegression
        Changed in place after each epoch.
    train, test : InMemoryDataset
        What it learns from, and what is judged after each epoch.
    epochs : int
        Passes over the training set.
    lr : float
        The learning rate.
    batch_size : int
        Images a step; the last step of an epoch takes what is left.
    decay : bool
        Whether the learning rate falls from lr to 0 in equal steps, one a batch.
    weight_decay : float
        The L2 penalty, as ``optim.SGD`` has it: this times the weights and biases is
        added to their gradient.
    scale : float
        Widens a LogisticRegression's outputs, for the training alone, to
        scale * sigmoid(z).

    Returns
    -------
    History

    Raises
    ------
    UserError
        For a wrong argument, and if the training ends in its first epoch.
    """
    _check(model, epochs, lr, batch_size, weight_decay, scale)
    if isinstance(model, SoftmaxRegression):
        scale = 0
    weight, bias = model.linear.weight, model.linear.bias
    n_outputs, n_inputs = weight.shape
    at_once = batch_size * max(1, IMAGES_AT_ONCE // batch_size)
    pixels = _Pixels(min(at_once, len(train)), n_inputs)
    # The pixels stay 0 to 255: the ten rows of weights are divided by 255 in their
    # place. A last input of 255 makes the biases a column of the weights.
    weights = np.zeros((n_outputs, pixels.floats.shape[1]), np.float32)
    parameters = torch.from_numpy(weights)
    one_hot = np.eye(n_outputs, dtype=np.float32)
    labels = train.labels.numpy()
    outputs = np.empty((n_outputs, len(pixels.floats)), np.float32)
    steps = epochs * math.ceil(len(train) / batch_size)
    step = 0
    history = History()
    with (
        epochs_kept(history, epochs, lr),
        threadpool_limits(1),
        np.errstate(over="ignore", invalid="ignore"),
    ):
        for _ in range(epochs):
            parameters[:, :n_inputs] = weight / 255
            parameters[:, n_inputs] = bias / 255
            total = 0.0
            order = _shuffled(len(train))
            for start in range(0, len(train), at_once):
                rows = order[start : start + at_once]
                chunk, y = pixels.of(train, rows), one_hot[:, labels[rows]]
                for first in range(0, len(rows), batch_size):
                    batch = slice(first, first + batch_size)
                    x = chunk[batch]
                    out = outputs_of(weights @ x.T, scale)
                    g = output_gradient(out, y[:, batch], scale)
                    rate = lr * (1 - step / steps) if decay else lr
                    g *= rate / len(x) / 255**2
                    if weight_decay:
                        weights *= 1 - rate * weight_decay
                    weights -= g @ x
                    outputs[:, first : first + len(x)] = out
                    step += 1
                losses = losses_of(outputs[:, : len(rows)], labels[rows])
                total += losses.sum(dtype=np.float64)
            loss = finite(float(total) / len(train))
            judged = _judge(weights, pixels, test, scale)
            weight.copy_(parameters[:, :n_inputs] * 255)
            bias.copy_(parameters[:, n_inputs] * 255)
            history.append(loss, float(losses[-len(x) :].mean()), *judged)
    return history


class _Pixels:
    """Images as rows of floats, always in the same memory."""

    def __init__(self, at_once, n_inputs):
        # Zeros fill a row up to a multiple of what a processor takes at once.
        self.floats = np.zeros((at_once, -(-(n_inputs + 1) // 16) * 16), np.float32)
        self.floats[:, n_inputs] = 255
        self.bytes = np.empty((at_once, n_inputs), np.uint8)

    def of(self, dataset, rows):
        """The images of these rows (an array or a slice), float32 [B, inputs]."""
        images = dataset.images.flatten(1).numpy()
        n, n_inputs = len(rows), images.shape[1]
        # mode: the rows are right, and with the usual mode NumPy copies once more.
        np.take(images, rows, axis=0, out=self.bytes[:n], mode="clip")
        self.floats[:n, :n_inputs] = self.bytes[:n]
        return self.floats[:n]


def _judge(weights, pixels, dataset, scale):
    """Mean loss and percent right on a dataset."""
    _draw()  # as each pass over a DataLoader does, shuffled or not
    n, at_once = len(dataset), len(pixels.floats)
    labels = dataset.labels.numpy()
    loss, correct = 0.0, 0
    for start in range(0, n, at_once):
        rows = np.arange(start, min(start + at_once, n))
        outputs = outputs_of(weights @ pixels.of(dataset, rows).T, scale)
        loss += losses_of(outputs, labels[rows]).sum(dtype=np.float64)
        correct += (outputs.argmax(axis=0) == labels[rows]).sum()
    return float(loss) / n, 100 * int(correct) / n


def _shuffled(n):
    """The order, int64 [n], that a shuffling DataLoader would take in its next pass."""
    _draw()
    generator = torch.Generator().manual_seed(_draw())
    return torch.randperm(n, generator=generator).numpy()


def _draw():
    """A number of the default generator, drawn as DataLoader and RandomSampler do.

    A DataLoader draws one for its workers, whether it has any or not, and RandomSampler
    draws one that seeds its order.
    """
    return torch.empty((), dtype=torch.int64).random_().item()


def _check(model, epochs, lr, batch_size, weight_decay, scale):
    """Refuse a model without a formula here, and numbers that no training can use."""
    if not isinstance(model, LogisticRegression | SoftmaxRegression):
        raise UserError(
            "The gradient by hand is for LogisticRegression and SoftmaxRegression, not "
            f"for {type(model).__name__}: train that one with the standard loop."
        )
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if not isinstance(value, Integral) or not 1 <= value < 2**63:
            raise UserError(f"{name} must be a whole number from 1, not {value!r}.")
    largest = torch.finfo(torch.float32).max
    for name, value in (("lr, the learning rate,", lr), ("scale", scale)):
        if not isinstance(value, Real) or not 0 < value <= largest:
            raise UserError(
                f"{name} must be above 0 and finite in single precision, not {value!r}."
            )
    if not isinstance(weight_decay, Real) or not 0 <= weight_decay <= largest:
        raise UserError(
            f"weight_decay must be 0 or a finite number above it, not {weight_decay!r}."
        )
    if scale != 1 and isinstance(model, SoftmaxRegression):
        raise UserError("scale widens a sigmoid: SoftmaxRegression has none.")
