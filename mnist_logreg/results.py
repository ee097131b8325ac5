"""What a learner keeps: a trained model and the figures of a training.

Files are written whole or not at all, so that a full disk or a killed process never
leaves half a file where a whole one was.
"""

import json
import os
import pickle
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path

import torch

from mnist_logreg.errors import UserError
from mnist_logreg.files.whole import whole_file
from mnist_logreg.model import LogisticRegression, SoftmaxRegression

DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, NotImplementedError),  # of the archive
    *(pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError),
)
KINDS = {kind.__name__: kind for kind in (LogisticRegression, SoftmaxRegression)}


def results_folder() -> Path:
    """The folder for results, made if needed.

    The runner names one in the environment (MNIST_RUN); without it, it is
    runs/notebook at the root of the project. Raises UserError if it cannot be made.
    """
    default = Path(__file__).parents[1] / "runs" / "notebook"
    folder = Path(os.environ.get("MNIST_RUN") or default)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"The folder for results, {folder}, cannot be made: {error.strerror}. "
            "Name another one in MNIST_RUN."
        ) from error
    return folder


def save_metrics(path: Path, metrics: dict) -> None:
    """Write figures (numbers, strings, lists, dicts) as JSON, whole or not at all.

    Raises UserError if the file cannot be written, or if JSON cannot hold the figures;
    an older one is then left as it was.
    """
    try:
        text = json.dumps(metrics, indent=1, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise UserError(
            f"{path} was not written: JSON holds plain numbers, strings, lists and "
            f"dicts, and no nan or infinity ({error}). A tensor becomes a number by "
            ".item(), a list by .tolist()."
        ) from error
    with _explained(path) as file:
        file.write(text.encode())


def save_model(model: torch.nn.Module, path: Path) -> None:
    """Write a model's class, sizes and weights, whole or not at all.

    model: a LogisticRegression or SoftmaxRegression. Raises UserError for another
    model, or if the file cannot be written; an older one is then left as it was.
    """
    kind = type(model).__name__
    if type(model) not in KINDS.values():
        raise UserError(
            f"Only {' and '.join(KINDS)} of mnist_logreg.model can be saved, not a "
            f"{kind} from {type(model).__module__}: it may compute something else."
        )
    saved = {
        "kind": kind,
        "n_inputs": model.linear.in_features,
        "n_outputs": model.linear.out_features,
        "weights": model.state_dict(),
    }
    with _explained(path) as file:
        torch.save(saved, file)


def load_model(path: Path) -> torch.nn.Module:
    """Read a model that save_model wrote.

    Only tensors and plain values are read (weights_only=True), so that a file from
    somebody else cannot run code. Raises UserError if there is no such file or it
    holds no such model.
    """
    try:
        # The file is a zip archive, whose check sums torch does not look at.
        with zipfile.ZipFile(path) as archive:
            if archive.testzip() is not None:
                raise zipfile.BadZipFile
        saved = torch.load(path, weights_only=True, map_location="cpu")
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    except DAMAGE as error:
        raise UserError(
            f"{path} is no model saved by this series, or is damaged; nothing in it "
            "was run. Save the model again with save_model."
        ) from error
    try:
        model = KINDS[saved["kind"]](saved["n_inputs"], saved["n_outputs"])
        model.load_state_dict(saved["weights"])
    except (KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise UserError(
            f"{path} holds something else than a model saved by save_model."
        ) from error
    return model


@contextmanager
def _explained(path: Path):
    """A whole file to write to; what goes wrong becomes one clear message."""
    try:
        with whole_file(path) as file:
            yield file
    except (OSError, RuntimeError) as error:  # torch wraps a full disk in the latter
        reason = getattr(error, "strerror", None) or error
        raise UserError(
            f"{path} was not written: {reason}. Free some space or choose another "
            "place, then save again; nothing is lost until the notebook is closed."
        ) from error
