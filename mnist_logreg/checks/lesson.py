"""The data that the notebook has opened, read anew, whatever its cells have done."""

from functools import cached_property

import torch

from mnist_logreg import data


class Lesson:
    """What right answers are computed from.

    Attributes
    ----------
    train_labels, test_labels : torch.Tensor
        int64 [N].
    train_images, test_images : torch.Tensor
        uint8 [N, 28, 28], read when they are asked for, and not kept.
    """

    def __init__(self, opened: data.Data | None = None):
        self._opened = opened

    @property
    def data(self) -> data.Data:
        """Which data these are: those opened last, or what is on this machine."""
        return self._opened or data.last_opened() or data.open_data()

    @cached_property
    def train_labels(self) -> torch.Tensor:
        """The labels of the training set."""
        return self._sets[0].labels

    @cached_property
    def test_labels(self) -> torch.Tensor:
        """The labels of the test set."""
        return self._sets[1].labels

    @property
    def train_images(self) -> torch.Tensor:
        """The images of the training set."""
        return self._sets[0].images

    @property
    def test_images(self) -> torch.Tensor:
        """The images of the test set."""
        return self._sets[1].images

    @property
    def _sets(self):
        return data.load(self.data)
