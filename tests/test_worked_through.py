"""The series run headless, and as learners go through it: failing, solved, run again.

All on the digits and for two epochs. A learner's notebook stays in one kernel, as when
somebody chooses "Run All Cells" again and again.
"""

import json
import re
from copy import deepcopy

import pytest
from nbclient import NotebookClient
from tiny import read

from mnist_logreg.checks.verdicts import MIME
from mnist_logreg.tools import cli
from mnist_logreg.tools.classroom import editions
from mnist_logreg.tools.series.kernels import Kernel, environment

NOTEBOOKS = editions.committed()
# What the parameters are in these runs, where a notebook has them.
QUICK = {"source": '"digits"', "epochs": "2"}


def quick(notebook):
    """The notebook, with the parameters of these runs."""
    for cell in notebook.cells:
        if "parameters" in editions.tags(cell):
            given = [name for name in QUICK if f"{name} =" in cell.source]
            cell.source += "".join(f"\n{name} = {QUICK[name]}" for name in given)
    return notebook


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def verdicts(cell):
    return [o.data[MIME] for o in cell.outputs if MIME in o.get("data", {})]


def errors(notebook):
    outputs = [output for cell in code(notebook) for output in cell.outputs]
    return [f"{o.ename}: {o.evalue}" for o in outputs if o.output_type == "error"]


def said(cell):
    """What a cell printed and showed, but for pictures, addresses and times."""
    text = ""
    for output in cell.outputs:
        text += output.get("text", "")  # a stream may come in pieces
        shown = output.get("data", {})
        kinds = sorted(kind for kind in shown if kind.startswith("text/"))
        text += "".join(f"{shown[kind]}\n" for kind in kinds)
    lines = re.sub(r"base64,[^\"]*", "", text).splitlines()
    return [x for x in lines if " at 0x" not in x and "in this run" not in x]


def changed(notebook, other):
    """The cells that say something else in another run: their code, and both.

    Left out are the exercises, and what differs between any two runs.
    """
    free = {"nbval-ignore-output", "parameters", "exercise", "check"}
    before = {cell.id: said(cell) for cell in code(other)}
    return [
        (cell.source, before[cell.id], said(cell))
        for cell in code(notebook)
        if not free & editions.tags(cell) and said(cell) != before[cell.id]
    ]


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    """What ``run`` leaves."""
    out = tmp_path_factory.mktemp("run")
    given = ["--data", "digits", "--epochs", QUICK["epochs"], "--out", str(out)]
    assert cli.main(["run", *given]) == 0
    return out


def test_the_series_runs_on_digits(series):
    metrics = json.loads((series / "metrics.json").read_text("utf-8"))
    assert metrics["data"] == "digits"
    assert metrics["parameters"] == {
        "source": "digits",
        "seed": 0,
        "batch_size": 32,
        "lr": 0.001,
        "epochs": 2,
    }
    assert len(metrics["train_loss"]) == len(metrics["test_accuracy"]) == 2
    assert metrics["train_loss"][0] > metrics["train_loss"][1]
    assert len(list(series.glob("*.ipynb"))) == 4
    assert (series / "index.html").exists()
    assert len(list((series / "figures").glob("04_training_*.png"))) >= 2


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_stub_says_kindly_that_it_is_not_done_yet(name, series):
    for place in editions.exercises(read(series / name)):
        *_, verdict = verdicts(place.check)
        assert verdict["status"] == "todo"
        assert verdict["message"].startswith("not done yet")


class Learner:
    """A learner's kernel for a notebook."""

    def __init__(self, name, results):
        self.name, self.results = name, results
        self.kernel = Kernel()

    def __enter__(self):
        self.client = NotebookClient(
            NOTEBOOKS[self.name], km=self.kernel, timeout=300, allow_errors=True
        )
        self.client.start_new_kernel(
            env=environment() | {"MNIST_RUN": str(self.results)}
        )
        self.client.start_new_kernel_client()
        return self

    def __exit__(self, *error):
        self.kernel.end()

    def run(self, notebook, cells=None):
        """Run a notebook's cells, or some of them in this order."""
        self.client.nb = notebook
        for cell in cells or code(notebook):
            self.client.execute_cell(cell, notebook.cells.index(cell))
        return notebook


@pytest.fixture(scope="module", params=NOTEBOOKS)
def learner(request, tmp_path_factory):
    with Learner(request.param, tmp_path_factory.mktemp("results")) as learner:
        yield learner


def test_an_error_in_every_answer_stops_nothing_else(learner):
    notebook = quick(editions.learners(NOTEBOOKS[learner.name]))
    places = editions.exercises(notebook)
    for place in places:
        place.stub.source += "\n1 / 0"
    learner.run(notebook)
    assert errors(notebook) == ["ZeroDivisionError: division by zero"] * len(places)
    for place in places:
        assert place.stub.outputs[-1].ename == "ZeroDivisionError"
        (verdict,) = verdicts(place.check)
        assert verdict["status"] == "wrong" and "divides by zero" in verdict["message"]


@pytest.fixture(scope="module")
def solved(learner):
    """The notebook with the solutions in the place of the stubs, run to its end."""
    return learner.run(quick(editions.solved(NOTEBOOKS[learner.name])))


def test_every_solution_is_right_and_every_cell_runs(solved):
    assert errors(solved) == []
    heard = [verdict for cell in code(solved) for verdict in verdicts(cell)]
    numbers = [place.number for place in editions.exercises(solved)]
    assert [(v["exercise"], v["status"]) for v in heard] == [
        (number, "right") for number in numbers
    ]


def test_what_was_printed_is_printed_again(solved, learner, series):
    assert changed(solved, read(series / learner.name)) == []


def test_any_cell_may_be_run_again(solved, learner):
    """From the last one to the first: each finds the names as the end left them."""
    before = deepcopy(solved)
    again = [cell for cell in code(solved) if "parameters" not in editions.tags(cell)]
    learner.run(solved, again[::-1])
    assert changed(solved, before) == []
