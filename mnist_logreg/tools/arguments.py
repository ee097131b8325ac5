"""What several commands take; a wrong value is refused in one line."""

import argparse
import math
import tempfile
from pathlib import Path

import filelock

from mnist_logreg.errors import UserError
from mnist_logreg.sources import SOURCES
from mnist_logreg.tools.places import new_run

# A file in every folder of results: what is there may be replaced.
MARK = ".mnist-logreg"


def add_data(parser) -> None:
    """Declare --data."""
    parser.add_argument(
        "--data",
        choices=SOURCES,
        default="auto",
        help="auto (default): MNIST where it can be had, else the bundled digits",
    )


def add_results_folder(parser, default: Path | None = None) -> None:
    """Declare --out, a folder that is made and can be written to.

    default: None is a new folder under runs/. A folder that holds something is refused,
    lest that be overwritten, unless it is an earlier result, whole or not:
    `results_folder` has marked it.
    """
    parser.add_argument(
        "--out",
        type=_results_folder,
        default=default and str(default),  # argparse checks a default that is text
        metavar="DIR",
        help="where the results go (default: "
        f"{f'{default.name}/' if default else 'a new folder under runs/'})",
    )


def results_folder(args) -> Path:
    """The folder of --out or a new one, marked: what is in it may be replaced.

    Nobody else gets it as long as `args` lives. Raises UserError if somebody has it, or
    if a new one cannot be made.
    """
    folder = args.out or new_run()
    (folder / MARK).touch()
    args.lock = filelock.FileLock(folder / ".lock")
    try:
        args.lock.acquire(timeout=0)
    except filelock.Timeout:
        raise UserError(
            f"Another process is writing its results to {folder}: wait until it ends, "
            "or name another folder with --out."
        ) from None
    return folder


def positive_int(text: str) -> int:
    """A whole number from 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    if number >= 2**63:
        raise argparse.ArgumentTypeError(f"{text!r} is too large")
    return number


def positive_float(text: str) -> float:
    """A number above 0 that is still finite in single precision."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not number > 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    if number > 1e38:
        raise argparse.ArgumentTypeError(f"{text!r} is too large")
    return number


def seed(text: str) -> int:
    """A whole number that torch.manual_seed takes: from 0, below 2**63."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not 0 <= number < 2**63:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no whole number from 0 to {2**63 - 1}"
        )
    return number


def _results_folder(text: str) -> Path:
    try:
        text.encode()
        folder = Path(text).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / MARK).exists():
            raise argparse.ArgumentTypeError(
                f"{text} holds other things than an earlier result: name a new folder, "
                "or move them away"
            )
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise argparse.ArgumentTypeError(
            f"{text} cannot be written to: {error.strerror}"
        ) from error
    except UnicodeEncodeError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no name in UTF-8: name another folder"
        ) from error
    except RuntimeError as error:  # links that lead in a circle
        raise argparse.ArgumentTypeError(
            f"{text} cannot be reached: {error}"
        ) from error
    return folder
