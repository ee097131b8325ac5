"""A figure as a small PNG file."""

import io

from matplotlib.figure import Figure
from PIL import Image


def small_png(figure: Figure) -> tuple[bytes, int, int]:
    """A figure as a file, its width and its height on a page; clears the figure."""
    drawn, small = io.BytesIO(), io.BytesIO()
    # Twice as many pixels as it is wide on the page: sharp on fine screens too.
    figure.savefig(drawn, format="png", dpi=2 * figure.dpi, bbox_inches="tight")
    figure.clear()  # its parts hold on to each other, and to megabytes
    with Image.open(drawn) as image:
        # 128 colours are enough for these figures, and the file is a third as large.
        few = image.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    few.save(small, format="png", optimize=True)
    return small.getvalue(), round(few.width / 2), round(few.height / 2)
