"""A copy of the project with two tiny notebooks, in which commands are tried."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from tiny import notebook

from mnist_logreg.files.choose import open_data
from mnist_logreg.tools import working_copy

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)
FIGURE = (
    "from IPython.display import display\n"
    f"display({{'image/png': '{PNG}'}}, raw=True, "
    "metadata={'image/png': {'alt': 'a red dot'}})"
)
SAVE = (
    "import json, os\nfrom pathlib import Path\n"
    "Path(os.environ['MNIST_RUN'], 'metrics.json').write_text(json.dumps("
    "{'train_loss': [2.0] * epochs, 'test_accuracy': [50.0] * epochs}))"
)
TRAINING = "source = 'auto'\nepochs = 50\nseed = 0"


class Tree:
    """The copy: the package, the digits, and the notebooks."""

    def __init__(self, folder: Path):
        self.folder = folder
        working_copy.make(folder, open_data("digits"))
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.write(1, FIGURE, "print(source)")
        self.write(2, SAVE, parameters=TRAINING)

    def path(self, number: int) -> Path:
        return self.folder / "notebooks" / f"{number:02}_tiny.ipynb"

    def write(self, number: int, *cells: str, **options) -> None:
        notebook(self.path(number), *cells, **options)

    def start(self, *args: str, **options) -> subprocess.Popen:
        """Start a command; options: for Popen, and in capitals for its environment."""
        variables = {k: options.pop(k) for k in [*options] if k.isupper()}
        own = {"TMPDIR": str(self.temporary), "PYTHONUTF8": "1"}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [sys.executable, "-m", "mnist_logreg", *map(str, args)],
            cwd=self.folder,
            env=os.environ | own | variables,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            **(pipes | options),
        )

    def call(self, *args: str, **options) -> tuple[int, str, str]:
        """Call a command: its exit status, and what it printed."""
        with self.start(*args, **options) as process:
            out, err = process.communicate(timeout=300)
        return process.returncode, out, err

    def run(self, *args: str, **options) -> tuple[int, str, str]:
        return self.call("run", "--data", "digits", *args, **options)

    def runs(self) -> list[Path]:
        return sorted((self.folder / "runs").iterdir())

    def kernels(self) -> list[psutil.Process]:
        """The kernels that this tree started and that still run."""
        ours = str(self.temporary)
        return [
            process
            for process in psutil.process_iter(["cmdline"])
            if any(ours in part for part in process.info["cmdline"] or [])
        ]


@pytest.fixture
def tree(tmp_path):
    """A tree, in which no kernel, key or temporary file may be left."""
    made = Tree(tmp_path / "a tree, ½ {full}")
    yield made
    assert not made.kernels()
    assert not list(made.temporary.iterdir())
