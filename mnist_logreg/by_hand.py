"""Gradient descent by the lesson's formula: the whole of a training in plain NumPy.

It does what the standard loop does, without autograd. For a batch x of B images with
one-hot labels y:

    z = W x + b                 the scores
    g = (softmax(z) - y) / B    the slope of the mean loss by the scores
    W = W - rate * g xᵀ         a step downhill; b = b - rate * (sum of g)

Where the model ends in a sigmoid s of z, ``output_gradient`` has its slope as well.
"""

import contextlib
import math
from numbers import Integral, Real

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from mnist_logreg.data import IMAGES_AT_ONCE
from mnist_logreg.errors import UserError
from mnist_logreg.model import LogisticRegression, SoftmaxRegression
from mnist_logreg.training import History


def outputs_of(z, scale):
    """Outputs for the scores z, float array [10, B], in their place.

    They are scale * sigmoid(z), or where scale is 0 the scores, moved so that the
    largest of each image is 0: softmax stays the same and cannot overflow.
    """
    if scale:
        np.exp(np.negative(z, out=z), out=z)
        z += 1
        return np.divide(scale, z, out=z)
    z -= np.maximum.reduce(z)
    return z


def output_gradient(outputs, y, scale):
    """The slope of the summed cross-entropy by the scores z, float array [10, B].

    That is softmax(outputs) - y, where y is one-hot, float array [10, B]; for outputs
    scale * s, s the sigmoid of z, it is times the slope scale * s * (1 - s).
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
@np.errstate(over="ignore", invalid="ignore")
def train_by_hand(
    model, train, test, epochs, lr, batch_size=32, decay=False, weight_decay=0, scale=1
) -> History:
    """Train by stochastic gradient descent on the cross-entropy, in one thread.

    After the same ``torch.manual_seed`` it learns from the same batches as a loop over
    ``loader(train, batch_size, shuffle=True)``: the losses differ by rounding alone.
    Ctrl-C, or a loss that is no longer finite, ends it with a line, and the epochs done
    are kept. In the first epoch, and for a wrong argument, it is a UserError.

    Parameters
    ----------
    model : LogisticRegression or SoftmaxRegression, changed in place each epoch
    train, test : InMemoryDataset, to learn from, and to be judged after each epoch
    epochs : int, passes over the training set
    lr : float, the learning rate
    batch_size : int, images a step; the last of an epoch takes what is left
    decay : bool, whether the rate falls from lr to 0 in equal steps, one a batch
    weight_decay : float, the L2 penalty as ``optim.SGD`` has it, also on the biases
    scale : float, makes a LogisticRegression's outputs scale * sigmoid(z) meanwhile
    """
    if not isinstance(model, LogisticRegression | SoftmaxRegression):
        kind = f"the models of mnist_logreg.model, not for {type(model).__name__}"
        raise UserError(f"This is for {kind}: train that one with the standard loop.")
    _check(Integral, 1, "a whole number from 1", epochs=epochs, batch_size=batch_size)
    _check(Real, 0, "a finite number from 0", lr=lr, weight_decay=weight_decay)
    scale = 0 if isinstance(model, SoftmaxRegression) else scale
    weight, bias = model.linear.weight, model.linear.bias
    n_outputs, n_inputs = weight.shape
    images, labels = train.images.flatten(1).numpy(), train.labels.numpy()
    at_once = batch_size * max(1, IMAGES_AT_ONCE // batch_size)
    # Images go through the same memory, as bytes and as floats. The floats stay 0 to
    # 255: the weights are divided by 255 in their place. A last input of 255 makes the
    # biases a column of weights; zeros fill up to what a processor takes at once.
    chunk = np.empty((min(at_once, len(train)), n_inputs), np.uint8)
    pixels = np.zeros((len(chunk), -(-(n_inputs + 1) // 16) * 16), np.float32)
    pixels[:, n_inputs] = 255
    weights = np.zeros((n_outputs, pixels.shape[1]), np.float32)
    parameters = torch.from_numpy(weights)
    kept = np.empty((n_outputs, len(chunk)), np.float32)
    one_hot = np.eye(n_outputs, dtype=np.float32)
    step, steps = 0, epochs * math.ceil(len(train) / batch_size)
    history = History()
    with _epochs_kept(history, epochs, lr), threadpool_limits(1):
        for _ in range(epochs):
            parameters[:, :n_inputs] = weight / 255
            parameters[:, n_inputs] = bias / 255
            loss, order = 0.0, _shuffled(len(train))
            for start in range(0, len(train), at_once):
                rows = order[start : start + at_once]
                # Clipping nothing, it saves a copy.
                taken = images.take(rows, 0, chunk[: len(rows)], mode="clip")
                inputs, right = _put(pixels, taken), labels.take(rows)
                targets, outputs = one_hot.take(right, axis=1), kept[:, : len(rows)]
                for first in range(0, len(rows), batch_size):
                    batch = slice(first, first + batch_size)
                    x = inputs[batch]
                    out = outputs_of(weights @ x.T, scale)
                    g = output_gradient(out, targets[:, batch], scale)
                    outputs[:, batch] = out
                    rate = lr * (1 - step / steps) if decay else lr
                    g *= rate / len(x) / 255**2
                    if weight_decay:
                        weights *= 1 - rate * weight_decay
                    weights -= g @ x
                    step += 1
                losses = losses_of(outputs, right)
                loss += float(losses.sum())
            if not math.isfinite(loss):
                raise FloatingPointError("the loss is no longer a finite number")
            judged = _judge(weights, pixels, test, scale)
            weight.copy_(parameters[:, :n_inputs] * 255)
            bias.copy_(parameters[:, n_inputs] * 255)
            last = float(losses[-len(x) :].mean())
            history.append(loss / len(train), last, *judged)
    return history


def _put(pixels, images):
    """The first B rows of pixels, with images, uint8 [B, n_inputs], put into them."""
    pixels[: len(images), : images.shape[1]] = images
    return pixels[: len(images)]


def _judge(weights, pixels, dataset, scale):
    """Mean loss and percent right on a dataset."""
    _draw()  # as each pass over a DataLoader does, shuffled or not
    images, labels = dataset.images.flatten(1).numpy(), dataset.labels.numpy()
    loss, correct = 0.0, 0
    for start in range(0, len(labels), len(pixels)):
        part = slice(start, start + len(pixels))
        out = outputs_of(weights @ _put(pixels, images[part]).T, scale)
        loss += float(losses_of(out, labels[part]).sum())
        correct += int((out.argmax(axis=0) == labels[part]).sum())
    return loss / len(labels), 100 * correct / len(labels)


def _shuffled(n):
    """The order, int64 [n], that a shuffling DataLoader would take in its next pass."""
    _draw()
    generator = torch.Generator().manual_seed(_draw())
    return torch.randperm(n, generator=generator).numpy()


def _draw():
    """A number of the default generator, drawn as DataLoader and RandomSampler do."""
    return torch.empty((), dtype=torch.int64).random_().item()


def _check(kind, least, wanted, **numbers):
    for name, value in numbers.items():
        if not isinstance(value, kind) or not least <= value < 2**128:  # as float32
            raise UserError(f"{name} must be {wanted}, not {value!r}.")


@contextlib.contextmanager
def _epochs_kept(history, epochs, lr):
    """End a training in order at Ctrl-C or when its loss is lost: one line says so."""
    try:
        yield
    except (FloatingPointError, KeyboardInterrupt) as stop:
        why, advice = str(stop), f"Choose a learning rate below {lr:g}"
        if isinstance(stop, KeyboardInterrupt):
            why, advice = "interrupted", "Run the cell again"
        if not (done := len(history.train_loss)):
            why = f"Stopped in the first of {epochs} epochs: {why}"
            raise UserError(f"{why}. {advice}; nothing was learned.") from None
        print(f"Stopped after {done} of {epochs} epochs: {why}.", end=" ")
        print(f"The epochs done are kept. {advice} for all of them.")
