"""Runs nbval as ``make test`` does, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def nbval(*notebooks: Path, **variables: str) -> tuple[int, str]:
    """Check the stored outputs of notebooks; returns exit status and report."""
    # conftest.py is a plugin here, for notebooks that lie elsewhere.
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    environment.pop("PYTEST_XDIST_WORKER", None)  # it is nobody's worker
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml"),
            *("-p", "conftest", "-p", "no:cacheprovider", "-n0", *notebooks),
        ],
        cwd=ROOT,
        env=environment | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout + done.stderr
