"""The notebooks as learners go through them: solved, failing everywhere, run again."""

import json
from pathlib import Path

import pytest
from nbclient import NotebookClient

from mnist_logreg.checks.verdicts import MIME
from mnist_logreg.tools.classroom import editions
from mnist_logreg.tools.series.kernels import Kernel, environment

NOTEBOOKS = editions.committed()
# What the parameters are in these runs, where a notebook has them: a minute each.
QUICK = {"source": '"digits"', "epochs": "2"}


class WorkedThrough:
    """A learner's notebook in a kernel of its own, on the digits, for two epochs."""

    def __init__(self, notebook, results: Path):
        self.notebook = notebook
        for cell in notebook.cells:
            if "parameters" in editions.tags(cell):
                given = [k for k in QUICK if f"{k} =" in cell.source]
                cell.source += "".join(f"\n{k} = {QUICK[k]}" for k in given)
        self.client = NotebookClient(
            notebook, km=Kernel(), timeout=300, allow_errors=True, record_timing=False
        )
        self.results = results

    def __enter__(self):
        self.client.start_new_kernel(
            env=environment() | {"MNIST_RUN": str(self.results)}
        )
        self.client.start_new_kernel_client()
        return self

    def __exit__(self, *error):
        self.client.km.end()

    @property
    def code(self):
        """The code cells, by their place."""
        cells = enumerate(self.notebook.cells)
        return {i: cell for i, cell in cells if cell.cell_type == "code"}

    def run(self, places) -> None:
        """Run cells, in this order."""
        for place in places:
            self.client.execute_cell(self.notebook.cells[place], place)


def verdicts(cell):
    return [o.data[MIME] for o in cell.outputs if MIME in o.get("data", {})]


def errors(cell):
    return [f"{o.ename}: {o.evalue}" for o in cell.outputs if o.output_type == "error"]


def said(cell):
    """What a cell printed and showed as text, but for addresses and times."""
    texts = [
        output.get("text") or output.get("data", {}).get("text/plain", "") + "\n"
        for output in cell.outputs
    ]
    lines = "".join(texts).splitlines()  # a stream may come in pieces
    return [x for x in lines if " at 0x" not in x and "in this run" not in x]


@pytest.fixture(scope="module", params=NOTEBOOKS)
def solved(request, tmp_path_factory):
    """A notebook whose stubs hold the solutions, run from top to end."""
    notebook = editions.solved(NOTEBOOKS[request.param])
    with WorkedThrough(notebook, tmp_path_factory.mktemp("results")) as worked:
        worked.run(worked.code)
        yield worked


def test_every_solution_is_right_and_every_cell_runs(solved):
    assert [e for cell in solved.code.values() for e in errors(cell)] == []
    said = [v for cell in solved.code.values() for v in verdicts(cell)]
    numbers = [place.number for place in editions.exercises(solved.notebook)]
    assert [(v["exercise"], v["status"]) for v in said] == [
        (number, "right") for number in numbers
    ]


def test_any_cell_may_be_run_again(solved):
    """From the last one to the first: each finds the names as the end left them."""
    again = [
        place
        for place, cell in solved.code.items()
        if not {"nbval-ignore-output", "parameters"} & editions.tags(cell)
    ]
    before = {place: said(solved.code[place]) for place in again}
    solved.run(reversed(again))
    changed = {
        solved.code[place].source.splitlines()[0]: (before[place], said(cell))
        for place, cell in solved.code.items()
        if place in before and said(cell) != before[place]
    }
    assert not changed, json.dumps(changed, indent=1)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_an_error_in_every_answer_stops_nothing_else(name, tmp_path):
    notebook = editions.learners(NOTEBOOKS[name])
    places = editions.exercises(notebook)
    for place in places:
        place.stub.source += "\n1 / 0"
    with WorkedThrough(notebook, tmp_path) as worked:
        worked.run(worked.code)
    for place in places:
        assert errors(place.stub) == ["ZeroDivisionError: division by zero"]
        (verdict,) = verdicts(place.check)
        assert verdict["status"] == "wrong" and "divides by zero" in verdict["message"]
        place.stub.outputs = []
    assert [e for cell in worked.code.values() for e in errors(cell)] == []
