"""From strokes to an image as MNIST's makers made theirs; drawing.js has the same rule.

Their rule (http://yann.lecun.com/exdb/mnist/): a digit in black and white is scaled to
fit a box of 20x20 pixels, its proportions kept, which turns its edges grey; then it is
moved so that its centre of mass lies in the centre of a frame of 28x28 pixels.

All arithmetic is on whole numbers, so that Python and every browser agree exactly.
"""

import json
from pathlib import Path

import numpy as np

from mnist_logreg.files.digits import centred

PAD = 280  # units of the pad, a side; a stroke's points are [x, y] from 0 to PAD - 1
RADIUS = 12  # of the pen, in the same units
BOX, FRAME = 20, 28  # pixels

# A drawing for each digit: strokes to start from.
EXAMPLES = json.loads(Path(__file__).with_name("examples.json").read_text("utf-8"))


def image_of(strokes, shift=(0, 0)) -> np.ndarray:
    """The image that a drawing becomes.

    Parameters
    ----------
    strokes : list of lists of [x, y]
        The pen's ways, in units of the pad: whole numbers from 0 to 279, y downwards.
    shift : (int, int)
        Pixels to the right and downwards by which the finished image is moved.

    Returns
    -------
    uint8 array [28, 28]
        From 0, paper, to 255, ink; all 0 where nothing is drawn.
    """
    return shifted(framed(ink_of(strokes)), *shift)


def ink_of(strokes) -> np.ndarray:
    """Where there is ink: bool [PAD, PAD], row by row.

    A pixel has ink if its centre is at most RADIUS away from the pen's way.
    """
    ink = np.zeros((PAD, PAD), dtype=bool)
    for stroke in strokes:
        for start, end in zip(stroke, stroke[1:] or stroke, strict=False):
            _add_line(ink, start, end)
    return ink


def _add_line(ink, start, end):
    """Draw a straight line with the round pen."""
    (x0, y0), (x1, y1) = start, end
    left, right = max(min(x0, x1) - RADIUS, 0), min(max(x0, x1) + RADIUS, PAD - 1)
    top, bottom = max(min(y0, y1) - RADIUS, 0), min(max(y0, y1) + RADIUS, PAD - 1)
    y, x = np.mgrid[top : bottom + 1, left : right + 1].astype(np.int64)
    dx, dy = x1 - x0, y1 - y0
    length = dx * dx + dy * dy  # squared, like all distances here
    along = (x - x0) * dx + (y - y0) * dy
    across = (x - x0) * dy - (y - y0) * dx
    near = RADIUS * RADIUS
    beside = (along >= 0) & (along <= length) & (across * across <= near * length)
    at_start = (x - x0) ** 2 + (y - y0) ** 2 <= near
    at_end = (x - x1) ** 2 + (y - y1) ** 2 <= near
    part = ink[top : bottom + 1, left : right + 1]
    part |= (beside & (length > 0)) | at_start | at_end


def framed(ink) -> np.ndarray:
    """Scale ink to fit the box, and set its centre of mass in the frame's centre.

    ink: bool [PAD, PAD]. Returns uint8 [28, 28].
    """
    frame = np.zeros((FRAME, FRAME), dtype=np.uint8)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return frame
    part = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.int64)
    longer = max(part.shape)
    down, across = (_shares(size, longer) for size in part.shape)
    # Each pixel's grey is the share of its area that has ink, in 255ths, rounded.
    area = longer * longer
    digit = (2 * 255 * (down @ part @ across.T) + area) // (2 * area)
    height, width = digit.shape
    top, left = centred(digit.sum(axis=1)), centred(digit.sum(axis=0))
    frame[top : top + height, left : left + width] = digit
    return frame


def _shares(size, longer) -> np.ndarray:
    """How much of each of `size` units lies in each pixel: int64 [pixels, size].

    A unit is BOX wide and a pixel `longer`, so that `longer` units fill BOX pixels.
    """
    pixels = -(-size * BOX // longer)
    pixel = np.arange(pixels)[:, None] * longer
    unit = np.arange(size)[None, :] * BOX
    overlap = np.minimum(pixel + longer, unit + BOX) - np.maximum(pixel, unit)
    return np.maximum(overlap, 0)


def shifted(image, right, down) -> np.ndarray:
    """Move an image; what leaves the frame is lost, what enters is paper.

    Parameters
    ----------
    image : uint8 array [28, 28]
    right, down : int
        By how many pixels, each above -28 and below 28.

    Returns
    -------
    uint8 array [28, 28]
    """
    moved = np.zeros_like(image)
    height, width = image.shape
    moved[max(down, 0) : height + down, max(right, 0) : width + right] = image[
        max(-down, 0) : height - down, max(-right, 0) : width - right
    ]
    return moved
