"""A folder of data files that are complete and verified, or absent.

A file appears under its name only when it is whole: it is written beside, verified,
flushed to the disk and renamed. Whoever is killed half-way leaves at most a ``.part``
file, which the next one removes. One process at a time changes a folder.
"""

import errno
import gzip
import hashlib
import json
import os
import secrets
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import filelock

from mnist_logreg.errors import UserError

WAIT_SECONDS = 600  # how long to wait for another process that prepares the folder
CHUNK = 1 << 20


@dataclass(frozen=True)
class File:
    """A data file: its name, its size in bytes, and the SHA-256 of its contents."""

    name: str
    size: int
    sha256: str


class WrongContentsError(Exception):
    """What was read is not the file it should be."""


def say(line: str) -> None:
    """A line for whoever watches, on stderr."""
    print(line, file=sys.stderr, flush=True)


def folder(root: Path) -> Path:
    """Where torchvision's ``datasets.MNIST(root)`` looks for the files."""
    return root / "MNIST" / "raw"


def complete(root: Path, files: tuple[File, ...]) -> bool:
    """Whether all files are there and right. Only reads; OSError counts as absent."""
    known = _recall(root)
    return all(_is_right(folder(root) / file.name, file, known) for file in files)


def prepare(
    root: Path, files: tuple[File, ...], supply: Callable[[File, Path], None]
) -> None:
    """Make a root complete; only what is missing or wrong is supplied.

    supply(file, path) is to bring the file whole and right to path (``copy_verified``
    does so), or to raise. A wrong file is set aside first as NAME.bad-N, with a word.
    Raises UserError where the folder cannot be written to, or another process holds it
    for more than WAIT_SECONDS.
    """
    raw = folder(root)
    try:
        raw.mkdir(parents=True, exist_ok=True)
        with _alone(raw):
            for rest in raw.glob("*.part"):
                rest.unlink()
            known = _recall(root)
            for file in files:
                path = raw / file.name
                if not _is_right(path, file, known):
                    set_aside(path)
                    supply(file, path)
            _remember(root, files)
    except OSError as error:
        raise UserError(cannot_write(root, error)) from error


def set_aside(path: Path) -> None:
    """Rename a file that is not what it should be to NAME.bad-N, and say so."""
    if not os.path.lexists(path):
        return
    n = 1
    while os.path.lexists(aside := path.with_name(f"{path.name}.bad-{n}")):
        n += 1
    path.rename(aside)
    say(f"{path.name} is not what it should be: set aside as {aside.name}.")


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a binary file that appears under its name only when it is whole.

    It is written beside, flushed to the disk and renamed at the end; if the block
    raises, nothing is left and what stood at path before still does. Raises OSError,
    which names a file, also where a disk is full.
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


def copy_verified(stream: BinaryIO, file: File, path: Path) -> None:
    """Copy a stream to path, where it appears only if it is the file.

    Raises WrongContentsError, and OSError where path cannot be written. Reads no more
    than a byte beyond the file's size, whatever the stream would give.
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


def cannot_write(path: Path, error: OSError) -> str:
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


def _is_right(path: Path, file: File, known: dict[str, list]) -> bool:
    """Whether a file has the size and contents it should, or is known to."""
    try:
        if path.stat().st_size != file.size:
            return False
        if known.get(file.name) == _signature(path, file):
            return True
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256
    except OSError:
        return False


def _signature(path: Path, file: File) -> list:
    """What changes when a file does, and the contents it then had."""
    stat = path.stat()
    return [
        stat.st_size,
        stat.st_mtime_ns,
        stat.st_ctime_ns,
        stat.st_ino,
        file.sha256,
    ]


def _recall(root: Path) -> dict[str, list]:
    """What was verified before, by name; nothing where that cannot be read."""
    try:
        known = json.loads((folder(root) / "verified.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _remember(root: Path, files: tuple[File, ...]) -> None:
    known = {file.name: _signature(folder(root) / file.name, file) for file in files}
    with whole_file(folder(root) / "verified.json") as out:
        out.write(json.dumps(known, indent=1).encode())
