"""A folder for the time of grading, which is gone afterwards whatever happens."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from mnist_logreg.files.choose import Data
from mnist_logreg.files.mnist import raw_folder
from mnist_logreg.tools.classroom.grading import without_answers
from mnist_logreg.tools.project import ROOT

# Waits until the grader has ended, by a kill perhaps, and clears up after it.
CLEAR_UP = """\
import shutil, sys, time
sys.stdin.read()
for _ in range(100):
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    time.sleep(0.1)
    try:
        open(sys.argv[1])
    except FileNotFoundError:
        break
    except OSError:
        pass
"""


class Workplace:
    """Where the kernels of one process find the lesson.

    Parameters
    ----------
    data : Data
        What the lesson is about.
    """

    def __init__(self, data: Data):
        self.data, self.digest = data, data_digest(data)
        self._folder = Path(tempfile.mkdtemp(prefix="grading-mnist-logreg-"))
        self._cleaner = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", CLEAR_UP, str(self._folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is not for it
        )
        self._lock = threading.Lock()
        self._shared: dict[tuple[str, ...], Path] = {}

    @contextmanager
    def open(
        self, fenced: bool, exercises: tuple[str, ...] = ()
    ) -> Iterator[tuple[Path, Path]]:
        """The copy of the lesson and a folder for sockets, for one kernel.

        Behind a fence all kernels of a notebook read one copy, without the solutions of
        its exercises; without a fence each gets its own, since it can write to it.

        Parameters
        ----------
        fenced : bool
        exercises : tuple of str
            Numbers, such as "1.1".

        Yields
        ------
        Path, Path
            The lesson's folder, and that for sockets.
        """
        own = Path(tempfile.mkdtemp(dir=self._folder))
        work = own / "lesson"
        try:
            if fenced:
                with self._lock:
                    if exercises not in self._shared:  # again, if making it failed
                        shared = Path(tempfile.mkdtemp(dir=self._folder), "lesson")
                        without_answers.make(shared, self.data, exercises)
                        self._shared[exercises] = shared
                work = self._shared[exercises]
            else:
                without_answers.make(work, self.data, exercises)
                (work / "home").mkdir()
            yield work, own
        finally:
            shutil.rmtree(own, ignore_errors=True)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._cleaner.communicate()


@cache
def version(package: Path = ROOT / "mnist_logreg") -> str:
    """A digest of the project's code: another one may judge otherwise."""
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        digest.update(f"{name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def data_digest(data: Data) -> str:
    """A digest of the data's four files."""
    digest = hashlib.sha256()
    for path in sorted(raw_folder(data.root).glob("*-ubyte")):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
