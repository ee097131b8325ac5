"""The IDX format of MNIST's files: magic number, big-endian sizes, data."""

from pathlib import Path

import numpy as np


def to_idx(array: np.ndarray) -> bytes:
    """An array of bytes as the contents of a file."""
    header = np.array([0x0800 + array.ndim, *array.shape], dtype=">i4")
    return header.tobytes() + array.astype(np.uint8).tobytes()


def map_idx(path: Path) -> np.ndarray:
    """A file of bytes as a uint8 array, mapped and not copied.

    All processes of a machine share one copy in memory. A change to the array is a
    change for this process alone, and never one of the file.
    """
    with path.open("rb") as file:
        dimensions = file.read(4)[3]
        sizes = np.frombuffer(file.read(4 * dimensions), ">i4").tolist()
        return np.memmap(file, np.uint8, "c", offset=file.tell(), shape=tuple(sizes))
