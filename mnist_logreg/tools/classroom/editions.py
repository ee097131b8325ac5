"""The two editions of a notebook, made from the one that is committed.

Cell tags drive it: `exercise` (a stub and its check), `exercise-text` (what to do),
`solution` (the stub completed) and `instructor` (a note for whoever teaches).
"""

from copy import deepcopy
from pathlib import Path

from nbformat import NotebookNode, read

from mnist_logreg.tools.project import NOTEBOOKS

# The rest of an exercise cell, from the line that starts so, is the check.
CHECK = "# ---- the check"

# What a learner's notebook needs: the runner and `grade` look for these tags.
KEPT_TAGS = {"parameters", "exercise", "exercise-text"}

# JupyterLab draws these classes as a box.
BOX = '<div class="alert alert-block alert-info">'


def committed() -> dict[str, NotebookNode]:
    """The series' notebooks by file name, in order."""
    return {path.name: load(path) for path in sorted(NOTEBOOKS.glob("*.ipynb"))}


def load(path: Path) -> NotebookNode:
    """Read a notebook in the current format."""
    return read(path, as_version=4)


def tags(cell: NotebookNode) -> set[str]:
    """A cell's tags."""
    return set(cell.metadata.get("tags", ()))


def learners(notebook: NotebookNode) -> NotebookNode:
    """The learner's edition: no outputs, no solutions, no notes for instructors."""
    edition = _skeleton(notebook)
    for cell in notebook.cells:
        if tags(cell) & {"solution", "instructor"}:
            continue
        kept = [tag for tag in cell.metadata.get("tags", ()) if tag in KEPT_TAGS]
        copy = NotebookNode(
            cell_type=cell.cell_type,
            id=cell.id,
            metadata=NotebookNode(tags=kept) if kept else NotebookNode(),
            source=cell.source,
        )
        if cell.cell_type == "code":
            copy.update(execution_count=None, outputs=[])
        edition.cells.append(copy)
    return edition


def instructors(notebook: NotebookNode) -> NotebookNode:
    """The instructor's edition: as executed, solutions unfolded, notes in boxes."""
    edition = _skeleton(notebook)
    for cell in notebook.cells:
        copy = deepcopy(cell)
        copy.metadata.pop("jupyter", None)  # folds a solution's code and output
        if "instructor" in tags(cell):
            note = cell.source.replace("<details>", "<details open>")
            copy.source = f"{BOX}\n\n{note}\n\n</div>"
        edition.cells.append(copy)
    return edition


def solved(notebook: NotebookNode) -> NotebookNode:
    """The learner's edition with the code of every solution in its stub's place."""
    edition = learners(notebook)
    answers = solutions(notebook)
    for cell in edition.cells:
        cell.source = answers.get(cell.id, cell.source)
    return edition


def solutions(notebook: NotebookNode) -> dict[str, str]:
    """The code of each solution, by the id of the exercise cell that it follows."""
    answers, exercise = {}, None
    for cell in notebook.cells:
        if "exercise" in tags(cell):
            exercise = cell
        elif "solution" in tags(cell) and cell.cell_type == "code":
            # The imports above a stub belong to the lesson, not to the answer.
            stub = exercise.source.partition(CHECK)[0]
            imports = [line for line in stub.splitlines() if _is_import(line)]
            answers[exercise.id] = "\n".join([*imports, "", cell.source]).lstrip("\n")
    return answers


def _is_import(line: str) -> bool:
    return line.startswith(("import ", "from "))


def _skeleton(notebook: NotebookNode) -> NotebookNode:
    """A notebook without cells that says which language and kernel it is for."""
    metadata = {
        key: deepcopy(notebook.metadata[key])
        for key in ("kernelspec", "language_info")
        if key in notebook.metadata
    }
    return NotebookNode(
        cells=[],
        metadata=NotebookNode(metadata),
        nbformat=notebook.nbformat,
        nbformat_minor=notebook.nbformat_minor,
    )
