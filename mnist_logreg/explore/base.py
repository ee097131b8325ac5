"""What the explorable figures share: their module, their data, their still figure."""

from pathlib import Path

import anywidget
import torch
import traitlets

from mnist_logreg.errors import UserError
from mnist_logreg.figures import displayed

FOLDER = Path(__file__).parent


def module(*names: str) -> str:
    """One ES module from the common text and a figure's own files."""
    return "\n".join(
        (FOLDER / name).read_text("utf-8") for name in ("common.js", *names)
    )


class Explorable(anywidget.AnyWidget):
    """A figure that answers to the hand, with a still figure where no script runs.

    A subclass names its module (``_esm``), fills ``data`` with what the browser needs,
    and draws its still figure in ``still``.
    """

    _css = (FOLDER / "explore.css").read_text("utf-8")
    # Plain values and bytes; what the browser needs and nobody changes.
    data = traitlets.Dict().tag(sync=True)
    shared: tuple[str, ...] = ("data",)  # the traits that its script reads

    def still(self):
        """The figure as it is now: a matplotlib figure and its alternative text."""
        raise NotImplementedError

    def __repr__(self):
        return f"{type(self).__name__}()"

    def _repr_mimebundle_(self, **options):
        """The live figure for who can show it, and the still one for everyone else."""
        live, how = super()._repr_mimebundle_(**options)
        data, metadata = displayed(*self.still())
        return live | data, how | metadata


def as_image(image) -> torch.Tensor:
    """An image as uint8 [28, 28].

    Parameters
    ----------
    image : tensor [28, 28], [1, 28, 28] or [784]
        uint8 from 0 to 255, or floats from 0 to 1.

    Raises
    ------
    UserError
        If it is no such tensor.
    """
    image = torch.as_tensor(image).detach().cpu()
    if image.numel() != 28 * 28:
        raise UserError(
            f"An image has 28 × 28 pixels; this tensor has the shape "
            f"{list(image.shape)}. Take one image, as in test.images[0]."
        )
    if image.is_floating_point():
        image = (image * 255).round().clamp(0, 255)
    return image.to(torch.uint8).reshape(28, 28)
