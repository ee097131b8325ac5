"""JupyterLab as it is started from a command line, for the tests."""

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress

import requests
from waiting import until


@contextmanager
def running_lab(folder, *command, **variables):
    """Start it in a folder; yields its address with the token, and its process.

    command: the arguments of Python. The log goes into the folder.
    """
    log = folder / "lab.log"
    with log.open("w") as file:
        server = subprocess.Popen(
            [sys.executable, *command],
            cwd=folder,
            env=os.environ | variables,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )

    def address():
        """It is printed a moment before JupyterLab listens there."""
        said = log.read_text("utf-8")
        assert server.poll() is None, said
        if found := re.search(r"http://127\S+token=\w+", said):
            with suppress(requests.ConnectionError):
                requests.get(found[0], timeout=30)
                return found[0]
        return None

    try:
        yield until(address), server
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            server.kill()


def settings_in(folder) -> dict[str, str]:
    """The variables that keep a person's own settings away: theirs are in a folder."""
    return {
        "JUPYTER_CONFIG_DIR": str(folder),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "IPYTHONDIR": str(folder / "ipython"),
    }
