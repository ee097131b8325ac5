"""What learners keep: written whole or not at all, read safely, clear errors."""

import json
import pickle

import pytest
import torch

from mnist_logreg.errors import UserError
from mnist_logreg.model import LogisticRegression, SoftmaxRegression
from mnist_logreg.results import load_model, results_folder, save_metrics, save_model


@pytest.mark.parametrize("kind", [LogisticRegression, SoftmaxRegression])
def test_a_saved_model_comes_back_the_same(kind, tmp_path):
    model = kind(12, 3)
    save_model(model, tmp_path / "model.pt")
    again = load_model(tmp_path / "model.pt")
    x = torch.rand(5, 12)
    assert type(again) is kind and torch.equal(model(x), again(x))
    assert [path.name for path in tmp_path.iterdir()] == ["model.pt"]


class Evil:
    """A pickle that would run code when it is read."""

    def __reduce__(self):
        return (open, ("ran", "w"))


def damaged(path):
    save_model(SoftmaxRegression(4, 2), path)
    path.write_bytes(path.read_bytes()[:-200])


NO_MODELS = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("not a model"),
    "pickle": lambda path: path.write_bytes(pickle.dumps(Evil())),
    "evil": lambda path: torch.save(Evil(), path),
    "cut": damaged,
    "other": lambda path: torch.save({"weights": torch.zeros(3)}, path),
    "list": lambda path: torch.save([1, 2], path),
    "sizes": lambda path: torch.save(
        {"kind": "SoftmaxRegression", "n_inputs": 2, "n_outputs": 2, "weights": {}},
        path,
    ),
    "absent": lambda path: None,
}


@pytest.mark.parametrize("make", NO_MODELS.values(), ids=NO_MODELS)
def test_what_is_no_model_is_refused_and_runs_nothing(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "model.pt")
    with pytest.raises(UserError, match=r"model\.pt"):
        load_model(tmp_path / "model.pt")
    assert not (tmp_path / "ran").exists()


def test_a_damaged_model_is_refused_wherever_the_damage_is(tmp_path):
    save_model(SoftmaxRegression(784, 10), tmp_path / "model.pt")
    whole = (tmp_path / "model.pt").read_bytes()
    for place in range(len(whole) // 3, len(whole) * 2 // 3, 1500):  # the weights
        spoiled = bytearray(whole)
        spoiled[place] ^= 1
        (tmp_path / "model.pt").write_bytes(spoiled)
        with pytest.raises(UserError, match="damaged"):
            load_model(tmp_path / "model.pt")
    (tmp_path / "model.pt").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="damaged"):
        load_model(tmp_path / "model.pt")


@pytest.mark.parametrize("value", [float("nan"), torch.tensor(1.0)], ids=str)
def test_figures_that_json_cannot_hold_are_refused(value, tmp_path):
    with pytest.raises(UserError, match=r"\.item\(\)"):
        save_metrics(tmp_path / "metrics.json", {"loss": value})
    assert list(tmp_path.iterdir()) == []


def test_only_a_file_is_replaced(tmp_path):
    with pytest.raises(UserError, match="Something else than a file"):
        save_model(SoftmaxRegression(4, 2), tmp_path)


def test_only_the_models_of_the_series_are_saved(tmp_path):
    own = type("LogisticRegression", (SoftmaxRegression,), {})
    for model, said in (
        (torch.nn.Linear(2, 2), "not a Linear"),
        (own(4, 2), "not a LogisticRegression from"),
    ):
        with pytest.raises(UserError, match=said):
            save_model(model, tmp_path / "model.pt")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_older_files_as_they_were(tmp_path, file_limit):
    model = SoftmaxRegression(3, 2)
    save_model(model, tmp_path / "model.pt")
    save_metrics(tmp_path / "metrics.json", {"loss": [1.0]})
    with file_limit(4096):
        with pytest.raises(UserError, match="was not written"):
            save_model(SoftmaxRegression(784, 10), tmp_path / "model.pt")
        with pytest.raises(UserError, match="was not written"):
            save_metrics(tmp_path / "metrics.json", {"loss": [0.5] * 5000})
    assert torch.equal(
        load_model(tmp_path / "model.pt").linear.weight, model.linear.weight
    )
    assert json.loads((tmp_path / "metrics.json").read_text()) == {"loss": [1.0]}
    assert len(list(tmp_path.iterdir())) == 2


def test_the_folder_for_results(tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_RUN", str(tmp_path / "a" / "b"))
    assert results_folder() == tmp_path / "a" / "b" and results_folder().is_dir()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MNIST_RUN", str(tmp_path / "file"))
    with pytest.raises(UserError, match="MNIST_RUN"):
        results_folder()
