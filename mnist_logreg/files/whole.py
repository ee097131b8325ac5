"""Writes a file whole or not at all, and says in plain words when it cannot."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from mnist_logreg.errors import UserError


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a binary file that appears under its name only when it is whole.

    The file is written next to its final place, flushed to the disk and renamed at the
    end. If the block raises, nothing new is left, and an older file stays as it was.

    Parameters
    ----------
    path : Path
        Where the file is to appear.

    Yields
    ------
    BinaryIO
        The file to write to.

    Raises
    ------
    OSError
        If the file cannot be written, for instance on a full disk. It names the file.
    """
    path = Path(path)
    if path.exists() and not path.is_file():
        raise OSError(errno.EEXIST, "Something else than a file is there", str(path))
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    except OSError as error:
        error.filename = error.filename or str(path)
        raise
    finally:
        part.unlink(missing_ok=True)


def write_whole(path: Path, contents: bytes) -> None:
    """Write a file whole or not at all; an OSError names it."""
    with whole_file(path) as file:
        file.write(contents)


@contextmanager
def result_file(path: Path) -> Iterator[BinaryIO]:
    """Open a whole file for what a learner keeps: any failure becomes a UserError."""
    try:
        with whole_file(path) as file:
            yield file
    except (OSError, RuntimeError) as error:  # torch wraps a full disk in the latter
        reason = getattr(error, "strerror", None) or error
        raise UserError(
            f"{path} was not written: {reason}. Free some space or choose another "
            "place, then save again; nothing is lost until the notebook is closed."
        ) from error
