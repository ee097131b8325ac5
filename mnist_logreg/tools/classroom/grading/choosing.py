"""Of all that a learner handed in, the notebooks to grade; the rest is told of."""

import platform
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from operator import methodcaller

from mnist_logreg.files.choose import Data
from mnist_logreg.tools.classroom.grading import reading
from mnist_logreg.tools.classroom.grading.budget import Limits
from mnist_logreg.tools.classroom.grading.documents import (
    Document,
    NoNotebookError,
    parse,
)
from mnist_logreg.tools.classroom.grading.grafting import graft
from mnist_logreg.tools.classroom.grading.jobs import Job, Verdicts, alike
from mnist_logreg.tools.classroom.grading.originals import Original, came_from

MOST_NOTES = 12


@dataclass
class HandedIn:
    """What a learner handed in.

    jobs : the notebooks to grade. verdicts : those on exercises that cannot be graded.
    saved : when the latest of the notebooks was saved. notes : what was found besides,
    and what is peculiar.
    """

    jobs: dict[str, Job] = field(default_factory=dict)
    verdicts: dict[str, Verdicts] = field(default_factory=dict)
    saved: datetime | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Copy:
    """What a file holds, or why it cannot be read; of its bytes nothing is kept."""

    where: str
    file_name: str
    saved: datetime
    document: Document | None
    trouble: str = ""

    def rank(self, name: str) -> tuple:
        """What the copy to grade has most of: it can be read, and was saved last.

        Some programs give all files of a zip one time. Then the copy in the fewest
        folders counts: others were set aside.
        """
        return (
            self.document is not None,
            self.saved,
            -self.where.count("/"),
            self.file_name == name,
        )


def choose(
    learner: reading.Learner,
    known: dict[str, Original],
    data: Data,
    limits: Limits,
    fenced: bool,
) -> HandedIn:
    """Read a learner's files and choose the notebooks to grade.

    Of several copies of a notebook the one saved last is taken.

    Parameters
    ----------
    learner : Learner
    known : dict
        The series' notebooks by name.
    data : Data
        What the notebooks are graded on.
    limits : Limits
    fenced : bool
    """
    found = HandedIn()
    other: list[str] = []
    best: dict[str, _Copy] = {}
    copies: Counter[str] = Counter()
    for file in reading.files(learner, other):
        copy = _read(file)
        name = came_from(file.name, copy.document, known)
        if name is None:
            why = copy.trouble or "none of the series' notebooks"
            found.notes.append(f"{file.where}: {why}")
        else:
            copies[name] += 1
            best[name] = max(best.get(name, copy), copy, key=methodcaller("rank", name))
    for name, original in known.items():
        latest = best.get(name)
        if latest and copies[name] > 1:
            found.notes.append(
                f"of {copies[name]} copies of {name} the one saved last is graded: "
                f"{latest.where}"
            )
        if latest is None or latest.document is None:
            status, message = "missing", f"{name} was not found."
            if latest is not None:
                status = "error"
                message = f"not reached: this is not a notebook: {latest.trouble}."
            found.verdicts[name] = alike(original.numbers, status, message)
            continue
        found.saved = max(found.saved or latest.saved, latest.saved)
        found.notes += _peculiar(name, latest.document, data)
        found.jobs[name] = Job(
            notebook=name,
            steps=tuple(graft(latest.document, original)),
            exercises=tuple(original.numbers),
            fenced=fenced,
            limits=limits,
        )
    # What else lies about matters where something is missing.
    found.notes += [n for n in other if found.verdicts or "not a notebook" not in n]
    if len(found.notes) > MOST_NOTES:
        more = len(found.notes) - MOST_NOTES
        found.notes[MOST_NOTES:] = [f"and {more} things more"]
    return found


def _read(file: reading.File) -> _Copy:
    if isinstance(file.content, str):
        return _Copy(file.where, file.name, file.saved, None, file.content)
    try:
        document, trouble = parse(file.content), ""
    except NoNotebookError as error:
        document, trouble = None, str(error)
    return _Copy(file.where, file.name, file.saved, document, trouble)


def _peculiar(name: str, document: Document, data: Data) -> list[str]:
    """What a learner's notebook tells of the machine that it was worked on."""
    notes = []
    names = {"mnist": "MNIST", "digits": "the bundled digits"}
    if document.data and document.data != data.name:
        notes.append(
            f"{name} was worked on with {names[document.data]}, and is graded on "
            f"{names[data.name]}: values may differ"
        )
    own = ".".join(platform.python_version_tuple()[:2])
    if document.python and document.python != own:
        notes.append(
            f"{name} was worked on with Python {document.python}, and is graded with "
            f"{own}"
        )
    if document.helped:
        numbers = ", ".join(sorted(document.helped))
        notes.append(f"looked at the solution of {numbers}")
    return notes
