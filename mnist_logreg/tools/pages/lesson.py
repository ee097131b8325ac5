"""What a page shows of a notebook: its prose, code, figures and exercises."""

import base64
import re
import struct
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import nbformat
from nbconvert.filters import strip_ansi
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from mnist_logreg.checks.solutions import solutions
from mnist_logreg.checks.verdicts import MIME
from mnist_logreg.errors import UserError
from mnist_logreg.tools.classroom.editions import number_of
from mnist_logreg.tools.pages.prose import Prose


@dataclass
class Figure:
    """A figure: the PNG file, its path from the page, its size in pixels, its text."""

    png: bytes
    path: str
    width: int
    height: int
    alt: str


@dataclass
class Output:
    """One output of a cell. kind: "figure", "check", "text", "error" or "html"."""

    kind: str
    figure: Figure | None = None
    text: str = ""
    status: str = ""  # of a check: right, wrong or todo


@dataclass
class Cell:
    """A cell of a page. kind: "prose", "code", "exercise", "check" or "solution"."""

    kind: str
    html: str
    outputs: list[Output]


@dataclass
class Block:
    """Cells that belong together: an exercise, or a cell by itself."""

    is_exercise: bool
    cells: list[Cell]


@dataclass
class Lesson:
    """A notebook as a page: what is on it, and what the overview says of it."""

    name: str  # of the file, without its suffix
    title: str
    lead: str  # HTML
    goals: list[str]  # HTML
    reading: int  # minutes
    exercises: int  # minutes
    blocks: list[Block]
    headings: list[tuple[int, str, str]]  # level, id, HTML
    figures: list[Figure]  # all
    mistakes: list[Figure]  # of cells tagged "mistakes": what a run's report shows

    @property
    def page(self) -> str:
        """The name of its page."""
        return f"{self.name}.html"

    @property
    def projector(self) -> str:
        """The name of its page for a projector."""
        return f"{self.name}.projector.html"


def read_lesson(path: Path) -> Lesson:
    """Read a notebook for its page.

    Cells tagged "instructor" are left out. A solution follows each exercise.

    Parameters
    ----------
    path : Path
        The notebook.

    Returns
    -------
    Lesson
        What its page shows.

    Raises
    ------
    UserError
        If the file is no notebook or does not begin with a heading.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
        first = notebook.cells[0].source
    except (OSError, ValueError, IndexError, AttributeError) as error:
        raise UserError(f"{path} cannot be read as a notebook: {error}.") from error
    if not first.startswith("# "):
        raise UserError(f"{path} does not begin with a heading (# ...).")

    prose = Prose()
    blocks: list[Block] = []
    figures: list[Figure] = []
    mistakes: list[Figure] = []
    numbers = count(1)
    number = ""
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        outputs = [
            _output(output, f"figures/{path.stem}", numbers)
            for output in cell.get("outputs", [])
        ]
        if "instructor" in tags:
            continue
        drawn = [output.figure for output in outputs if output.figure]
        figures += drawn
        if "mistakes" in tags:
            mistakes += drawn
        if cell.cell_type == "markdown":
            html, kind = prose.html(cell.source), "prose"
        else:
            html, kind = _code(cell.source), "code"
        kind = next((tag for tag in tags if tag in ("exercise", "check")), kind)
        shown = Cell(kind, html, outputs)
        if kind in ("exercise", "check") and blocks and blocks[-1].is_exercise:
            blocks[-1].cells.append(shown)
        else:
            blocks.append(Block("exercise-text" in tags, [shown]))
        if "exercise-text" in tags:
            number = number_of(cell)
        elif kind == "check" and number in solutions():
            solution = Cell("solution", _code(solutions()[number]), [])
            blocks[-1].cells.append(solution)

    goals = re.findall(r"^- (.+?)[,.]?$", first, re.MULTILINE)
    minutes = re.search(r"(\d+) minutes to read, (\d+) for the exercises", first)
    reading, exercises = map(int, minutes.groups()) if minutes else (0, 0)
    inline = Prose()  # so that the headings above stay the page's own
    return Lesson(
        name=path.stem,
        title=first.splitlines()[0].removeprefix("# ").strip(),
        lead=inline.html(first.split("\n\n")[1] if "\n\n" in first else ""),
        goals=[inline.html(goal) for goal in goals],
        reading=reading,
        exercises=exercises,
        blocks=blocks,
        headings=prose.headings,
        figures=figures,
        mistakes=mistakes,
    )


def _code(source: str) -> str:
    return highlight(source, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip("\n")


def _output(output, name: str, numbers) -> Output:
    data = output.get("data", {})
    if MIME in data:
        return Output("check", text=data["text/plain"], status=data[MIME]["status"])
    if "image/png" in data:
        png = base64.b64decode(data["image/png"])
        shown = output.metadata.get("image/png", {})
        width, height = struct.unpack(">II", png[16:24])  # of the header, IHDR
        width, height = shown.get("width", width), shown.get("height", height)
        alt = shown.get("alt", "")
        path = f"{name}_{next(numbers)}.png"
        return Output("figure", Figure(png, path, width, height, alt))
    if "text/html" in data:
        return Output("html", text=data["text/html"])
    if output.output_type == "error":
        return Output("error", text=strip_ansi("\n".join(output.traceback)))
    text = output.text if output.output_type == "stream" else data.get("text/plain", "")
    return Output("text", text=strip_ansi(text).rstrip("\n"))
