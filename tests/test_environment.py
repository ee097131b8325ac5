"""What is installed: pyproject.toml, requirements.txt, environment.yml, make, CI."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from mnist_logreg.tools.cli import COMMANDS

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NEEDED = [Requirement(r) for r in PROJECT["dependencies"]]
TESTING = [Requirement(r) for r in PROJECT["optional-dependencies"]["test"]]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
CI = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")

# What conda-forge calls otherwise; pytorch-cpu is its CPU build.
CONDA_NAMES = {
    "torch": "pytorch-cpu",
    "matplotlib": "matplotlib-base",
    "jupyter-client": "jupyter_client",
    "jupyter-server": "jupyter_server",
}


def pinned():
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and line[0] not in "# "]
    return {pin.name: pin for pin in pins}


@pytest.mark.parametrize("needed", NEEDED + TESTING, ids=str)
def test_every_requirement_is_pinned(needed):
    pin = pinned()[needed.name]
    (version,) = pin.specifier
    assert version.operator == "=="
    assert needed.specifier.contains(version.version)


def test_pins_name_no_host():
    assert "://" not in (ROOT / "requirements.txt").read_text("utf-8")


def test_conda_agrees_with_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    assert environment["channels"][0] == "conda-forge"
    listed = [d for d in environment["dependencies"] if isinstance(d, str)]
    expected = {f"{CONDA_NAMES.get(r.name, r.name)}{r.specifier}" for r in NEEDED}
    assert set(listed) == expected | {"python" + PROJECT["requires-python"], "pip"}
    (pip,) = [d["pip"] for d in environment["dependencies"] if isinstance(d, dict)]
    assert pip == ["-e ."]


def test_every_requirement_says_why():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    for needed in NEEDED + TESTING:
        assert re.search(rf'^ *"{needed.name}[^"]*",\s+# \w', text, re.MULTILINE)


@pytest.mark.parametrize("text", [MAKEFILE, CI], ids=["Makefile", "ci.yml"])
def test_only_commands_that_exist_are_called(text):
    called = re.findall(r"mnist_logreg (\w+)", text)
    assert called
    assert set(called) <= set(COMMANDS)


def test_ci_runs_everywhere_and_weekly():
    workflow = yaml.safe_load(CI)
    when = workflow[True]  # YAML reads "on" as a truth value
    assert "push" in when
    assert when["schedule"]
    matrix = workflow["jobs"]["test"]["strategy"]["matrix"]
    assert [system.partition("-")[0] for system in matrix["os"]] == [
        "ubuntu",
        "macos",
        "windows",
    ]
    assert PROJECT["requires-python"] == ">=" + matrix["python"][0]
    for target in re.findall(r"make (\w+)", CI):
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)


@pytest.fixture
def made(tmp_path):
    """A folder in which everything seems to be installed, and a way to call make."""
    if not shutil.which("make"):
        pytest.skip("there is no make here")
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        (tmp_path / name).touch()
    (tmp_path / "Makefile").write_text(MAKEFILE, encoding="utf-8")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "uv").touch()
    (tmp_path / ".venv" / "installed").touch()

    # The tests may themselves run under make, which speaks to its children.
    alone = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}

    def make(*args):
        done = subprocess.run(
            ["make", *args],
            cwd=tmp_path,
            env=alone,
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return make, tmp_path


def test_make_alone_lists_every_target(made):
    make, _ = made
    listed = re.findall(r"^make (\w+)", make(), re.MULTILINE)
    phony = re.search(r"\.PHONY: ((?:.*\\\n)*.*)", MAKEFILE)[1].replace("\\", " ")
    assert sorted(listed) == sorted(phony.split())


def test_make_installs_only_what_is_new(made):
    make, folder = made
    assert "install" not in make("-n", "run")
    assert make("-n", "run", "ARGS=--epochs 3").strip().endswith("run --epochs 3")
    (folder / ".venv" / "installed").unlink()
    assert "uv pip install" in make("-n", "run")
    assert "--torch-backend" not in make("-n", "run")


def test_make_remembers_the_cpu_build(made):
    make, folder = made
    assert "--torch-backend cpu" in make("-n", "setup", "TORCH=cpu")
    (folder / ".venv" / "installed").unlink()
    (folder / ".venv" / "installed-cpu").touch()
    (folder / ".venv" / "torch-build").write_text("cpu\n")
    assert "install" not in make("-n", "run")
    (folder / ".venv" / "installed-cpu").unlink()
    assert "--torch-backend cpu" in make("-n", "run")
