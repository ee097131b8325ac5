"""Waiting for what another process does."""

import os
import subprocess
import time

from mnist_logreg.tools.project import ROOT


def call(*command, folder=ROOT, stdout=subprocess.PIPE, **variables):
    """Call a program, with further variables; return what it has done at its end."""
    return subprocess.run(
        command,
        cwd=folder,
        env=os.environ | variables,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def until(found, seconds=60):
    """What `found` returns, as soon as it is something."""
    end = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < end, found
        time.sleep(0.1)
    return value
