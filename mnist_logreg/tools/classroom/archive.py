"""``workshop``: the learner's and the instructor's edition, and an archive of each."""

import hashlib
import shutil
import tempfile
import zipfile
from pathlib import Path

from mnist_logreg.files.choose import open_data
from mnist_logreg.files.whole import whole_file
from mnist_logreg.tools import output, working_copy
from mnist_logreg.tools.classroom import editions, start
from mnist_logreg.tools.classroom.wheels import collect
from mnist_logreg.tools.project import ROOT

GUIDE = ROOT / "WORKSHOP.md"

# What an installation from the archive needs beside the package, and its way in.
PROJECT = ("pyproject.toml", "requirements.txt", "LICENSE")

WELCOME = """\
Logistic regression in PyTorch: four notebooks

1. You need Python 3.11 or newer and this folder, unpacked.
2. Open a terminal in this folder and type
       python start.py
   (on Windows: py start.py; where there is no python: python3 start.py).
   The first time it installs what is needed into this folder, which takes some
   minutes; after that it opens the first notebook in your browser at once.
3. Work through the notebooks from 01 to 04. Save with Ctrl-S.
   Your answers are in the folder learn.
4. Ctrl-C in the terminal ends it. Deleting this folder removes everything.

Something is wrong? python start.py doctor looks for the reason.
"""


def add_arguments(parser):
    """Declare what ``workshop`` takes."""
    output.add_out(parser, default=ROOT / "workshop")
    parser.add_argument(
        "--wheels",
        action="store_true",
        help="carry all packages for this Python and system, to install offline",
    )


def main(args) -> int:
    """Make both editions, as folders and as archives.

    Raises UserError if the packages cannot be fetched, OSError if something cannot be
    written.
    """
    out = output.claim(args)
    build(out, with_wheels=args.wheels)
    return 0


def build(out: Path, with_wheels: bool = False) -> None:
    """Write learners/, instructor/ and an archive of each into a folder.

    The learners' archive holds all they need: their notebooks, the package, the data,
    and, with_wheels, the packages. The instructor's holds the other notebooks and the
    guide.

    Parameters
    ----------
    out : Path
        The folder.
    with_wheels : bool
        Whether to collect the packages for this Python and system, too.

    Raises
    ------
    UserError
        If the packages cannot be collected.
    OSError
        If something cannot be written; it names the file.
    """
    notebooks = editions.committed()
    made = {
        "learners": {n: editions.learners(nb) for n, nb in notebooks.items()},
        "instructor": {n: editions.instructors(nb) for n, nb in notebooks.items()},
    }
    for edition, books in made.items():
        folder = out / edition
        folder.mkdir(parents=True, exist_ok=True)
        for name, notebook in books.items():
            editions.save(notebook, folder / name)
        print(f"{folder}: {len(books)} notebooks")

    data = [open_data("digits")]
    found = open_data()
    if found.name == "mnist":
        data.append(found)
    else:
        print(
            "MNIST is not on this machine, so the archive holds the digits only. "
            "To have both, run `make data` first."
        )
    packages = collect(out / "wheels", ROOT) if with_wheels else []

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        working_copy.make(folder, *data)
        for name, notebook in made["learners"].items():
            editions.save(notebook, folder / "notebooks" / name)
        for file in (Path(start.__file__), *(ROOT / name for name in PROJECT)):
            shutil.copy(file, folder)
        for name in ("START.txt", "README.md"):  # the package asks for the latter
            (folder / name).write_text(WELCOME, "utf-8")
        contents = {path.relative_to(folder): path for path in _files(folder)}
        contents |= {Path("wheels", path.name): path for path in packages}
        _zip(out / "learners.zip", contents)
    contents = {path.relative_to(out): path for path in _files(out / "instructor")}
    _zip(out / "instructor.zip", {**contents, Path("WORKSHOP.md"): GUIDE})


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _zip(archive: Path, contents: dict[Path, Path]) -> None:
    """Pack files, by their place in the archive, into a folder named mnist-logreg.

    Prints the archive's check sum, for the board.
    """
    with (
        whole_file(archive) as out,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack,
    ):
        for place, file in contents.items():
            # A wheel is packed already.
            packed = zipfile.ZIP_STORED if file.suffix == ".whl" else None
            pack.write(file, Path("mnist-logreg", place), packed)
    with archive.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    print(f"{archive}: {archive.stat().st_size / 1e6:,.1f} MB, SHA-256 {digest}")
