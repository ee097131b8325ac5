"""The installation: by make, by start.py, in a folder that is moved or copied.

Packages come from an index on this machine: small ones that carry the names of the
real ones. No other server can be reached.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from browsing import served
from preparing import NO_NETWORK
from small_packages import wheel
from waiting import call

from mnist_logreg.tools import working_copy
from mnist_logreg.tools.classroom import start
from mnist_logreg.tools.project import ROOT

NEEDS = ("torch", "torchvision")


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """The address of an index with torch, torchvision and uv."""
    folder = tmp_path_factory.mktemp("index")
    for name in NEEDS:
        wheel(folder, name, "9.0")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "uv"]
    command += ["--constraint", ROOT / "requirements.txt", "--dest", folder / "uv"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no package index can be reached: {done.stderr}")
    with served(folder) as address:
        yield address


class Folder:
    """A copy of the project that asks for two small packages."""

    def __init__(self, path: Path, index: str, *, copy: bool = True):
        self.path = path
        self.index = index
        if copy:
            working_copy.make(path)
            for file in (ROOT / "Makefile", start.__file__):
                shutil.copy(file, path)
            needs = ", ".join(f'"{name}>=9"' for name in NEEDS)
            project = (
                f'[project]\nname = "x"\nversion = "1"\ndependencies = [{needs}]\n'
            )
            (path / "pyproject.toml").write_text(project)
            (path / "requirements.txt").write_text("torch==9.0\ntorchvision==9.0\n")

    def run(self, *command, **variables):
        kept = ("PATH", "HOME", "LANG", "SYSTEMROOT", "UV_CACHE_DIR")
        clean = {name: os.environ[name] for name in kept if name in os.environ}
        there = {"PIP_INDEX_URL": self.index, "UV_DEFAULT_INDEX": self.index}
        return subprocess.run(
            list(map(str, command)),
            cwd=self.path,
            env=clean | NO_NETWORK | there | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
        )

    def setup(self, *options, **variables):
        """Run the installer; returns what it said, and requires that it succeeds."""
        command = (sys._base_executable, "-m", "mnist_logreg", "setup", *options)
        done = self.run(*command, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stderr

    @property
    def python(self):
        windows = self.path / ".venv" / "Scripts" / "python.exe"
        return windows if os.name == "nt" else self.path / ".venv" / "bin" / "python"

    def says(self, *command):
        """What a program of the environment says that runs in another folder."""
        done = call(*command, folder="/")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def package(self):
        """Where a kernel finds the package."""
        code = "import mnist_logreg; print(mnist_logreg.__file__)"
        return Path(self.says(self.python, "-c", code)).parents[1]

    def commands(self):
        """What the installed command of torch says: where torch is."""
        return self.says(self.python.parent / "torch")


@pytest.fixture(scope="module")
def installed(index, tmp_path_factory):
    """A folder in which start.py installed everything, and what it said.

    No test changes it. Pip was set to put packages elsewhere, in every way there is.
    """
    place = tmp_path_factory.mktemp("with a space")
    folder = Folder(place / "clone", index)
    (place / "pip.conf").write_text("[global]\nuser = true\n")
    done = folder.run(
        *(sys._base_executable, "start.py", "--help"),
        PIP_USER="1",
        PIP_TARGET=str(place / "target"),
        PIP_CONFIG_FILE=str(place / "pip.conf"),
        PYTHONUSERBASE=str(place / "user"),
    )
    assert done.returncode == 0, done.stderr
    assert "Logistic regression" in done.stdout
    return folder, done.stderr


def copied(installed, place: Path) -> Folder:
    original, _ = installed
    shutil.copytree(original.path, place, symlinks=True)
    return Folder(place, original.index, copy=False)


def test_where_the_cpu_build_cannot_be_reached_the_usual_one_is_taken(installed):
    folder, said = installed
    assert said.count("The CPU build of PyTorch cannot be reached here") == (
        sys.platform != "darwin"
    )
    assert "Installed 2 packages" in said
    assert str(folder.path) in folder.commands()
    assert folder.package() == folder.path


def test_packages_are_compiled_when_they_are_installed(installed):
    folder, _ = installed
    compiled = (folder.path / ".venv").rglob("__pycache__/torch*.pyc")
    assert len([*compiled]) == len(NEEDS)


def test_nothing_is_done_where_all_is_installed(installed, tmp_path):
    folder = copied(installed, tmp_path / "copy")
    folder.setup()
    stamp = folder.path / ".venv" / "installed.json"
    before = stamp.stat().st_mtime_ns
    assert folder.setup(UV_DEFAULT_INDEX="http://127.0.0.1:9") == ""
    assert stamp.stat().st_mtime_ns == before
    # The build that was asked for is remembered.
    stamp.write_text(json.dumps(json.loads(stamp.read_text()) | {"torch": "cu128"}))
    assert folder.setup() == folder.setup("--torch", "cu128") == ""
    stamp.write_text(json.dumps(json.loads(stamp.read_text()) | {"torch": None}))
    (folder.path / "requirements.txt").write_text("torch==9.0\n")
    assert "Installing" in folder.setup()
    assert folder.setup() == ""


def test_a_build_that_was_asked_for_is_not_replaced_by_another(index, tmp_path):
    folder = Folder(tmp_path / "clone", index)
    command = (sys._base_executable, "-m", "mnist_logreg", "setup", "--torch", "cu128")
    done = folder.run(*command)
    assert done.returncode == 1
    assert "whl/cu128" in done.stderr  # what uv could not reach
    assert done.stderr.splitlines()[-1].startswith("error: The installation failed")
    assert not (folder.path / ".venv" / "installed.json").exists()


def test_a_copied_and_then_moved_folder_is_mended(installed, tmp_path):
    original, _ = installed
    folder, before = copied(installed, tmp_path / "elsewhere"), original.path
    # Even before it is mended, no copy imports the original's package.
    assert folder.package() == folder.path
    for name in ("elsewhere", "renamed, ü"):
        folder.path = folder.path.rename(tmp_path / name)
        said = folder.setup()
        assert said.startswith(f"This folder was moved or copied from {before}: mend")
        assert folder.package() == folder.path
        assert str(folder.path) in folder.commands()
        assert folder.setup() == ""
        before = folder.path


def test_a_moved_folder_works_where_nothing_can_be_fetched(installed, tmp_path):
    folder = copied(installed, tmp_path / "copy")
    nothing = {
        "UV_DEFAULT_INDEX": "http://127.0.0.1:9",
        "UV_CACHE_DIR": str(tmp_path / "cache"),
    }
    said = folder.setup(**nothing)
    assert said.endswith("still name the old place. Everything else works.\n")
    assert folder.package() == folder.path
    assert "mending" in folder.setup()  # when there is a network again
    assert str(folder.path) in folder.commands()


def test_an_environment_whose_python_is_gone_is_made_anew(installed, tmp_path):
    if os.name == "nt":
        pytest.skip("no links on Windows")
    folder = copied(installed, tmp_path / "copy")
    for python in folder.python.parent.glob("python*"):
        python.unlink()
        python.symlink_to("/gone/python")
    done = folder.run("make", "setup", f"PYTHON={sys._base_executable}")
    assert done.returncode == 0, done.stderr
    assert str(folder.path) in folder.commands()


def test_start_installs_whatever_pip_is_set_to_and_runs_a_command(installed):
    folder, said = installed
    assert "Installing into .venv" in said
    around = {path.name for path in folder.path.parent.iterdir()}
    assert around == {"clone", "pip.conf"}
    again = folder.run(sys._base_executable, "start.py", "--help")
    assert again.returncode == 0
    assert "Logistic regression" in again.stdout
    assert again.stderr == ""
