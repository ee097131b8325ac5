"""JupyterLab as it is started from a command line, for the tests."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import requests
from waiting import until


@contextmanager
def running_lab(folder, *command, **variables):
    """Start it in a folder, where its log goes; `command` is for Python.

    Yields its address with the token, its process, and the folder of its kernels' keys
    and sockets, whose paths must be short.
    """
    log = folder / "lab.log"
    with tempfile.TemporaryDirectory(prefix="lab-") as runtime, log.open("w") as file:
        server = subprocess.Popen(
            [sys.executable, *command],
            cwd=folder,
            env=os.environ | {"JUPYTER_RUNTIME_DIR": runtime} | variables,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
        try:
            yield until(lambda: _address(server, log)), server, Path(runtime)
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(60)  # one signal ends it
            finally:
                server.kill()


def _address(server, log) -> str | None:
    """It is printed a moment before JupyterLab listens there."""
    said = log.read_text("utf-8")
    assert server.poll() is None, said
    if found := re.search(r"http://127\S+token=\w+", said):
        with suppress(requests.ConnectionError):
            requests.get(found[0], timeout=30)
            return found[0]
    return None


def settings_in(folder) -> dict[str, str]:
    """The variables that keep a person's own settings away: theirs are in a folder."""
    return {
        "JUPYTER_CONFIG_DIR": str(folder),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "IPYTHONDIR": str(folder / "ipython"),
    }
