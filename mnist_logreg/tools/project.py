"""Where the project's parts are."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
RUNS = ROOT / "runs"
LEARN = ROOT / "learn"  # the learner's own copy of the notebooks
