"""Of all that a learner handed in, the notebooks to grade; the rest is told of."""

import platform
from dataclasses import dataclass, field
from datetime import datetime

from mnist_logreg.files.choose import Data
from mnist_logreg.tools.classroom.grading import reading
from mnist_logreg.tools.classroom.grading.documents import (
    Document,
    NoNotebookError,
    parse,
)
from mnist_logreg.tools.classroom.grading.grafting import graft
from mnist_logreg.tools.classroom.grading.jobs import Job
from mnist_logreg.tools.classroom.grading.limits import Limits
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
    verdicts: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    saved: datetime | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Copy:
    file: reading.File
    document: Document | None
    trouble: str = ""


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
    copies: dict[str, list[_Copy]] = {name: [] for name in known}
    for file in reading.files(learner, other):
        copy = _read(file)
        name = came_from(file.name, copy.document, known)
        if name is None:
            why = copy.trouble or "none of the series' notebooks"
            found.notes.append(f"{file.where}: {why}")
        else:
            copies[name].append(copy)
    for name, original in known.items():
        latest = _latest(name, copies[name], found)
        if latest is None or latest.document is None:
            status, message = "missing", f"{name} was not found."
            if latest is not None:
                status = "error"
                message = f"not reached: this is not a notebook: {latest.trouble}."
            verdict = {"status": status, "message": message}
            found.verdicts[name] = {n: dict(verdict) for n in original.numbers}
            continue
        found.saved = max(found.saved or latest.file.saved, latest.file.saved)
        found.notes += _peculiar(name, latest.document, data)
        found.jobs[name] = Job(
            notebook=name,
            steps=tuple(graft(latest.document, original)),
            exercises=tuple(original.numbers),
            names={task.number: task.check for task in original.tasks.values()},
            fenced=fenced,
            limits=limits,
        )
    # What else lies about matters where something is missing.
    if found.verdicts:
        found.notes += other
    else:
        found.notes += [note for note in other if "not a notebook" not in note]
    if len(found.notes) > MOST_NOTES:
        more = len(found.notes) - MOST_NOTES
        found.notes[MOST_NOTES:] = [f"and {more} things more"]
    return found


def _read(file: reading.File) -> _Copy:
    try:
        return _Copy(file, parse(file.read()))
    except NoNotebookError as error:
        return _Copy(file, None, str(error))


def _latest(name: str, copies: list[_Copy], found: HandedIn) -> _Copy | None:
    """The copy to grade: one that can be read, if there is any, saved last."""
    if not copies:
        return None
    best = max(
        copies,
        key=lambda copy: (
            copy.document is not None,
            copy.file.saved,
            copy.file.name == name,
        ),
    )
    if len(copies) > 1:
        found.notes.append(
            f"of {len(copies)} copies of {name} the one saved last is graded: "
            f"{best.file.where}"
        )
    return best


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
