"""The bench, on the digits; no test asserts a time."""

import importlib.util
import json
import statistics
from pathlib import Path

import matplotlib
import pytest
from threadpoolctl import threadpool_info

from mnist_logreg.data import load, open_data
from mnist_logreg.lean import lean_steps
from mnist_logreg.solver import solve_with_scikit_learn
from mnist_logreg.tools import cli
from mnist_logreg.tools.machine import bench, measure
from mnist_logreg.tools.machine.report import report

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def result():
    # On one processor: other tests run beside this one.
    with pytest.MonkeyPatch.context() as patch, lean_steps():
        for library in ("OMP", "OPENBLAS", "MKL"):
            patch.setenv(f"{library}_NUM_THREADS", "1")
        return measure.measure(open_data("digits"), 2)


def test_every_way_is_measured_in_every_round(result):
    ways = [measure.USUAL, measure.LOADER, measure.BY_HAND, measure.FLOOR]
    if importlib.util.find_spec("jax"):
        ways.append(measure.JAX)
    assert list(result["epoch"]) == ways
    assert all(len(times) == 2 for times in result["epoch"].values())
    for solved in result["solution"].values():
        assert len(solved["seconds"]) == 2
        assert all(percent > 90 for percent in solved["accuracy"])
    assert result["data"] == "digits"


def test_the_table_holds_the_medians_and_their_ratios(result):
    told = report(result)
    usual = statistics.median(result["epoch"][measure.USUAL])
    for way, times in result["epoch"].items():
        [line] = [
            line
            for line in told.splitlines()
            if line.startswith(way) and "50 epochs" not in line and " to " in line
        ]
        median = statistics.median(times)
        assert f"{median:.3f}" in line
        assert f"{50 * median:.1f} s" in line
        assert f"{usual / median:.1f}" in line
        assert f"({min(times):.3f} to {max(times):.3f})" in line
    assert "1,347" in told
    assert "`crowd`" in told
    assert ("JAX is not installed" in told) != (measure.JAX in result["epoch"])


def test_the_command_says_what_it_measured_and_saves_it(
    tmp_path, capsys, monkeypatch, result
):
    monkeypatch.setattr(bench, "measure", lambda data, rounds: result)
    out = tmp_path / "new" / "folder"
    arguments = ["bench", "--data", "digits", "--rounds", "2", "--out", str(out)]
    with matplotlib.rc_context({"text.usetex": True}):  # a person's own setting
        assert cli.main(arguments) == 0
    printed = capsys.readouterr().out
    assert "NOT MNIST" in printed
    assert "takes 50 times as long" in printed
    saved = json.loads((out / "bench.json").read_text("utf-8"))
    assert saved["epoch"] == result["epoch"]
    assert (out / "bench.png").read_bytes().startswith(b"\x89PNG")
    left = {path.name for path in out.iterdir()}
    assert left == {".lock", ".mnist-logreg", "bench.json", "bench.png"}


def test_readers_are_told_the_recipe_that_is_measured(result):
    recipe = ", ".join(f"{name}={value}" for name, value in measure.BEST.items())
    assert recipe in report(result)
    notebook = (ROOT / "notebooks" / "04_training.ipynb").read_text("utf-8")
    assert (
        json.dumps(json.dumps(measure.BEST).replace("true", "True"))[1:-1] in notebook
    )


def test_the_solver_finds_the_best_and_gives_the_processors_back():
    def threads():
        return [library["num_threads"] for library in threadpool_info()]

    before = threads()
    sets = load(open_data("digits"))
    percent, seconds = solve_with_scikit_learn(*sets)
    assert percent > 95 and seconds > 0
    assert threads()[: len(before)] == before
