"""What the system must allow a process, and how it shows that it does not."""

import re
import sys

from mnist_logreg.errors import UserError

OPEN_FILES = 256  # a server, a few kernels and their connections

MEMORY = "the memory ran out: close other programs, or raise the limit set for this one"
NO_MEMORY = re.compile("[Cc]annot allocate memory|failed to map segment|paging file")


def out_of_memory(name: str, text: str) -> bool:
    """Whether an error, by its class's name and its message, is one of the memory."""
    return name == "MemoryError" or NO_MEMORY.search(text) is not None


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
