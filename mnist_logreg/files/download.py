"""Downloads MNIST from the servers that have it.

A server that does not begin to answer in time, or that gives less than 20 kB/s over 10
seconds, is abandoned for the next. What a server gives is verified before it is used.
"""

import contextlib
import gzip
import os
import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import requests
from tqdm import tqdm

from mnist_logreg.errors import UserError
from mnist_logreg.files.news import say
from mnist_logreg.files.verified import File, WrongContentsError, copy_verified
from mnist_logreg.files.whole import whole_file

# Those of torchvision's datasets.MNIST.mirrors.
PUBLIC = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
)

SLOWEST = 20_000  # bytes a second ...
WINDOW = 10  # ... over so many seconds; a slower server is abandoned

# The lock that tqdm would make is a system-wide one, which a killed process leaves.
tqdm.set_lock(threading.RLock())


class MirrorFailedError(Exception):
    """A server did not give the file; the message says what it did instead."""


class _CutError(MirrorFailedError):
    """The connection ended before the file did."""


class Mirrors:
    """The servers that have MNIST. A server that fails once is not asked again.

    Parameters
    ----------
    begin : float
        Seconds within which a server must begin to answer.
    """

    def __init__(self, begin: float):
        self.begin = begin
        self.failed: dict[str, str] = {}  # server -> what it answered
        own = os.environ.get("MNIST_MIRROR", "").strip()
        self.servers = ((own,) if own else ()) + PUBLIC

    def supply(self, file: File, path: Path) -> None:
        """Download a file, verify it and put it at a path, with its .gz beside it.

        Parameters
        ----------
        file : File
            What to download.
        path : Path
            Where to put it.

        Raises
        ------
        UserError
            If no server gives the file. It names each server's answer.
        OSError
            If the file cannot be written.
        """
        for server in self.servers:
            if server in self.failed:
                continue
            try:
                with contextlib.suppress(_CutError):  # this can happen once
                    return self._fetch(server, file, path)
                return self._fetch(server, file, path)
            except MirrorFailedError as failure:
                self.failed[server] = str(failure)
            if server != self.servers[-1]:
                say(f"{_shown(server)} {self.failed[server]}: trying the next.")
        answers = "".join(f"\n  {_shown(s)} {a}" for s, a in self.failed.items())
        raise UserError(
            f"MNIST could not be fetched:{answers}\n{ways_out(path.parent)}"
        )

    def _fetch(self, server: str, file: File, path: Path) -> None:
        """Fetch a file from one server. Raises as ``supply``, but of this server."""
        archive = path.with_name(f"{file.name}.gz")
        url = f"{server.rstrip('/')}/{archive.name}"
        bar = tqdm(
            desc=archive.name, unit="B", unit_scale=True, disable=None, leave=False
        )
        with whole_file(archive) as out, bar:
            for chunk in _receive(url, self.begin, bar):
                out.write(chunk)
                bar.update(len(chunk))
                if out.tell() > file.size:
                    raise MirrorFailedError(f"sent more than {archive.name}")
            out.flush()
            try:
                with gzip.open(out.name) as stream:
                    copy_verified(stream, file, path)
            except WrongContentsError:
                raise MirrorFailedError(
                    f"sent {out.tell():,} bytes that are not {archive.name}"
                ) from None


def ways_out(raw: Path) -> str:
    """Say what a person without MNIST can do.

    Parameters
    ----------
    raw : Path
        The folder that lacks the files.

    Returns
    -------
    str
        The remedies, in a sentence.
    """
    return (
        "To get it, set MNIST_MIRROR to a server that has it (your instructor's?), set "
        "MNIST_ROOT to a folder that holds it, or copy the four .gz files, for example "
        f"from a stick, to {raw}"
    )


def _receive(url: str, begin: float, bar: tqdm) -> Iterator[bytes]:
    """Yield the bytes that a server sends, as long as it keeps to the time limits.

    A separate thread receives them: otherwise neither the search for a server's name
    nor the wait for the next byte can be limited. An abandoned thread ends with its
    connection, or with the program.
    """
    received: queue.Queue = queue.Queue(maxsize=64)
    given_up = threading.Event()

    def put(item: bytes | Exception | None) -> None:
        while not given_up.is_set():
            with contextlib.suppress(queue.Full):
                return received.put(item, timeout=1)

    def receive() -> None:
        try:
            with requests.get(
                url,
                stream=True,
                timeout=(begin, begin + 2 * WINDOW),  # more than the thread is left
                headers={"Accept-Encoding": "identity"},
            ) as response:
                _refuse_other_than_file(response)
                length = response.headers.get("Content-Length", "")
                bar.total = int(length) if length.isdecimal() else None
                put(b"")  # it has begun
                for chunk in response.raw.stream(1 << 14, decode_content=False):
                    put(chunk)
                    if given_up.is_set():
                        return
            put(None)
        except Exception as error:  # the other thread raises it
            put(error)

    threading.Thread(target=receive, daemon=True).start()
    try:
        yield from _in_time(received, begin)
    finally:
        given_up.set()


def _in_time(received: queue.Queue, begin: float) -> Iterator[bytes]:
    """Yield the chunks that arrive in a queue, until None does, if they are in time.

    The first item may take `begin` seconds.
    """
    begun, size, until = False, 0, time.monotonic() + begin
    while True:
        try:
            item = received.get(timeout=max(until - time.monotonic(), 0))
        except queue.Empty:
            if not begun:
                raise MirrorFailedError(
                    f"gave no answer within {begin:g} seconds"
                ) from None
            if size < SLOWEST * WINDOW:
                raise MirrorFailedError(
                    f"gave less than {SLOWEST // 1000} kB/s over {WINDOW} seconds"
                ) from None
            size, until = 0, time.monotonic() + WINDOW
            continue
        if item is None:
            return
        if isinstance(item, Exception):
            raise _failure(item, begun) from item
        if not begun:
            begun, until = True, time.monotonic() + WINDOW
        yield item
        size += len(item)


def _refuse_other_than_file(response: requests.Response) -> None:
    if response.status_code != 200:
        raise MirrorFailedError(f"answered {response.status_code} {response.reason}")
    if "text/html" in response.headers.get("Content-Type", ""):
        raise MirrorFailedError("sent a web page instead (one to log in on?)")


def _failure(error: Exception, begun: bool) -> Exception:
    """What an error while receiving says about the server."""
    if isinstance(error, MirrorFailedError):
        return error
    if begun:
        return _CutError("cut the connection half-way, twice")
    if isinstance(error, requests.exceptions.ProxyError):
        said = (
            "cannot be asked: the proxy that HTTP_PROXY or HTTPS_PROXY names does not "
            "answer (NO_PROXY lists servers that need none)"
        )
    elif isinstance(error, requests.exceptions.SSLError):
        said = (
            "has no certificate this machine trusts (REQUESTS_CA_BUNDLE names a file "
            "of more)"
        )
    elif isinstance(error, requests.exceptions.Timeout):
        said = "gave no answer in time"
    elif "NameResolutionError" in repr(error):
        said = "is not known here (no network?)"
    elif isinstance(error, requests.exceptions.ConnectionError):
        said = "cannot be reached"
    elif isinstance(error, ValueError):
        said = "is not a web address (http://...)"
    else:
        said = f"gave no answer ({type(error).__name__})"
    return MirrorFailedError(said)


def _shown(server: str) -> str:
    """A server's address without a password that may be in it."""
    try:
        parts = urlsplit(server)
    except ValueError:  # no address at all
        return server
    return server.replace(parts.netloc, parts.netloc.rpartition("@")[2])
