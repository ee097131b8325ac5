"""The two editions of a notebook, made from the one that is committed.

Cell tags drive it: `exercise-text` (what to do), `exercise` (the stub), `check` (what
judges it) and `instructor` (a note for the teacher). The solutions stand with the
definitions of the exercises, see `mnist_logreg.checks`.
"""

import re
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode, read, writes
from nbformat.v4 import new_markdown_cell

from mnist_logreg.checks.solutions import solutions
from mnist_logreg.files.whole import write_whole
from mnist_logreg.tools.project import NOTEBOOKS

# What a learner's notebook needs: the runner and `grade` look for these tags.
KEPT_TAGS = {"parameters", "exercise", "exercise-text", "check"}

# In JupyterLab these keep a learner from deleting a check, or typing into it.
KEPT_METADATA = ("tags", "editable", "deletable")

# JupyterLab draws these classes as a box.
BOX = '<div class="alert alert-block alert-info">'


@dataclass(frozen=True)
class Exercise:
    """The three cells of an exercise, and its number: "1.1"."""

    number: str
    text: NotebookNode
    stub: NotebookNode
    check: NotebookNode


def committed() -> dict[str, NotebookNode]:
    """The series' notebooks by file name, in order."""
    return {path.name: load(path) for path in sorted(NOTEBOOKS.glob("*.ipynb"))}


def load(path: Path) -> NotebookNode:
    """Read a notebook in the current format."""
    return read(path, as_version=4)


def save(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook whole or not at all; an OSError names the file."""
    write_whole(path, f"{writes(notebook)}\n".encode())


def tags(cell: NotebookNode) -> set[str]:
    """A cell's tags."""
    return set(cell.metadata.get("tags", ()))


def exercises(notebook: NotebookNode) -> list[Exercise]:
    """The exercises of a notebook, in order: text, stub and check in a row each."""
    cells = notebook.cells
    return [
        Exercise(number_of(cells[i]), *cells[i : i + 3])
        for i, cell in enumerate(cells)
        if "exercise-text" in tags(cell)
    ]


def number_of(text: NotebookNode) -> str:
    """The number in an exercise's heading, or ""."""
    match = re.search(r"^#+ Exercise (\d+\.\d+)", text.source, re.MULTILINE)
    return match[1] if match else ""


def learners(notebook: NotebookNode) -> NotebookNode:
    """The learner's edition: no outputs, no notes for instructors."""
    edition = _trimmed(notebook)
    edition.cells = [cell for cell in edition.cells if "instructor" not in tags(cell)]
    for cell in edition.cells:
        metadata = {k: cell.metadata[k] for k in KEPT_METADATA if k in cell.metadata}
        kept = [tag for tag in metadata.pop("tags", ()) if tag in KEPT_TAGS]
        cell.metadata = NotebookNode(metadata, **({"tags": kept} if kept else {}))
        if cell.cell_type == "code":
            cell.update(execution_count=None, outputs=[])
    return edition


def instructors(notebook: NotebookNode) -> NotebookNode:
    """The instructor's edition: as executed, with solutions and notes in boxes."""
    edition = _trimmed(notebook)
    numbers = {place.check.id: place.number for place in exercises(notebook)}
    cells, edition.cells = edition.cells, []
    for cell in cells:
        if "instructor" in tags(cell):
            note = cell.source.replace("<details>", "<details open>")
            cell.source = f"{BOX}\n\n{note}\n\n</div>"
        edition.cells.append(cell)
        if cell.id in numbers:
            # Text, so that running all cells does not run it.
            code = f"```python\n{solutions()[numbers[cell.id]]}\n```"
            shown = new_markdown_cell(
                f"{BOX}\n\n**Solution**\n\n{code}\n\n</div>",
                id=f"solution-{cell.id}"[:64],
                metadata={"tags": ["instructor"]},
            )
            edition.cells.append(shown)
    return edition


def solved(notebook: NotebookNode) -> NotebookNode:
    """The learner's edition with the code of every solution in its stub's place."""
    edition = learners(notebook)
    for place in exercises(edition):
        place.stub.source = solutions()[place.number]
    return edition


def _trimmed(notebook: NotebookNode) -> NotebookNode:
    """A copy that says of itself only which language and kernel it is for."""
    copy = deepcopy(notebook)
    for key in set(copy.metadata) - {"kernelspec", "language_info"}:
        del copy.metadata[key]
    return copy
