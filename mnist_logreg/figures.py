"""How every figure looks and is shown, with alternative text.

A person's own settings change nothing: figures have matplotlib's defaults and the look
below, and never come from pyplot, which has its own state.
"""

import contextlib

import matplotlib.figure
import matplotlib.style
from cycler import cycler
from IPython.display import display

from mnist_logreg.errors import UserError
from mnist_logreg.files.png import as_output
from mnist_logreg.palette import BLUE, GREEN, GREY, ORANGE

LOOK = {
    "figure.dpi": 96,
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, GREY])
    + cycler(linestyle=["-", "--", "-.", ":"]),
}


class Figure(matplotlib.figure.Figure):
    """A figure with its main numbers in sentences, which its alternative text gets."""

    in_numbers: tuple[str, ...] | list[str] = ()


@contextlib.contextmanager
def style():
    """Draw with the look of the series: a context manager and a decorator."""
    with matplotlib.style.context(["default", LOOK]):
        yield


def show(figure: matplotlib.figure.Figure, alt: str) -> None:
    """Display a figure; ``alt`` says what it shows, in a sentence without numbers."""
    data, metadata = displayed(figure, alt)
    display(data, metadata=metadata, raw=True)


@style()
def displayed(figure: matplotlib.figure.Figure, alt: str) -> tuple[dict, dict]:
    """What Jupyter displays: data by MIME type, and metadata; clears the figure."""
    if not alt.strip():
        raise UserError("Say in alt= what the figure shows.")
    return as_output(figure, " ".join([alt, *getattr(figure, "in_numbers", ())]))
