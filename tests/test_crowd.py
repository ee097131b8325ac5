"""Learners' notebooks in real kernels at once, as they are given out."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from mnist_logreg.checks.verdicts import MIME
from mnist_logreg.files.choose import open_data
from mnist_logreg.tools import cli
from mnist_logreg.tools.classroom import editions, load_test


@pytest.fixture(scope="module")
def gathered():
    """Each of the four learner's notebooks, run from top to bottom on the digits."""
    return load_test.gather(4, open_data("digits"))


def test_every_learners_notebook_runs_from_top_to_bottom(gathered):
    learners, _ = gathered
    assert [learner.name for learner in learners] == list(editions.committed())
    assert [learner.failure for learner in learners] == [""] * 4
    for learner in learners:
        code = [cell for cell in learner.notebook.cells if cell.cell_type == "code"]
        assert all(cell.execution_count for cell in code)


def test_every_stub_says_kindly_that_it_is_not_done_yet_and_what_to_do(gathered):
    learners, _ = gathered
    for learner in learners:
        for exercise in editions.exercises(learner.notebook):
            said = [
                output.get("data", {}).get(MIME) for output in exercise.check.outputs
            ]
            assert said[-1]["status"] == "todo", said
            assert said[-1]["message"].startswith("not done yet")


def test_memory_and_time_are_measured(gathered):
    learners, peak = gathered
    for learner in learners:
        assert learner.seconds > 0
        assert learner.memory > 50 * load_test.MIB  # a kernel that imported torch
    largest = max(learner.memory for learner in learners)
    assert largest < peak <= sum(learner.memory for learner in learners)


def test_failures_are_counted_and_named(tmp_path, monkeypatch, capsys):
    sources = {"a.ipynb": "1 + 1", "b.ipynb": "1 / 0", "c.ipynb": "exit(3)"}
    for name, source in sources.items():
        nbformat.write(new_notebook(cells=[new_code_cell(source)]), tmp_path / name)
    monkeypatch.setattr(editions, "NOTEBOOKS", tmp_path)
    assert cli.main(["crowd", "2", "--data", "digits"]) == 1
    said = capsys.readouterr().out
    assert "failed: b.ipynb: ZeroDivisionError: division by zero" in said
    assert "1 failed" in said


def test_a_crowd_of_nobody_is_refused(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["crowd", "0"])
    assert stop.value.code == 2
    assert "'0' is not a whole number above 0" in capsys.readouterr().err
