"""What the experiments of the last notebook share."""

import torch

from mnist_logreg.by_hand import train_by_hand
from mnist_logreg.data import InMemoryDataset
from mnist_logreg.model import LogisticRegression, SoftmaxRegression
from mnist_logreg.training import History

Model = LogisticRegression | SoftmaxRegression


def trained(
    kind: type[Model], train: InMemoryDataset, test: InMemoryDataset, seed: int, **how
) -> tuple[Model, History]:
    """A new model, trained by hand, the same at each call with the same seed.

    The rest is as for ``train_by_hand``: the data, epochs, lr and so on.
    """
    torch.manual_seed(seed)
    model = kind(28 * 28, 10)
    return model, train_by_hand(model, train, test, **how)


def half_width(percent: float, n: int) -> float:
    """Half a 95 % interval of a share of n independent images, in percentage points."""
    return 1.96 * (percent * (100 - percent) / n) ** 0.5


def moved_at_random(
    dataset: InMemoryDataset, down: range, right: range, seed: int
) -> InMemoryDataset:
    """A copy of a dataset, each image moved by a number of pixels of its own.

    Each number of the ranges is equally likely. What leaves on one side comes back on
    the other, mostly white paper.
    """
    images = dataset.images
    generator = torch.Generator().manual_seed(seed)
    draw = torch.randint(len(down) * len(right), (len(images),), generator=generator)
    moved = torch.empty_like(images)
    for i in draw.unique().tolist():
        shift = down[i // len(right)], right[i % len(right)]
        moved[draw == i] = images[draw == i].roll(shift, dims=(1, 2))
    return InMemoryDataset(moved, dataset.labels)
