"""The article's model, the textbook's, and the mean digits, which hardly learn."""

import torch
from torch import nn


class LogisticRegression(nn.Module):
    """The article's model: a linear function, then a sigmoid for each class.

    Maps float [B, n_inputs] to [B, n_outputs], each value from 0 to 1 and on its own: a
    row does not sum to 1.
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

    A digit at a time, of images, uint8 tensor [N, 28, 28], and labels, int64 tensor
    [N]: the whole set is never copied to floats.
    """
    return torch.stack([images[labels == d].float().mean(dim=0) for d in range(10)])


def nearest_mean(images: torch.Tensor, means: torch.Tensor) -> torch.Tensor:
    """The digit whose mean is nearest, int64 tensor [N], to each of [N, 28, 28] images.

    The means, float tensor [10, 28, 28], are on the same scale as the images.
    """
    pixels = images.flatten(1).float()
    return torch.cdist(pixels, means.flatten(1)).argmin(dim=1)
