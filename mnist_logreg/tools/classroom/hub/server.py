"""A learner's server on a hub: jupyterhub-singleuser, with the notebooks at home.

It runs as the learner, so that it can do nothing that the learner could not.
"""

import os
import sys
from pathlib import Path

from mnist_logreg.tools import kernel_settings
from mnist_logreg.tools.classroom import editions
from mnist_logreg.tools.machine.lab import SETTINGS

OPTIONS = [
    f"--LabApp.app_settings_dir={SETTINGS}",  # no question about news
    # A kernel that has computed nothing for an hour gives its memory back, and a server
    # without kernels ends after another.
    "--MappingKernelManager.cull_idle_timeout=3600",
    "--MappingKernelManager.cull_interval=300",
    "--MappingKernelManager.cull_connected=True",
    "--ServerApp.shutdown_no_activity_timeout=3600",
]


def main() -> None:
    """Put the notebooks into the learner's home, then serve until stopped."""
    folder = Path.home() / "mnist-logreg"
    hand_out(folder)
    os.environ.setdefault("MNIST_RUN", str(folder / "results"))
    kernel_settings.take()
    _limit_memory()
    from jupyterhub.singleuser import main as serve

    sys.argv += [*OPTIONS, *kernel_settings.jupyter_options()]
    serve()


def hand_out(folder: Path) -> None:
    """Put the learner's notebooks into a folder; one that is there stays as it is.

    Parameters
    ----------
    folder : Path
        Where they go; it is made if it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, notebook in editions.committed().items():
        if not os.path.lexists(folder / name):
            editions.save(editions.learners(notebook), folder / name)


def _limit_memory() -> None:
    """Keep this process, and each that it starts, to the memory that the hub allows.

    A cell that wants more gets a MemoryError, and the class goes on.
    """
    allowed = int(os.environ.get("MEM_LIMIT") or 0)
    if allowed and sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        if most != resource.RLIM_INFINITY:
            allowed = min(allowed, most)
        resource.setrlimit(resource.RLIMIT_DATA, (allowed, allowed))


if __name__ == "__main__":
    main()
