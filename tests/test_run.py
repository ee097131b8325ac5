"""The series as a person runs it: ``python -m mnist_logreg run`` on tiny notebooks."""

import contextlib
import json
import os
import platform
import re
import signal
import sys
from pathlib import Path

import filelock
import pytest
from tiny import read, shown
from trees import SAVE, TRAINING
from waiting import until

from mnist_logreg.tools import cli
from mnist_logreg.tools.series.execution import cell_seconds, room_for_kernels

ROOT = Path(__file__).parents[1]
RUN = ("run", "--data", "digits")


def test_what_a_run_leaves(tree):
    status, out, err = tree.run("--epochs", "3")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("Data: the bundled digits, NOT MNIST")
    assert lines[1].startswith("[1/2] 01_tiny.ipynb ... ")
    assert lines[2].startswith("[2/2] 02_tiny.ipynb ... ")
    assert lines[-1] == "Accuracy after epoch 3: 50.00 % of the test images."

    (folder,) = tree.runs()
    assert str(Path("runs", folder.name, "index.html")) in lines[-2]
    assert shown(folder / "01_tiny.ipynb")[-1] == "digits\n"
    assert (folder / "figures" / "01_tiny_1.png").read_bytes().startswith(b"\x89PNG")
    assert "01_tiny.html" in (folder / "index.html").read_text("utf-8")
    page = (folder / "01_tiny.html").read_text("utf-8")
    assert "figures/01_tiny_1.png" in page
    assert "a red dot" in page

    metrics = json.loads((folder / "metrics.json").read_text("utf-8"))
    assert metrics["data"] == "digits"
    assert metrics["parameters"] == {"source": "digits", "epochs": 3, "seed": 0}
    assert metrics["train_loss"] == [2.0] * 3
    assert metrics["test_accuracy"] == [50.0] * 3
    longest = max(metrics["notebook_seconds"].values())
    assert metrics["seconds"] >= longest > 0
    assert metrics["versions"]["python"] == platform.python_version()
    assert metrics["versions"]["torch"]
    left = {path.name for path in folder.rglob("*") if path.is_file()}
    assert not [name for name in left if name.endswith(".part")]


def test_a_failure_stops_the_series(tree):
    out = tree.folder / "results"
    out.mkdir()
    (out / "01_tiny.ipynb").write_text("somebody's work")
    assert tree.run("--out", str(out))[0] == 2
    assert (out / "01_tiny.ipynb").read_text() == "somebody's work"
    (out / ".mnist-logreg").touch()  # which an earlier run has left
    (out / "metrics.json").write_text("{}")
    (out / "model.pt").touch()
    tree.write(1, "print('before')", "1 / 0")
    tree.write(2, "print('beside')", "import time; time.sleep(600)")
    status, said, err = tree.run("--out", str(out))
    assert status == 1
    assert err.splitlines() == [
        "error: 01_tiny.ipynb, cell 4 (1 / 0): ZeroDivisionError: division by zero. "
        f"What was executed so far is in {Path('results')}."
    ]
    assert said.splitlines()[1:] == [
        "[1/2] 01_tiny.ipynb ... stopped",
        "[2/2] 02_tiny.ipynb ... stopped",
    ]
    assert "before\n" in shown(out / "01_tiny.ipynb")
    beside = shown(out / "02_tiny.ipynb")
    assert not beside[-1] or "because 01_tiny.ipynb failed" in beside[-1]
    assert not {"metrics.json", "model.pt"} & {path.name for path in out.iterdir()}


def test_the_limit_for_a_cell(tree):
    tree.write(2, "import time; time.sleep(600)")
    status, _, err = tree.run(MNIST_CELL_SECONDS="2")
    assert status == 1
    assert "02_tiny.ipynb, cell 3 (import time; time.sleep(600)): ran longer" in err
    assert {path.name for path in tree.runs()[0].iterdir()} == {
        ".lock",
        ".mnist-logreg",
        "01_tiny.ipynb",
        "02_tiny.ipynb",
    }
    status, _, err = tree.run(MNIST_CELL_SECONDS="soon")
    assert (status, err) == (
        1,
        "error: MNIST_CELL_SECONDS: 'soon' is not a number above 0\n",
    )


def marked(tree, mark):
    code = f"from pathlib import Path\nPath({str(mark)!r}).touch()"
    tree.write(2, "print('before')", f"{code}\nimport time; time.sleep(600)")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_interrupted(tree, tmp_path):
    for number, (sent, status) in enumerate({"SIGINT": 130, "SIGTERM": 1}.items(), 1):
        marked(tree, tmp_path / sent)
        with tree.start(*RUN) as process:
            until((tmp_path / sent).exists)
            process.send_signal(getattr(signal, sent))
            _, err = process.communicate(timeout=60)
        assert process.returncode == status
        (line,) = err.splitlines()
        assert "02_tiny.ipynb, cell 4 (from pathlib import Path): was interr" in line
        assert "What was executed so far is in" in line
        assert len(tree.runs()) == number
        told = shown(tree.runs()[-1] / "02_tiny.ipynb")
        assert "before\n" in told and "Stopped here" in told[-1]
        assert not tree.kernels()

    tree.write(2, SAVE, parameters=TRAINING)
    assert tree.run()[0] == 0
    assert len(tree.runs()) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_killed_outright(tree, tmp_path):
    mark = tmp_path / "running"
    marked(tree, mark)
    with tree.start(*RUN) as process:
        until(mark.exists)
        process.kill()
    until(lambda: not tree.kernels())
    assert "before\n" in shown(tree.runs()[0] / "02_tiny.ipynb")
    assert list(tree.temporary.rglob("kernel-*.json"))  # with their keys
    tree.write(2, SAVE, parameters=TRAINING)
    status, _, err = tree.run()
    assert (status, err) == (0, "")
    assert not list(tree.temporary.iterdir())


def test_notebooks_run_side_by_side(tree):
    """Each waits until the other runs, too."""
    for number in (1, 2):
        own, other = tree.folder / f"{number}", tree.folder / f"{3 - number}"
        code = (
            f"import time\nfrom pathlib import Path\nPath({str(own)!r}).touch()\n"
            f"while not Path({str(other)!r}).exists():\n    time.sleep(0.1)"
        )
        tree.write(number, code, SAVE, parameters=TRAINING)
    if room_for_kernels() < 2:
        pytest.skip("this machine has room for one kernel only")
    assert tree.run(MNIST_CELL_SECONDS="60")[0] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
def test_a_terminal_shows_cells_and_seconds(tree):
    import pty

    tree.write(2, "import time; time.sleep(3)", SAVE, parameters=TRAINING)
    ours, theirs = pty.openpty()
    with tree.start(*RUN, stdout=theirs) as process:
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError):  # it has ended
            while part := os.read(ours, 4096):
                said += part
        _, err = process.communicate(timeout=120)
    os.close(ours)
    assert (process.returncode, err) == (0, "")
    said = said.decode()
    assert re.search(r"\[2/2\] 02_tiny\.ipynb \.\.\. cell 3 of 4, \d+ s", said)
    for line in (r"\[1/2\] 01_tiny", r"\[2/2\] 02_tiny"):
        assert re.search(rf"{line}\.ipynb \.\.\. \d+ s\s*[\r\n]", said)
    assert "Done in" in said


def test_two_at_once(tree):
    with tree.start(*RUN) as first, tree.start(*RUN) as second:
        for process in (first, second):
            _, err = process.communicate(timeout=120)
            assert (process.returncode, err) == (0, "")
    folders = tree.runs()
    assert len(folders) == 2
    for folder in folders:
        assert len(read(folder / "02_tiny.ipynb").cells) == 4
        assert json.loads((folder / "metrics.json").read_text("utf-8"))["data"]


def test_a_folder_belongs_to_one_run_at_a_time(tree):
    out = tree.folder / "results"
    status, _, err = tree.run("--out", str(out))
    assert (status, err) == (0, "")
    before = (out / "metrics.json").read_bytes()
    with filelock.FileLock(out / ".lock"):
        status, _, err = tree.run("--out", str(out), "--epochs", "1")
    assert status == 1
    assert err.startswith(f"error: Another process is writing its results to {out}")
    assert (out / "metrics.json").read_bytes() == before
    status, _, err = tree.run("--out", str(out), "--epochs", "1")
    assert (status, err) == (0, "")
    assert (out / "metrics.json").read_bytes() != before


def test_a_broken_notebook_is_refused_first(tree):
    (tree.folder / "notebooks" / "02_tiny.ipynb").write_text("{")
    status, out, err = tree.run()
    assert status == 1
    assert "02_tiny.ipynb is not a notebook" in err
    assert len(out.splitlines()) == 1
    assert not (tree.folder / "runs").exists()


def test_the_limit_is_whole_seconds_for_any_number_of_epochs(monkeypatch):
    assert [cell_seconds(n) for n in (None, 1, 50, 56)] == [600, 600, 600, 672]
    assert all(isinstance(cell_seconds(n), int) for n in range(1, 2000))
    monkeypatch.setenv("MNIST_CELL_SECONDS", "30.5")
    assert cell_seconds() == 31


@pytest.mark.parametrize(
    ("args", "names"),
    [
        (["--out", "/tmp/\udce9"], "UTF-8"),
        (["--data", "cifar"], "cifar"),
        (["--epochs", "0"], "--epochs"),
        (["--epochs", "-3"], "--epochs"),
        (["--epochs", "many"], "many"),
        (["--lr", "fast"], "fast"),
        (["--lr", "nan"], "nan"),
        (["--lr", "0"], "--lr"),
        (["--lr", "1e300"], "too large"),
        (["--batch-size", "1" + 20 * "0"], "too large"),
        (["--epochs", "1" + 320 * "0"], "too large"),
        (["--batch-size", "0"], "--batch-size"),
        (["--seed", "-1"], "--seed"),
        (["--seed", "x"], "--seed"),
        (["--out", str(ROOT / "pyproject.toml")], "pyproject.toml"),
        (["--out", str(ROOT / "notebooks")], "an earlier result"),
        (["--out", str(ROOT / "pyproject.toml" / "x")], "cannot be written"),
        (["--fast"], "--fast"),
    ],
)
def test_wrong_arguments(args, names, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["run", *args])
    out, err = capsys.readouterr()
    assert stopped.value.code == 2
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert names in err


def test_no_place_for_runs(tree):
    (tree.folder / "runs").write_text("a file")
    status, _, err = tree.run()
    assert status == 1
    assert "runs cannot be written to" in err
    assert "--out" in err


@pytest.mark.skipif(os.name == "nt", reason="no such limit on Windows")
def test_too_few_open_files_are_said_as_such(tree):
    import resource

    few = (60, 60)
    status, _, err = tree.run(
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, few)
    )
    assert status == 1
    (line,) = err.splitlines()
    assert ".ipynb: a process may open 60 files here" in line
    assert "`ulimit -n 1024`" in line
