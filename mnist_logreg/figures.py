"""How every figure of the series is made: its look, and its alternative text.

A person's own settings of matplotlib change nothing: figures are made and drawn with
matplotlib's defaults and the look below, and never by pyplot, which has its own state.
"""

import base64
import contextlib
import html
import io

import matplotlib.figure
import matplotlib.style
from cycler import cycler
from IPython.display import display
from PIL import Image

from mnist_logreg.errors import UserError
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

    JupyterLab shows a picture without its alternative text, but prefers HTML, which it
    shows as it is. So the figure comes in both forms.
    """
    if not alt.strip():
        raise UserError("Say in alt= what the figure shows.")
    alt = " ".join([alt, *getattr(figure, "in_numbers", ())])
    drawn, small = io.BytesIO(), io.BytesIO()
    # Twice as many pixels as it is wide on the page: sharp on fine screens too.
    figure.savefig(drawn, format="png", dpi=2 * figure.dpi, bbox_inches="tight")
    figure.clear()  # its parts hold on to each other, and to megabytes
    with Image.open(drawn) as image:
        width, height = (round(pixels / 2) for pixels in image.size)
        # 128 colours are enough for these figures, and the file is a third as large.
        few = image.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    few.save(small, format="png", optimize=True)
    png = base64.b64encode(small.getvalue()).decode()
    tag = (
        f'<img src="data:image/png;base64,{png}" alt="{html.escape(alt)}" '
        f'width="{width}" style="max-width: 100%; height: auto">'
    )
    data = {"text/plain": alt, "text/html": tag, "image/png": png}
    return data, {"image/png": {"alt": alt, "width": width, "height": height}}
