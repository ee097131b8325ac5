"""Notebooks as they are committed: nothing of an editor and of a machine in them."""

import hashlib
import re
from collections import Counter

from nbformat import NotebookNode
from nbformat.validator import normalize

KERNEL = {
    "display_name": "Python 3 (ipykernel)",
    "language": "python",
    "name": "python3",
}
# What the pages, GitHub and every editor can show, and what is this project's own.
SHOWN = {"text/plain", "text/html", "text/markdown", "image/png", "image/svg+xml"}
OWN = "application/vnd.mnist-logreg."
WIDGET = "application/vnd.jupyter.widget-view+json"  # asks for a kernel to be seen
MACHINE_PATH = re.compile(r"/(?:home|Users|root|tmp|var|private)/|\b[A-Z]:\\")
PICTURE = re.compile(r"data:image/\w+;base64,[\w+/=]*")  # any letters may follow
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")


def clean(notebook: NotebookNode) -> NotebookNode:
    """Strip a notebook, in place, of what an editor or a run has left in it.

    What stays is what the series uses: ids, tags, the lock on cells that check an
    answer, and the hash of the code that made the outputs.

    Parameters
    ----------
    notebook : NotebookNode
        Any notebook of the series.

    Returns
    -------
    NotebookNode
        The same notebook.
    """
    stamp = notebook.metadata.get("mnist_logreg", {}).get("code")
    notebook.metadata = NotebookNode(
        kernelspec=NotebookNode(KERNEL), language_info=NotebookNode(name="python")
    )
    if isinstance(stamp, str):
        notebook.metadata.mnist_logreg = NotebookNode(code=stamp)
    for cell in notebook.cells:
        if "id" in cell.metadata:  # where Colab puts it
            cell.setdefault("id", cell.metadata.id)
        cell.metadata = _used(cell.metadata)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)
    notebook.nbformat_minor = 5  # cells have ids from here on
    _, with_ids = normalize(notebook)
    notebook.cells = with_ids.cells
    return notebook


def stamp(notebook: NotebookNode) -> None:
    """Note, in its metadata, that the outputs are those of the present code."""
    notebook.metadata.mnist_logreg = NotebookNode(code=_code_hash(notebook))


def differences(before: NotebookNode, after: NotebookNode) -> list[str]:
    """What `clean` has changed.

    Parameters
    ----------
    before, after : NotebookNode
        The same notebook, with the same cells.

    Returns
    -------
    list of str
        A few words for each kind of thing.
    """
    found = [
        f"{key} of the notebook"
        for key in sorted(before.metadata.keys() | after.metadata.keys())
        if before.metadata.get(key) != after.metadata.get(key)
    ]
    if before.nbformat_minor != after.nbformat_minor:
        found.append("format of the notebook")
    changed: Counter[str] = Counter()
    for old, new in zip(before.cells, after.cells, strict=True):
        changed.update(
            key
            for key in old.metadata.keys() | new.metadata.keys()
            if old.metadata.get(key) != new.metadata.get(key)
        )
        changed["the id"] += old.get("id") != new.id
        if old.get("outputs") != new.get("outputs"):
            changed["the state of a widget"] += 1
    for what, times in sorted((+changed).items()):
        found.append(f"{what} in {times} cell{'s' if times > 1 else ''}")
    return found


def problems(notebook: NotebookNode) -> list[str]:
    """What is wrong with a notebook's outputs.

    Parameters
    ----------
    notebook : NotebookNode
        A committed notebook, or one that is about to be written.

    Returns
    -------
    list[str]
        A few words for each problem; empty if there is none.
    """
    found = []
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, 1):
        here, count = f"code cell {number}", cell.execution_count
        if count != number:
            how = "was not run" if count is None else f"was run as number {count}"
            found.append(f"{here} {how}: run `make notebooks`")
        for output in cell.outputs:
            found += [f"{here} {wrong}" for wrong in _wrong(output)]
    # Code was changed since the outputs were made.
    if notebook.metadata.get("mnist_logreg", {}).get("code") != _code_hash(notebook):
        found.append("the outputs are older than the code: run `make notebooks`")
    return found


def _used(metadata: NotebookNode) -> NotebookNode:
    """The metadata of a cell that the series uses."""
    tags = metadata.get("tags")
    used = NotebookNode({"tags": tags} if tags else {})
    if tags and "check" in tags:
        used |= {"editable": False, "deletable": False}
    return used


def _wrong(output: NotebookNode) -> list[str]:
    if output.output_type == "error":
        return [f"ended in {output.ename}"]
    data = output.get("data", {})
    text = "\n".join(
        [output.get("text", ""), *(data[k] for k in data if k.startswith("text/"))]
    )
    wrong = [
        f"shows an output of the type {kind}"
        for kind in data
        if kind not in SHOWN and not kind.startswith(OWN)
    ]
    text = PICTURE.sub("", text)
    if MACHINE_PATH.search(text):
        wrong.append("shows a path of the machine it ran on")
    if found := ADDRESS.search(text):
        wrong.append(f"shows an address in memory, {found[0]}")
    return wrong


def _code_hash(notebook: NotebookNode) -> str:
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256("\0".join(code).encode()).hexdigest()
