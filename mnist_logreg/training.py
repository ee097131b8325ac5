"""The training loop as it is taught, and what a training measures and keeps."""

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import nn
from torch.nn import functional as F

from mnist_logreg.errors import UserError


def train_epoch(model, loader, loss_fn, optimizer) -> tuple[float, float]:
    """One pass over the loader: a step of the optimiser for each batch.

    Parameters
    ----------
    model : nn.Module, from float [B, 784] to float [B, 10]; changed in place
    loader : iterable of float [B, 1, 28, 28] and int64 [B]
    loss_fn : callable, from outputs and labels to their mean loss
    optimizer : torch.optim.Optimizer of the model's parameters

    Returns
    -------
    mean : float, the loss over the images seen, each when its batch was learned from
    last : float, the loss of the last batch
    """
    model.train()
    total, seen = 0.0, 0
    for images, labels in loader:
        optimizer.zero_grad()
        outputs = model(images.view(-1, 28 * 28))
        loss = loss_fn(outputs, labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        seen += len(labels)
    return total / seen, loss.item()


@torch.inference_mode()
def evaluate(model: nn.Module, loader) -> tuple[float, float]:
    """How well a model does on a loader's images, without learning from them.

    Parameters
    ----------
    model : nn.Module, from float [B, 784] to float [B, 10]; in ``eval()`` meanwhile
    loader : iterable of float [B, 1, 28, 28] and int64 [B]

    Returns
    -------
    loss : float, mean cross-entropy
    accuracy : float, percent of the images that get their label
    """
    was_training = model.training
    model.eval()
    loss, correct, seen = 0.0, 0, 0
    for images, labels in loader:
        outputs = model(images.view(-1, 28 * 28))
        loss += F.cross_entropy(outputs, labels, reduction="sum").item()
        correct += (outputs.argmax(dim=1) == labels).sum().item()
        seen += len(labels)
    model.train(was_training)
    return loss / seen, 100 * correct / seen


@dataclass
class History:
    """What a training measured, one entry for each whole epoch.

    Attributes
    ----------
    train_loss : mean cross-entropy, each image's when its batch was learned from
    last_batch_loss : the last batch's alone, which is what tutorials print
    test_loss : mean cross-entropy over the other set, after the epoch
    test_accuracy : percent of the other set that is right, after the epoch
    """

    train_loss: list[float] = field(default_factory=list)
    last_batch_loss: list[float] = field(default_factory=list)
    test_loss: list[float] = field(default_factory=list)
    test_accuracy: list[float] = field(default_factory=list)

    def append(self, *epoch: float) -> None:
        """Add one epoch: a number for each list, in their order."""
        for line, value in zip(vars(self).values(), epoch, strict=True):
            line.append(value)


class Diverged(Exception):
    """The loss is no longer a finite number."""


def finite(loss: float) -> float:
    """The loss, unless it is infinite or no number: then Diverged is raised."""
    if not math.isfinite(loss):
        raise Diverged
    return loss


@contextlib.contextmanager
def epochs_kept(history: History, epochs: int, lr: float) -> Iterator[None]:
    """End a training in order at Ctrl-C or when its loss is lost: one line says so.

    The epochs that are done are kept. Raises UserError if there are none.
    """
    try:
        yield
    except (Diverged, KeyboardInterrupt) as stop:
        done = len(history.train_loss)
        if isinstance(stop, Diverged):
            why = "the loss is no longer a finite number"
            advice = f"Choose a learning rate below {lr:g}"
        else:
            why, advice = "interrupted", "Run the cell again"
        if not done:
            raise UserError(
                f"Stopped in the first of {epochs} epochs: {why}. {advice}; nothing "
                "was learned."
            ) from None
        print(
            f"Stopped after {done} of {epochs} epochs: {why}. The epochs done are "
            f"kept. {advice} for all of them."
        )
