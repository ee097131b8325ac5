"""The folder that a command writes its results to: named, marked and locked."""

import argparse
import tempfile
import time
from pathlib import Path

import filelock

from mnist_logreg.errors import UserError
from mnist_logreg.tools.project import RUNS

# A file in every folder of results: what is there may be replaced.
MARK = ".mnist-logreg"


def add_out(parser, default: Path | None = None) -> None:
    """Declare ``--out``, a folder that is made and can be written to.

    A folder that holds something is refused, so that nothing is overwritten, unless
    `claim` has marked it as an earlier result.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        The command's parser.
    default : Path, optional
        The folder without ``--out``; None is a new folder under runs/.
    """
    parser.add_argument(
        "--out",
        type=_usable,
        default=default and str(default),  # argparse checks a default that is text
        metavar="DIR",
        help="where the results go (default: "
        f"{f'{default.name}/' if default else 'a new folder under runs/'})",
    )


def claim(args) -> Path:
    """Take the folder of ``--out``, or a new one, for this process alone.

    The folder is marked: what is in it may be replaced. It stays locked as long as
    `args` lives.

    Parameters
    ----------
    args : argparse.Namespace
        The command's arguments, with ``out``.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    UserError
        If another process has the folder, or if a new one cannot be made.
    """
    folder = args.out or _new_run()
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


def _new_run() -> Path:
    """Make a folder under runs/ that is named after the time and is nobody else's."""
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
    raise UserError(f"{RUNS} has too many runs from this second: try again.")


def _usable(text: str) -> Path:
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
            f"{text!r} is not a name in UTF-8: name another folder"
        ) from error
    except RuntimeError as error:  # links that lead in a circle
        raise argparse.ArgumentTypeError(
            f"{text} cannot be reached: {error}"
        ) from error
    return folder
