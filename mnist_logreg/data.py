"""The data as tensors, and the loader that hands them out in batches."""

import math
from numbers import Integral
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    RandomSampler,
    SequentialSampler,
)

from mnist_logreg.errors import UserError
from mnist_logreg.files.choose import Data, last_opened, open_data
from mnist_logreg.files.mnist import raw_folder
from mnist_logreg.lean import lean_steps

__all__ = ["Data", "InMemoryDataset", "last_opened", "load", "loader", "open_data"]

# So many images, about, are converted at once: little enough for a processor's cache.
IMAGES_AT_ONCE = 256


class InMemoryDataset(Dataset):
    """Images and labels in memory; a single sample is what torchvision's MNIST gives.

    Parameters
    ----------
    images : uint8 tensor [N, 28, 28]
    labels : int64 tensor [N]
    """

    def __init__(self, images: torch.Tensor, labels: torch.Tensor):
        self.images = images
        self.labels = labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        """One sample, or a whole batch.

        Parameters
        ----------
        i : int, or a list or int64 tensor of B indices

        Returns
        -------
        images : float32 tensor [1, 28, 28] or [B, 1, 28, 28], values from 0 to 1
        labels : int, or int64 tensor [B]
        """
        if isinstance(i, Integral):
            return self.images[i].unsqueeze(0) / 255, int(self.labels[i])
        rows = torch.from_numpy(np.asarray(i, dtype=np.int64))
        images = self.images.index_select(0, rows).unsqueeze(1) / 255
        return images, self.labels.index_select(0, rows)


def loader(
    dataset: InMemoryDataset,
    batch_size: int,
    shuffle: bool = False,
    generator: torch.Generator | None = None,
) -> DataLoader:
    """Batches of a dataset, the same as the usual ``DataLoader`` gives, but quickly.

    After the same ``torch.manual_seed``, or with the same generator, they are those of
    ``DataLoader(dataset, batch_size, shuffle=shuffle, generator=generator)``. While
    they are gone through, ``mnist_logreg.lean`` keeps the steps of a training lean.

    Parameters
    ----------
    dataset : InMemoryDataset
    batch_size : int, images a batch; the last batch holds what is left
    shuffle : bool, whether each pass takes the images in a new random order
    generator : torch.Generator, optional; the default is PyTorch's own

    Returns
    -------
    DataLoader
        Yields float32 [B, 1, 28, 28] and int64 [B]; its length is their number.

    Raises
    ------
    UserError
        If ``batch_size`` is not a whole number from 1.
    """
    if not isinstance(batch_size, Integral) or batch_size < 1:
        raise UserError(
            f"batch_size must be a whole number from 1, not {batch_size!r}."
        )
    return _Loader(dataset, int(batch_size), shuffle, generator)


class _Loader(DataLoader):
    """Fetches several batches at once, as PyTorch documents it for data in memory.

    With ``batch_size=None`` each item of the sampler, a list of indices, goes to the
    dataset as it is: https://docs.pytorch.org/docs/stable/data.html
    """

    def __init__(self, dataset, batch_size, shuffle, generator):
        self._size = batch_size
        at_once = batch_size * max(1, IMAGES_AT_ONCE // batch_size)
        order = SequentialSampler(dataset)
        if shuffle:
            order = RandomSampler(dataset, generator=generator)
        super().__init__(
            dataset,
            sampler=BatchSampler(order, at_once, drop_last=False),
            batch_size=None,
            generator=generator,
        )

    def __len__(self):
        return math.ceil(len(self.dataset) / self._size)

    def __iter__(self):
        with lean_steps():
            for images, labels in super().__iter__():
                yield from zip(images.split(self._size), labels.split(self._size))


def load(data: Data) -> tuple[InMemoryDataset, InMemoryDataset]:
    """Read the training and the test set: the same numbers as torchvision reads.

    The files of images are mapped and not copied, so that all processes of a machine
    share one copy in memory. Who changes an image changes it for this process alone.
    """
    return tuple(
        InMemoryDataset(
            _map_idx(raw_folder(data.root) / f"{part}-images-idx3-ubyte"),
            _map_idx(raw_folder(data.root) / f"{part}-labels-idx1-ubyte").long(),
        )
        for part in ("train", "t10k")
    )


def _map_idx(path: Path) -> torch.Tensor:
    """An IDX file of bytes (magic number, big-endian sizes, data) as a uint8 tensor."""
    with path.open("rb") as file:
        dimensions = file.read(4)[3]
        sizes = np.frombuffer(file.read(4 * dimensions), ">i4").tolist()
        # "c": what is written to the array goes to a copy of the page, not to the file.
        pixels = np.memmap(file, np.uint8, "c", offset=file.tell(), shape=tuple(sizes))
    return torch.from_numpy(pixels)
