"""Learners' notebooks in real kernels at once, as they are given out."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from mnist_logreg.files.choose import open_data
from mnist_logreg.tools import cli
from mnist_logreg.tools.classroom import editions, load_test


def teach(folder, monkeypatch, **notebooks: str) -> None:
    """Let a series of one-cell notebooks take the place of the lesson's."""
    for name, source in notebooks.items():
        cell = new_code_cell(source, execution_count=7)
        nbformat.write(new_notebook(cells=[cell]), folder / f"{name}.ipynb")
    monkeypatch.setattr(editions, "NOTEBOOKS", folder)


def test_all_work_at_once_and_are_measured(tmp_path, monkeypatch):
    """Three learners and two notebooks: each waits until three are at work."""
    meet = f"""
import os, time
from pathlib import Path
import torch
from mnist_logreg.data import open_data

print(open_data("auto"))
Path({str(tmp_path)!r}, f"here-{{os.getpid()}}").touch()
while len(list(Path({str(tmp_path)!r}).glob("here-*"))) < 3:
    time.sleep(0.1)
time.sleep({2 * load_test.LOOK_SECONDS})
"""
    teach(tmp_path, monkeypatch, a=meet, b=meet)
    learners, peak = load_test.gather(3, open_data("digits"))
    assert [learner.name for learner in learners] == ["a.ipynb", "b.ipynb", "a.ipynb"]
    assert [learner.failure for learner in learners] == [""] * 3
    for learner in learners:
        (cell,) = learner.notebook.cells
        assert cell.execution_count == 1
        assert "bundled digits" in cell.outputs[0].text
        assert learner.seconds > 0 and learner.computed > 0
        assert learner.memory > 50 * load_test.MIB  # a kernel that imported torch
    largest = max(learner.memory for learner in learners)
    assert largest < peak <= sum(learner.memory for learner in learners)


def test_failures_are_counted_and_named(tmp_path, monkeypatch, capsys):
    teach(tmp_path, monkeypatch, a="1 + 1", b="1 / 0", c="exit(3)")
    assert cli.main(["crowd", "2", "--data", "digits"]) == 1
    said = capsys.readouterr().out
    assert "failed: b.ipynb: ZeroDivisionError: division by zero" in said
    assert "1 failed" in said


def test_a_crowd_of_nobody_is_refused(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["crowd", "0"])
    assert stop.value.code == 2
    assert "'0' is not a whole number above 0" in capsys.readouterr().err
