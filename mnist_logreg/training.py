"""Training a logistic regression: the standard loop, and the gradient by hand."""

import contextlib
import math
from dataclasses import dataclass, field
from numbers import Integral, Real

import torch
from torch import nn, optim
from torch.autograd import profiler
from torch.nn import functional as F
from torch.utils.data import DataLoader

from mnist_logreg.data import InMemoryDataset, take_whole
from mnist_logreg.errors import UserError
from mnist_logreg.model import LogisticRegression, SoftmaxRegression


@contextlib.contextmanager
def lean_steps():
    """Leave out of a step what costs more than it gives where the batches are small.

    One processor computes. A second one saves no time, costs twice as much of the
    processors', and waits ten times as long where another program wants one of them,
    as in a class on one machine. Nor does PyTorch label each zero_grad, each step and
    each batch for its profiler, which it does whether a profiler is there or not, and
    which takes a fifth of the time; so a profile shows no such labels meanwhile.
    """
    threads, label = torch.get_num_threads(), profiler.record_function
    torch.set_num_threads(1)
    profiler.record_function = contextlib.nullcontext
    try:
        yield
    finally:
        profiler.record_function = label
        torch.set_num_threads(threads)


@dataclass
class History:
    """What a training measured, one entry for each whole epoch.

    train_loss: mean cross-entropy over the epoch's samples, each taken when its batch
    was learned from. last_batch_loss: mean over the epoch's last batch alone, which is
    what tutorials print. test_accuracy: percent, after the epoch.
    """

    train_loss: list[float] = field(default_factory=list)
    last_batch_loss: list[float] = field(default_factory=list)
    test_accuracy: list[float] = field(default_factory=list)

    def append(self, train_loss, last_batch_loss, test_accuracy):
        """Add one epoch."""
        self.train_loss.append(train_loss)
        self.last_batch_loss.append(last_batch_loss)
        self.test_accuracy.append(test_accuracy)


@torch.no_grad()
def accuracy(model, loader) -> float:
    """The percentage of the loader's images that the model classifies rightly.

    loader: yields float [B, 1, 28, 28] and int64 [B].
    """
    correct = total = 0
    for images, labels in loader:
        predicted = model(images.flatten(1)).argmax(dim=1)
        correct += (predicted == labels).sum().item()
        total += len(labels)
    return 100 * correct / total


def train_epoch(model, loader, loss_fn, optimizer) -> tuple[float, float]:
    """One pass over the loader: a step of the optimiser for each batch.

    loader: yields float [B, 1, 28, 28] and int64 [B]; loss_fn: outputs and labels to a
    mean. Returns the mean loss over the samples seen, and the last batch's mean loss.
    """
    total, seen = 0.0, 0
    for images, labels in loader:
        optimizer.zero_grad()
        outputs = model(images.flatten(1))
        loss = loss_fn(outputs, labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        seen += len(labels)
    return total / seen, loss.item()


@lean_steps()
def train(model, train_loader, test_loader, *, epochs: int, lr: float) -> History:
    """Train by stochastic gradient descent on the cross-entropy, as the usual recipe.

    The loaders yield float [B, 1, 28, 28] and int64 [B]; the model is changed in place.
    Each epoch ends with a pass over the test set, and prints a line. Ctrl-C
    or a loss that is no longer finite ends the training, which then says so and keeps
    the epochs done. Raises UserError for a wrong argument, and where the loss is lost
    in the first epoch.
    """
    _check(epochs=epochs, lr=lr)
    loss_fn = nn.CrossEntropyLoss()
    # foreach=False: it need not ask at every step whether a GPU holds the parameters.
    optimizer = optim.SGD(model.parameters(), lr=lr, foreach=False)
    history = History()
    with _keep_what_is_done(history, epochs):
        for epoch in range(epochs):
            mean, last = train_epoch(model, train_loader, loss_fn, optimizer)
            history.append(_finite(mean, lr), last, accuracy(model, test_loader))
            print(
                f"Epoch: {epoch}. Loss: {last:.4f}. "
                f"Accuracy: {history.test_accuracy[-1]:.2f}%"
            )
    return history


def output_gradient(outputs, targets, sigmoid):
    """The gradient of the summed cross-entropy with respect to the scores z = Wx + b.

    outputs: the model's, a column an image, float [10, B]; targets: the labels one-hot,
    float [10, B]. Where the outputs are the scores it is softmax(z) − targets. sigmoid:
    whether they are the scores' sigmoids s, as in LogisticRegression; the chain rule
    then multiplies by the slope s(1 − s). Returns float [10, B].
    """
    g = torch.softmax(outputs, dim=0).sub_(targets)
    if sigmoid:
        g.mul_(outputs)
        g.addcmul_(g, outputs, value=-1)
    return g


def _has_sigmoid(model):
    """Whether the model ends in a sigmoid; UserError if its gradient is not known."""
    if not isinstance(model, LogisticRegression | SoftmaxRegression):
        raise UserError(
            "The gradient by hand is for LogisticRegression and SoftmaxRegression, "
            f"not for {type(model).__name__}: train that one with train()."
        )
    return isinstance(model, LogisticRegression)


@torch.no_grad()
def gradient(model, images, labels):
    """The loss of one batch and its gradient, by the formula, without autograd.

    images: float [B, 1, 28, 28]; labels: int64 [B]. Returns the mean cross-entropy (a
    scalar) and its derivatives by the weights [10, 784] and the biases [10]. Raises
    UserError for a model that is neither LogisticRegression nor SoftmaxRegression.
    """
    sigmoid = _has_sigmoid(model)
    x = images.flatten(1)
    outputs = model(x)
    targets = F.one_hot(labels, outputs.shape[1]).to(x.dtype)
    g = output_gradient(outputs.T, targets.T, sigmoid) / len(x)
    return F.cross_entropy(outputs, labels), g @ x, g.sum(dim=1)


@lean_steps()
@torch.no_grad()
def train_by_hand(
    model,
    train: InMemoryDataset,
    test: InMemoryDataset,
    *,
    epochs: int,
    lr: float,
    batch_size: int = 32,
    decay: bool = False,
) -> History:
    """Train like train(), by the formula of gradient() and in place, many times sooner.

    model: a LogisticRegression or a SoftmaxRegression. After the same torch.manual_seed
    it learns from the same batches in the same order as train() with loaders of this
    batch size, so that both give the same losses but for rounding. With decay, the
    learning rate falls from lr to 0 in equal steps, one a batch, and the noise of the
    batches with it. Stops and raises as train() does, and prints nothing else.
    """
    _check(epochs=epochs, lr=lr, batch_size=batch_size)
    sigmoid = _has_sigmoid(model)
    weight, bias = model.linear.weight, model.linear.bias
    n_outputs, n_inputs = weight.shape
    # Many batches are fetched at once, always into the same memory: it is small enough
    # for the processor's cache, and there is never a float copy of the whole set.
    at_once = min(batch_size * max(1, 1024 // batch_size), len(train))
    fetched = torch.empty(at_once, *train.images.shape[1:], dtype=torch.uint8)
    # The pixels stay 0 to 255: the ten rows of weights are divided by 255 in their
    # place. A last input of 255 makes the biases a column of the weights, and zeros
    # fill a row up to a multiple of what the processor takes at once.
    inputs = torch.zeros(at_once, -(-(n_inputs + 1) // 16) * 16)
    inputs[:, n_inputs] = 255
    weights = torch.zeros(n_outputs, inputs.shape[1])
    one_hot = torch.eye(n_outputs)
    test_loader = DataLoader(test, 1000, collate_fn=take_whole)
    steps = epochs * math.ceil(len(train) / batch_size)
    step = 0
    history = History()
    with _keep_what_is_done(history, epochs):
        for _ in range(epochs):
            weights[:, :n_inputs] = weight / 255
            weights[:, n_inputs] = bias / 255
            total = 0.0
            for rows in _shuffled(len(train)).split(at_once):
                images, chunk = fetched[: len(rows)], inputs[: len(rows)]
                torch.index_select(train.images, 0, rows, out=images)
                chunk[:, :n_inputs] = images.flatten(1)
                labels = train.labels[rows]
                targets = one_hot.index_select(1, labels).split(batch_size, dim=1)
                outputs = []
                for x, y in zip(chunk.split(batch_size), targets, strict=True):
                    # An image a column: this takes half the time of the usual x Wᵀ.
                    out = weights.mm(x.T)
                    if sigmoid:
                        out.sigmoid_()
                    outputs.append(out)
                    g = output_gradient(out, y, sigmoid)
                    rate = lr * (1 - step / steps) if decay else lr
                    weights.addmm_(g, x, alpha=-rate / len(x) / 255**2)
                    step += 1
                # As one image of many pixels, for the classes are the rows.
                losses = F.cross_entropy(
                    torch.cat(outputs, dim=1)[None], labels[None], reduction="none"
                )[0]
                total += losses.sum().item()
            mean = _finite(total / len(train), lr)
            last = losses[-len(x) :].mean().item()
            weight.copy_(weights[:, :n_inputs] * 255)
            bias.copy_(weights[:, n_inputs] * 255)
            history.append(mean, last, accuracy(model, test_loader))
    return history


def _shuffled(n):
    """The order, int64 [n], that a shuffling DataLoader would draw for the next epoch.

    It draws two numbers from the default generator: one for its workers, whether it
    has any or not, and one that seeds the permutation.
    """
    _, seed = (torch.empty((), dtype=torch.int64).random_() for _ in range(2))
    generator = torch.Generator().manual_seed(seed.item())
    return torch.randperm(n, generator=generator)


class _Diverged(Exception):
    """The loss is no longer a finite number."""


def _finite(loss, lr):
    if not math.isfinite(loss):
        raise _Diverged(
            f"the loss is no longer a finite number. A learning rate below {lr:g} "
            "will help"
        )
    return loss


@contextlib.contextmanager
def _keep_what_is_done(history, epochs):
    """End a training early but in order, and say why and after how many epochs."""
    try:
        yield
    except (_Diverged, KeyboardInterrupt) as stop:
        why = str(stop) or "interrupted"
        message = f"Stopped after {len(history.train_loss)} of {epochs} epochs: {why}."
        if not history.train_loss and isinstance(stop, _Diverged):
            raise UserError(message) from None
        print(message)


def _check(*, epochs, lr, batch_size=1):
    """Refuse numbers that no training can use."""
    if not isinstance(epochs, Integral) or epochs < 1:
        raise UserError(f"epochs must be a whole number from 1, not {epochs!r}.")
    if not isinstance(lr, Real) or not 0 < lr <= torch.finfo(torch.float32).max:
        raise UserError(
            "lr, the learning rate, must be above 0 and finite in single precision, "
            f"not {lr!r}."
        )
    if not isinstance(batch_size, Integral) or not 1 <= batch_size < 2**63:
        raise UserError(
            f"batch_size must be a whole number from 1, not {batch_size!r}."
        )
