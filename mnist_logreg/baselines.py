"""Two classifiers that learn next to nothing: what a model has to beat."""

import torch


def class_means(images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The mean image of each digit.

    images: uint8 [N, 28, 28]; labels: int64 [N], 0 to 9. Returns float32 [10, 28, 28]
    with values from 0 to 255. Works a digit at a time, so that the whole set is never
    copied to floats.
    """
    return torch.stack([images[labels == d].float().mean(dim=0) for d in range(10)])


def nearest_mean(images: torch.Tensor, means: torch.Tensor) -> torch.Tensor:
    """The digit whose mean image is nearest to each image, by squared distance.

    images: [N, 28, 28]; means: [10, 28, 28], on the same scale. Returns int64 [N].
    """
    pixels = images.flatten(1).float()
    return torch.cdist(pixels, means.flatten(1)).argmin(dim=1)
