"""Figures that belong to one place in the lesson: a score, a slope, the mistakes."""

import torch
from matplotlib.figure import Figure

from mnist_logreg.figures import style
from mnist_logreg.palette import BLUE, GREEN, ORANGE
from mnist_logreg.plots import image_grid


@style()
def products(images, weights: torch.Tensor, bias: torch.Tensor) -> Figure:
    """Draw images, the weights, and what each pixel adds to the score.

    Parameters
    ----------
    images : sequence of N float tensors [28, 28], from 0 to 1
    weights : float tensor [784]
    bias : float tensor []
    """
    weights = weights.view(28, 28)
    figure = Figure(figsize=(6.4, 2.1 * len(images)))
    axes = figure.subplots(len(images), 3, squeeze=False)
    scores = []
    for row, image in zip(axes, images):
        product = image * weights
        scores.append(product.sum().item() + bias.item())
        row[0].imshow(image, cmap="gray_r")
        for axis, table in zip(row[1:], (weights, product)):
            axis.imshow(table, cmap="RdBu_r", vmin=-0.8, vmax=0.8)
        for axis, title in zip(
            row, ("pixels", "weights", f"products: score {scores[-1]:.0f}")
        ):
            axis.set_title(title, fontsize=11)
            axis.axis("off")
    listed = ", ".join(f"{score:.0f}" for score in scores)
    figure.in_numbers = [f"Scores: {listed}."]
    return figure


@style()
def probability_and_truth(p: torch.Tensor, y: torch.Tensor) -> Figure:
    """Draw the probabilities of one image, the truth, and their difference.

    Parameters
    ----------
    p : float tensor [10]
    y : tensor [10], one-hot
    """
    figure = Figure(figsize=(7, 4.2))
    axes = figure.subplots(3, 1, sharex=True)
    for axis, heights, name, color in zip(
        axes,
        (p, y, p - y),
        ("probability P", "truth Y", "P − Y"),
        (BLUE, GREEN, ORANGE),
    ):
        drawn = axis.bar(range(10), heights, color=color)
        axis.bar_label(drawn, [f"{h:.2f}" for h in heights.tolist()], fontsize=9)
        axis.set_ylabel(name)
        axis.axhline(0, color="black", lw=0.8)
        axis.margins(y=0.3)
    axes[-1].set_xticks(range(10))
    axes[-1].set_xlabel("digit")
    differences = ", ".join(f"{d:.2f}" for d in (p - y).tolist())
    figure.in_numbers = [f"P − Y from 0 to 9: {differences}."]
    return figure


def surest_mistakes(images, labels, probabilities, n: int = 10) -> Figure:
    """Draw the images whose wrong answer was given with most confidence.

    Parameters
    ----------
    images : uint8 tensor [N, 28, 28]
    labels : int64 tensor [N]
    probabilities : float tensor [N, 10]
    n : int
        How many, if there are as many.
    """
    confidence, answers = probabilities.max(dim=1)
    wrong = (answers != labels).nonzero().flatten()
    worst = wrong[confidence[wrong].argsort(descending=True)][:n]
    titles = [
        f"{labels[i]}, said {answers[i]}\n{confidence[i]:.1%} sure" for i in worst
    ]
    figure = image_grid(images[worst], titles)
    listed = "; ".join(titles).replace("\n", ", ")
    figure.in_numbers = [f"What each is: {listed}." if titles else "There are none."]
    return figure
