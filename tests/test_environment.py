"""What is installed: pyproject.toml, requirements.txt, environment.yml, make, CI."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from mnist_logreg.tools.cli import COMMANDS

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
NEEDED = [Requirement(r) for r in PROJECT["dependencies"]]
GROUPS = PYPROJECT["dependency-groups"]
TESTING = [Requirement(r) for g in GROUPS.values() for r in g if isinstance(r, str)]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
CI = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")

# What conda-forge calls otherwise; pytorch-cpu is its CPU build.
CONDA_NAMES = {
    "torch": "pytorch-cpu",
    "matplotlib": "matplotlib-base",
    "jupyter-client": "jupyter_client",
    "jupyter-server": "jupyter_server",
}


def test_every_requirement_is_pinned_and_says_why():
    pins = (ROOT / "requirements.txt").read_text("utf-8")
    assert "://" not in pins  # no host is named
    lines = [line for line in pins.splitlines() if line and line[0] not in "# "]
    pinned = {pin.name: pin.specifier for pin in map(Requirement, lines)}
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    for needed in NEEDED + TESTING:
        (version,) = pinned[needed.name]
        assert version.operator == "=="
        assert needed.specifier.contains(version.version), needed
        assert re.search(rf'^ *"{needed.name}[^"]*",\s+# \w', text, re.MULTILINE)


def test_conda_agrees_with_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    assert environment["channels"][0] == "conda-forge"
    listed = [d for d in environment["dependencies"] if isinstance(d, str)]
    expected = {f"{CONDA_NAMES.get(r.name, r.name)}{r.specifier}" for r in NEEDED}
    assert set(listed) == expected | {"python=3.12", "pip"}
    (pip,) = [d["pip"] for d in environment["dependencies"] if isinstance(d, dict)]
    assert pip == ["-e ."]


def test_binder_takes_the_python_that_environment_yml_names(tmp_path):
    for name in ("environment.yml", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    if not shutil.which("git"):
        pytest.skip("there is no git here")
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    assert "Building conda environment for python=3.12" in said
    assert '--file "environment.yml"' in said


@pytest.mark.parametrize("resolution", ["highest", "lowest-direct"])
def test_the_versions_that_are_allowed_go_together(resolution):
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal"]
    command += ["--python-version", "3.11", "--group", "dev", "--no-header"]
    command += ["--resolution", resolution, ROOT / "pyproject.toml"]
    done = subprocess.run(command, capture_output=True, text=True)
    if "error sending request" in done.stderr:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr
    assert "torch==2.6.0" in done.stdout or resolution == "highest"


def test_the_workflow_is_safe():
    """Actions pinned by hash, no rights that are not needed, nothing injected."""
    zizmor = Path(sysconfig.get_path("scripts"), "zizmor")
    command = [zizmor, "--offline", "--min-severity", "medium", ROOT / ".github"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    for use in re.findall(r"uses: (\S+)", CI):
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", use)


def test_the_workflow_tries_the_oldest_versions_and_conda():
    jobs = yaml.safe_load(CI)["jobs"]
    steps = {name: str(job["steps"]) for name, job in jobs.items()}
    assert "--resolution lowest-direct" in steps["oldest"]
    assert "environment.yml" in steps["conda"]
    hub = "configurable-http-proxy@"
    assert hub in CI and hub in (ROOT / ".ci" / "run").read_text("utf-8")


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


def test_the_commands_for_windows_are_those_of_make():
    """Each target is in the table, except what only changes this repository."""
    page = (ROOT / ".github" / "SUPPORT.md").read_text("utf-8")
    section = page.partition("\n## Windows")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| (`.*?) \| (.*) \|$", section, re.MULTILINE))
    recipes = dict(re.findall(r"^([a-z]+):.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE))
    told = {}
    for targets, commands in rows.items():
        for target in re.findall(r"`make ([a-z]+)", targets):
            told[target] = commands
    left_out = {"help", "installed", "clean", "requirements"}
    assert set(told) == set(recipes) - left_out
    for target in set(told) - {"setup"}:
        wanted = re.findall(r"@\$\(IN_VENV\) (.*)", recipes[target])
        for command in wanted:
            command = re.sub(r" *\$\((ARGS|NOTEBOOK)\)", "", command)
            assert f"-m {command}" in told[target], target


def make(*args):
    """What `make -n` would do here. The tests may themselves run under make."""
    if not shutil.which("make"):
        pytest.skip("there is no make here")
    alone = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    done = subprocess.run(
        ["make", "-n", *args], cwd=ROOT, env=alone, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_make_alone_lists_every_target():
    done = subprocess.run(
        ["make", "-f", ROOT / "Makefile"], cwd=ROOT, capture_output=True, text=True
    )
    listed = re.findall(r"^make (\w+)", done.stdout, re.MULTILINE)
    phony = re.search(r"\.PHONY: ((?:.*\\\n)*.*)", MAKEFILE)[1].replace("\\", " ")
    assert sorted([*listed, "installed"]) == sorted(phony.split())


def test_make_installs_what_is_missing_before_each_command():
    lines = make("run", "ARGS=--epochs 3").strip().splitlines()
    assert "-m mnist_logreg setup" in lines[0]
    assert lines[-1] == ".venv/bin/python -m mnist_logreg run --epochs 3"
    assert "setup --torch cu130" in " ".join(
        make("setup", "TORCH=cu130").replace("\\", "").split()
    )
