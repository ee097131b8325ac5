"""What the experiments of the last notebook share."""

import math

import torch

from mnist_logreg.by_hand import train_by_hand
from mnist_logreg.data import InMemoryDataset
from mnist_logreg.training import History


def trained(
    kind: type[torch.nn.Module],
    train: InMemoryDataset,
    test: InMemoryDataset,
    seed: int,
    **how,
) -> tuple[torch.nn.Module, History]:
    """A new model, trained by hand: the same whenever it is called with the same seed.

    Parameters
    ----------
    kind : LogisticRegression or SoftmaxRegression
        The class of the model.
    train, test : InMemoryDataset
        What it learns from, and what is judged after each epoch.
    seed : int
        Of its first weights and of the order of the images.
    **how
        As for ``train_by_hand``: epochs, lr and so on.

    Returns
    -------
    The model, and the History of its training.
    """
    torch.manual_seed(seed)
    model = kind(28 * 28, 10)
    return model, train_by_hand(model, train, test, **how)


def half_width(percent: float, n: int) -> float:
    """Half the width of the 95 % interval of a share, in percentage points.

    Parameters
    ----------
    percent : float
        The share of n images, 0 to 100.
    n : int
        The images, taken as independent.
    """
    return 1.96 * math.sqrt(percent * (100 - percent) / n)


def moved_at_random(
    images: torch.Tensor, down: range, right: range, seed: int
) -> torch.Tensor:
    """Images, each moved by a number of pixels of its own.

    What leaves on one side comes back on the other, mostly white paper.

    Parameters
    ----------
    images : uint8 tensor [N, 28, 28]
    down, right : range
        By how many pixels an image may be moved, each number equally often.
    seed : int

    Returns
    -------
    uint8 tensor [N, 28, 28]
    """
    generator = torch.Generator().manual_seed(seed)
    draw = torch.randint(len(down) * len(right), (len(images),), generator=generator)
    moved = torch.empty_like(images)
    for i in draw.unique().tolist():
        shift = down[i // len(right)], right[i % len(right)]
        moved[draw == i] = images[draw == i].roll(shift, dims=(1, 2))
    return moved
