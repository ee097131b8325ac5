"""Figures that belong to one place in the lesson: a score, a slope, the mistakes."""

import torch

from mnist_logreg.figures import Figure, style
from mnist_logreg.palette import BLUE, GREEN, ORANGE
from mnist_logreg.plots import image_grid, picture


@style()
def products(images, weights: torch.Tensor, bias: torch.Tensor) -> Figure:
    """Draw images, [28, 28], weights, [784], and what each pixel adds to the score."""
    weights = weights.view(28, 28)
    scores = [f"{(image * weights).sum() + bias:.0f}" for image in images]
    figure = Figure(figsize=(6.4, 2.1 * len(images)))
    axes = figure.subplots(len(images), 3, squeeze=False)
    for row, image, score in zip(axes, images, scores):
        picture(row[0], image, "pixels")
        picture(row[1], weights, "weights", limit=0.8)
        picture(row[2], image * weights, f"products: score {score}", limit=0.8)
    figure.in_numbers = [f"Scores: {', '.join(scores)}."]
    return figure


@style()
def probability_and_truth(p: torch.Tensor, y: torch.Tensor) -> Figure:
    """Draw probabilities p and the one-hot truth y, tensors [10], and p - y."""
    figure = Figure(figsize=(7, 4.2))
    axes = figure.subplots(3, 1, sharex=True)
    rows = ("probability P", p, BLUE), ("truth Y", y, GREEN), ("P − Y", p - y, ORANGE)
    for axis, (name, heights, color) in zip(axes, rows):
        drawn = axis.bar(range(10), heights, color=color)
        written = [f"{h:.2f}" for h in heights.tolist()]
        axis.bar_label(drawn, written, fontsize=9, padding=2)
        axis.set_ylabel(name)
        axis.axhline(0, color="black", lw=0.8)
        axis.margins(y=0.3)
    axes[-1].set(xticks=range(10), xlabel="digit")
    figure.in_numbers = [f"P − Y from 0 to 9: {', '.join(written)}."]
    return figure


def surest_mistakes(images, labels, probabilities) -> Figure:
    """Draw the ten images whose wrong answers have the largest of [N, 10] numbers."""
    confidence, answers = probabilities.max(dim=1)
    wrong = (answers != labels).nonzero().flatten()
    worst = wrong[confidence[wrong].argsort(descending=True)][:10]
    told = [f"{labels[i]}, said {answers[i]}\n{confidence[i]:.1%} sure" for i in worst]
    figure = image_grid(images[worst], told)
    listed = "; ".join(told).replace("\n", ", ")
    figure.in_numbers = [f"What each is: {listed}." if told else "There are none."]
    return figure
