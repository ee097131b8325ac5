"""The drawing pad: draw a digit and see what the models make of it."""

import torch
import traitlets

from mnist_logreg.errors import UserError
from mnist_logreg.explore import drawing, stills
from mnist_logreg.explore.base import Explorable, module
from mnist_logreg.explore.models import linear_models


class DrawingPad(Explorable):
    """A pad to draw a digit on, answered by the models at each stroke.

    Parameters
    ----------
    models : a model or the ten means, or a dict of them by name
        Models with a layer ``linear`` from 784 pixels to 10 scores, or the ten mean
        images, [10, 28, 28]. The nearest mean is a linear model too: its scores are
        2 m·x − |m|², highest where the squared distance |x − m|² is smallest.
    example : int
        The digit that the pad holds until somebody draws, 0 to 9.

    Raises
    ------
    UserError
        If a model is of another kind, or there is no such example.
    """

    _esm = module("drawing.js", "pad.js")
    strokes: traitlets.List = traitlets.List().tag(sync=True)
    shift = traitlets.List([0, 0]).tag(sync=True)  # pixels right and down
    shared = ("data", "strokes", "shift")

    def __init__(self, models, example: int = 3):
        if str(example) not in drawing.EXAMPLES:
            raise UserError(f"example is a digit from 0 to 9, not {example!r}.")
        self.models = linear_models(models)
        super().__init__(
            data={
                "models": [model.numbers() for model in self.models],
                "examples": drawing.EXAMPLES,
            },
            strokes=drawing.EXAMPLES[str(example)],
        )

    @property
    def image(self) -> torch.Tensor:
        """What is drawn, as the models see it: uint8 [28, 28], 255 is ink."""
        return torch.from_numpy(drawing.image_of(self.strokes, self.shift))

    def still(self):
        """The drawing, the evidence for the first model's answer, and its scores."""
        return stills.pad(self.image, self.models[0])
