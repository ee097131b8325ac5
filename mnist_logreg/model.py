"""The article's model, the textbook's, and the mean digits, which hardly learn."""

import torch
from torch import nn


class LogisticRegression(nn.Module):
    """The article's model: a linear function, then a sigmoid for each class.

    Maps float [B, n_inputs] to [B, n_outputs] from 0 to 1; a row does not sum to 1.
    """

    def __init__(self, n_inputs: int, n_outputs: int):
        super().__init__()
        self.linear = nn.Linear(n_inputs, n_outputs)

    def forward(self, x):
        """Sigmoids of the scores."""
        return torch.sigmoid(self.linear(x))


class SoftmaxRegression(nn.Module):
    """The textbook's model: a linear function alone.

    Maps float [B, n_inputs] to scores (logits), float [B, n_outputs]. The softmax is
    left to the loss (``nn.CrossEntropyLoss``), which applies it to any outputs.
    """

    def __init__(self, n_inputs: int, n_outputs: int):
        super().__init__()
        self.linear = nn.Linear(n_inputs, n_outputs)

    def forward(self, x):
        """The scores."""
        return self.linear(x)


def class_means(images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The mean image of each digit, float32 tensor [10, 28, 28] from 0 to 255.

    Parameters
    ----------
    images, labels : uint8 tensor [N, 28, 28] and int64 tensor [N], 0 to 9
    """
    # A digit at a time: the whole set is never copied to floats.
    return torch.stack([images[labels == d].float().mean(dim=0) for d in range(10)])


def nearest_mean(images: torch.Tensor, means: torch.Tensor) -> torch.Tensor:
    """The digit, int64 [N], whose mean, [10, 28, 28], is nearest each of N images."""
    pixels = images.flatten(1).float()
    return torch.cdist(pixels, means.flatten(1)).argmin(dim=1)
