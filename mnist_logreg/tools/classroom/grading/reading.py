"""Finds what each learner handed in: folders, zips as they came, files by any name.

Nothing is unpacked to the disk, and no link is followed.
"""

import io
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mnist_logreg.errors import UserError
from mnist_logreg.tools.classroom.grading.cleaning import clean
from mnist_logreg.tools.classroom.grading.documents import LARGEST, NoNotebookError

MOST_FILES = 20_000  # that are looked at for one learner
MOST_BYTES = 2 << 30  # that are unpacked for one learner
LONGEST_NAME = 255  # of a file, as disks have it; in a zip it may be longer
DEEPEST = 12  # folders within folders
DEEPEST_ZIP = 3  # zips within zips
LARGEST_ZIP = 500 << 20  # bytes
OURS = ("_feedback", "__MACOSX")  # what lies in a class and is nobody's
ARCHIVES = (".rar", ".7z", ".tar", ".tgz", ".gz", ".xz", ".bz2")
NOTEBOOK = re.compile(r"\.ipynb(\.(txt|json))?$", re.IGNORECASE)
SKIPPED = re.compile(r"\.(?!\.?$)|__MACOSX$|__pycache__$|site-packages$|node_modules$")

# How learning platforms name what they hand over: the learner and a number.
PLATFORMS = {
    # Anna Smith_12345_assignsubmission_file_01_dataset.ipynb
    "moodle": r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_[a-z]+_?(?P<rest>.*)",
    # smithanna_LATE_1234_5678_01_dataset.ipynb
    "canvas": r"(?P<name>[^_]+)(?P<late>_LATE)?_(?P<number>\d+)_\d+_(?P<rest>.+)",
}


@dataclass
class Learner:
    """A learner, and where the work lies.

    name : the folder's name, or what a platform made it from. folder : as it was given.
    number : as the platform gives it, or "". platform : "moodle", "canvas" or "".
    places : folders and files. late : whether the platform says so.
    """

    name: str
    folder: str = ""
    number: str = ""
    platform: str = ""
    places: list[Path] = field(default_factory=list)
    late: bool = False


@dataclass(frozen=True)
class File:
    """A file that may be a notebook.

    where : its path, clean, as it is told. name : its own name. saved : when it was
    saved last. content : its bytes, or why there are none.
    """

    where: str
    name: str
    saved: datetime
    content: bytes | str


def learners(folder: Path) -> tuple[list[Learner], list[str]]:
    """The learners whose work lies in a folder.

    Parameters
    ----------
    folder : Path
        Holds a sub-folder or a zip for each learner, or files as platforms name them.

    Returns
    -------
    tuple of list of Learner, list of str
        The learners by name, and a line for each thing that belongs to none.

    Raises
    ------
    UserError
        If there is nobody.
    """
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise UserError(f"{clean(folder)} cannot be read: {error.strerror}.") from error
    found: dict[tuple[str, str], Learner] = {}
    notes: list[str] = []
    for entry in entries:
        if entry.name.startswith(".") or entry.name in OURS:
            continue
        learner = _whose(entry)
        if isinstance(learner, str):
            if learner:
                notes.append(f"Not graded: {clean(entry.name)}: {learner}.")
            continue
        # Names that look alike may differ in what is invisible.
        key = learner.name, learner.number or learner.folder
        known = found.setdefault(key, learner)
        known.places.append(Path(entry.path))
        known.late |= learner.late
    if not found:
        raise UserError(
            f"{clean(folder)} holds no sub-folders: put each learner's notebooks, or "
            "the zip that was handed in, into one with the learner's name."
        )
    names: set[str] = set()
    for learner in found.values():  # two may have one name
        name = learner.name
        marks = iter([*filter(None, [learner.number]), *range(2, len(found) + 2)])
        while learner.name in names:
            learner.name = f"{name} ({next(marks)})"
        names.add(learner.name)
    return sorted(found.values(), key=lambda one: one.name), notes


def _whose(entry: os.DirEntry) -> Learner | str:
    """Whose a thing in the class's folder is, or why it is nobody's."""
    if entry.is_symlink():
        return "it is a link"
    if entry.name.startswith("_"):
        return "its name begins with _"
    name, is_folder = entry.name, entry.is_dir()
    is_zip = not is_folder and name.lower().endswith(".zip")
    if not is_folder and not is_zip and not NOTEBOOK.search(name):
        archive = name.lower().endswith(ARCHIVES)
        return "only folders and zip archives are read: unpack it" if archive else ""
    for platform, pattern in PLATFORMS.items():
        match = re.fullmatch(pattern, name)
        if match:
            parts = match.groupdict()
            return Learner(
                clean(parts["name"], 80),
                name[: match.start("rest")],
                parts["number"],
                platform,
                late=bool(parts.get("late")),
            )
    if is_folder or is_zip:
        folder = name if is_folder else name[:-4]
        return Learner(clean(folder, 80) or "(no name)", folder)
    return "put it into a sub-folder with the learner's name"


def files(learner: Learner, notes: list[str]) -> Iterator[File]:
    """All files of a learner that may be notebooks.

    Parameters
    ----------
    learner : Learner
    notes : list of str
        Gets a sentence for each file that is not read.

    Yields
    ------
    File
    """
    left = [MOST_FILES, MOST_BYTES]
    for place in learner.places:
        yield from _look(place, place.parent, 0, left, notes)


def _look(path: Path, top: Path, depth, left, notes) -> Iterator[File]:
    where = clean(os.path.relpath(path, top))
    left[0] -= 1
    try:
        info = path.lstat()
        if stat.S_ISLNK(info.st_mode):
            notes.append(f"{where}: a link, which is not followed")
        elif left[0] < 0 or depth > DEEPEST:
            if left[0] >= -1:
                notes.append(f"{where}: too many files or folders, not looked at")
        elif stat.S_ISDIR(info.st_mode):
            for inner in sorted(path.iterdir()):
                if not SKIPPED.match(inner.name):
                    yield from _look(inner, top, depth + 1, left, notes)
        elif not stat.S_ISREG(info.st_mode):
            notes.append(f"{where}: neither a file nor a folder")
        elif path.name.lower().endswith(".zip"):
            with _open(path) as file, zipfile.ZipFile(file) as archive:
                yield from _unpack(archive, where, 1, left, notes)
        elif NOTEBOOK.search(path.name):
            saved = datetime.fromtimestamp(info.st_mtime)
            yield File(where, path.name, saved, _content(path))
        else:
            _note_other(path.name, where, notes)
    except OSError as error:
        notes.append(f"{where}: cannot be read ({error.strerror or 'an error'})")
    except Exception as error:  # of whatever kind zipfile may raise
        notes.append(f"{where}: no zip that can be read ({clean(error, 80)})")


def _unpack(archive, top: str, depth: int, left, notes) -> Iterator[File]:
    for entry in archive.infolist():
        left[0] -= 1
        if left[0] < 0:
            notes.append(f"{top}: too many files, not all are looked at")
            return
        parts = entry.filename.replace("\\", "/").split("/")
        where, name = clean(f"{top}/{entry.filename}"), parts[-1][-LONGEST_NAME:]
        if not name or any(SKIPPED.match(part) for part in parts):
            continue
        if stat.S_ISLNK(entry.external_attr >> 16):
            notes.append(f"{where}: a link, which is not followed")
        elif NOTEBOOK.search(name):
            content = _extract(archive, entry, LARGEST, left)
            yield File(where, name, _saved(entry), content)
        elif name.lower().endswith(".zip") and depth < DEEPEST_ZIP:
            inner = _extract(archive, entry, LARGEST_ZIP, left)
            if isinstance(inner, bytes):
                try:
                    with zipfile.ZipFile(io.BytesIO(inner)) as nested:
                        yield from _unpack(nested, where, depth + 1, left, notes)
                    continue
                except Exception as error:
                    inner = clean(error, 80)
            notes.append(f"{where}: no zip that can be read ({inner})")
        else:
            _note_other(name, where, notes)


def _extract(archive, entry, largest: int, left) -> bytes | str:
    """The bytes of a file in a zip, or why there are none."""
    if left[1] < 0:
        return f"more than {MOST_BYTES >> 20} MiB were unpacked already"
    try:
        with archive.open(entry) as file:
            content = file.read(largest + 1)
    except Exception as error:  # encrypted, damaged, an unknown method
        return f"it cannot be unpacked: {clean(error, 80)}"
    left[1] -= len(content)
    if len(content) > largest:
        return f"it has more than {largest >> 20} MiB"
    return content


def _open(path: Path):
    """Open a regular file that is not a link: not even one put there a moment ago."""
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    file = os.fdopen(
        os.open(path, os.O_RDONLY | flags | getattr(os, "O_BINARY", 0)), "rb"
    )
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise NoNotebookError("it is not a regular file")
    return file


def _content(path: Path) -> bytes | str:
    """The bytes of a file, or why there are none."""
    try:
        with _open(path) as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    except NoNotebookError as error:
        return str(error)


def _saved(entry: zipfile.ZipInfo) -> datetime:
    try:
        return datetime(*entry.date_time)
    except ValueError:
        return datetime.fromtimestamp(0)


def _note_other(name: str, where: str, notes: list[str]) -> None:
    """Tell of what cannot be graded but might have been meant to be."""
    if name.lower().endswith(ARCHIVES) and not name.lower().endswith("-ubyte.gz"):
        notes.append(f"{where}: only zip archives are read")
    elif re.search(r"(?i)\d_?[a-z]+.*\.(html?|pdf|py|docx?)$", name):
        notes.append(f"{where}: not a notebook (.ipynb)")
