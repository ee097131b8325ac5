"""A handed-in notebook's bytes, read without trust: its cells and where it was run."""

import json
import re
from dataclasses import dataclass

from mnist_logreg.checks.verdicts import MIME, SOLUTION
from mnist_logreg.tools.classroom.grading.cleaning import clean

LARGEST = 100 << 20  # bytes; the largest notebook of the series has under one MiB
# A file of nothing but brackets would take forty times its size in memory.
MOST_BRACKETS = 3_000_000
MOST_CELLS = 5_000
MOST_CODE = 4 << 20  # characters in all cells of code
ASKED = re.compile(r"checks\.hint\(\s*[\"'](\d+\.\d+)[\"']\s*,\s*(?:step\s*=\s*)?3\b")
CONFLICT = re.compile(rb"^(<{7} |>{7} )", re.MULTILINE)


class NoNotebookError(Exception):
    """The bytes are not a notebook of format 4; the message says what they are."""


@dataclass(frozen=True)
class Cell:
    """A cell: "code" or another kind, its text, and its id if it has one."""

    kind: str
    source: str
    id: str | None = None


@dataclass(frozen=True)
class Document:
    """A notebook's cells, and what its outputs tell about the learner's machine.

    python : such as "3.12", or "" if it does not say.
    data : "mnist", "digits", or "" if no output names the data.
    helped : numbers of the exercises whose solution was looked at.
    """

    cells: tuple[Cell, ...]
    python: str = ""
    data: str = ""
    helped: frozenset[str] = frozenset()

    @property
    def code(self) -> list[Cell]:
        """The cells of code that are not empty."""
        return [cell for cell in self.cells if cell.kind == "code" and cell.source]


def parse(content: bytes) -> Document:
    """Read a notebook of any format 4, with or without cell ids.

    Colab, Kaggle, VS Code, JupyterLab and git each leave their own metadata, and not
    all keep to the format; what is not needed is not looked at.

    Parameters
    ----------
    content : bytes
        The file's bytes.

    Raises
    ------
    NoNotebookError
        If they are something else.
    """
    if not content.strip(b"\0 \r\n\t"):
        raise NoNotebookError("the file is empty")
    if len(content) > LARGEST:
        raise NoNotebookError(f"it has more than {LARGEST >> 20} MiB")
    if content.count(b"[") + content.count(b"{") > MOST_BRACKETS:
        raise NoNotebookError("it holds millions of brackets")
    try:
        found = json.loads(content.decode(json.detect_encoding(content)))
        if not isinstance(found, dict) or not isinstance(found.get("cells"), list):
            raise NoNotebookError(_other_kind(found))
        if len(found["cells"]) > MOST_CELLS:
            raise NoNotebookError(f"it has more than {MOST_CELLS:,} cells")
        cells = _cells(found["cells"])
    except (ValueError, RecursionError) as error:
        if CONFLICT.search(content):
            raise NoNotebookError("git has left its conflict marks in it") from error
        if content.startswith(b"version https://git-lfs"):
            raise NoNotebookError("it is a pointer of Git LFS, not the file") from error
        if isinstance(error, RecursionError):
            raise NoNotebookError("its brackets are nested without end") from error
        cause = clean(error, 100)
        raise NoNotebookError(f"it cannot be read as JSON: {cause}") from error
    outputs = _outputs(found["cells"])
    code = "\n".join(cell.source for cell in cells if cell.kind == "code")
    if len(code) > MOST_CODE:
        raise NoNotebookError(f"its code has more than {MOST_CODE >> 20} MiB")
    helped = frozenset(ASKED.findall(code)) | _helped(outputs)
    return Document(cells, _python(found), _data(outputs), helped)


def _cells(found: list) -> tuple[Cell, ...]:
    cells, ids = [], set()
    for cell in found:
        if not isinstance(cell, dict):
            continue
        source = cell.get("source", "")
        if isinstance(source, list):
            source = "".join(part for part in source if isinstance(part, str))
        if not isinstance(source, str):
            source = ""
        cell_id = cell.get("id")
        if not isinstance(cell_id, str) or cell_id in ids:
            cell_id = None
        ids.add(cell_id)
        # A lone surrogate cannot be sent to a kernel.
        source = source.encode("utf-8", "replace").decode().replace("\r\n", "\n")
        cells.append(Cell(str(cell.get("cell_type")), source.strip("\n"), cell_id))
    return tuple(cells)


def _other_kind(found) -> str:
    if isinstance(found, dict) and isinstance(found.get("worksheets"), list):
        return "it has notebook format 3: open and save it in a newer Jupyter"
    return "it is JSON, but no notebook"


def _python(found: dict) -> str:
    info = _get(_get(found, "metadata"), "language_info")
    version = re.match(r"3\.\d+", str(_get(info, "version") or ""))
    return version[0] if version else ""


def _outputs(cells: list) -> list[dict]:
    """Text, or data by MIME type, of all outputs."""
    found = []
    for cell in cells:
        outputs = _get(cell, "outputs")
        for output in outputs if isinstance(outputs, list) else ():
            data = _get(output, "data")
            found.append(data if isinstance(data, dict) else {})
            if _get(output, "text") is not None:
                found.append({"text/plain": output["text"]})
    return found


def _data(outputs: list[dict]) -> str:
    """The data that the notebook's first outputs name."""
    for output in outputs:
        text = output.get("text/plain", "")
        text = "".join(map(str, text)) if isinstance(text, list) else str(text)
        if "Data: the bundled digits" in text:
            return "digits"
        if "Data: MNIST" in text:
            return "mnist"
    return ""


def _helped(outputs: list[dict]) -> set[str]:
    """The exercises of which an output says that the solution was looked at."""
    said = [output.get(MIME) for output in outputs]
    return {
        str(_get(verdict, "exercise"))
        for verdict in said
        if isinstance(helped := _get(verdict, "helped"), int) and helped >= SOLUTION
    }


def _get(thing, key):
    return thing.get(key) if isinstance(thing, dict) else None
