"""The doctor: one line a requirement, and for each fault the remedy that works."""

import json
import os
import shutil
import site
import sys
import types
from pathlib import Path

import pytest
from tiny import kernelspec
from waiting import call

from mnist_logreg.tools import cli, working_copy
from mnist_logreg.tools.machine import doctor
from mnist_logreg.tools.project import ROOT


def remedies(folder=ROOT, options=(), shell="", **variables):
    """What needs attention, as the doctor of a folder says: {requirement: remedy}."""
    command = [sys.executable, *options, "-m", "mnist_logreg", "doctor"]
    if shell:  # a limit, for instance, that is set before
        command = ["sh", "-c", f'{shell}; exec "$@"', "sh", *command]
    done = call(*command, folder=folder, **variables)
    assert done.stderr == ""
    lines = [line.partition(": ") for line in done.stdout.splitlines()]
    bad = {n: s for n, _, s in lines if s and s != "OK" and s[-4:] != ": OK"}
    assert done.returncode == bool(bad)
    return bad


@pytest.fixture
def clone(tmp_path):
    """A copy of the project, whose doctor runs in this environment."""
    folder = tmp_path / "clone"
    working_copy.make(folder)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_all_is_well(capsys):
    assert cli.main(["doctor"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert all(line.endswith(": OK") for line in lines)
    assert last.startswith("All is well")


def test_it_needs_nothing_but_python():
    """Without site-packages, as on a machine where nothing is installed yet."""
    found = remedies(options=["-S"])
    assert found["torch"].startswith("is not installed: ")
    assert "make setup" in found["torch"]


def test_an_old_version_is_seen():
    name, remedy = doctor._package("pytest", "1000")
    assert name.startswith("pytest ")
    assert remedy.startswith("1000 is needed")


@pytest.mark.parametrize(
    "place, name",
    [(".", "torch.py"), ("learn", "random.py"), ("notebooks", "numpy/__init__.py")],
)
def test_a_file_in_a_module_s_place_is_named(place, name, clone):
    file = clone / place / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("nonsense = 1\n")
    ((path, remedy),) = remedies(clone).items()
    shadow = file if file.parent == clone / place else file.parent
    assert path == str(shadow)
    assert (
        f"its module {Path(name).parts[0].removesuffix('.py')!r}: rename it" in remedy
    )


@pytest.mark.skipif(os.name == "nt", reason="no links on Windows")
def test_a_copy_whose_commands_are_the_original_s_is_named(clone):
    python = clone / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    stamp = clone / ".venv" / "installed.json"
    stamp.write_text(json.dumps({"place": "/the/original"}))
    place = remedies(clone, ["-S"])["Place"]
    assert "moved or copied from /the/original" in place and "make setup" in place
    stamp.write_text(json.dumps({"place": str(clone)}))
    assert "Place" not in remedies(clone, ["-S"])


# Torch takes seconds to be imported: here a kernel only seems to do so.
QUICK = "sys.modules['torch'] = sys.modules['torchvision'] = sys"


def at_start(folder: Path, code: str) -> dict:
    """Variables with which every Python begins with some code."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(f"import sys\n{code}\n")
    return {"PYTHONPATH": str(folder)}


@pytest.mark.parametrize("program", [sys._base_executable, "/gone/bin/python"])
def test_another_s_kernel_is_named_with_the_remedy(program, tmp_path):
    place = kernelspec(tmp_path, program)
    user = {"JUPYTER_DATA_DIR": str(tmp_path), "JUPYTER_PREFER_ENV_PATH": "0"}
    user |= at_start(tmp_path / "quick", QUICK)
    found = remedies(**user)
    assert list(found) == ["Kernel"]
    assert (
        f"{place} describes the kernel python3, and names {program}" in found["Kernel"]
    )
    assert ("which is gone" in found["Kernel"]) == program.startswith("/gone")
    # The remedies that it names work.
    if program == sys._base_executable:
        assert not remedies(**user | {"JUPYTER_PREFER_ENV_PATH": "1"})
    else:
        shutil.rmtree(place)
        assert not remedies(**user)


def test_a_kernel_that_a_variable_names_is_taken_out_of_it(tmp_path):
    kernelspec(tmp_path, sys._base_executable)
    found = remedies(JUPYTER_PATH=str(tmp_path))
    assert f"take {tmp_path} out of JUPYTER_PATH" in found["Kernel"]


FAULT = """
class Fault:
    def find_spec(self, name, path=None, target=None):
        if name == "torch": {}
sys.meta_path.insert(0, Fault())
"""


@pytest.mark.parametrize(
    "fault, remedy",
    [
        (
            "raise OSError('[WinError 126] The specified module could not be found. "
            'Error loading "c10.dll" or one of its dependencies.\')',
            "Visual C++ Redistributable",
        ),
        ("raise ImportError('undefined symbol: ncclGroupEnd')", "install again"),
        ("import os; os.kill(os.getpid(), 9)", "the memory ran out"),
    ],
)
def test_a_kernel_that_cannot_import_says_why(fault, remedy, tmp_path):
    found = remedies(**at_start(tmp_path / "fault", FAULT.format(fault)))
    assert list(found) == ["Kernel"]
    assert remedy in found["Kernel"]
    assert "disk" not in found["Kernel"] and "written" not in found["Kernel"]


def test_a_package_of_another_copy_is_named(clone):
    found = remedies(clone)  # this environment is this repository's
    assert f"{ROOT / 'mnist_logreg'}, another copy" in found["Kernel"]


@pytest.mark.skipif(os.name == "nt", reason="no such limits on Windows")
@pytest.mark.parametrize(
    "limit, name, remedy",
    [
        ("ulimit -v 1000000", "Memory: 1.0 GiB available", "`ulimit -v`"),
        ("ulimit -n 100", "Open files", "ulimit -n 1024"),
    ],
)
def test_limits_are_named_as_such(limit, name, remedy, tmp_path):
    found = remedies(shell=limit, **at_start(tmp_path / "quick", QUICK))
    ((key, said),) = found.items()  # and nothing that follows from it
    assert name.startswith(key)
    assert remedy in said


def test_results_elsewhere_need_no_runs_folder_here(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "RUNS", tmp_path / "runs")
    (tmp_path / "runs").write_text("not a folder")
    monkeypatch.setenv("MNIST_RUN", str(tmp_path / "results" / "mine"))
    assert doctor._attempt("Results", doctor._results)[1] == ""
    monkeypatch.setenv("MNIST_RUN", str(tmp_path / "runs"))
    assert "in MNIST_RUN" in doctor._attempt("Results", doctor._results)[1]
    monkeypatch.delenv("MNIST_RUN")
    assert "cannot be written to" in doctor._attempt("Results", doctor._results)[1]


def test_packages_of_pip_s_user_mode_are_named(monkeypatch):
    packages = Path(pytest.__file__).parents[1]
    monkeypatch.setattr(site, "ENABLE_USER_SITE", True)
    monkeypatch.setattr(site, "getusersitepackages", lambda: str(packages))
    _, remedy = doctor._package("jupyter-client", "8")
    assert "pip's user mode" in remedy
    assert "PYTHONNOUSERSITE=1" in remedy


def windows(monkeypatch, root: Path, long_paths: bool):
    """Windows, as far as the doctor asks for it."""

    class Key:
        __enter__ = __exit__ = lambda self, *args: None

    registry = types.SimpleNamespace(
        HKEY_LOCAL_MACHINE=None,
        OpenKey=lambda *args: Key(),
        QueryValueEx=lambda *args: (int(long_paths), 4),
    )
    monkeypatch.setitem(sys.modules, "winreg", registry)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(doctor, "ROOT", root)


@pytest.mark.parametrize("length, allowed", [(97, True), (98, False)])
def test_paths_that_are_too_long_for_windows_are_named(length, allowed, monkeypatch):
    root = Path("/" + "a" * (length - 1))
    windows(monkeypatch, root, long_paths=False)
    remedy = doctor._attempt("Paths", doctor._windows_paths)[1]
    assert remedy == "" if allowed else "move this folder" in remedy
    windows(monkeypatch, root, long_paths=True)
    assert doctor._attempt("Paths", doctor._windows_paths)[1] == ""


def test_no_package_has_a_longer_path_than_is_reckoned_with():
    packages = Path(pytest.__file__).parents[1]
    longest = max(len(str(p.relative_to(packages))) for p in packages.rglob("*"))
    within = len(r"\.venv\Lib\site-packages" + "\\") + longest
    assert within <= doctor.LONGEST_INSIDE
