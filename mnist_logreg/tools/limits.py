"""What the system must allow a process."""

import sys

from mnist_logreg.errors import UserError

OPEN_FILES = 256  # a server, a few kernels and their connections


def require_open_files() -> None:
    """Raise UserError if this process may open too few files for its kernels.

    Otherwise a kernel's connections fail half-way, and a run waits for it forever.
    """
    if sys.platform == "win32":
        return
    import resource

    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= allowed < OPEN_FILES:
        raise UserError(
            f"a process may open {allowed} files here, and needs up to {OPEN_FILES}: "
            "type `ulimit -n 1024`, then start again"
        )
