"""What a learner keeps: a trained model and the figures of a training."""

import json
import os
from pathlib import Path

from mnist_logreg.errors import UserError
from mnist_logreg.files.models import load_model, save_model  # noqa: F401
from mnist_logreg.files.whole import result_file


def results_folder() -> Path:
    """The folder that MNIST_RUN names, or else the project's runs/notebook, made."""
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
    """Write figures (numbers, strings, lists, dicts) as JSON, whole or not at all."""
    try:
        text = json.dumps(metrics, indent=1, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise UserError(
            f"{path} was not written: JSON holds plain numbers, strings, lists and "
            f"dicts, and no nan or infinity ({error}). A tensor becomes a number by "
            ".item(), a list by .tolist()."
        ) from error
    with result_file(path) as file:
        file.write(text.encode())
