"""``doctor``: one line a requirement, OK or what to do.

It starts with nothing but Python, so that it can name whatever else is missing, and
imports as late as it can: somebody's file may hide a module.
"""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from mnist_logreg.errors import UserError
from mnist_logreg.tools import limits
from mnist_logreg.tools.machine.setup import install_again, read_stamp
from mnist_logreg.tools.project import LEARN, NOTEBOOKS, ROOT, RUNS

GIB = 2**30

# What Windows allows a path unless it is told otherwise, and the longest path below the
# project's folder: a file of JupyterLab in .venv.
WINDOWS_PATH, LONGEST_INSIDE = 259, 162

# Modules whose names differ from their packages'.
MODULES = ("IPython", "PIL", "mnist_logreg", "sklearn", "zmq")


def add_arguments(parser):
    """Declare nothing: everything is looked at."""


def main(args) -> int:
    """Print a line for each requirement; returns 1 if one is not met, else 0."""
    met = []
    for requirement, remedy in findings():
        print(f"{requirement}: {remedy or 'OK'}", flush=True)
        met.append(not remedy)
    print(
        "All is well."
        if all(met)
        else f"{met.count(False)} of {len(met)} need attention."
    )
    return 0 if all(met) else 1


def findings() -> Iterator[tuple[str, str]]:
    """Each requirement, and what to do about it: nothing ("") if it is met."""
    if found := shadows():
        yield from found
        return  # nothing else can be relied on
    yield "Python {}.{}.{}".format(*sys.version_info), ""  # an older one is refused
    place = read_stamp().get("place", str(ROOT))
    yield (
        "Place",
        ""
        if place == str(ROOT)
        else f"this folder was moved or copied from {place}, which commands in .venv, "
        "such as jupyter, still name: type `make setup` (on Windows "
        "`py -m mnist_logreg setup`)",
    )
    packages = [_package(*needed) for needed in _requirements()]
    yield from packages
    yield _disk()
    yield _attempt("Results", _results)
    if sys.platform == "win32":
        yield _attempt("Paths", _windows_paths)
    else:
        yield _attempt("Open files", _open_files)
    if any(remedy for _, remedy in packages):
        return  # the rest needs them
    yield _attempt("Data", _data)
    yield _attempt("JupyterLab", _browser)
    memory, remedy = _memory()
    yield memory, remedy
    if remedy:
        return  # a kernel may fail for that alone
    from mnist_logreg.tools.machine.kernel import look

    yield _attempt("Kernel", look)


def _attempt(name: str, look: Callable[[], str]) -> tuple[str, str]:
    """What `look` says; its error's message is what to do."""
    try:
        return f"{name}: {look()}", ""
    except (UserError, OSError) as error:
        return name, str(error)


def shadows() -> list[tuple[str, str]]:
    """Files in a notebook's or a command's way that stand in a module's place.

    Returns
    -------
    list of tuple
        The path of each, and what to do about it.
    """
    names = {*sys.stdlib_module_names, *MODULES}
    names |= {name.replace("-", "_") for name, _ in _requirements()}
    folders = [Path.cwd(), ROOT, NOTEBOOKS, LEARN]
    folders += map(
        Path, filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    )
    found = []
    for folder in {folder.resolve(): None for folder in folders if folder.is_dir()}:
        for name in sorted(names):
            for path in (folder / f"{name}.py", folder / name):
                is_package = (path / "__init__.py").is_file()
                ours = path == ROOT / "mnist_logreg"
                if (path.suffix and path.is_file()) or (is_package and not ours):
                    found.append(path)
    remedy = "Python takes this file for its module {!r}: rename it, then start again"
    return [(str(path), remedy.format(path.stem)) for path in found]


def _requirements() -> list[tuple[str, str]]:
    """The dependencies in pyproject.toml, name>=version; what follows is kept."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = (requirement.partition(">=") for requirement in project["dependencies"])
    return [(name, least) for name, _, least in needed]


def _package(name: str, least: str) -> tuple[str, str]:
    """The finding for a requirement."""
    import importlib.metadata
    import site

    try:
        package = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return name, f"is not installed: {install_again()}"
    if _numbers(package.version) < _numbers(least):
        remedy = f"{least} is needed: {install_again()}"
    elif (
        site.ENABLE_USER_SITE
        and Path(str(package.locate_file(""))).resolve()
        == Path(site.getusersitepackages()).resolve()
    ):
        remedy = (
            f"lies in {site.getusersitepackages()}, where pip's user mode puts things "
            f"for every Python: set PYTHONNOUSERSITE=1, then {install_again()}"
        )
    else:
        remedy = ""
    return f"{name} {package.version}", remedy


def _numbers(version: str) -> list[int]:
    import re

    found = re.match(r"[\d.]*\d", version)
    return [int(n) for n in found[0].split(".")] if found else []


def _disk() -> tuple[str, str]:
    import shutil

    free = shutil.disk_usage(ROOT).free
    return (
        f"Disk: {free / GIB:.1f} GiB free",
        "" if free > GIB else "make room: runs and data need up to 1 GiB",
    )


def _results() -> str:
    """Whether results can be written where notebooks and `run` put them."""
    import tempfile

    named = os.environ.get("MNIST_RUN")
    folder = NOTEBOOKS / named if named else RUNS
    while named and not folder.exists():  # it is made when it is needed
        folder = folder.parent
    try:
        RUNS.mkdir(exist_ok=True) if not named else None
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise UserError(
            f"{folder} cannot be written to ({error.strerror}): change its "
            "permissions, or name another folder in MNIST_RUN (for `run`: --out DIR)"
        ) from error
    return f"{named or 'runs/'} can be written to"


def _windows_paths() -> str:
    """Whether the paths in .venv are short enough for Windows."""
    from winreg import (  # type: ignore[attr-defined]  # typeshed: on Windows only
        HKEY_LOCAL_MACHINE,
        OpenKey,
        QueryValueEx,
    )

    key = r"SYSTEM\CurrentControlSet\Control\FileSystem"
    try:
        with OpenKey(HKEY_LOCAL_MACHINE, key) as settings:
            if QueryValueEx(settings, "LongPathsEnabled")[0]:
                return "may be of any length"
    except OSError:
        pass  # an older Windows, which has no such setting
    most = WINDOWS_PATH - LONGEST_INSIDE
    if len(str(ROOT)) > most:
        raise UserError(
            f"{ROOT} has {len(str(ROOT))} characters, and Windows allows {most}: move "
            r"this folder to a shorter place, such as C:\mnist-logreg"
        )
    return "are short enough"


def _open_files() -> str:
    limits.require_open_files()
    return "enough are allowed"


def _memory() -> tuple[str, str]:
    import psutil

    available = psutil.virtual_memory().available
    reason = "close other programs"
    for what, limit in _memory_limits():
        if limit < available:
            available, reason = limit, f"raise the limit, {what}"
    return (
        f"Memory: {available / GIB:.1f} GiB available",
        "" if available > GIB else f"{reason}: a notebook needs up to 1 GiB",
    )


def _memory_limits() -> Iterator[tuple[str, int]]:
    """Other limits to this process's memory, in bytes, and who sets them."""
    group = Path("/sys/fs/cgroup")
    try:
        most = int((group / "memory.max").read_text())
        used = int((group / "memory.current").read_text())
        yield "which the container sets", most - used
    except (OSError, ValueError):
        pass  # none, or none of this kind
    if sys.platform != "win32":
        import resource

        for name, kind in (("-v", resource.RLIMIT_AS), ("-d", resource.RLIMIT_DATA)):
            most, _ = resource.getrlimit(kind)
            if most != resource.RLIM_INFINITY:
                yield f"`ulimit {name}`", most


def _data() -> str:
    from mnist_logreg.files.choose import open_data

    return str(open_data()).removeprefix("Data: ").rstrip(".")


def _browser() -> str:
    import socket
    import webbrowser

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
    try:
        webbrowser.get()
    except webbrowser.Error:
        return "a port for it is here; no browser is known: open the address it prints"
    return "a browser and a port for it are here"
