"""A class graded on a Dask cluster: a scheduler and workers that are killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading

import psutil
import pytest
from handed_in import COUNTS, NEAREST, RIGHT, SHARE, add, hand_in, solved
from test_grade import OPTIONS, command_line, start, statuses
from waiting import until

from mnist_logreg.errors import UserError
from mnist_logreg.tools.classroom.grading import command
from mnist_logreg.tools.project import ROOT

pytest.importorskip("distributed")


def build(folder):
    hand_in(folder / "ben", solved({COUNTS: "my_counts = 7", NEAREST: None}))
    hand_in(folder / "carl", solved({SHARE: "import os\nos._exit(1)"}))
    right = RIGHT[NEAREST].replace("argmin", "argmax")
    hand_in(folder / "dora", add(solved({NEAREST: right}), "1 / 0", "most"))


class Cluster:
    """A scheduler, and workers that have their own copy of the project elsewhere."""

    def __init__(self, folder):
        self.folder, self.processes = folder, []
        self.file = folder / "scheduler.json"
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        until(self.file.exists)
        self.address = json.loads(self.file.read_text())["address"]
        self.first, self.second = self.worker(), self.worker()

    def worker(self, edit: str = "", data: bool = True):
        """Start a worker; `edit` is added to its copy of a module.

        Without data it has a file in the place of their folder.
        """
        place = self.folder / f"worker-{len(self.processes)}"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "mnist_logreg", place / "mnist_logreg", ignore=ignored)
        with (place / "mnist_logreg" / "model.py").open("a") as file:
            file.write(edit)
        if not data:
            (place / "data").touch()
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard"]
        where = {"PYTHONPATH": str(place), "TMPDIR": str(place)}
        local = ["--local-directory", str(place), "--host", "127.0.0.1"]
        return self._start("worker", *options, *local, cwd=place, env=where)

    def _start(self, *words, cwd=None, env=None):
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words, "--scheduler-file", str(self.file)],
            cwd=cwd or self.folder,
            env={**os.environ, **(env or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    found = Cluster(tmp_path_factory.mktemp("cluster"))
    yield found
    found.end()


def kernels(worker) -> list:
    """A worker's processes, as soon as a learner's kernel is among them."""
    children = psutil.Process(worker.pid).children

    def found():
        inner = children(recursive=True)
        return inner if any(map(_is_kernel, inner)) else None

    return until(found, 300)


def _is_kernel(process) -> bool:
    try:
        return "ipykernel_launcher" in process.cmdline()
    except psutil.Error:  # it ended meanwhile
        return False


def grade(folder, *options):
    return command.main(command_line(folder, *OPTIONS, *options))


def test_the_table_is_the_same_to_the_letter_though_a_worker_is_killed(
    cluster, tmp_path, small_series, capfd
):
    here, there = tmp_path / "here", tmp_path / "there"
    build(here)
    shutil.copytree(here, there)
    killed = []

    def kill():
        killed.extend(kernels(cluster.first))
        cluster.first.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    assert grade(there, "--cluster", cluster.address) == 0
    killer.join()
    assert killed
    assert not any(process.is_running() for process in killed)
    assert grade(here) == 0
    assert statuses(here)["carl"] == ["right", "error", "right"]
    for name in ("grades.csv", "grades.html", "grades-canvas.csv"):
        assert (here / name).read_bytes() == (there / name).read_bytes()


def test_ctrl_c_ends_the_workers_kernels_and_unfit_workers_are_refused(
    cluster, tmp_path, small_series
):
    sleepy = add(solved(), "import time\ntime.sleep(25)", "title")
    hand_in(tmp_path / "class" / "anna", sleepy)
    cluster.first.kill()
    worker = cluster.second
    process = start(small_series, tmp_path / "class", "--cluster", cluster.address)
    running = list(filter(_is_kernel, kernels(worker)))
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command goes on from there" in error
    assert psutil.wait_procs(running, timeout=15)[1] == []
    assert worker.poll() is None

    for unfit, said in (
        ({"edit": "\n# of another day\n"}, "has another version of mnist-logreg"),
        ({"data": False}, "does not have the same data"),
    ):
        worker.kill()
        worker = cluster.worker(**unfit)
        with pytest.raises(UserError, match=said):
            grade(tmp_path / "class", "--cluster", cluster.address)
    cluster.end()
    with pytest.raises(UserError, match="No Dask scheduler answers"):
        grade(tmp_path / "class", "--cluster", cluster.address)
