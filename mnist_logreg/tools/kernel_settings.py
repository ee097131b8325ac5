"""What kernels are started with: little of the machine, and this environment."""

import os
import socket
import uuid
from contextlib import suppress
from pathlib import Path

VARIABLES = {
    # The tensors are so small that threads would only wait, and neighbours compute too.
    "OMP_NUM_THREADS": "1",
    # On Linux memory from 1 MiB on goes back to the system as soon as it is freed; but
    # not that of each few batches, which the next ones take: a loop 20 % slower.
    "MALLOC_MMAP_THRESHOLD_": str(2**20),
    "MALLOC_TRIM_THRESHOLD_": str(2**21),
}

# What programs need of the system's own variables, on Linux, a Mac and Windows.
NEEDED = (
    *("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "WINDIR"),
)


def apart(home: str) -> dict[str, str]:
    """The variables of a kernel with a home of its own, and nothing of a person's."""
    return {
        **{name: os.environ[name] for name in NEEDED if name in os.environ},
        **dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP"), home),
        **VARIABLES,
    }


def transport(folder: str | Path) -> str:
    """How to reach kernels whose connection files, kernel-UUID.json, are in a folder.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    str
        "ipc", by sockets that are files there, if that is possible: not on Windows, nor
        if the path is too long or the disk knows no sockets. Else "tcp": a kernel takes
        seconds to bind its ports, and another may have been given them meanwhile.
    """
    place = Path(folder, f"kernel-{uuid.uuid4()}-ipc-1")
    with suppress(AttributeError, OSError), socket.socket(socket.AF_UNIX) as tried:
        tried.bind(str(place))
        place.unlink()
        return "ipc"
    return "tcp"


def jupyter_options() -> list[str]:
    """The options of a Jupyter server whose kernels nobody else hears or gets."""
    from jupyter_core.paths import jupyter_runtime_dir
    from jupyter_core.utils import ensure_dir_exists

    ensure_dir_exists(folder := jupyter_runtime_dir(), 0o700)
    return [
        "--MappingKernelManager.transport_encryption=auto",
        f"--KernelManager.transport={transport(folder)}",
    ]


def take() -> None:
    """Set the variables for all that this process starts, unless they are set."""
    for name, value in VARIABLES.items():
        os.environ.setdefault(name, value)
    # This environment's kernel python3, also where a person has another of that name.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
