"""What several commands take; a wrong value is refused in one line."""

import argparse
import math
import tempfile
from pathlib import Path

from mnist_logreg.sources import SOURCES
from mnist_logreg.tools.places import NOTEBOOKS


def add_data(parser) -> None:
    """Declare --data."""
    parser.add_argument(
        "--data",
        choices=SOURCES,
        default="auto",
        help="auto (default): MNIST where it can be had, else the bundled digits",
    )


def add_results_folder(parser) -> None:
    """Declare --out, a folder that is made and can be written to; None by default."""
    parser.add_argument(
        "--out",
        type=_writable_folder,
        metavar="DIR",
        help="where the results go (default: a new folder under runs/)",
    )


def add_folder(parser, default: Path) -> None:
    """Declare --out, a folder that need not be there yet."""
    parser.add_argument(
        "--out",
        type=Path,
        default=default,
        metavar="DIR",
        help=f"where they go (default: {default.name}/)",
    )


def positive_int(text: str) -> int:
    """A whole number from 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return number


def positive_float(text: str) -> float:
    """A finite number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return number


def seed(text: str) -> int:
    """A whole number that torch.manual_seed takes: from 0, below 2**63."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not 0 <= number < 2**63:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 on")
    return number


def _writable_folder(text: str) -> Path:
    folder = Path(text).resolve()
    if folder == NOTEBOOKS.resolve():
        raise argparse.ArgumentTypeError(f"{text} holds the notebooks themselves")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise argparse.ArgumentTypeError(
            f"{text} cannot be written to: {error.strerror}"
        ) from error
    return folder
