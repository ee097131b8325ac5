"""The data as tensors: what a DataLoader draws its batches from."""

from pathlib import Path

import torch
from torch.utils.data import Dataset

from mnist_logreg.files.choose import Data, last_opened, open_data
from mnist_logreg.files.mnist import raw_folder

__all__ = ["Data", "InMemoryDataset", "last_opened", "load", "open_data", "take_whole"]


class InMemoryDataset(Dataset):
    """Images and labels held in memory, sample for sample what torchvision gives.

    images: uint8 [N, 28, 28]; labels: int64 [N]. ``dataset[i]`` is what
    ``datasets.MNIST(transform=ToTensor())`` gives: (float32 [1, 28, 28] with values
    from 0 to 1, int). A whole batch is converted in one step, see ``take_whole``.
    """

    def __init__(self, images: torch.Tensor, labels: torch.Tensor):
        self.images = images
        self.labels = labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.images[i].unsqueeze(0).float() / 255, int(self.labels[i])

    def __getitems__(self, indices):
        """A batch, from a list of B indices: float32 [B, 1, 28, 28], int64 [B]."""
        # NumPy, in the same memory: on arrays as small as these its calls cost less.
        images = self.images.numpy().take(indices, axis=0).astype("float32")
        images /= 255
        labels = self.labels.numpy().take(indices)
        return torch.from_numpy(images).unsqueeze(1), torch.from_numpy(labels)


def take_whole(batch):
    """The ``collate_fn`` for an ``InMemoryDataset``: its batches come ready-made."""
    return batch


def load(data: Data) -> tuple[InMemoryDataset, InMemoryDataset]:
    """Read the training and the test set.

    The same numbers as torchvision reads, without its import, which takes seconds.
    """
    return tuple(
        InMemoryDataset(
            _read_idx(raw_folder(data.root) / f"{part}-images-idx3-ubyte"),
            _read_idx(raw_folder(data.root) / f"{part}-labels-idx1-ubyte").long(),
        )
        for part in ("train", "t10k")
    )


def _read_idx(path: Path) -> torch.Tensor:
    """An IDX file of bytes: magic number, big-endian sizes, data. Returns uint8."""
    contents = bytearray(path.read_bytes())
    dimensions = contents[3]
    start = 4 + 4 * dimensions
    sizes = [int.from_bytes(contents[i : i + 4], "big") for i in range(4, start, 4)]
    return torch.frombuffer(contents, dtype=torch.uint8, offset=start).view(sizes)
