"""The figures of the series, readable without colour.

Lines differ in style as well as in colour and bars carry their value, so that nothing
is told by colour alone. Each function returns a matplotlib Figure, whose main numbers
(``figure.in_numbers``) ``show`` adds to the alternative text.
"""

import itertools

import numpy as np
import torch
from matplotlib.figure import Figure

from mnist_logreg.errors import UserError
from mnist_logreg.figures import show as show
from mnist_logreg.figures import style
from mnist_logreg.palette import BLUE, GREY


@style()
def image_grid(images, titles, columns: int = 5) -> Figure:
    """Draw images, dark ink on white paper, each under its title.

    Parameters
    ----------
    images : array [N, 28, 28] or [N, 1, 28, 28], larger values are more ink
    titles : sequence of N strings or numbers
    columns : int, images a row
    """
    rows = -(-len(images) // columns)
    figure = Figure(figsize=(1.35 * columns, 1.6 * rows))
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axis in axes:
        axis.axis("off")
    for axis, image, title in zip(axes, images, titles, strict=False):
        axis.imshow(torch.as_tensor(image).squeeze().numpy(), cmap="gray_r")
        axis.set_title(title, fontsize=12)
    return figure


@style()
def bars(names, values, xlabel: str, form: str = "{:.1f}", errors=None) -> Figure:
    """Draw horizontal bars, each with its value written at its end.

    Parameters
    ----------
    names : sequence of N strings, from top to bottom
    values : sequence of N numbers
    xlabel : str, what the values are, with their unit
    form : str, how a value is written
    errors : sequence of N numbers, optional; half the width of each interval
    """
    names, values = list(map(str, names)), [float(value) for value in values]
    figure = Figure(figsize=(7, 0.9 + 0.36 * len(names)))
    axis = figure.subplots()
    drawn = axis.barh(names, values, color=BLUE, xerr=errors, capsize=3)
    written = [form.format(value) for value in values]
    axis.bar_label(drawn, written, padding=4)
    axis.invert_yaxis()
    axis.margins(x=0.15)
    axis.set_xlabel(xlabel)
    listed = "; ".join(f"{name}, {value}" for name, value in zip(names, written))
    figure.in_numbers = [f"{xlabel}: {listed}."]
    return figure


@style()
def curves(
    x,
    lines: dict,
    xlabel: str,
    ylabel: str,
    log: bool = False,
    errors: dict | None = None,
) -> Figure:
    """Draw lines over a common axis, each named in the legend.

    Parameters
    ----------
    x : sequence of N numbers
    lines : dict {name: N numbers, or fewer where a line ends early}
        Up to four lines differ in colour, dash and marker.
    xlabel, ylabel : str, what is drawn, with its unit
    log : bool, whether the x axis is logarithmic
    errors : dict {name: half the width of each point's interval}, optional

    Raises
    ------
    UserError
        If there is no point to draw.
    """
    if not any(map(len, lines.values())):
        raise UserError(
            "There is nothing to draw yet: run the training above again, and let it "
            "finish at least one epoch."
        )
    figure = Figure(figsize=(7, 3.2))
    figure.in_numbers = []
    axis = figure.subplots()
    for (name, y), marker in zip(lines.items(), itertools.cycle("os^D")):
        y = [float(value) for value in y]
        over = list(x)[: len(y)]
        marker = marker if len(y) < 20 else None
        axis.errorbar(
            over, y, (errors or {}).get(name), label=name, marker=marker, capsize=3
        )
        if y:
            figure.in_numbers.append(
                f"{name}: {y[0]:.3g} at {over[0]}, {y[-1]:.3g} at {over[-1]}, "
                f"between {min(y):.3g} and {max(y):.3g}."
            )
    if log:
        axis.set_xscale("log")
        axis.set_xticks(list(x), [f"{value:g}" for value in x])
        axis.minorticks_off()
    axis.set_xlabel(xlabel)
    axis.set_ylabel(ylabel)
    axis.grid(alpha=0.3)
    axis.legend()
    return figure


@style()
def histogram(groups: dict, xlabel: str, ylabel: str, bins: int = 40) -> Figure:
    """Draw how often values occur, in the same bins for all groups.

    Parameters
    ----------
    groups : dict {name: [N] numbers}, up to four
    xlabel, ylabel : str, what the values are, with their unit, and what is counted
    bins : int, into how many the whole range is divided
    """
    values = [np.asarray(group) for group in groups.values()]
    edges = np.histogram_bin_edges(np.concatenate(values), bins)
    figure = Figure(figsize=(7, 3))
    axis = figure.subplots()
    for name, group, hatch in zip(groups, values, ("", "//", "..", "xx")):
        axis.hist(group, edges, alpha=0.7, hatch=hatch, label=name)
    axis.set_xlabel(xlabel)
    axis.set_ylabel(ylabel)
    axis.legend()
    figure.in_numbers = [
        f"{name}: {len(group)} values, median {np.median(group):.3g}."
        for name, group in zip(groups, values)
    ]
    return figure


@style()
def weight_images(weight: torch.Tensor, percentile: float = 99) -> Figure:
    """Draw what each output looks for: its 784 weights as a 28x28 image.

    Parameters
    ----------
    weight : float tensor [10, 784]
        Blue pixels (negative) speak against the digit, red ones (positive) for it.
    percentile : float
        Of the weights' sizes, where the one scale of all ten ends: larger ones get its
        last colour, or a few pixels would make all the others pale.
    """
    weight = weight.detach().cpu().numpy()
    limit = np.percentile(np.abs(weight), percentile) or 1
    figure = Figure(figsize=(8, 3.4))
    axes = figure.subplots(2, 5)
    for digit, axis in enumerate(axes.flat):
        drawn = axis.imshow(
            weight[digit].reshape(28, 28), cmap="RdBu_r", vmin=-limit, vmax=limit
        )
        axis.set_title(f"looks for {digit}", fontsize=10)
        axis.axis("off")
    bar = figure.colorbar(drawn, ax=axes, shrink=0.8, extend="both")
    bar.set_label("weight: against (−), for (+)", labelpad=8)
    figure.in_numbers = [f"The scale runs from {-limit:.2g} to {limit:.2g}."]
    return figure


@style()
def confusion_matrix(counts: torch.Tensor) -> Figure:
    """Draw how often each digit was taken for each other, the counts written in.

    Parameters
    ----------
    counts : int tensor [10, 10]
        Row i, column j: images of digit i that were called j. The shade shows the
        mistakes alone, or the diagonal would drown them.
    """
    mistakes = counts.clone().fill_diagonal_(0)
    figure = Figure(figsize=(6.2, 5.6))
    axis = figure.subplots()
    axis.imshow(mistakes.numpy(), cmap="Blues")
    dark = mistakes.max().item() * 0.6
    for i, j in itertools.product(range(10), repeat=2):
        axis.text(
            *(j, i, counts[i, j].item()),
            **{"ha": "center", "va": "center", "fontsize": 9},
            fontweight="bold" if i == j else "normal",
            color="white" if mistakes[i, j] > dark else "black",
        )
    axis.set_xticks(range(10))
    axis.set_yticks(range(10))
    axis.set_xlabel("what the model said")
    axis.set_ylabel("what the digit was")
    figure.in_numbers = [
        f"Right, from 0 to 9: {counts.diagonal().tolist()}; in all {mistakes.sum()} "
        f"mistakes, at most {mistakes.max()} of one kind."
    ]
    return figure


@style()
def reliability(confidence: torch.Tensor, correct: torch.Tensor) -> Figure:
    """Draw how often the model is right against how sure it says it is.

    One point a tenth of confidence that holds at least ten images, with its 95 %
    interval and how many there are; on the diagonal, a model that says 70 % is right 7
    times in 10.

    Parameters
    ----------
    confidence : float tensor [N], the probability of the chosen digit
    correct : bool tensor [N]
    """
    tenth = (confidence * 10).long().clamp(max=9)
    counts = tenth.bincount(minlength=10)
    held = [t for t in range(10) if counts[t] >= 10]
    stated = [confidence[tenth == t].mean().item() for t in held]
    right = [correct[tenth == t].float().mean().item() for t in held]
    error = [
        1.96 * (p * (1 - p) / counts[t].item()) ** 0.5 for t, p in zip(held, right)
    ]
    stated, right, error = (100 * np.array(line) for line in (stated, right, error))
    figure = Figure(figsize=(4.8, 4.4))
    axis = figure.subplots()
    axis.plot([0, 100], [0, 100], color=GREY, linestyle=":", label="perfectly honest")
    axis.errorbar(stated, right, error, marker="o", capsize=3, label="this model")
    for t, *point in zip(held, stated, right):
        beside = {"xytext": (7, -9), "textcoords": "offset points"}
        axis.annotate(
            f"{counts[t]:,}", point, **beside, fontsize=8, annotation_clip=False
        )
    axis.set_xlabel("confidence the model states (%)")
    axis.set_ylabel("how often it is right (%)")
    axis.set_aspect("equal")
    axis.legend()
    figure.in_numbers = [
        f"States {s:.0f} %, is right {r:.0f} %." for s, r in zip(stated, right)
    ]
    return figure
