"""The training loop as it is taught, and what a training measures."""

from dataclasses import dataclass, field

import torch
from torch import nn
from torch.nn import functional as F


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
    The mean loss of the images, each when its batch was learned from, and the last one.
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

    Model and loader are those of ``train_epoch``; the model is in ``eval()`` meanwhile.
    Returns the mean cross-entropy, and the percentage of images that get their label.
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

    Mean cross-entropy of the images, each when its batch was learned from, of the last
    batch alone, and of the other set after the epoch, with the percentage right there.
    """

    train_loss: list[float] = field(default_factory=list)
    last_batch_loss: list[float] = field(default_factory=list)
    test_loss: list[float] = field(default_factory=list)
    test_accuracy: list[float] = field(default_factory=list)

    def append(self, *epoch: float) -> None:
        """Add one epoch: a number for each list, in their order."""
        for line, value in zip(vars(self).values(), epoch, strict=True):
            line.append(value)
