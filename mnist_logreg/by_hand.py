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
# So many are multiplied at once: OpenBLAS, which NumPy brings, has a quicker way for
# matrices as small as these make (up to 100 x 100 x 100 products).
PIECE = 64


def outputs_of(z, scale):
    """What the model puts out for the scores z, float array [10, B], in their place.

    That is scale * sigmoid(z), or where scale is 0 the scores themselves, moved so that
    the largest of each image is 0: softmax stays the same and cannot overflow.
    """
    if scale:
        np.exp(np.negative(z, out=z), out=z)
        z += 1
        return np.divide(scale, z, out=z)
    z -= np.maximum.reduce(z)
    return z


def output_gradient(outputs, y, scale):
    """The slope of the summed cross-entropy by the scores z.

    Parameters
    ----------
    outputs : float array [10, B], the scores, or ``scale`` times their sigmoids s
    y : float array [10, B], the labels, one-hot
    scale : float, 0 where the outputs are the scores

    Returns
    -------
    float array [10, B]
        softmax(outputs) - y, times the slope scale * s * (1 - s) of the sigmoid.
    """
    g = np.exp(outputs)
    g /= np.add.reduce(g)
    g -= y
    if scale:
        g *= outputs
        g *= 1 - outputs / scale
    return g


def losses_of(outputs, labels):
    """The cross-entropy of each image: float array [10, B] and int array [B] to [B]."""
    right = outputs[labels, np.arange(len(labels))]
    return np.log(np.add.reduce(np.exp(outputs))) - right


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
    model : LogisticRegression or SoftmaxRegression, changed in place each epoch
    train, test : InMemoryDataset, to learn from, and to be judged after each epoch
    epochs : int, passes over the training set
    lr : float, the learning rate
    batch_size : int, images a step; the last of an epoch takes what is left
    decay : bool, whether the rate falls from lr to 0 in equal steps, one a batch
    weight_decay : float
        The L2 penalty, as ``optim.SGD`` has it: this times the weights and biases is
        added to their gradient.
    scale : float
        Makes a LogisticRegression's outputs scale * sigmoid(z), in the training alone.

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
    outputs = np.empty((n_outputs, len(pixels.floats)), np.float32)
    one_hot = np.eye(n_outputs, dtype=np.float32)
    images, labels = train.images.flatten(1).numpy(), train.labels.numpy()
    step, steps = 0, epochs * math.ceil(len(train) / batch_size)
    history = History()
    with (
        epochs_kept(history, epochs, lr),
        threadpool_limits(1),
        np.errstate(over="ignore", invalid="ignore"),
    ):
        for _ in range(epochs):
            parameters[:, :n_inputs] = weight / 255
            parameters[:, n_inputs] = bias / 255
            loss, order = 0.0, _shuffled(len(train))
            for start in range(0, len(train), at_once):
                rows = order[start : start + at_once]
                chunk, right = pixels.take(images, rows), labels.take(rows)
                targets = one_hot.take(right, axis=1)
                for first in range(0, len(rows), batch_size):
                    batch = slice(first, min(first + batch_size, len(rows)))
                    x = chunk[batch]
                    out = outputs_of(_scores(weights, x), scale)
                    g = output_gradient(out, targets[:, batch], scale)
                    outputs[:, batch] = out
                    rate = lr * (1 - step / steps) if decay else lr
                    g *= rate / len(x) / 255**2
                    if weight_decay:
                        weights *= 1 - rate * weight_decay
                    for piece in _pieces(len(x)):
                        weights -= g[:, piece] @ x[piece]
                    step += 1
                losses = losses_of(outputs[:, : len(rows)], right)
                loss += float(losses.sum())
            finite(loss)
            judged = _judge(weights, pixels, test, scale)
            weight.copy_(parameters[:, :n_inputs] * 255)
            bias.copy_(parameters[:, n_inputs] * 255)
            last = float(losses[-len(x) :].mean())
            history.append(loss / len(train), last, *judged)
    return history


class _Pixels:
    """Images as rows of floats and a last input of 255, always in the same memory."""

    def __init__(self, at_once, n_inputs):
        # Zeros fill a row up to a multiple of what a processor takes at once.
        self.floats = np.zeros((at_once, -(-(n_inputs + 1) // 16) * 16), np.float32)
        self.floats[:, n_inputs] = 255
        self._bytes = np.empty((at_once, n_inputs), np.uint8)

    def take(self, images, rows):
        """The images of these rows, out of uint8 [N, n_inputs]."""
        # mode: the rows are right, and in the usual mode NumPy copies once more.
        return self.put(images.take(rows, 0, self._bytes[: len(rows)], mode="clip"))

    def put(self, images):
        """The images themselves, uint8 [B, n_inputs]."""
        self.floats[: len(images), : images.shape[1]] = images
        return self.floats[: len(images)]


def _pieces(n):
    return [slice(first, first + PIECE) for first in range(0, n, PIECE)]


def _scores(weights, x):
    """W x, an image a column."""
    if len(x) <= PIECE:
        return weights @ x.T
    return np.concatenate([weights @ x[piece].T for piece in _pieces(len(x))], axis=1)


def _judge(weights, pixels, dataset, scale):
    """Mean loss and percent right on a dataset."""
    _draw()  # as each pass over a DataLoader does, shuffled or not
    images, labels = dataset.images.flatten(1).numpy(), dataset.labels.numpy()
    loss, correct, at_once = 0.0, 0, len(pixels.floats)
    for start in range(0, len(labels), at_once):
        x = pixels.put(images[start : start + at_once])
        right = labels[start : start + at_once]
        out = outputs_of(_scores(weights, x), scale)
        loss += float(losses_of(out, right).sum())
        correct += int((out.argmax(axis=0) == right).sum())
    return loss / len(labels), 100 * correct / len(labels)


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
    if not isinstance(lr, Real) or not 0 < lr <= largest:
        raise UserError(
            "lr, the learning rate, must be above 0 and finite in single precision, "
            f"not {lr!r}."
        )
    if not isinstance(scale, Real) or not 0 < scale <= 80:  # exp(90) overflows
        raise UserError(f"scale must be above 0 and at most 80, not {scale!r}.")
    if not isinstance(weight_decay, Real) or not 0 <= weight_decay <= largest:
        raise UserError(
            f"weight_decay must be 0 or a finite number above it, not {weight_decay!r}."
        )
    if scale != 1 and isinstance(model, SoftmaxRegression):
        raise UserError("scale widens a sigmoid: SoftmaxRegression has none.")
