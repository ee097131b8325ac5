"""The numbers of a run, from its metrics.json, and the curves of one run or several."""

import io
import json
from dataclasses import dataclass
from pathlib import Path

from mnist_logreg.errors import UserError
from mnist_logreg.files.news import visible
from mnist_logreg.palette import BLUE, GREEN, GREY, ORANGE, PURPLE, YELLOW

METRICS = "metrics.json"
DATA = {"mnist": "MNIST", "digits": "the bundled digits"}
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, GREY, YELLOW)
STYLES = ("-", "--", "-.", ":")


@dataclass(frozen=True)
class Run:
    """A run: the name of its folder, and its numbers."""

    name: str
    metrics: dict

    @property
    def data(self) -> str:
        """The data it used, in words."""
        return DATA.get(self.metrics["data"], self.metrics["data"])

    @property
    def epochs(self) -> int:
        """How many epochs the usual recipe came through."""
        return len(self.metrics["test_accuracy"])

    @property
    def accuracy(self) -> float:
        """Of the usual recipe after its last epoch, in percent of the test images."""
        return self.metrics["test_accuracy"][-1]

    @property
    def loss(self) -> float:
        """Of the usual recipe in its last epoch, the mean over the training images."""
        return self.metrics["train_loss"][-1]

    @property
    def mistakes(self) -> list[tuple[int, int, int]]:
        """The five commonest: (how often, what it was, what the model said)."""
        confusion = self.metrics.get("confusion", [])
        wrong = [
            (times, was, said)
            for was, row in enumerate(confusion)
            for said, times in enumerate(row)
            if was != said and times
        ]
        return sorted(wrong, key=lambda mistake: -mistake[0])[:5]


def read_run(folder: Path) -> Run:
    """Read the numbers that a run left in `folder`.

    Raises UserError if there are none, or if they are not those of a run.
    """
    path = folder / METRICS
    try:
        metrics = json.loads(path.read_text("utf-8"))
        losses, accuracies = metrics["train_loss"], metrics["test_accuracy"]
        numbers = [*losses, *accuracies, *metrics.get("recipes", {}).values()]
        numbers.append(metrics.get("seconds", 0))
        sound = (
            len(losses) == len(accuracies) > 0
            and all(map(_finite, numbers))
            and isinstance(metrics["data"], str)
            and isinstance(metrics.get("parameters", {}), dict)
        )
    except FileNotFoundError as error:
        raise UserError(
            f"{folder} is not the folder of a run: there is no {METRICS} in it. "
            "`python -m mnist_logreg run` makes such a folder, under runs/."
        ) from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(_unsound(path)) from error
    if not sound:
        raise UserError(_unsound(path))
    return Run(visible(folder.resolve().name), metrics)


def _finite(value) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) < 1e300


def _unsound(path: Path) -> str:
    return (
        f"{path} does not hold the numbers of a run (data, train_loss, test_accuracy): "
        "the run was stopped early, or the file was changed. Run the series again."
    )


def curves(runs: list[Run]) -> bytes:
    """Draw loss and accuracy against the epoch, a row for each source of data, as SVG.

    Runs on different data are not comparable, and share no axes.
    """
    import matplotlib.style
    from matplotlib.figure import Figure

    sources = list(dict.fromkeys(run.data for run in runs))
    # The same run gives the same file, whatever a person's own settings are.
    look = {"svg.hashsalt": "curves", "font.size": 11}
    with matplotlib.style.context(["default", look]):
        figure = Figure(figsize=(8, 3.2 * len(sources)), layout="constrained")
        rows = figure.subplots(len(sources), 2, squeeze=False)
        for source, (left, right) in zip(sources, rows, strict=True):
            for number, run in enumerate(runs):
                if run.data != source:
                    continue
                line = {
                    "color": COLOURS[number % len(COLOURS)],
                    "linestyle": STYLES[number % len(STYLES)],
                    "marker": "o" if run.epochs < 3 else None,
                    "label": run.name,
                }
                epochs = range(1, run.epochs + 1)
                left.plot(epochs, run.metrics["train_loss"], **line)
                right.plot(epochs, run.metrics["test_accuracy"], **line)
            left.set_ylabel("training loss (nats)")
            right.set_ylabel("test accuracy (%)")
            for axis in (left, right):
                axis.set_xlabel("epoch")
                axis.spines[["top", "right"]].set_visible(False)
                axis.grid(alpha=0.3)
                axis.xaxis.get_major_locator().set_params(integer=True)
                if max(run.epochs for run in runs) == 1:
                    axis.set_xlim(0.5, 1.5)
            if len(sources) > 1:
                left.set_title(f"on {source}", loc="left")
            if len(runs) > 1:
                right.legend()
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()
