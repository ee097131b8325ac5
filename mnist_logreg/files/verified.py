"""A folder of data files that are complete and verified, or absent.

A file appears under its name only when it is whole. A process that is killed leaves at
most a ``.part`` file, which the next one removes. One process at a time changes a
folder.
"""

import errno
import gzip
import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from typing import IO

import filelock

from mnist_logreg.errors import UserError
from mnist_logreg.files.news import say
from mnist_logreg.files.whole import whole_file

WAIT_SECONDS = 600  # how long to wait for another process that prepares the folder
CHUNK = 1 << 20


@dataclass(frozen=True)
class File:
    """A data file that has one right content.

    Attributes
    ----------
    name : str
        The file's name.
    size : int
        Its size in bytes.
    sha256 : str
        The SHA-256 of its contents, in hexadecimal.
    """

    name: str
    size: int
    sha256: str


class WrongContentsError(Exception):
    """What was read is not the file it should be."""


def complete(folder: Path, files: tuple[File, ...]) -> bool:
    """Say whether a folder holds all files, each with the right contents.

    Parameters
    ----------
    folder : Path
        Where to look. Nothing is written, and a file that cannot be read is absent.
    files : tuple of File
        What the folder should hold.

    Returns
    -------
    bool
        Whether every file is there and right.
    """
    return all(_is_right(folder / file.name, file) for file in files)


def prepare(
    folder: Path, files: tuple[File, ...], supply: Callable[[File, Path], None]
) -> None:
    """Make a folder complete. Only what is missing or wrong is supplied.

    A wrong file is first renamed to NAME.bad-N, and a line says so.

    Parameters
    ----------
    folder : Path
        The folder to complete; it is made if it is missing.
    files : tuple of File
        What the folder should hold.
    supply : callable
        ``supply(file, path)`` puts the right file at path, as `copy_verified` does, or
        raises.

    Raises
    ------
    UserError
        If the folder cannot be written to, or if another process holds it for more
        than WAIT_SECONDS.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            for rest in folder.glob("*.part"):
                rest.unlink()
            for file in files:
                path = folder / file.name
                if not _is_right(path, file):
                    set_aside(path)
                    supply(file, path)
    except OSError as error:
        raise UserError(_cannot_write(folder, error)) from error


def set_aside(path: Path) -> None:
    """Rename a file that is not what it should be to NAME.bad-N, and say so.

    Parameters
    ----------
    path : Path
        The file. Nothing happens if there is none.
    """
    if not os.path.lexists(path):
        return
    n = 1
    while os.path.lexists(aside := path.with_name(f"{path.name}.bad-{n}")):
        n += 1
    path.rename(aside)
    say(f"{path.name} is not what it should be: set aside as {aside.name}.")


def copy_verified(stream: IO[bytes] | BufferedIOBase, file: File, path: Path) -> None:
    """Copy a stream to a path, where it appears only if it is the right file.

    At most one byte more than the file's size is read.

    Parameters
    ----------
    stream : file-like
        What to read, in bytes.
    file : File
        What it should be.
    path : Path
        Where to write it.

    Raises
    ------
    WrongContentsError
        If the stream holds something else.
    OSError
        If the path cannot be written to.
    """
    digest, size = hashlib.sha256(), 0
    with whole_file(path) as out:
        while size <= file.size:
            try:
                chunk = stream.read(min(CHUNK, file.size + 1 - size))
            except (gzip.BadGzipFile, EOFError, zlib.error) as error:
                raise WrongContentsError from error
            if not chunk:
                break
            out.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        if size != file.size or digest.hexdigest() != file.sha256:
            raise WrongContentsError


def _cannot_write(path: Path, error: OSError) -> str:
    """What to say when a folder cannot be written to."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        way_out = "Make room on the disk, or"
    elif error.errno in (errno.ENOTDIR, errno.EEXIST):
        way_out = "A file is where a folder should be: move it away, or"
    else:
        way_out = "Change its permissions, or"
    return (
        f"Cannot write the data to {path} ({error.strerror or error}). "
        f"{way_out} set MNIST_ROOT to a folder elsewhere."
    )


@contextmanager
def _alone(raw: Path) -> Iterator[None]:
    """Hold the folder's lock; the system frees it when its holder dies."""
    lock = filelock.FileLock(raw / ".lock")
    try:
        lock.acquire(timeout=1)
    except filelock.Timeout:
        say(
            "Another process is preparing the data: waiting for it, "
            f"{WAIT_SECONDS // 60} minutes at most."
        )
        try:
            lock.acquire(timeout=WAIT_SECONDS)
        except filelock.Timeout:
            raise UserError(
                f"Another process has been preparing the data in {raw} for more than "
                f"{WAIT_SECONDS // 60} minutes. End it, or try again later."
            ) from None
    try:
        yield
    finally:
        lock.release()


def _is_right(path: Path, file: File) -> bool:
    """Whether a file has the size and the contents it should."""
    try:
        if path.stat().st_size != file.size:
            return False
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256
    except OSError:
        return False
