"""The outputs that the notebooks are committed with: whole, current, and true.

That they are true is checked cell by cell by nbval, in the same run of pytest; here it
is checked that such a check would fail.
"""

import re

import nbformat
import pytest
from nbformat import v4
from tiny import execute, nbval, notebook, read

from mnist_logreg.tools import project
from mnist_logreg.tools.series.clean import clean, problems, stamp

NOTEBOOKS = sorted(project.NOTEBOOKS.glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_whole_and_current(path):
    assert problems(read(path)) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_clean(path):
    text = path.read_text("utf-8")
    tidy = f"{nbformat.writes(clean(read(path))).rstrip()}\n"
    assert text == tidy, "saved by an editor: `make tidy` puts it right"
    assert all("id" in cell for cell in read(path).cells)
    for left in ("papermill", "iopub", "widget-view", "widget-state"):
        assert left not in text


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """A tiny notebook, executed and cleaned as ``make notebooks`` does it."""
    folder = tmp_path_factory.mktemp("executed")
    path = notebook(folder / "tiny.ipynb", "print('value: 0.125')", "1 + 1")
    book = clean(execute(path, folder / "out.ipynb", {}, cell_seconds=60))
    stamp(book)
    nbformat.write(book, path)
    return path


def test_a_clean_notebook_has_no_problems(executed):
    assert problems(read(executed)) == []
    assert list(read(executed).metadata) == [
        "kernelspec",
        "language_info",
        "mnist_logreg",
    ]


def not_run(book):
    book.cells[-1].execution_count = None


def out_of_order(book):
    book.cells[-1].execution_count = 7


def an_error(book):
    error = v4.new_output("error", ename="ValueError", evalue="", traceback=[])
    book.cells[-1].outputs.append(error)


def older(book):
    book.cells[-1].source = "1 + 2"


def an_address(book):
    book.cells[-1].outputs[0].data["text/plain"] = "<object at 0x7f32d6351440>"


def foreign(book):
    book.cells[-1].outputs[0].data["application/javascript"] = "alert(1)"


def a_path(book):
    text = "/" + "home/somebody/data"
    book.cells[-1].outputs.append(v4.new_output("stream", name="stdout", text=text))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (not_run, "code cell 3 was not run: run `make notebooks`"),
        (out_of_order, "code cell 3 was run as number 7: run `make notebooks`"),
        (an_error, "code cell 3 ended in ValueError"),
        (older, "the outputs are older than the code: run `make notebooks`"),
        (an_address, "code cell 3 shows an address in memory, 0x7f32d6351440"),
        (foreign, "code cell 3 shows an output of the type application/javascript"),
        (a_path, "code cell 3 shows a path of the machine it ran on"),
    ],
)
def test_spoiled_outputs_are_found(executed, spoil, says):
    book = read(executed)
    spoil(book)
    assert problems(book) == [says]


def test_a_changed_number_and_a_dead_kernel_fail(executed, tmp_path):
    text = executed.read_text("utf-8")
    changed = re.sub(r'("text": \[\s+"value: 0\.12)5', r"\g<1>6", text)
    dying = text.replace("1 + 1", "import os; os._exit(9)")
    assert changed != text != dying
    made = {"right": text, "wrong": changed, "dying": dying}
    for name, contents in made.items():
        (tmp_path / f"{name}.ipynb").write_text(contents, "utf-8")
    status, report = nbval(*sorted(tmp_path.iterdir()))
    assert status == 1
    assert "0.126" in report
    assert "the kernel died" in report
    assert "2 failed, 7 passed" in report
