"""Notebooks made on the spot, small enough that only their kernel costs time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat import v4

from mnist_logreg.tools.project import ROOT
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


def kernelspec(folder: Path, program: str) -> Path:
    """A kernel python3 in a folder of kernels."""
    place = folder / "kernels" / "python3"
    place.mkdir(parents=True)
    argv = [program, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    about = {"argv": argv, "display_name": "Mine", "language": "python"}
    (place / "kernel.json").write_text(json.dumps(about))
    return place


def nbval(*notebooks: Path, **variables: str) -> tuple[int, str]:
    """Compare notebooks as ``make test`` does, apart: exit status and report."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    environment.pop("PYTEST_XDIST_WORKER", None)  # it is nobody's worker
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml"),
            *("-p", "strict", "-p", "no:cacheprovider", "-n0", *notebooks),
        ],
        env=environment | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout + done.stderr


def read(path: Path):
    return nbformat.read(path, as_version=4)


def shown(path: Path) -> list[str]:
    """What each code cell of a saved notebook printed."""
    code = [cell for cell in read(path).cells if cell.cell_type == "code"]
    return ["".join(o.get("text", "") for o in cell.outputs) for cell in code]
