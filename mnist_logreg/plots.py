"""The figures of the series, readable without colour.

``show`` adds the main numbers of each Figure to its alternative text.
"""

import numpy as np
import torch

from mnist_logreg.errors import UserError
from mnist_logreg.figures import Figure, show, style  # noqa: F401
from mnist_logreg.palette import BLUE, GREY


def _axis(size, xlabel, ylabel=""):
    figure = Figure(figsize=size)
    return figure, figure.subplots(subplot_kw={"xlabel": xlabel, "ylabel": ylabel})


def picture(axis, image, title, size=11, limit=None):
    """Draw an image under its title: dark ink, or blue to red from -limit to limit."""
    colours = {"vmin": -limit, "vmax": limit, "cmap": "RdBu_r"} if limit else {}
    drawn = axis.imshow(image, **{"cmap": "gray_r"} | colours)
    axis.set_title(title, fontsize=size)
    axis.set(xticks=[], yticks=[])  # hidden anyway, and slow to place
    axis.axis("off")
    return drawn


@style()
def image_grid(images, titles, columns: int = 5) -> Figure:
    """Draw images, [N, 28, 28] or [N, 1, 28, 28], each under its title, in columns."""
    rows = -(-len(images) // columns)
    figure = Figure(figsize=(1.35 * columns, 1.6 * rows))
    axes = figure.subplots(rows, columns, squeeze=False).flatten()
    for axis, image, title in zip(axes, images, titles):
        picture(axis, torch.as_tensor(image).squeeze().numpy(), title, 12)
    for axis in axes[len(images) :]:
        axis.axis("off")
    return figure


@style()
def bars(names, values, xlabel: str, form: str = "{:.1f}", errors=None) -> Figure:
    """Draw a bar for each of N names, from top to bottom, with its value written out.

    ``xlabel`` has the values' unit, ``errors`` half the width of each one's interval.
    """
    figure, axis = _axis((7, 0.9 + 0.36 * len(names)), xlabel)
    values = [float(value) for value in values]
    drawn = axis.barh(list(map(str, names)), values, color=BLUE, xerr=errors, capsize=3)
    written = [form.format(value) for value in values]
    axis.bar_label(drawn, written, padding=4)
    axis.invert_yaxis()
    axis.margins(x=0.15)
    listed = "; ".join(f"{name}, {value}" for name, value in zip(names, written))
    figure.in_numbers = [f"{xlabel}: {listed}."]
    return figure


@style()
def curves(x, lines: dict, xlabel, ylabel, log=False, errors=None) -> Figure:
    """Draw lines over a common axis, each named in the legend.

    Parameters
    ----------
    x : sequence of N numbers
    lines : dict {name: N numbers, or fewer where a line ends early}, up to four
    xlabel, ylabel : str, what is drawn, with its unit
    log : bool, whether the x axis is logarithmic
    errors : dict {name: half the width of each point's interval}, optional
    """
    if not any(map(len, lines.values())):
        raise UserError("There is nothing to draw yet: train for at least one epoch.")
    figure, axis = _axis((7, 3.2), xlabel, ylabel)
    figure.in_numbers = []
    for (name, values), marker in zip(lines.items(), "os^D" * len(lines)):
        y = [float(value) for value in values]
        over, half = list(x)[: len(y)], (errors or {}).get(name)
        marker = marker if len(y) < 20 else ""
        axis.errorbar(over, y, half, label=name, marker=marker, capsize=3)
        if y:
            ends = dict.fromkeys((0, len(y) - 1))
            told = ", ".join(f"{y[i]:.3g} at {over[i]:.4g}" for i in ends)
            told += f", between {min(y):.3g} and {max(y):.3g}" * (len(ends) > 1)
            figure.in_numbers.append(f"{name}: {told}.")
    if log:
        axis.set_xscale("log")
        axis.set_xticks(list(x), [f"{value:g}" for value in x])
        axis.minorticks_off()
    axis.grid(alpha=0.3)
    figure.legend(loc="outside upper center", ncols=4, frameon=False)
    return figure


@style()
def histogram(groups: dict, xlabel: str, ylabel: str) -> Figure:
    """Draw how often the values of up to four groups, {name: [N] numbers}, occur."""
    values = [np.asarray(group) for group in groups.values()]
    bins = np.histogram_bin_edges(np.concatenate(values), 40).tolist()
    figure, axis = _axis((7, 3), xlabel, ylabel)
    for name, group, hatch in zip(groups, values, ("", "//", "..", "xx")):
        axis.hist(group, bins, alpha=0.7, hatch=hatch, label=name)
    axis.legend()
    figure.in_numbers = [
        f"{name}: {len(group)} values, median {np.median(group):.3g}."
        for name, group in zip(groups, values)
    ]
    return figure


@style()
def weight_images(weight: torch.Tensor) -> Figure:
    """Draw the weights of each output, float tensor [10, 784], as images.

    The one scale of all ten ends where 99 % of the weights do: larger ones get its last
    colour, or a few pixels would make all the others pale.
    """
    images = weight.detach().cpu().view(10, 28, 28).numpy()
    limit = np.percentile(np.abs(images), 99) or 1
    figure = Figure(figsize=(8, 3.4))
    axes = figure.subplots(2, 5)
    for digit, axis in enumerate(axes.flat):
        drawn = picture(axis, images[digit], f"looks for {digit}", 10, limit)
    bar = figure.colorbar(drawn, ax=axes, shrink=0.8, extend="both")
    bar.set_label("weight: against (−), for (+)", labelpad=8)
    figure.in_numbers = [f"The scale runs from {-limit:.2g} to {limit:.2g}."]
    return figure


@style()
def reliability(confidence: torch.Tensor, correct: torch.Tensor) -> Figure:
    """Draw how often the model is right against how sure it says it is.

    A point for each tenth of confidence, float tensor [N], with ten images or more: how
    many they are, how many are correct, bool tensor [N], and a 95 % interval.
    """
    names = "confidence the model states (%)", "how often it is right (%)"
    figure, axis = _axis((4.8, 4.4), *names)
    axis.plot([0, 100], [0, 100], color=GREY, linestyle=":", label="perfectly honest")
    tenth, points = (confidence * 10).long().clamp(max=9), []
    for held in (tenth == t for t in range(10)):
        if (n := held.sum().item()) >= 10:
            stated = 100 * confidence[held].mean().item()
            right = 100 * correct[held].float().mean().item()
            points.append((stated, right, 1.96 * (right * (100 - right) / n) ** 0.5))
            axis.annotate(f"  {n:,}", (stated, right), fontsize=8, va="top")
    axis.errorbar(*zip(*points), marker="o", capsize=3, label="this model")
    axis.set_aspect("equal")
    axis.legend()
    figure.in_numbers = [f"States {s:.0f} %, is right {r:.0f} %." for s, r, _ in points]
    return figure
