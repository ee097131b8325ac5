"""What all tests share: strict nbval for notebooks, and the plugins of the tests."""

import os
import signal
import tempfile
import time
from pathlib import Path
from queue import Empty

import nbval.kernel
import nbval.plugin
import pytest

from mnist_logreg.errors import UserError
from mnist_logreg.files.choose import open_data
from mnist_logreg.tools.series.kernels import BlockingKernel

pytest_plugins = [
    *("browsing", "checking", "data_fixtures", "faults", "handed_in", "trees"),
]

NOTEBOOKS = Path(__file__).parent / "notebooks"


class _Kernel(nbval.kernel.RunningKernel):
    """Nbval's kernel, whose death is noticed at once and not after the time limit."""

    def get_message(self, stream, timeout=None):
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            rest = 1 if end is None else min(1, max(0, end - time.monotonic()))
            try:
                return super().get_message(stream, timeout=rest)
            except Empty:
                if not self.is_alive():
                    raise RuntimeError("the kernel died") from None
                if end is not None and time.monotonic() >= end:
                    raise


nbval.plugin.RunningKernel = _Kernel
nbval.kernel.KernelManager = BlockingKernel


def pytest_configure(config):
    """Keep what notebooks save in tests apart from the learners' own results."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell's job in the background: what the tests start must hear Ctrl-C again.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.results = tempfile.TemporaryDirectory()
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        os.environ["MNIST_RUN"] = str(Path(os.environ["MNIST_RUN"], worker))
    else:
        os.environ.setdefault("MNIST_RUN", config.results.name)
    # As kernels have it. Threads of several tests at once would wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """Three for two processors, four at most: some tests wait for a browser."""
    return min(4, (os.cpu_count() or 1) * 3 // 2)


def pytest_unconfigure(config):
    """Remove it."""
    config.results.cleanup()


def pytest_collection_modifyitems(items):
    """Compare no pictures; the committed outputs need MNIST to be compared with."""
    for item in items:
        if isinstance(item, nbval.plugin.IPyNbCell):
            # A figure's alternative text is compared, its picture is not.
            item.parent.sanitize_patterns[r"base64,[^\"]*"] = "base64,"
    cells = [item for item in items if item.path.parent == NOTEBOOKS]
    if not cells:
        return
    try:
        open_data("mnist")
    except UserError as error:
        reason = f"stored outputs need real MNIST. {error}"
        for cell in cells:
            cell.add_marker(pytest.mark.skip(reason=reason))
