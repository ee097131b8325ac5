"""What has been graded, kept on the disk as it comes: a stop loses nothing."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from mnist_logreg.errors import UserError
from mnist_logreg.files.whole import whole_file

FOLDER = ".grading"  # in the class's folder
RESULTS = "results.jsonl"
KEPT = "What is graded is kept: the same command goes on from there."


class Ledger:
    """Entries by a key of several words; the last one of a key holds.

    Each is a line of JSON that is on the disk before `put` returns. A line that a kill
    has cut off is left out.
    """

    def __init__(self, path: Path):
        self._path = path
        self._entries: dict[tuple[str, ...], dict] = {}
        for line in path.read_bytes().splitlines() if path.exists() else ():
            try:
                entry = json.loads(line)
                self._entries[tuple(entry["key"])] = entry["value"]
            except (ValueError, TypeError, LookupError):
                continue
        with whole_file(path) as file:  # without what is outdated or damaged
            for key, value in self._entries.items():
                file.write(_line(key, value))

    def get(self, *key: str) -> dict | None:
        """An entry, or None."""
        return self._entries.get(key)

    def put(self, *key: str, value: dict) -> None:
        """Keep an entry, unless it is there already.

        Raises
        ------
        OSError
            If it cannot be written; what was kept before is not lost.
        """
        if self._entries.get(key) == value:
            return
        try:
            with self._path.open("ab") as file:
                file.write(_line(key, value))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            error.filename = error.filename or str(self._path)
            raise
        self._entries[key] = value


@contextmanager
def opened(folder: Path) -> Iterator[Ledger]:
    """Open the ledger of a class's folder, for this process alone.

    Raises
    ------
    UserError
        If another process is grading the class.
    OSError
        If nothing can be written there.
    """
    place = folder / FOLDER
    if place.is_symlink():
        raise UserError(f"{place} is a link: remove it.")
    place.mkdir(exist_ok=True)
    lock = filelock.FileLock(place / "lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise UserError(
            f"Another process is grading {folder}: wait until it ends."
        ) from None
    with lock:
        yield Ledger(place / RESULTS)


def _line(key, value) -> bytes:
    # The line's end comes first, so that one that was cut off spoils no other.
    return b"\n" + json.dumps({"key": key, "value": value}).encode()
