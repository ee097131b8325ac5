"""Runs nbval as ``make test`` does, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def nbval(*notebooks: Path, **variables: str) -> tuple[int, str]:
    """Check the stored outputs of notebooks; returns exit status and report."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml"),
            *("-p", "conftest", "-p", "no:cacheprovider", "-n0", *notebooks),
        ],
        cwd=ROOT,
        # conftest.py is a plugin here, for notebooks that lie elsewhere.
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
        | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout + done.stderr
