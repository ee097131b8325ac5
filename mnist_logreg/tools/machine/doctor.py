"""``doctor``: one line a requirement, OK or what to do.

It starts with nothing but Python, so that it can name whatever else is missing.
"""

import importlib.metadata
import platform
import re
import shutil
import socket
import sys
import tempfile
import tomllib
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path

from mnist_logreg.errors import UserError
from mnist_logreg.tools.project import ROOT, RUNS

INSTALL = (
    "run `make setup`, or the commands for Windows or conda in README.md (in a folder "
    "unpacked from a workshop's archive: delete .venv, then `python start.py`)"
)
GIB = 2**30


def add_arguments(parser):
    """Declare nothing: everything is looked at."""


def main(args) -> int:
    """Print a line for each requirement; returns 1 if one is not met, else 0."""
    met = [_report(*finding) for finding in findings()]
    print(
        "All is well."
        if all(met)
        else f"{met.count(False)} of {len(met)} need attention."
    )
    return 0 if all(met) else 1


def findings() -> Iterator[tuple[str, str]]:
    """Each requirement, and what to do about it: nothing ("") if it is met."""
    yield (
        f"Python {platform.python_version()}",
        "" if sys.version_info >= (3, 11) else "install Python 3.11 or newer",
    )
    missing = False
    for requirement in _requirements():
        name, remedy = _package(requirement)
        missing = missing or bool(remedy)
        yield name, remedy
    free = shutil.disk_usage(ROOT).free
    yield (
        f"Disk: {free / GIB:.1f} GiB free",
        "" if free > GIB else "make room: runs and data need up to 1 GiB",
    )
    yield _attempt("Results", _results)
    if missing:
        return  # the rest needs them
    import psutil

    memory = psutil.virtual_memory().available
    yield (
        f"Memory: {memory / GIB:.1f} GiB available",
        "" if memory > GIB else "close other programs: a notebook needs up to 1 GiB",
    )
    yield _attempt("Data", _data)
    yield _attempt("Kernel", _kernel)
    yield _attempt("JupyterLab", _browser)


def _report(requirement: str, remedy: str) -> bool:
    print(f"{requirement}: {remedy or 'OK'}", flush=True)
    return not remedy


def _requirements() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return project["dependencies"]


def _package(requirement: str) -> tuple[str, str]:
    """The finding for a requirement as they stand in pyproject.toml, name>=version."""
    name, least = requirement.split(">=")
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return name, f"is not installed: {INSTALL}"
    fits = _numbers(version) >= _numbers(least)
    return f"{name} {version}", "" if fits else f"{least} is needed: {INSTALL}"


def _numbers(version: str) -> list[int]:
    return [int(n) for n in re.match(r"[\d.]*\d", version)[0].split(".")]


def _attempt(name: str, look: Callable[[], str]) -> tuple[str, str]:
    """What `look` says; its error's message is what to do."""
    try:
        return f"{name}: {look()}", ""
    except (UserError, OSError) as error:
        return name, str(error)


def _data() -> str:
    from mnist_logreg.files.choose import open_data

    return str(open_data()).removeprefix("Data: ").rstrip(".")


def _results() -> str:
    try:
        RUNS.mkdir(exist_ok=True)
        tempfile.TemporaryFile(dir=RUNS).close()
    except OSError as error:
        raise UserError(
            f"{RUNS} cannot be written to ({error.strerror}): change its permissions, "
            "or give `run` another place with --out DIR"
        ) from error
    return "runs/ can be written to"


def _kernel() -> str:
    """Start one, as every notebook will, and import what takes longest."""
    from nbformat import v4, write

    from mnist_logreg.tools.series.execution import execute

    code = "import sys\nprint(sys.prefix)\nimport torch, torchvision"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "doctor.ipynb")
        notebook = v4.new_notebook(cells=[v4.new_code_cell(code)])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
        write(notebook, path)
        try:
            executed = execute(path, path, {}, cell_seconds=120)
        except UserError as error:
            raise UserError(f"{error} Install anew: {INSTALL}") from error
    prefix = executed.cells[0].outputs[0].text.strip()
    if prefix != sys.prefix:
        raise UserError(
            f"the kernel python3 belongs to {prefix}. Put this environment's in its "
            "place: python -m ipykernel install --sys-prefix"
        )
    return "starts, and imports torch and torchvision"


def _browser() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
    try:
        webbrowser.get()
    except webbrowser.Error:
        return "a port for it is here; no browser is known: open the address it prints"
    return "a browser and a port for it are here"
