"""Passes on what a kernel sends, up to what one reply may have.

ZeroMQ limits the parts of a message, but not how many there are: without this a kernel
could fill the grader's memory.
"""

import secrets
import select
import socket
import threading
import time
from collections.abc import Callable

MOST = 48 << 20  # bytes from a kernel for one request
AT_ONCE = 1 << 16  # bytes


def reach(path: str, seconds: float, gone: Callable[[], bool]) -> socket.socket | None:
    """A connection to a socket that soon lies at a path; None if that is not to be."""
    end = time.monotonic() + seconds
    while not gone() and time.monotonic() < end:
        found = socket.socket(socket.AF_UNIX)
        try:
            found.connect(path)
            return found
        except OSError:  # not there yet
            found.close()
        time.sleep(0.02)
    return None


class Relay(threading.Thread):
    """Stands between one socket of the grader and one of a kernel behind the fence.

    Parameters
    ----------
    kernel : socket.socket
        Connected to the kernel.

    Attributes
    ----------
    address : str
        Where the grader's socket connects. The fence has a network of its own, so
        that a kernel cannot reach this address.
    flooded : bool
        Whether the kernel has sent too much. Then nothing more is passed on.
    """

    def __init__(self, kernel: socket.socket):
        super().__init__(daemon=True)
        name = f"mnist-logreg-{secrets.token_hex(16)}"
        self.address, self.flooded = f"ipc://@{name}", False
        self._kernel, self._left = kernel, MOST
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"\0{name}")
        self._listener.listen(1)
        self.start()

    def allow(self) -> None:
        """Let the kernel send the reply to another request."""
        self._left = MOST

    def run(self) -> None:
        """Pass on until one of the two ends."""
        with self._kernel, self._listener:
            grader, _ = self._listener.accept()
            with grader:
                try:
                    while self._pass_on(grader):
                        pass
                except OSError:  # one of them has gone
                    pass

    def _pass_on(self, grader) -> bool:
        ready, _, _ = select.select([grader, self._kernel], [], [])
        for end in ready:
            part = end.recv(AT_ONCE)
            if end is self._kernel:
                self._left -= len(part)
                self.flooded = self._left < 0
            if not part or self.flooded:
                return False
            (grader if end is self._kernel else self._kernel).sendall(part)
        return True
