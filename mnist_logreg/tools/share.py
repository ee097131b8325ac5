"""What a kernel is started with, to take no more of a machine than it needs."""

import os

VARIABLES = {
    # The tensors are so small that threads would only wait, and neighbours compute too.
    "OMP_NUM_THREADS": "1",
    # On Linux memory from 1 MiB on goes back to the system as soon as it is freed.
    "MALLOC_MMAP_THRESHOLD_": str(2**20),
    "MALLOC_TRIM_THRESHOLD_": str(2**20),
}


def take() -> None:
    """Set the variables for all that this process starts, unless they are set."""
    for name, value in VARIABLES.items():
        os.environ.setdefault(name, value)
