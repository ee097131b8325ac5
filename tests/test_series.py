"""The four notebooks themselves, run headless on the digits, and run again."""

import json

import pytest
from strict import nbval

from mnist_logreg.tools import cli


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    """A run of the series on the digits, for two epochs."""
    out = tmp_path_factory.mktemp("run")
    assert (
        cli.main(["run", "--data", "digits", "--epochs", "2", "--out", str(out)]) == 0
    )
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


def test_the_series_is_reproducible(series):
    """What it printed, it prints again."""
    status, report = nbval(*sorted(series.glob("*.ipynb")))
    assert status == 0, report
