"""The still figures: what stands in a figure's place where no script runs.

Each function with the name of a figure returns a matplotlib figure and its alternative
text. An image is a uint8 tensor [28, 28], a model a `LinearModel`.
"""

import torch
from matplotlib.figure import Figure

from mnist_logreg.figures import style
from mnist_logreg.palette import BLUE, GREY, ORANGE

OUTPUTS = {"softmax": "probability", "sigmoid": "output (sigmoid)"}


def _subplots(rows, columns, figsize, **options):
    figure = Figure(figsize=figsize)
    return figure, figure.subplots(rows, columns, **options)


def grey(axis, image, title=""):
    """Draw an image, [28, 28] from 0 to 255, dark ink on white paper.

    Parameters
    ----------
    axis : matplotlib axes
    image : tensor [28, 28]
    title : str
    """
    axis.imshow(image.numpy(), cmap="gray_r", vmin=0, vmax=255)
    _plain(axis, title)


def signed(axis, values, title="", limit=None):
    """Draw values, red for and blue against, white at zero.

    Parameters
    ----------
    axis : matplotlib axes
    values : float tensor [28, 28]
    title : str
    limit : float, optional
        The value of the deepest red; by default the largest there is.
    """
    limit = limit or values.abs().max().item() or 1
    axis.imshow(values.numpy(), cmap="RdBu_r", vmin=-limit, vmax=limit)
    _plain(axis, title)


def _plain(axis, title):
    axis.set_xticks([])
    axis.set_yticks([])
    for spine in axis.spines.values():
        spine.set(visible=True, color="#bbbbbb")
    axis.set_title(title, fontsize=9)


def ten_bars(axis, values, form, xlabel, marked):
    """Draw ten bars, one a digit, each with its value.

    Parameters
    ----------
    axis : matplotlib axes
    values : ten numbers
    form : str
        How to write a value: "{:.1f}".
    xlabel : str
    marked : int
        The digit in bold.
    """
    values = [float(value) for value in values]
    colours = [BLUE if value >= 0 else ORANGE for value in values]
    drawn = axis.barh([str(digit) for digit in range(10)], values, color=colours)
    axis.bar_label(drawn, [form.format(v) for v in values], padding=3, fontsize=8)
    axis.invert_yaxis()
    axis.margins(x=0.3)
    axis.set_xticks([])
    axis.spines["bottom"].set_visible(False)
    axis.tick_params(labelsize=9)
    axis.set_xlabel(xlabel, fontsize=9)
    axis.get_yticklabels()[marked].set_fontweight("bold")


def outputs_of(model, image):
    """What to draw of a model's answer.

    Returns
    -------
    float tensor [10], str, str
        The values, how to write each ("{:.1f}"), and their name.
    """
    if model.output == "distance":
        return model.scores(image), "{:.1f}", "score 2 m·x − |m|²"
    return model.outputs(image), "{:.3f}", OUTPUTS[model.output]


@style()
def pad(image, model):
    """A drawing, the evidence for the answer, and the ten scores."""
    scores = model.scores(image)
    digit = scores.argmax().item()
    evidence = (model.weight[digit] * image.flatten() / 255).view(28, 28)
    figure, axes = _subplots(1, 3, figsize=(7.6, 2.9), width_ratios=(1, 1, 1.25))
    grey(axes[0], image, "the drawing, as models see it")
    signed(axes[1], evidence, f"evidence for {digit}: weight × pixel")
    values, form, name = outputs_of(model, image)
    ten_bars(axes[2], values, form, name, digit)
    drawn = "A drawn digit" if image.any() else "An empty drawing pad"
    alt = (
        f"{drawn} as 28 × 28 pixels; the evidence map of {model.name} for its answer, "
        f"{digit}, coloured only where there is ink; and bars of the ten values "
        f"({name}), the longest at {digit}."
    )
    return figure, alt


@style()
def mean_of_many(means, digit):
    """The mean of more and more images of a digit.

    Parameters
    ----------
    means : dict of int to tensor [28, 28]
        The mean, from 0 to 255, by the number of images.
    digit : int
    """
    figure, axes = _subplots(1, len(means), figsize=(1.5 * len(means), 1.9))
    for axis, (count, mean) in zip(axes.flat, means.items(), strict=True):
        grey(axis, mean, f"{count:,} image{'' if count == 1 else 's'}")
    counts = [f"{count:,}" for count in means]
    alt = (
        f"Mean images of {', '.join(counts[:-1])} and {counts[-1]} images of the digit "
        f"{digit}: the more images, the smoother and the more blurred the mean."
    )
    return figure, alt


@style()
def one_score(model, image, digit):
    """A score as a sum over the pixels."""
    parts = model.weight[digit] * image.flatten() / 255
    sums = parts.cumsum(0) + model.bias[digit]
    figure, axes = _subplots(1, 4, figsize=(8.6, 2.4), width_ratios=(1, 1, 1, 1.6))
    grey(axes[0], image, "pixel")
    signed(axes[1], model.weight[digit].view(28, 28), f"× weight of {digit}")
    signed(axes[2], parts.view(28, 28), "= weight × pixel")
    axes[3].plot(range(1, 785), sums.tolist())
    axes[3].axhline(0, color=GREY, linestyle=":")
    axes[3].set_xlabel("pixels added up", fontsize=9)
    axes[3].set_title(f"the sum so far ends at the score {sums[-1]:.2f}", fontsize=9)
    alt = (
        f"An image, the weights of the digit {digit}, and their product pixel by "
        f"pixel. A curve of the sum begins at the bias, {model.bias[digit]:.2f}, and "
        f"ends after 784 pixels at the score, {sums[-1]:.2f}."
    )
    return figure, alt


@style()
def probabilities(scores, digit):
    """Ten scores, their sigmoids and their softmax.

    Parameters
    ----------
    scores : float tensor [10]
    digit : int
        The true one.
    """
    bent, shares = torch.sigmoid(scores), torch.softmax(scores, dim=0)
    loss = -torch.log(shares[digit]).item()
    figure, axes = _subplots(1, 3, figsize=(8, 2.9))
    for axis, values, form, name in (
        (axes[0], scores, "{:.1f}", "score z"),
        (axes[1], bent, "{:.3f}", f"sigmoid, sum {bent.sum():.2f}"),
        (axes[2], shares, "{:.3f}", "softmax, sum 1.00"),
    ):
        ten_bars(axis, values, form, name, digit)
    figure.suptitle(f"true digit {digit}: loss −log p = {loss:.3f}", fontsize=10)
    alt = (
        "Bars of ten scores, of their sigmoids, which sum to "
        f"{bent.sum():.2f}, and of their softmax, which sums to 1. The true digit, "
        f"{digit}, has the probability {shares[digit]:.3f}, so the loss is {loss:.3f}."
    )
    return figure, alt


@style()
def descent(weight, losses, accuracies, batch_size):
    """Gradient descent: weight images, the loss and the accuracy after each batch.

    Parameters
    ----------
    weight : float tensor [10, 784]
    losses, accuracies : lists of float
        At the start and after each batch; accuracies are shares from 0 to 1.
    batch_size : int
    """
    steps = range(len(losses))
    figure = Figure(figsize=(8.6, 3))
    left, right = figure.subfigures(1, 2, width_ratios=(1.25, 1))
    limit = weight.abs().max().item()
    for digit, axis in enumerate(left.subplots(2, 5).flat):
        signed(axis, weight[digit].view(28, 28), str(digit), limit)
    top, bottom = right.subplots(2, 1, sharex=True)
    top.plot(steps, losses)
    top.set_ylabel("loss", fontsize=9)
    bottom.plot(steps, [100 * a for a in accuracies])
    bottom.set_ylabel("right (%)", fontsize=9)
    bottom.set_xlabel(f"batches of {batch_size} learned from", fontsize=9)
    alt = (
        f"After {len(losses) - 1} batches of {batch_size} images: the weights of the "
        "ten digits as images; the loss on images not learned from has gone from "
        f"{losses[0]:.2f} to {losses[-1]:.2f}, the share of right answers from "
        f"{accuracies[0]:.0%} to {accuracies[-1]:.0%}."
    )
    return figure, alt


@style()
def shift(image, model, by):
    """An image where it was and moved to the right, with the model's ten values."""
    from mnist_logreg.explore.drawing import shifted

    moved = torch.from_numpy(shifted(image.numpy(), by, 0))
    figure, axes = _subplots(1, 4, figsize=(8.6, 2.8), width_ratios=(1, 1.3, 1, 1.3))
    said = []
    for i, (shown, title) in enumerate(((image, "as it is"), (moved, f"{by} right"))):
        values, form, name = outputs_of(model, shown)
        said.append(values.argmax().item())
        grey(axes[2 * i], shown, title)
        ten_bars(axes[2 * i + 1], values, form, name, said[-1])
    alt = (
        f"An image and the same moved {by} pixels to the right, each with bars of the "
        f"ten values of {model.name} ({name}): its answer is {said[0]} before the "
        f"move and {said[1]} after it."
    )
    return figure, alt


@style()
def output_range(scores, plain, bent, top):
    """The loss against the score, from the scores and from bounded outputs.

    Parameters
    ----------
    scores, plain, bent : float tensors [N]
        The scores, the loss of each, and the loss of the outputs made of it.
    top : float
        Where the outputs end; they begin at 0.
    """
    figure, axis = _subplots(1, 1, figsize=(7, 3))
    scores, plain, bent = scores.tolist(), plain.tolist(), bent.tolist()
    axis.plot(scores, plain, label="loss of the scores")
    axis.plot(scores, bent, label=f"loss of outputs from 0 to {top:g}")
    axis.axhline(bent[-1], color=GREY, linestyle=":", label=f"floor, {bent[-1]:.3f}")
    axis.set_xlabel("score t of the true digit, −t for the nine others (no unit)")
    axis.set_ylabel("loss (cross-entropy)")
    axis.legend()
    alt = (
        "Loss against the score of the true digit. The loss of the scores falls from "
        f"{plain[0]:.1f} to 0. The loss of outputs that lie between 0 and {top:g} "
        f"falls from {bent[0]:.2f} to a floor of {bent[-1]:.3f}; both ends are flat."
    )
    return figure, alt
