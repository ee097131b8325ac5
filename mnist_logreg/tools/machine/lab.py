"""``lab``: JupyterLab at the learner's own copy of the notebooks, for nobody else."""

import os
from contextlib import suppress
from pathlib import Path

from mnist_logreg.files.choose import open_data
from mnist_logreg.tools import kernel_settings
from mnist_logreg.tools.classroom import editions, own_copy
from mnist_logreg.tools.project import LEARN, ROOT

# No question about news over the first cell, no asking a network for updates, and no
# looking for extensions that would have to be built, which takes a second.
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
        help="update your copy to a newer version, keep your answers, and stop",
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
            "There is a newer version: `lab --newer` updates your copy and keeps your "
            "answers."
        )
    serve(f"{where.as_posix()}/{min(notebooks)}")
    return 0


def serve(first: str) -> None:
    """Serve JupyterLab at a notebook, a path from the root, until it is stopped."""
    kernel_settings.take()
    from jupyterlab.labapp import LabApp

    server = LabApp.initialize_server(
        [
            f"--ServerApp.root_dir={ROOT}",
            f"--LabApp.default_url=/lab/tree/{first}",
            "--ServerApp.ip=127.0.0.1",  # and a token, as ever
            *kernel_settings.jupyter_options(),
            f"--LabApp.app_settings_dir={SETTINGS}",
            "--ServerApp.answer_yes=True",  # one Ctrl-C ends it
            # In a container one is often root, where JupyterLab would not start.
            *(["--allow-root"] if hasattr(os, "getuid") and os.getuid() == 0 else []),
        ]
    )
    server.io_loop.add_callback(_begin, server, first)
    server.start()


async def _begin(server, first: str) -> None:
    """Have a notebook's kernel import what takes longest while its page is loaded."""
    from jupyter_client.session import Session

    with suppress(Exception):  # JupyterLab starts it again then, and says what is wrong
        session = await server.session_manager.create_session(
            path=first, name=Path(first).name, type="notebook", kernel_name="python3"
        )
        kernel = server.kernel_manager.get_kernel(session["kernel"]["id"])
        # A session of its own: the kernel takes two of one name for the same client.
        client = kernel.client(session=Session(key=kernel.session.key))
        client.start_channels()
        try:
            await client.execute("__import__('torch')", silent=True, reply=True)
        finally:
            client.stop_channels()


def _said(name: str, aside: Path | None) -> None:
    print(f"{LEARN.relative_to(ROOT) / name} is new. {CLOSE if aside else ''}".rstrip())
    if aside:
        print(f"Your earlier copy: {aside.relative_to(ROOT)}")
