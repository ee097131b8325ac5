"""``lab``: JupyterLab at the first notebook, for this machine and its user only."""

import os
from pathlib import Path

from mnist_logreg.files.choose import open_data
from mnist_logreg.tools.project import NOTEBOOKS, ROOT

# No question about news over the first cell, no asking a network for updates.
SETTINGS = Path(__file__).parent / "lab_settings"


def add_arguments(parser):
    """Declare nothing: whoever wants other settings calls ``jupyter lab`` itself."""


def main(args) -> int:
    """Prepare the data, then serve JupyterLab until it is stopped."""
    print(open_data(fetch=True), flush=True)
    # Kernels compute on one processor: tensors are small, and neighbours work too.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from jupyterlab.labapp import main as jupyter_lab

    first = min(NOTEBOOKS.glob("*.ipynb")).relative_to(ROOT).as_posix()
    jupyter_lab(
        [
            f"--ServerApp.root_dir={ROOT}",
            f"--LabApp.default_url=/lab/tree/{first}",
            "--ServerApp.ip=127.0.0.1",  # and a token, as ever
            "--MappingKernelManager.transport_encryption=auto",
            f"--LabApp.app_settings_dir={SETTINGS}",
            "--ServerApp.answer_yes=True",  # one Ctrl-C ends it
            # In a container one is often root, where JupyterLab would not start.
            *(["--allow-root"] if hasattr(os, "getuid") and os.getuid() == 0 else []),
        ]
    )
    return 0
