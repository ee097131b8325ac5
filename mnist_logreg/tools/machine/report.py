"""What ``bench`` shows of its measurements: the tables and the picture."""

import math
import statistics

from mnist_logreg.palette import BLUE, GREEN, GREY, ORANGE
from mnist_logreg.tools.machine.measure import (
    BEST,
    BEST_RECIPE,
    BY_HAND,
    FLOOR,
    JAX,
    LOADER,
    USUAL,
)

RECIPE_EPOCHS = 50  # of the usual recipe


def report(result: dict) -> str:
    """Lay the figures of ``measure`` out as tables.

    Parameters
    ----------
    result : dict
        What ``measure`` returned.

    Returns
    -------
    str
    """
    machine = result["machine"]
    median = {way: statistics.median(t) for way, t in result["epoch"].items()}
    lines = [
        "",
        f"{machine['processor']}, {machine['processors']} processors, torch "
        f"{machine['torch']}",
        "",
        f"{'one epoch, batches of 32':26}{'median s':>9}{'(min to max)':>20}"
        f"{'50 epochs':>11}{'times sooner':>14}{'floors':>8}",
    ]
    for way, times in result["epoch"].items():
        lines.append(
            f"{way:26}{median[way]:9.3f}{_spread(times):>20}"
            f"{RECIPE_EPOCHS * median[way]:9.1f} s"
            f"{median[USUAL] / median[way]:14.1f}{median[way] / median[FLOOR]:8.2f}"
        )
    lines.append(
        "floors: how many times as long as one full-batch forward and backward pass in "
        "one thread."
    )
    if JAX in median:
        lines.append(
            f"The {BY_HAND} takes {median[BY_HAND] / median[JAX]:.2f} times as long as "
            "the loop that JAX has compiled (compilation left out)."
        )
    else:
        lines.append("JAX is not installed here, so it was not measured.")
    lines += [
        "",
        f"{'to the best':26}{'median s':>9}{'(min to max)':>20}{'test accuracy':>15}"
        f"{'recipes':>9}",
    ]
    best = statistics.median(result["solution"][BEST_RECIPE]["seconds"])
    for way, solved in result["solution"].items():
        seconds = solved["seconds"]
        lines.append(
            f"{way:26}{statistics.median(seconds):9.2f}{_spread(seconds):>20}"
            f"{statistics.median(solved['accuracy']):13.2f} %"
            f"{statistics.median(seconds) / best:9.1f}"
        )
    recipe = ", ".join(f"{name}={value}" for name, value in BEST.items())
    lines += [
        "recipes: how many times as long as the best recipe by hand, which is",
        f"train_by_hand(model, train, test, {recipe}).",
    ]
    lines += _growth("seconds an epoch against training images", result["samples"])
    lines += _growth("seconds an epoch against batch size", result["batch_sizes"])
    lines += ["", "How it grows with learners on one machine: the command `crowd`."]
    return "\n".join(lines)


def _spread(times):
    return f"({min(times):.3f} to {max(times):.3f})"


def _growth(title, table):
    """A table's lines; the last column is the slope in a doubly logarithmic plot."""
    sizes = list(next(iter(table.values())))
    lines = ["", f"{title}:", " " * 26 + "".join(f"{s:>9,}" for s in sizes) + "  grows"]
    for way, times in table.items():
        power = statistics.linear_regression(
            [math.log(size) for size in times], [math.log(t) for t in times.values()]
        ).slope
        cells = "".join(f"{t:9.3f}" for t in times.values())
        lines.append(f"{way:26}{cells}  as size^{power:.2f}")
    return lines


def draw(result: dict):
    """The three pictures in one figure: an epoch, and its growth."""
    from matplotlib.figure import Figure

    colours = dict(zip((USUAL, LOADER, BY_HAND), (ORANGE, BLUE, GREEN)))
    figure = Figure(figsize=(13, 4), layout="constrained")
    first, second, third = figure.subplots(1, 3)
    ways = list(result["epoch"])
    median = [statistics.median(times) for times in result["epoch"].values()]
    bars = first.barh(ways, median, color=[colours.get(way, GREY) for way in ways])
    first.bar_label(bars, [f"{m:.3g} s" for m in median], padding=3)
    first.set(xscale="log", xlabel="seconds an epoch", title="One epoch")
    first.margins(x=0.25)
    first.invert_yaxis()
    for axis, key, name in (
        (second, "samples", "training images"),
        (third, "batch_sizes", "batch size"),
    ):
        for (way, times), marker in zip(result[key].items(), "os^"):
            axis.plot(
                list(times),
                list(times.values()),
                marker=marker,
                color=colours[way],
                label=way,
            )
        axis.set(xscale="log", yscale="log", xlabel=name, ylabel="seconds an epoch")
        axis.set_title(f"Growth with the {name}")
        axis.set_xticks(list(times), [f"{size:,}" for size in times], minor=False)
        axis.minorticks_off()
        axis.grid(alpha=0.3)
        axis.legend()
    figure.suptitle(f"{result['data']}, {result['n_train']:,} training images")
    return figure
