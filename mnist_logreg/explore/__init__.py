"""Figures that answer to the hand: draw, slide, see.

    from mnist_logreg.explore import DrawingPad

The figures are anywidgets: one ES module each, without a build step or a network. The
browser computes what it shows from plain numbers that it gets once. Where no script
runs, a still figure with alternative text stands in the same place.

base       what all share
models     models as plain numbers
drawing    from strokes to an image as MNIST's makers made theirs
pad        the drawing pad
figures    the other figures
stills     the still figures
page       a figure on a web page
"""

from mnist_logreg.explore.figures import (
    GradientDescent,
    MeanOfMany,
    OneScore,
    OutputRange,
    ScoresToProbabilities,
    ShiftedImage,
)
from mnist_logreg.explore.pad import DrawingPad

__all__ = [
    "DrawingPad",
    "GradientDescent",
    "MeanOfMany",
    "OneScore",
    "OutputRange",
    "ScoresToProbabilities",
    "ShiftedImage",
]
