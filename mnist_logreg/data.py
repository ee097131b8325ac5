"""The data as tensors, and the loader that hands them out in batches."""

from numbers import Integral

import numpy as np
import torch
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler

from mnist_logreg.errors import UserError
from mnist_logreg.files.choose import Data, last_opened, open_data  # noqa: F401
from mnist_logreg.files.idx import map_idx
from mnist_logreg.files.mnist import raw_folder
from mnist_logreg.lean import lean_steps

# So many images, about, are converted to floats at once: they fit a processor's cache,
# and there is never a float copy of the whole set.
IMAGES_AT_ONCE = 256


class InMemoryDataset(Dataset):
    """Images, uint8 tensor [N, 28, 28], and labels, int64 tensor [N], in memory."""

    def __init__(self, images: torch.Tensor, labels: torch.Tensor):
        self.images = images
        self.labels = labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        """One sample, as torchvision's: float32 tensor [1, 28, 28] from 0 to 1 and int.

        For a list or int64 tensor of B indices: [B, 1, 28, 28] and int64 tensor [B].
        """
        if isinstance(i, Integral):
            return self.images[i].unsqueeze(0) / 255, int(self.labels[i])
        rows = torch.from_numpy(np.asarray(i, dtype=np.int64))
        images = self.images.index_select(0, rows).unsqueeze(1) / 255
        return images, self.labels.index_select(0, rows)


def loader(dataset, batch_size, shuffle=False, generator=None) -> DataLoader:
    """Batches of a dataset, float32 [B, 1, 28, 28] and int64 [B], quickly.

    After the same ``torch.manual_seed``, or with the same generator, they are those of
    ``DataLoader(dataset, batch_size, shuffle=shuffle, generator=generator)``. While
    they are gone through, ``mnist_logreg.lean`` keeps the steps of a training lean.

    Parameters
    ----------
    dataset : InMemoryDataset
    batch_size : int, images a batch; the last batch holds what is left
    shuffle : bool, whether each pass takes the images in a new random order
    generator : torch.Generator, optional; the default is PyTorch's own
    """
    if not isinstance(batch_size, Integral) or batch_size < 1:
        raise UserError(f"batch_size must be a whole number from 1, not {batch_size}.")
    numbers = range(len(dataset))
    order = RandomSampler(numbers, generator=generator) if shuffle else numbers
    at_once = int(batch_size) * max(1, IMAGES_AT_ONCE // int(batch_size))
    # https://docs.pytorch.org/docs/stable/data.html#disable-automatic-batching
    lists = BatchSampler(order, at_once, drop_last=False)
    batches = _Loader(dataset, sampler=lists, batch_size=None, generator=generator)
    batches.size = int(batch_size)
    return batches


class _Loader(DataLoader):
    size: int  # images a batch; each of the sampler's lists is one or several batches

    def __len__(self):
        return -(-len(self.dataset) // self.size)

    def __iter__(self):
        with lean_steps():
            for images, labels in super().__iter__():
                yield from zip(images.split(self.size), labels.split(self.size))


def load(data: Data) -> tuple[InMemoryDataset, InMemoryDataset]:
    """Read the training and the test set; all processes share the images in memory."""
    sets = []
    for part in ("train", "t10k"):
        images, labels = (
            torch.from_numpy(map_idx(raw_folder(data.root) / f"{part}-{kind}-ubyte"))
            for kind in ("images-idx3", "labels-idx1")
        )
        sets.append(InMemoryDataset(images, labels.long()))
    return sets[0], sets[1]
