"""JupyterLab as `make lab` starts it, for the tests."""

import contextlib
import re
import time

import requests

START = 60  # seconds for JupyterLab to start


def lab_address(server, log) -> str:
    """The address with its token, once the server answers there.

    server: its process; log: the file that it prints to. JupyterLab prints the address
    a moment before it listens there.
    """
    until = time.monotonic() + START
    while time.monotonic() < until:
        said = log.read_text("utf-8")
        assert server.poll() is None, said
        if found := re.search(r"http://127\S+token=\w+", said):
            with contextlib.suppress(requests.ConnectionError):
                requests.get(found[0], timeout=30)
                return found[0]
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8"))
