"""Collects the packages that the series needs, for this Python and this system."""

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import IO, cast
from urllib.parse import unquote

from mnist_logreg.errors import UserError
from mnist_logreg.files.news import say
from mnist_logreg.files.verified import (
    File,
    WrongContentsError,
    complete,
    copy_verified,
)
from mnist_logreg.tools.machine.setup import BRISK, SMALL, this_python

PATIENCE = (10, 60)  # seconds: to reach a server, and between two of its answers


def collect(folder: Path, project: Path) -> list[Path]:
    """Fetch the wheels of all that pyproject.toml asks for into a folder.

    Parameters
    ----------
    folder : Path
        Where they go. A wheel that is there stays if its SHA-256 is right.
    project : Path
        The folder with pyproject.toml and requirements.txt, whose versions are taken.

    Returns
    -------
    list of Path
        What is to be carried: the wheels, a file requirements.txt with the check sum
        of each, and a file for.txt that says for which Python and system they are.

    Raises
    ------
    UserError
        If a wheel cannot be fetched.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        lock = Path(temporary, "pylock.toml")
        problem = _resolve(project, lock, SMALL)
        if problem and SMALL:
            say(
                "The CPU build of PyTorch cannot be reached here: taking the package "
                "index's own, which on Linux brings CUDA (3.2 GB to carry)."
            )
            problem = _resolve(project, lock)
        if problem:
            raise UserError(f"The packages cannot be found: {problem}")
        packages = tomllib.loads(lock.read_text("utf-8"))["packages"]
    wheels = [wheel for package in packages for wheel in package["wheels"]]
    carried = []
    for number, wheel in enumerate(wheels, 1):
        name = wheel.get("name") or unquote(wheel["url"].rpartition("/")[2])
        file = File(name, wheel["size"], wheel["hashes"]["sha256"])
        carried.append(folder / file.name)
        if not complete(folder, (file,)):
            megabytes = file.size / 1e6
            say(f"[{number}/{len(wheels)}] {file.name}, {megabytes:.1f} MB")
            _fetch(wheel["url"], file, carried[-1])
    sums = folder / "requirements.txt"
    sums.write_text("".join(map(_requirement, packages)), "utf-8")
    made_for = folder / "for.txt"
    made_for.write_text(f"{this_python()}\n", "utf-8")
    return [*carried, sums, made_for]


def _resolve(project: Path, lock: Path, torch: str | None = None) -> str:
    """Write the exact files to install to a lock file; returns what went wrong.

    torch: the build of PyTorch, for which another index is asked.
    """
    asked = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
    needed = asked["project"]["dependencies"]
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "-"]
    command += ["--torch-backend", torch] if torch else []
    # The first release of this minor version: what fits it fits all that follow.
    command += ["--python", sys.executable, "--only-binary", ":all:"]
    command += ["--python-version", "{}.{}".format(*sys.version_info)]
    command += ["--constraint", str(project / "requirements.txt")]
    command += ["--format", "pylock.toml", "--output-file", str(lock)]
    done = subprocess.run(
        command,
        env=os.environ | (BRISK if torch else {}),
        input="\n".join(needed),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return "" if done.returncode == 0 else done.stderr.strip() or "uv gave no reason"


def _requirement(package: dict) -> str:
    """A package's line for pip, with the check sums of its wheels."""
    sums = [wheel["hashes"]["sha256"] for wheel in package["wheels"]]
    hashes = "".join(f" --hash=sha256:{digest}" for digest in sums)
    return f"{package['name']}=={package['version']}{hashes}\n"


def _fetch(url: str, file: File, path: Path) -> None:
    import requests

    try:
        with requests.get(url, stream=True, timeout=PATIENCE) as answer:
            answer.raise_for_status()
            # It can be read like a file, but its types do not say so.
            copy_verified(cast(IO[bytes], answer.raw), file, path)
    except WrongContentsError:
        raise UserError(
            f"{file.name} arrived damaged. Run the command again: what was downloaded "
            "before is kept."
        ) from None
    except (requests.RequestException, OSError) as error:
        raise UserError(
            f"{file.name} could not be downloaded: {error}. Run the command again: "
            "what was downloaded before is kept."
        ) from error
