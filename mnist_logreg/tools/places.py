"""Where the project's parts are, and a new folder for each result."""

import time
from pathlib import Path

from mnist_logreg.errors import UserError

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
RUNS = ROOT / "runs"


def new_run() -> Path:
    """A folder under runs/ that is named after the time and that nobody else has.

    Raises UserError if it cannot be made.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S")
    try:
        RUNS.mkdir(exist_ok=True)
        for suffix in ("", *(f"-{n}" for n in range(2, 1000))):
            try:
                (RUNS / f"{stamp}{suffix}").mkdir()
            except FileExistsError:
                continue
            return RUNS / f"{stamp}{suffix}"
    except OSError as error:
        raise UserError(
            f"{RUNS} cannot be written to: {error.strerror}. "
            "Name another place with --out DIR."
        ) from error
    raise UserError(f"{RUNS} is full of runs of this very second.")
