"""``notebooks``: executes the committed notebooks on MNIST and writes them clean.

A clean notebook holds its code, its outputs and nothing of the machine that made them,
so that a difference in version control is a difference in the lesson.
"""

import hashlib
import os
import re
import tempfile
from pathlib import Path

from nbformat import NotebookNode, writes

from mnist_logreg.errors import UserError
from mnist_logreg.files.choose import open_data
from mnist_logreg.files.whole import whole_file
from mnist_logreg.tools.project import NOTEBOOKS
from mnist_logreg.tools.series.execution import cell_seconds, execute

_MACHINE_PATH = re.compile(r"/(?:home|Users|root|tmp|var|private)/|\b[A-Z]:\\")


def add_arguments(parser):
    """Declare nothing: the notebooks run with their own parameters."""


def main(args) -> int:
    """Execute every notebook, and only if all went well replace them.

    Raises UserError, naming notebook, cell and cause, else.
    """
    print(open_data("mnist", fetch=True), flush=True)
    notebooks = sorted(NOTEBOOKS.glob("*.ipynb"))
    done = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNIST_RUN"] = folder
        for notebook in notebooks:
            print(f"{notebook.name} ...", flush=True)
            copy = Path(folder, notebook.name)
            executed = execute(notebook, copy, {}, cell_seconds=cell_seconds())
            done[notebook] = clean(executed)
            if found := problems(done[notebook]):
                raise UserError(f"{notebook.name}: {'; '.join(found)}.")
    for notebook, executed in done.items():
        with whole_file(notebook) as file:
            file.write(f"{writes(executed).rstrip()}\n".encode())
    print(f"{len(done)} notebooks executed and written.")
    return 0


def clean(notebook: NotebookNode) -> NotebookNode:
    """Strip an executed notebook, in place, of what the machine left in it.

    What stays is stamped with the hash of the code that made the outputs.
    """
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    notebook.metadata = NotebookNode(
        kernelspec=NotebookNode(kernel, language="python"),
        language_info=NotebookNode(name="python"),
        mnist_logreg=NotebookNode(code=_code_hash(notebook)),
    )
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
    return notebook


def problems(notebook: NotebookNode) -> list[str]:
    """What is wrong with a committed notebook's outputs; empty if nothing is."""
    found = []
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, 1):
        if cell.execution_count is None:
            found.append(f"cell {number} was not run")
        elif cell.execution_count != number:
            found.append(f"cell {number} was run as number {cell.execution_count}")
        for output in cell.outputs:
            if output.output_type == "error":
                found.append(f"cell {number} ended in {output.ename}")
            elif _MACHINE_PATH.search(_text(output)):
                found.append(f"cell {number} shows a path of the machine it ran on")
    if notebook.metadata.get("mnist_logreg", {}).get("code") != _code_hash(notebook):
        found.append("the outputs are older than the code: run `make notebooks`")
    return found


def _code_hash(notebook: NotebookNode) -> str:
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256("\0".join(code).encode()).hexdigest()


def _text(output: NotebookNode) -> str:
    data = output.get("data", {})
    shown = [data[kind] for kind in data if kind.startswith("text/")]
    return "\n".join([output.get("text", ""), *shown])
