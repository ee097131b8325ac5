"""What all tests share: their plugins, results of their own, processes side by side."""

import os
import signal
import tempfile
from collections import Counter
from pathlib import Path

import pytest

# As kernels have it. Threads of several tests at once would wait for each other. It
# must be said before torch is imported, which the plugins below do.
os.environ.setdefault("OMP_NUM_THREADS", "1")

pytest_plugins = [
    *("browsing", "checking", "data_fixtures", "handed_in", "strict", "trees"),
]


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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """Three for two processors, four at most: some tests wait for a browser."""
    return min(4, (os.cpu_count() or 1) * 3 // 2)


def pytest_unconfigure(config):
    """Remove it."""
    config.results.cleanup()


def pytest_collection_modifyitems(items):
    """First the files with few tests, which are long: no process is left with one."""
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: tests[item.path])
