"""The outputs that the notebooks are committed with: whole, current, and true.

That they are true is checked cell by cell by nbval, in the same run of pytest; here it
is checked that such a check would fail.
"""

import re
import sys

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
        (not_run, "cell 3 was not run"),
        (out_of_order, "cell 3 was run as number 7"),
        (an_error, "cell 3 ended in ValueError"),
        (older, "the outputs are older than the code: run `make notebooks`"),
        (an_address, "cell 3 shows an address in memory, 0x7f32d6351440"),
        (foreign, "cell 3 shows an output of the type application/javascript"),
        (a_path, "cell 3 shows a path of the machine it ran on"),
    ],
)
def test_spoiled_outputs_are_found(executed, spoil, says):
    book = read(executed)
    spoil(book)
    assert problems(book) == [says]


def test_a_changed_number_fails(executed, tmp_path):
    right, wrong = tmp_path / "right.ipynb", tmp_path / "wrong.ipynb"
    text = executed.read_text("utf-8")
    right.write_text(text, "utf-8")
    changed = re.sub(r'("text": \[\s+"value: 0\.12)5', r"\g<1>6", text)
    assert changed != text
    wrong.write_text(changed, "utf-8")
    status, report = nbval(right, wrong)
    assert status == 1
    assert "0.126" in report
    assert "1 failed, 5 passed" in report


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_dead_kernel_fails(executed, tmp_path):
    book = read(executed)
    book.cells[-1].source = "import os; os.kill(os.getpid(), 9)"
    path = tmp_path / "dying.ipynb"
    nbformat.write(book, path)
    status, report = nbval(path)
    assert status == 1
    assert "the kernel died" in report
