"""The series' notebooks as learners got them, and which of them a file came from."""

import re
import unicodedata
from dataclasses import dataclass

from nbformat import NotebookNode

from mnist_logreg.tools.classroom import editions
from mnist_logreg.tools.classroom.grading.documents import Cell, Document

CLEARLY = 0.5  # share of a notebook's cells that tell it whatever the file's name
PERHAPS = 0.2  # … where the name tells nothing


@dataclass(frozen=True)
class Original:
    """A notebook as learners got it.

    cells : without solutions and notes. tasks : the exercises, by the place of the cell
    for the answer; that of the check is the next one.
    """

    cells: tuple[Cell, ...]
    tasks: dict[int, editions.Exercise]

    @property
    def numbers(self) -> list[str]:
        """The numbers of its exercises."""
        return [task.number for task in self.tasks.values()]


def original(notebook: NotebookNode) -> Original:
    """A notebook as learners get it, with its exercises."""
    edition = editions.learners(notebook)
    places = {cell.id: place for place, cell in enumerate(edition.cells)}
    tasks = {places[found.stub.id]: found for found in editions.exercises(edition)}
    cells = tuple(Cell(c.cell_type, c.source, c.id) for c in edition.cells)
    return Original(cells, tasks)


def came_from(
    file_name: str, document: Document | None, known: dict[str, Original]
) -> str | None:
    """Which notebook of the series a file came from, or None.

    What is in it decides, if that is clear, else its name: "Copy of 01_dataset.ipynb",
    "smithanna_1234_5678_03_model-2.ipynb", "01_Dataset (1).ipynb".

    Parameters
    ----------
    file_name : str
    document : Document or None
        None if the file cannot be read.
    known : dict
        The series' notebooks by name.
    """
    shares = {
        name: _share(document, original) if document else 0.0
        for name, original in known.items()
    }
    best = max(shares, key=lambda name: shares[name])
    if shares[best] >= CLEARLY:
        return best
    text = unicodedata.normalize("NFKC", file_name).casefold()
    for name in known:
        number, _, word = name.removesuffix(".ipynb").casefold().partition("_")
        pattern = rf"(?<!\d)0*{int(number)}[\W_]*{re.escape(word)}"
        if re.search(pattern, text):
            return name
    return best if shares[best] >= PERHAPS else None


def _share(document: Document, original: Original) -> float:
    """The share of a notebook's cells of code that a document holds."""
    ids = {cell.id for cell in document.cells}
    texts = {cell.source.strip() for cell in document.code}
    code = [cell for cell in original.cells if cell.kind == "code"]
    here = sum(cell.id in ids or cell.source.strip() in texts for cell in code)
    return here / max(1, len(code))
