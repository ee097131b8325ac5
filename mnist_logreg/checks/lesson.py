"""The data that the notebook has opened, read again, whatever its cells have done."""

from functools import cached_property

import torch

from mnist_logreg import data


class Lesson:
    """What right answers are computed from.

    Parameters
    ----------
    opened : Data, optional
        Which data; by default those that ``open_data`` opened last in this process.
    """

    def __init__(self, opened: data.Data | None = None):
        self.data = opened or data.last_opened() or data.open_data()

    @cached_property
    def _sets(self):
        return data.load(self.data)

    @property
    def train_labels(self) -> torch.Tensor:
        """The labels of the training set, int64 [N]."""
        return self._sets[0].labels

    @property
    def test_labels(self) -> torch.Tensor:
        """The labels of the test set, int64 [N]."""
        return self._sets[1].labels
