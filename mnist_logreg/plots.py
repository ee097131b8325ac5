"""The figures of the series: one look, readable without colour, with alternative text.

The palette is Okabe and Ito's, which people with any colour vision can tell apart
(https://jfly.uni-koeln.de/color/). Lines also differ in style and bars carry their
value, so that nothing is told by colour alone.
"""

import io
import itertools

import matplotlib.pyplot as plt
import torch
from IPython.display import Image, display
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"

plt.rcParams.update(
    {
        "figure.dpi": 96,
        "figure.constrained_layout.use": True,
        "font.size": 11,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": plt.cycler(
            color=[BLUE, ORANGE, GREEN, GREY], linestyle=["-", "--", "-.", ":"]
        ),
    }
)


def show(figure: Figure, alt: str) -> None:
    """Display a figure with alternative text, and close it.

    The text is stored with the picture (output metadata "image/png", "alt"), where
    screen readers and the exported pages find it. Raises ValueError if it is empty.
    """
    if not alt.strip():
        raise ValueError("Say in alt= what the figure shows.")
    png = io.BytesIO()
    # Twice as many pixels as it is wide on the page: sharp on fine screens too.
    figure.savefig(png, format="png", dpi=2 * figure.dpi, bbox_inches="tight")
    display(Image(png.getvalue(), retina=True, alt=alt))
    plt.close(figure)


def image_grid(images, titles, columns: int = 5) -> Figure:
    """Draw images, dark ink on white paper, each under its title.

    images: [N, 28, 28] or [N, 1, 28, 28], any dtype, larger values are more ink.
    titles: N strings or numbers.
    """
    rows = -(-len(images) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(1.35 * columns, 1.6 * rows), squeeze=False
    )
    for axis in axes.flat:
        axis.axis("off")
    for axis, image, title in zip(axes.flat, images, titles, strict=False):
        axis.imshow(torch.as_tensor(image).squeeze(), cmap="gray_r")
        axis.set_title(title, fontsize=12)
    return figure


def bars(names, values, xlabel: str, form: str = "{:.1f}") -> Figure:
    """Draw horizontal bars, each with its value written at its end.

    names: N strings, drawn from top to bottom. values: N numbers. xlabel: what the
    values are, with their unit. form: how a value is written.
    """
    figure, axis = plt.subplots(figsize=(7, 0.9 + 0.36 * len(names)))
    drawn = axis.barh(list(names), list(values), color=BLUE)
    axis.bar_label(drawn, [form.format(value) for value in values], padding=4)
    axis.invert_yaxis()
    axis.margins(x=0.15)
    axis.set_xlabel(xlabel)
    return figure


def curves(x, lines: dict, xlabel: str, ylabel: str) -> Figure:
    """Draw lines over a common axis, each named in the legend.

    x: N numbers. lines: {name: N numbers, or fewer where a line ends early}; up to
    four lines differ in colour, dash and marker.
    xlabel, ylabel: what is drawn, with its unit.
    """
    figure, axis = plt.subplots(figsize=(7, 3.2))
    for (name, y), marker in zip(lines.items(), itertools.cycle("os^Dv")):
        axis.plot(x[: len(y)], y, label=name, marker=marker if len(x) < 20 else None)
    axis.set_xlabel(xlabel)
    axis.set_ylabel(ylabel)
    axis.grid(alpha=0.3)
    axis.legend()
    return figure


def weight_images(weight: torch.Tensor) -> Figure:
    """Draw what each output looks for: its 784 weights as a 28x28 image.

    weight: [10, 784] float. Blue pixels (negative) speak against the digit, red ones
    (positive) for it; all ten share one scale, symmetric about zero.
    """
    weight = weight.detach()
    limit = weight.abs().max().item()
    figure, axes = plt.subplots(2, 5, figsize=(8, 3.4))
    for digit, axis in enumerate(axes.flat):
        drawn = axis.imshow(
            weight[digit].view(28, 28), cmap="RdBu_r", vmin=-limit, vmax=limit
        )
        axis.set_title(f"looks for {digit}", fontsize=10)
        axis.axis("off")
    bar = figure.colorbar(drawn, ax=axes, shrink=0.8)
    bar.set_label("weight: against (−), for (+)", labelpad=8)
    return figure


def confusion_matrix(counts: torch.Tensor) -> Figure:
    """Draw how often each digit was taken for each other, the counts written in.

    counts: [10, 10] int; row i, column j: images of digit i that were called j. The
    shade shows the mistakes alone, or the diagonal would drown them.
    """
    mistakes = counts.clone().fill_diagonal_(0)
    figure, axis = plt.subplots(figsize=(6.2, 5.6))
    axis.imshow(mistakes, cmap="Blues")
    dark = mistakes.max().item() * 0.6
    for i in range(10):
        for j in range(10):
            axis.text(
                j,
                i,
                counts[i, j].item(),
                ha="center",
                va="center",
                fontsize=9,
                fontweight="bold" if i == j else "normal",
                color="white" if mistakes[i, j] > dark else "black",
            )
    axis.set_xticks(range(10))
    axis.set_yticks(range(10))
    axis.set_xlabel("what the model said")
    axis.set_ylabel("what the digit was")
    return figure


def reliability(confidence: torch.Tensor, correct: torch.Tensor) -> Figure:
    """Draw how often the model is right against how sure it says it is.

    confidence: [N] float, the probability of the chosen digit. correct: [N] bool.
    One point a tenth of confidence that holds at least ten images, and beside it how
    many; on the diagonal, a model that says 70 % is right 7 times in 10.
    """
    tenth = (confidence * 10).long().clamp(max=9)
    counts = tenth.bincount(minlength=10)
    held = [t for t in range(10) if counts[t] >= 10]
    points = [
        (confidence[tenth == t].mean() * 100, correct[tenth == t].float().mean() * 100)
        for t in held
    ]
    figure, axis = plt.subplots(figsize=(4.8, 4.4))
    axis.plot([0, 100], [0, 100], color=GREY, linestyle=":", label="perfectly honest")
    axis.plot(*zip(*points, strict=True), marker="o", label="this model")
    for t, point in zip(held, points, strict=True):
        axis.annotate(
            f"{counts[t]:,}",
            point,
            xytext=(7, -9),
            textcoords="offset points",
            fontsize=8,
            annotation_clip=False,
        )
    axis.set_xlabel("confidence the model states (%)")
    axis.set_ylabel("how often it is right (%)")
    axis.set_aspect("equal")
    axis.legend()
    return figure
