"""How every figure looks and is shown, with alternative text.

A person's own settings change nothing: figures have matplotlib's defaults and the look
below, and never come from pyplot, which has its own state.
"""

import base64
import contextlib
import html

import matplotlib.figure
import matplotlib.style
from cycler import cycler
from IPython.display import display

from mnist_logreg.errors import UserError
from mnist_logreg.files.png import small_png
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
    """What Jupyter displays: data by MIME type, and metadata; clears the figure.

    JupyterLab drops a picture's alternative text and prefers HTML: so both are here.
    """
    if not alt.strip():
        raise UserError("Say in alt= what the figure shows.")
    alt = " ".join([alt, *getattr(figure, "in_numbers", ())])
    file, width, height = small_png(figure)
    png = base64.b64encode(file).decode()
    tag = (
        f'<img src="data:image/png;base64,{png}" alt="{html.escape(alt)}" '
        f'width="{width}" style="max-width: 100%; height: auto">'
    )
    data = {"text/plain": alt, "text/html": tag, "image/png": png}
    return data, {"image/png": {"alt": alt, "width": width, "height": height}}
