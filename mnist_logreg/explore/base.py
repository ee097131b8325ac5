"""What the explorable figures share: their module, their data, their still figure."""

import base64
import io
from pathlib import Path

import anywidget
import torch
import traitlets

from mnist_logreg.errors import UserError

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
    shared = ("data",)  # the traits that its script reads

    def still(self):
        """The figure as it stands: a matplotlib figure and its alternative text."""
        raise NotImplementedError

    def still_png(self) -> tuple[bytes, str]:
        """The still figure as a PNG file, and its alternative text."""
        figure, alt = self.still()
        png = io.BytesIO()
        # Twice as many pixels as it is wide on the page: sharp on fine screens too.
        figure.savefig(png, format="png", dpi=2 * figure.dpi, bbox_inches="tight")
        figure.clear()  # its parts hold on to each other, and to megabytes
        return png.getvalue(), alt

    def __repr__(self):
        return f"{type(self).__name__}()"

    def _repr_mimebundle_(self, **options):
        """The live figure for who can show it, and the still one for everyone else."""
        data, metadata = super()._repr_mimebundle_(**options)
        png, alt = self.still_png()
        width, height = (int.from_bytes(png[i : i + 4], "big") // 2 for i in (16, 20))
        data["image/png"] = base64.b64encode(png).decode()
        metadata["image/png"] = {"width": width, "height": height, "alt": alt}
        return data, metadata


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
