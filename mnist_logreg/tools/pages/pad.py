"""The drawing pad on the overview: the model of the last notebook answers there."""

import base64
from pathlib import Path

from mnist_logreg.files.whole import write_whole

MODEL = "model.pt"  # as the last notebook saves it
# Of the committed notebooks' own run: `notebooks` writes it, as it writes them.
COMMITTED = Path(__file__).parent / MODEL
SCRIPT, STYLE, STILL = "pad.js", "explore.css", "pad.png"


def put_pad(model: Path, out: Path) -> str | None:
    """Write the pad's script, style and still figure; returns its HTML.

    Parameters
    ----------
    model : Path
        A file of ``save_model``, whose model answers.
    out : Path
        The folder of the pages.

    Returns
    -------
    str or None
        Where the page wants the pad, or None if there is no such file.

    Raises
    ------
    UserError
        If the file holds something else.
    """
    if not model.exists():
        return None
    # Late: they import torch, which takes seconds.
    from mnist_logreg.explore import DrawingPad
    from mnist_logreg.explore import page as live
    from mnist_logreg.figures import displayed
    from mnist_logreg.results import load_model

    pad = DrawingPad({"logistic regression": load_model(model)})
    data, metadata = displayed(*pad.still())
    contents = {
        SCRIPT: live.script(pad).encode(),
        STYLE: live.STYLE.encode(),
        STILL: base64.b64decode(data["image/png"]),
    }
    for name, content in contents.items():
        write_whole(out / name, content)
    return live.element(pad, live.image(metadata["image/png"], STILL))
