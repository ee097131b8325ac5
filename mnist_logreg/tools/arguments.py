"""What several commands take; a wrong value is refused in one line."""

import argparse
import math

from mnist_logreg.files.choose import SOURCES


def add_data(parser) -> None:
    """Declare --data."""
    parser.add_argument(
        "--data",
        choices=SOURCES,
        default="auto",
        help="auto (default): MNIST if it is here or can be fetched, "
        "else the bundled digits",
    )


def positive_int(text: str) -> int:
    """A whole number from 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
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
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
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
            f"{text!r} is not a whole number from 0 to {2**63 - 1}"
        )
    return number
