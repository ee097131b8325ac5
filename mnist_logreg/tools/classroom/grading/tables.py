"""The table of a class: for a spreadsheet, to read, for Moodle and Canvas, and a page
for each learner."""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from mnist_logreg.checks.verdicts import COLOURS, MARKS
from mnist_logreg.files.whole import write_whole
from mnist_logreg.tools.classroom.grading.cleaning import cell, clean, file_name
from mnist_logreg.tools.pages.templates import render

TEMPLATES = Path(__file__).parent / "templates"
FEEDBACK = "_feedback"  # a folder in the class's; no learner's name begins so
MODIFIED = "Last modified (grade)"  # a column that Moodle asks for, empty or not
ASSIGNMENT = "MNIST logistic regression"  # the column's name in Canvas

OPEN = {"status": "open", "message": "not graded yet."}
LABELS = {
    **{status: MARKS[status] for status in ("right", "wrong", "todo")},
    "error": "!",
    "missing": "–",
    "flagged": "⚑",
    "open": "…",
}
# Canvas tells by the name of a page, not of its folder, whose it is.
CANVAS = re.compile(r"_\d+_\d+_$")
MOST_MISTAKES = 3  # of an exercise, in the class's summary


@dataclass
class Row:
    """A learner in the table.

    folder : the name of what was handed in. number : the learner's, from the platform
    or a list. verdicts : by exercise. saved : when, as "2026-11-20 23:58". late :
    whether that was after the day.
    """

    name: str
    folder: str = ""
    number: str = ""
    platform: str = ""
    verdicts: dict[str, dict[str, str]] = field(default_factory=dict)
    saved: str = ""
    late: bool = False
    notes: list[str] = field(default_factory=list)

    def verdict(self, exercise: str) -> dict[str, str]:
        """The verdict on an exercise."""
        return self.verdicts.get(exercise, OPEN)

    @property
    def right(self) -> int:
        """How many exercises are right."""
        return sum(v["status"] == "right" for v in self.verdicts.values())


@dataclass(frozen=True)
class Class:
    """All learners, and what an exercise is worth."""

    rows: list[Row]
    points: dict[str, int]

    @property
    def exercises(self) -> list[str]:
        """The numbers of the exercises."""
        return list(self.points)

    @property
    def most(self) -> int:
        """The points of all exercises."""
        return sum(self.points.values())

    def reached(self, row: Row) -> int:
        """A learner's points."""
        return sum(
            points
            for exercise, points in self.points.items()
            if row.verdict(exercise)["status"] == "right"
        )

    def count(self, exercise: str, status: str) -> int:
        """How many learners have a status in an exercise."""
        return sum(row.verdict(exercise)["status"] == status for row in self.rows)

    def mistakes(self, exercise: str) -> list[tuple[str, int]]:
        """The hints that more than one learner got, the most frequent first."""
        said = Counter(
            _words(row.verdict(exercise))
            for row in self.rows
            if row.verdict(exercise)["status"] in ("wrong", "error", "flagged")
        )
        return [pair for pair in said.most_common(MOST_MISTAKES) if pair[1] > 1]


def save(folder: Path, table: Class) -> list[Path]:
    """Write the class's tables, each whole or not at all.

    Returns
    -------
    list of Path
        What was written: grades.csv, grades.html and the tables for platforms.
    """
    pages = {
        "grades.csv": _csv(table).encode("utf-8-sig"),
        "grades.html": _page("grades", table=table).encode(),
        "grades-moodle.csv": _moodle(table).encode(),
        "grades-canvas.csv": _canvas(table).encode(),
    }
    for name, content in pages.items():
        write_whole(folder / name, content)
    return [folder / name for name in pages]


def save_feedback(folder: Path, table: Class, row: Row) -> Path:
    """Write the page to hand back to a learner; it tells of nobody else.

    It lies in a folder named like the one that was handed in, as Moodle wants it back,
    and what came from Canvas is named as Canvas wants it.
    """
    place = folder / FEEDBACK
    if place.is_symlink():
        place.unlink()
    own = place / file_name(row.folder or row.name)
    own.mkdir(parents=True, exist_ok=True)
    name = f"{own.name}feedback.html" if CANVAS.search(own.name) else "feedback.html"
    path = own / name
    write_whole(path, _page("feedback", table=table, row=row).encode())
    return path


def _page(template: str, **values) -> str:
    return render(
        template,
        TEMPLATES,
        labels=LABELS,
        colours=COLOURS,
        words=_words,
        **values,
    )


def _words(verdict: dict[str, str]) -> str:
    """What is said beside the mark."""
    return clean(verdict["message"]).removeprefix("not yet: ")


def _told(verdict: dict[str, str]) -> str:
    if verdict["status"] in ("right", "todo", "open"):
        return verdict["status"]
    return f"{verdict['status']}: {_words(verdict)}"


def _written(lines: list[list[str | int]]) -> str:
    out = io.StringIO()
    # Quoted, since some spreadsheets part a line at semicolons.
    csv.writer(out, quoting=csv.QUOTE_NONNUMERIC).writerows(lines)
    return out.getvalue()


def _csv(table: Class) -> str:
    more = ["points", "number", "handed in", "late", "notes"]
    lines: list[list[str | int]] = [["learner", "right", *table.exercises, *more]]
    lines += [
        [
            cell(row.name),
            row.right,
            *(cell(_told(row.verdict(e))) for e in table.exercises),
            table.reached(row),
            cell(row.number),
            row.saved,
            "late" if row.late else "",
            cell("; ".join(row.notes)),
        ]
        for row in table.rows
    ]
    return _written(lines)


def _moodle(table: Class) -> str:
    lines: list[list[str | int]] = [
        ["Identifier", "ID number", "Full name", "Grade", "Maximum Grade", MODIFIED]
    ]
    for row in table.rows:
        known = f"Participant {row.number}" if row.platform == "moodle" else ""
        number = row.number if row.platform == "list" else ""
        who = [known, cell(number), cell(row.name)]
        lines.append([*who, table.reached(row), table.most, ""])
    return _written(lines)


def _canvas(table: Class) -> str:
    lines: list[list[str | int]] = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", ASSIGNMENT],
        ["    Points Possible", "", "", "", "", table.most],
    ]
    for row in table.rows:
        own = row.number if row.platform == "canvas" else ""
        listed = row.number if row.platform == "list" else ""
        reached = table.reached(row)
        lines.append([cell(row.name), own, cell(listed), "", "", reached])
    return _written(lines)
