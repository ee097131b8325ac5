"""Models as plain numbers: what a browser needs to compute the same scores."""

from dataclasses import dataclass

import torch
from torch import nn

from mnist_logreg.errors import UserError

PIXELS = 28 * 28


@dataclass
class LinearModel:
    """Ten scores, each a weighted sum of the 784 pixels (0 to 1) and a bias.

    Attributes
    ----------
    name : str
        What it is called on the screen.
    output : str
        What the model makes of its scores: "softmax" (it returns scores, and a softmax
        makes them probabilities), "sigmoid" (it returns a sigmoid of each score), or
        "distance" (the nearest mean, which states no probabilities).
    weight, bias : float32 tensors [10, 784] and [10]
    """

    name: str
    output: str
    weight: torch.Tensor
    bias: torch.Tensor

    def scores(self, image: torch.Tensor) -> torch.Tensor:
        """Ten scores, float32 [10], of an image, uint8 [28, 28]."""
        return self.weight @ (image.flatten() / 255) + self.bias

    def outputs(self, image: torch.Tensor) -> torch.Tensor:
        """What the model makes of the scores, float32 [10]; see `output`."""
        scores = self.scores(image)
        if self.output == "softmax":
            return torch.softmax(scores, dim=0)
        return torch.sigmoid(scores) if self.output == "sigmoid" else scores

    def numbers(self) -> dict:
        """The model for the browser: its numbers as little-endian float32 (31 kB)."""
        return {
            "name": self.name,
            "output": self.output,
            "weight": self.weight.numpy().astype("<f4").tobytes(),
            "bias": self.bias.numpy().astype("<f4").tobytes(),
        }


def linear_models(models) -> list[LinearModel]:
    """What a figure was given, as models that it can show.

    Parameters
    ----------
    models : a model or the ten means, or a dict of them by name
        A model is an ``nn.Module`` with a layer ``linear`` from 784 inputs to 10
        outputs, with or without a sigmoid after it, or that layer by itself. Means are
        a tensor [10, 28, 28] or [10, 784] of pixels from 0 to 1, or from 0 to 255.

    Returns
    -------
    list of LinearModel
        In the order given.

    Raises
    ------
    UserError
        If one is neither.
    """
    if not isinstance(models, dict):
        name = "the model" if isinstance(models, nn.Module) else "nearest mean"
        models = {name: models}
    if not models:
        raise UserError('Give at least one model, as in {"my model": model}.')
    return [_linear_model(str(name), model) for name, model in models.items()]


def _linear_model(name, model) -> LinearModel:
    if isinstance(model, nn.Module):
        return _from_module(name, model)
    if isinstance(model, torch.Tensor) and model.numel() == 10 * PIXELS:
        return _from_means(name, model)
    what = f"a {type(model).__name__}"
    if isinstance(model, torch.Tensor):
        what = f"a tensor of shape {list(model.shape)}"
    raise UserError(
        f'"{name}" is {what}. Give a model with a layer `linear`, such as '
        "SoftmaxRegression, or the ten mean images, a tensor [10, 28, 28]."
    )


def _from_means(name, means) -> LinearModel:
    """The nearest mean as a linear model.

    The squared distance of an image x to a mean m is |x|² − 2 m·x + |m|². The first
    part is the same for all ten, so the nearest mean has the highest score
    2 m·x − |m|²: the weights are 2m and the bias is −|m|².
    """
    means = means.detach().cpu().flatten(1).to(torch.float64)
    if means.max() > 1:
        means = means / 255
    weight, bias = 2 * means, -means.square().sum(dim=1)
    return LinearModel(name, "distance", weight.float(), bias.float())


@torch.no_grad()
def _from_module(name, model) -> LinearModel:
    linear = model if isinstance(model, nn.Linear) else getattr(model, "linear", None)
    shape = getattr(getattr(linear, "weight", None), "shape", None)
    if not isinstance(linear, nn.Linear) or shape != (10, PIXELS):
        raise UserError(
            f'"{name}" has no layer `linear` from 784 pixels to 10 scores, which is '
            "what this figure draws. SoftmaxRegression(784, 10) has one."
        )
    weight = linear.weight.detach().float().cpu().clone()
    bias = dict(linear.named_parameters()).get("bias", torch.zeros(10))
    bias = bias.detach().float().cpu().clone()
    # What follows the linear layer shows on an image of any kind.
    x = torch.linspace(0, 1, PIXELS, dtype=linear.weight.dtype)[None]
    given = model(x.to(linear.weight.device))[0].float().cpu()
    scores = weight @ x[0].float() + bias
    for output, expected in (("softmax", scores), ("sigmoid", torch.sigmoid(scores))):
        if torch.allclose(given, expected, rtol=1e-3, atol=1e-3):
            return LinearModel(name, output, weight, bias)
    raise UserError(
        f'"{name}" does not return its scores or their sigmoids, so this figure cannot '
        "show what it does. Give it without what comes after its layer `linear`."
    )
