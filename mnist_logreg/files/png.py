"""A figure as Jupyter displays it: a small PNG file with its alternative text."""

import base64
import html
import io

import numpy as np
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image


def as_output(figure: Figure, alt: str) -> tuple[dict, dict]:
    """A figure as Jupyter displays it; clears the figure.

    JupyterLab drops a picture's alternative text and prefers HTML: so both are here.

    Parameters
    ----------
    figure : Figure
    alt : str
        What it shows, for people who do not see it.

    Returns
    -------
    dict, dict
        Data by MIME type, and metadata by MIME type.
    """
    file, width, height = small_png(figure)
    png = base64.b64encode(file).decode()
    tag = (
        f'<img src="data:image/png;base64,{png}" alt="{html.escape(alt)}" '
        f'width="{width}" style="max-width: 100%; height: auto">'
    )
    data = {"text/plain": alt, "text/html": tag, "image/png": png}
    return data, {"image/png": {"alt": alt, "width": width, "height": height}}


def small_png(figure: Figure) -> tuple[bytes, int, int]:
    """A figure as a PNG file; clears the figure.

    Returns
    -------
    bytes, int, int
        The file, and its width and height on a page, in CSS pixels.
    """
    # Twice as many pixels as it is wide on the page: sharp on fine screens too.
    figure.set_dpi(2 * figure.dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    # A figure's parts hold on to each other, and its canvas to megabytes of pixels.
    figure.clear()
    FigureCanvasBase(figure)
    # 128 colours are enough for these figures, and the file is a third as large.
    few, small = image.quantize(128, dither=Image.Dither.NONE), io.BytesIO()
    few.save(small, format="png")
    return small.getvalue(), round(few.width / 2), round(few.height / 2)
