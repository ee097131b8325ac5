"""Waiting for what another process does."""

import time


def until(found, seconds=60):
    """What `found` returns, as soon as it is something."""
    end = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < end, found
        time.sleep(0.1)
    return value
