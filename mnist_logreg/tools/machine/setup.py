"""``setup``: installs what the series needs into .venv, if something is missing.

It uses nothing but Python's standard library. `make` calls it before every command, and
``start.py`` in a workshop's folder does the same.
"""

import hashlib
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from mnist_logreg.errors import UserError
from mnist_logreg.files.news import say
from mnist_logreg.tools.project import ROOT

ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / (
    "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
)
WHEELS = ROOT / "wheels"  # a stick's packages

# What was installed, and for which place: written when all is done.
STAMP = ENVIRONMENT / "installed.json"

# The build of PyTorch without CUDA: 1 GB instead of 6. On a Mac there is only one.
SMALL = None if sys.platform == "darwin" else "cpu"

# It should take seconds to find out whether an index can be reached.
BRISK = {"UV_HTTP_RETRIES": "0", "UV_HTTP_CONNECT_TIMEOUT": "5"}

# Settings that would send packages elsewhere than into .venv.
ELSEWHERE = ("PIP_PREFIX", "PIP_ROOT", "PIP_TARGET", "UV_TORCH_BACKEND")

FAILED = (
    "The installation failed; the reason is in the last lines above. What was "
    "downloaded is kept: try again."
)


def add_arguments(parser):
    """Declare what ``setup`` takes."""
    parser.add_argument(
        "--torch",
        metavar="BUILD",
        help="the build of PyTorch, as uv names them: cpu (default), auto (what fits "
        "this machine's graphics card), cu130, ...; it is remembered",
    )


def main(args) -> int:
    """Install what is missing. Raises UserError if that fails."""
    ready(args.torch)
    return 0


def ready(torch: str | None = None) -> Path:
    """Make sure that .venv holds what the series needs, for this place.

    An environment cannot be moved: its commands name the place that they were installed
    in. So a folder that was moved or copied is installed again.

    Parameters
    ----------
    torch : str, optional
        The build of PyTorch, by uv's name. Default: the one asked for last time, else
        the CPU build, else, where that cannot be reached, what the package index has.

    Returns
    -------
    Path
        The environment's Python.

    Raises
    ------
    UserError
        If the installation fails. The next call starts it again.
    """
    before = read_stamp()
    needs = [(ROOT / f).read_bytes() for f in ("pyproject.toml", "requirements.txt")]
    wanted = {
        "place": str(ROOT),
        "needs": hashlib.sha256(b"\0".join(needs)).hexdigest(),
        "torch": torch or before.get("torch"),
    }
    if all(before.get(name) == value for name, value in wanted.items()):
        return PYTHON
    moved = before.get("place", str(ROOT)) != str(ROOT)
    if moved:
        say(f"This folder was moved or copied from {before['place']}: mending .venv.")
    else:
        say("Installing into .venv. The first time it takes some minutes.")
    _make_environment(before)
    try:
        if _wheels_fit():
            _install_wheels(again=moved)
        else:
            other_build = bool(before) and before.get("torch") != wanted["torch"]
            _install_from_index(wanted["torch"], again=moved, other_build=other_build)
    except UserError:
        if not moved or before["needs"] != wanted["needs"]:
            raise
        say("The commands in .venv still name the old place. Everything else works.")
        return PYTHON  # the next call tries again
    # By a relative path, so that a copy never imports the original's package.
    packages = next(ENVIRONMENT.glob("[Ll]ib/**/site-packages"))
    place = os.path.relpath(ROOT, packages)
    (packages / "mnist_logreg.pth").write_text(f"{place}\n", "utf-8")
    STAMP.write_text(json.dumps(wanted), "utf-8")
    return PYTHON


def this_python() -> str:
    """What packages depend on: "CPython 3.12 on Linux x86_64"."""
    version = "{}.{}".format(*sys.version_info)
    return (
        f"{platform.python_implementation()} {version} "
        f"on {platform.system()} {platform.machine()}"
    )


def install_again() -> str:
    """How to install the series again, for the Python that this is."""
    if Path(sys.prefix).resolve() == ENVIRONMENT.resolve():
        return (
            "delete the folder .venv and install again (`make setup`; on Windows "
            "`py -m mnist_logreg setup`; in a workshop's folder `python start.py`)"
        )
    return (
        f"this is {sys.executable}: call the project's own Python, which `make setup` "
        "puts into .venv (README.md has the commands for Windows), or install into "
        f"this one: {sys.executable} -m pip install -e {ROOT}"
    )


def read_stamp() -> dict:
    """What was installed last, and for which place; nothing if it cannot be used."""
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
        return stamp if subprocess.call([PYTHON, "-c", ""]) == 0 else {}
    except (OSError, ValueError):
        return {}


def _make_environment(before: dict) -> None:
    """Make .venv, or, where one can be used, have it name the place it is in."""
    if before:
        ask = "import sys; print(getattr(sys, '_base_executable', sys.executable))"
        base = subprocess.check_output([PYTHON, "-c", ask], text=True).strip()
        options = ["--without-pip"]  # pip is there
    else:
        base = getattr(sys, "_base_executable", sys.executable)
        options = ["--clear"]
    if subprocess.call([base, "-m", "venv", *options, ENVIRONMENT]):
        raise UserError(
            "This Python cannot make environments. On Debian and Ubuntu the package "
            "python3-venv is missing; elsewhere install Python from python.org."
        )


def _wheels_fit() -> bool:
    """Whether a stick's packages are here, for this Python and this system."""
    label = WHEELS / "for.txt"
    if not label.exists():
        return False
    made_for = label.read_text("utf-8").strip()
    if made_for != this_python():
        say(
            f"The packages in wheels are for {made_for}, this is {this_python()}: "
            "installing from the internet."
        )
        return False
    return True


def _install_wheels(again: bool) -> None:
    """Install a stick's packages, without a network; each must have its check sum."""
    command: list[str | Path] = [PYTHON, "-m", "pip", "install"]
    command += ["--disable-pip-version-check"]
    command += ["--no-index", "--find-links", WHEELS, "--require-hashes"]
    command += ["--requirement", WHEELS / "requirements.txt"]
    command += ["--force-reinstall"] if again else []
    # Nothing that this machine's pip is otherwise set to do.
    environment = {k: v for k, v in os.environ.items() if k[:4] != "PIP_"}
    environment["PIP_CONFIG_FILE"] = os.devnull
    if subprocess.call(command, cwd=ROOT, env=environment):
        raise UserError(
            "The installation from the folder wheels failed; the reason is in the last "
            "lines above. To install from the internet instead, delete that folder."
        )


def _install_from_index(torch: str | None, again: bool, other_build: bool) -> None:
    """Install what pyproject.toml asks for, in the versions of requirements.txt."""
    environment = {k: v for k, v in os.environ.items() if k not in ELSEWHERE}
    environment["PIP_USER"] = "0"  # into .venv, whatever pip is set to do
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pip += ["--constraint", "requirements.txt", "uv"]
    command = [PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON]
    command += ["--constraint", "requirements.txt", "--requirement", "pyproject.toml"]
    # Not at each import, where later nobody may write, as on a hub.
    command += ["--compile-bytecode"]
    if (ROOT / "tests").exists():
        command += ["--group", "dev"]
    if again:
        command += ["--reinstall", "--no-refresh"]  # from what was fetched before
    elif other_build:
        command += ["--reinstall-package=torch", "--reinstall-package=torchvision"]

    def failed(command, env=environment, **options) -> int:
        return subprocess.call(command, cwd=ROOT, env=env, **options)

    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if failed([PYTHON, "-c", "import uv"], **silent) and failed(pip):
        raise UserError(FAILED)
    build = torch or SMALL
    if build:
        small = [*command, "--torch-backend", build]
        if torch or not failed([*small, "--dry-run"], environment | BRISK, **silent):
            command = small
        else:
            say(
                "The CPU build of PyTorch cannot be reached here: taking the package "
                "index's own, which on Linux brings CUDA (6 GB instead of 1)."
            )
    if again and not failed([*command, "--offline"], **silent):
        return  # that was enough
    if failed(command):
        raise UserError(FAILED)
