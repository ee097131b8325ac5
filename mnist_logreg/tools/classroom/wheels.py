"""Collects the packages that the series needs, for this Python and this system."""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from urllib.parse import unquote

from mnist_logreg.errors import UserError, say
from mnist_logreg.files.verified import File, WrongContentsError, copy_verified
from mnist_logreg.tools.classroom.start import this_python

PATIENCE = (10, 60)  # seconds: to reach a server, and for it to go on


def collect(folder: Path, project: Path) -> list[Path]:
    """Fetch the wheels of all that pyproject.toml asks for into a folder.

    project: the folder with pyproject.toml and requirements.txt, whose versions are
    taken. Wheels that are in the folder already stay. Returns all that are to be
    carried, and a file for.txt that says for which Python and system. Raises UserError
    if one cannot be had.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        lock = Path(temporary, "pylock.toml")
        problem = _resolve(project, lock, "--torch-backend", "cpu")
        if problem:
            say(
                "The CPU build of PyTorch is not to be had here "
                f"({problem.splitlines()[-1].strip()}): taking the usual build."
            )
            problem = _resolve(project, lock)
        if problem:
            raise UserError(f"The packages cannot be found: {problem}")
        packages = tomllib.loads(lock.read_text("utf-8"))["packages"]
    wheels = [wheel for package in packages for wheel in package["wheels"]]
    carried = []
    for number, wheel in enumerate(wheels, 1):
        file = File(_name(wheel), wheel["size"], wheel["hashes"]["sha256"])
        carried.append(folder / file.name)
        if not _is_there(carried[-1], file):
            megabytes = file.size / 1e6
            say(f"[{number}/{len(wheels)}] {file.name}, {megabytes:.1f} MB")
            _fetch(wheel["url"], file, carried[-1])
    made_for = folder / "for.txt"
    made_for.write_text(f"{this_python()}\n", "utf-8")
    return [*carried, made_for]


def _resolve(project: Path, lock: Path, *options: str) -> str:
    """Write the exact files to install to a lock file; returns what went wrong."""
    asked = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
    needed = asked["project"]["dependencies"] + asked["build-system"]["requires"]
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "-", *options]
    # The first release of this minor version: what fits it fits all that follow.
    command += ["--python", sys.executable, "--only-binary", ":all:"]
    command += ["--python-version", "{}.{}".format(*sys.version_info)]
    command += ["--constraint", str(project / "requirements.txt")]
    command += ["--format", "pylock.toml", "--output-file", str(lock)]
    done = subprocess.run(
        command,
        input="\n".join(needed),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return "" if done.returncode == 0 else done.stderr.strip() or "uv gave no reason"


def _name(wheel: dict) -> str:
    return wheel.get("name") or unquote(wheel["url"].rpartition("/")[2])


def _is_there(path: Path, file: File) -> bool:
    """Whether a wheel was fetched before: `copy_verified` leaves only whole ones."""
    return path.exists() and path.stat().st_size == file.size


def _fetch(url: str, file: File, path: Path) -> None:
    import requests

    try:
        with requests.get(url, stream=True, timeout=PATIENCE) as answer:
            answer.raise_for_status()
            copy_verified(answer.raw, file, path)
    except WrongContentsError:
        raise UserError(
            f"{file.name} did not arrive as it should. Run it again: what is there "
            "already is kept."
        ) from None
    except (requests.RequestException, OSError) as error:
        raise UserError(
            f"{file.name} could not be fetched: {error}. Run it again: what is there "
            "already is kept."
        ) from error
