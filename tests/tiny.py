"""Notebooks made on the spot, small enough that only their kernel costs time."""

from pathlib import Path

import nbformat
from nbformat import v4

from mnist_logreg.tools.series.execution import Execution, side_by_side


def notebook(path: Path, *cells: str, parameters: str = 'source = "auto"') -> Path:
    """Write a notebook: heading, parameters cell and code cells; returns its path."""
    heading = v4.new_markdown_cell("# Tiny")
    declared = v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    code = [v4.new_code_cell(cell) for cell in cells]
    made = v4.new_notebook(cells=[heading, declared, *code])
    made.metadata.kernelspec = {
        "name": "python3",
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
    }
    nbformat.write(made, path)
    return path


def execute(path: Path, out: Path, parameters=None, *, cell_seconds=60):
    """Execute a notebook; returns the executed one, which is at `out`."""
    execution = Execution(path, out, parameters or {}, cell_seconds)
    side_by_side([execution])
    return execution.executed


def read(path: Path):
    return nbformat.read(path, as_version=4)


def shown(path: Path) -> list[str]:
    """What each code cell of a saved notebook printed."""
    code = [cell for cell in read(path).cells if cell.cell_type == "code"]
    return ["".join(o.get("text", "") for o in cell.outputs) for cell in code]
