"""``lab``: JupyterLab at the learner's own copy of the notebooks, for nobody else."""

import os
from pathlib import Path

from mnist_logreg.files.choose import open_data
from mnist_logreg.tools import share
from mnist_logreg.tools.classroom import editions, own_copy
from mnist_logreg.tools.project import LEARN, ROOT

# No question about news over the first cell, no asking a network for updates.
SETTINGS = Path(__file__).parent / "lab_settings"

CLOSE = "If it is open in JupyterLab, close it there without saving, and open it again."


def add_arguments(parser):
    """Declare the options of ``lab``; without any it opens JupyterLab."""
    only = parser.add_mutually_exclusive_group()
    only.add_argument(
        "--again",
        metavar="NOTEBOOK",
        help="start this notebook (01 to 04) over, and stop; your copy is set aside",
    )
    only.add_argument(
        "--newer",
        action="store_true",
        help="update your copy to a newer edition, keep your answers, and stop",
    )


def main(args) -> int:
    """Make what is missing of the copy, then serve JupyterLab until it is stopped.

    Raises UserError for a notebook that is not there, OSError if the copy cannot be
    written.
    """
    notebooks = {n: editions.learners(nb) for n, nb in editions.committed().items()}
    if args.again:
        name = own_copy.find(notebooks, args.again)
        _said(name, own_copy.start_over(LEARN, name, notebooks[name]))
        return 0
    made = own_copy.make_missing(LEARN, notebooks)
    if args.newer:
        changed = own_copy.outdated(LEARN, notebooks)
        for name in changed:
            _said(name, own_copy.renew(LEARN, name, notebooks[name]))
        if not changed:
            print("Your notebooks are up to date.")
        return 0
    print(open_data(fetch=True), flush=True)
    where = LEARN.relative_to(ROOT)
    print(f"Your own notebooks: {where}/{', made now' if made else ''}", flush=True)
    if own_copy.outdated(LEARN, notebooks):
        print(
            "There is a newer edition: `lab --newer` updates your copy and keeps your "
            "answers."
        )
    serve(f"{where.as_posix()}/{min(notebooks)}")
    return 0


def serve(first: str) -> None:
    """Serve JupyterLab at a notebook, a path from the root, until it is stopped."""
    share.take()
    from jupyterlab.labapp import main as jupyter_lab

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


def _said(name: str, aside: Path | None) -> None:
    print(f"{LEARN.relative_to(ROOT) / name} is new. {CLOSE if aside else ''}".rstrip())
    if aside:
        print(f"Your earlier copy: {aside.relative_to(ROOT)}")
