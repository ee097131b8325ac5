"""Kernels that run without a person: nobody's own settings reach what they execute."""

import atexit
import functools
import os
import shutil
import tempfile
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import filelock
from jupyter_client.client import KernelClient
from jupyter_client.connect import LocalPortCache
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_client.provisioning import LocalProvisioner
from jupyter_core.utils import run_sync

from mnist_logreg.tools import kernel_settings, limits
from mnist_logreg.tools.project import ROOT

# Settings of a person or of an editor that would change what a notebook shows.
PERSONAL = (
    *("PYTHONSTARTUP", "PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONINSPECT"),
    *("MPLBACKEND", "FORCE_COLOR", "NO_COLOR"),
)
PREFIX = "mnist-logreg-"

# One list of the ports that are given away: two threads that start their first kernels
# at the same time would make one each, and two kernels could be given the same port.
LocalPortCache.instance()
# The classes that traitlets looks up by name, at the first use: it fails if two threads
# do that at the same time.
AsyncKernelManager().client()
LocalProvisioner()


def environment(base: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a kernel that runs headlessly.

    IPython finds an empty profile and matplotlib only its own defaults. What of
    `kernel_settings` the environment does not set otherwise is added.

    Parameters
    ----------
    base : Mapping[str, str], optional
        The variables to start from. By default those of this process, and the package
        that this process has imported comes first on the kernel's path.

    Returns
    -------
    dict[str, str]
        The variables that the kernel is started with.
    """
    if base is None:
        path = os.environ.get("PYTHONPATH")
        path = f"{ROOT}{os.pathsep}{path}" if path else str(ROOT)
        base = {**os.environ, "PYTHONPATH": path}
    kept = {name: value for name, value in base.items() if name not in PERSONAL}
    return {
        **kernel_settings.VARIABLES,
        **kept,
        "IPYTHONDIR": str(_private_folder() / "ipython"),
        "MATPLOTLIBRC": os.devnull,
        "JUPYTER_PREFER_ENV_PATH": "1",
    }


@functools.cache
def _private_folder() -> Path:
    """The folder of this process for kernels' keys and profiles.

    Nobody else can read it. It is removed when this process ends; what a killed
    process has left is removed by the next one.
    """
    _remove_abandoned()
    place = Path(tempfile.gettempdir(), f"{PREFIX}{uuid.uuid4().hex[:12]}")
    lock = filelock.FileLock(f"{place}.lock")
    lock.acquire()  # before the folder is there: it is never seen without an owner
    place.mkdir(mode=0o700)
    atexit.register(_remove, place, lock)
    return place


def _remove_abandoned() -> None:
    """Remove the folders whose owner was killed."""
    for place in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        lock = filelock.FileLock(f"{place}.lock")
        with suppress(OSError, filelock.Timeout):
            if place.is_dir():
                lock.acquire(timeout=0)
                _remove(place, lock)


def _remove(place: Path, lock: filelock.FileLock) -> None:
    shutil.rmtree(place, ignore_errors=True)
    lock.release()
    with suppress(OSError):
        Path(lock.lock_file).unlink()


class _Private(KernelManager):
    """What both kinds of kernels have in common.

    Messages are encrypted, with CurveZMQ, so that nobody on a shared host can read
    them. The kernel is the ipykernel of this very Python, whatever other kernels are
    installed under the name of python3.

    Parameters
    ----------
    cwd : str, optional
        The folder that it works in; by default this process's.

    Raises
    ------
    UserError
        If this process may not open as many files as that takes.
    """

    def __init__(self, cwd: str | None = None):
        limits.require_open_files()
        folder = _private_folder()
        super().__init__(
            kernel_name="python3",
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
            transport=kernel_settings.transport(folder),
            transport_encryption="auto",
            connection_file=str(folder / f"kernel-{uuid.uuid4()}.json"),
        )
        self._folder = {"cwd": cwd} if cwd else {}

    async def _async_pre_start_kernel(self, *, env=None, **options):
        options = self._folder | options
        return await super()._async_pre_start_kernel(env=environment(env), **options)


class BlockingKernel(_Private):
    """The kernel that nbval uses, which would choose among those installed."""

    def __init__(self, **choice):
        super().__init__()


class Kernel(_Private, AsyncKernelManager):
    """The kernel that everything else uses."""

    def __init__(self, cwd: str | None = None):
        super().__init__(cwd)
        self._clients: list[KernelClient] = []

    async def start_kernel(self, **options):
        """As in jupyter_client, but a fault of the system is a RuntimeError too.

        An OSError would pass for one of the file that the notebook is saved in.
        """
        try:
            await super().start_kernel(**options)
        except OSError as error:
            raise RuntimeError(error) from error

    def client(self, **options):
        """As in jupyter_client; `end` closes the client too."""
        self._clients.append(super().client(**options))
        return self._clients[-1]

    def kill(self) -> None:
        """Kill the process, if it runs; any thread may call this."""
        process = getattr(self.provisioner, "process", None)
        if process is not None:
            process.kill()

    def end(self) -> None:
        """Kill the kernel with all that it started, and close the connections to it."""
        for client in self._clients:
            client.stop_channels()
        run_sync(self.shutdown_kernel)(now=True)
