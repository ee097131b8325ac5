"""A working copy of the project in a folder elsewhere: package and data.

The package finds data and results from its own place, so a copy keeps to itself: what
runs in it reads and writes nothing of the original.
"""

import shutil
from pathlib import Path

from mnist_logreg.files.choose import Data
from mnist_logreg.files.mnist import raw_folder
from mnist_logreg.tools import kernel_settings
from mnist_logreg.tools.project import ROOT

WITHOUT = shutil.ignore_patterns("__pycache__")


def make(folder: Path, *data: Data, without=WITHOUT) -> None:
    """Put the package, data and an empty folder for notebooks into a folder.

    Parameters
    ----------
    folder : Path
        New or empty.
    *data : Data
        The data to copy.
    without : callable
        What of the package to leave out, as ``shutil.copytree`` asks for it.

    Raises
    ------
    OSError
        If something cannot be written.
    """
    shutil.copytree(ROOT / "mnist_logreg", folder / "mnist_logreg", ignore=without)
    (folder / "notebooks").mkdir()
    for source in data:
        raw = raw_folder(folder / "data" / source.name)
        raw.mkdir(parents=True)
        for file in raw_folder(source.root).glob("*-ubyte"):
            shutil.copyfile(file, raw / file.name)


def environment(folder: Path) -> dict[str, str]:
    """The environment of a kernel that uses the copy and knows nothing else."""
    return {**kernel_settings.apart(str(folder)), "PYTHONPATH": str(folder)}
