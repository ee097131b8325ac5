"""A web server on this machine that has files, and faults."""

import contextlib
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = b"<!doctype html><title>Welcome</title>Please log in."


class Server:
    """Serves ``files`` (name -> bytes) at ``url``, as ``behave`` does it.

    behave(handler, contents) answers one request; the functions below are such.
    ``requests`` counts what was asked for, by name.
    """

    def __init__(self, files, behave=None):
        self.requests = Counter()
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                # A proxy is asked for a whole address, a server for a path.
                self.name = self.path.rpartition("/")[2]
                with lock:
                    server.requests[self.name] += 1
                if self.name not in files:
                    self.send_error(404)
                    return
                # A client that has given up is what is wanted.
                with contextlib.suppress(ConnectionError):
                    (behave or good)(self, files[self.name])

            def log_message(self, *args):
                pass

        server = self
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_port}/mnist/"

    def __enter__(self):
        threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        ).start()
        return self

    def __exit__(self, *exception):
        self._server.shutdown()
        self._server.server_close()


def _head(handler, length, kind="application/gzip", encoding=None):
    handler.send_response(200)
    handler.send_header("Content-Type", kind)
    if encoding is not None:
        handler.send_header("Content-Encoding", encoding)
    if length is not None:
        handler.send_header("Content-Length", str(length))
    handler.end_headers()


def good(handler, contents, *head):
    _head(handler, len(contents), *head)
    handler.wfile.write(contents)


def slow(pause):
    """Good, with five pauses in each file, in seconds."""

    def behave(handler, contents):
        _head(handler, len(contents))
        share = len(contents) // 5 + 1
        for i in range(0, len(contents), share):
            handler.wfile.write(contents[i : i + share])
            time.sleep(pause)

    return behave


def encoded(handler, contents):
    """Some servers call a .gz file an encoding of what it holds."""
    good(handler, contents, "application/octet-stream", "gzip")


def cut_once():
    """Cuts the first connection half-way, and no other."""
    behaviours = iter([cut])

    def behave(handler, contents):
        next(behaviours, good)(handler, contents)

    return behave


def status(code):
    def behave(handler, contents):
        handler.send_error(code)

    return behave


def login_page(handler, contents):
    good(handler, PAGE, "text/html; charset=utf-8")


def disguised_login_page(handler, contents):
    good(handler, PAGE)


def redirect_for_ever(handler, contents):
    handler.send_response(302)
    handler.send_header("Location", handler.path)
    handler.end_headers()


def wrong_bytes(handler, contents):
    """The right length, and one bit that is not."""
    middle = len(contents) // 2
    changed = bytes([contents[middle] ^ 1])
    good(handler, contents[:middle] + changed + contents[middle + 1 :])


def zeros(handler, contents):
    good(handler, bytes(len(contents)))


def empty(handler, contents):
    good(handler, b"")


def short(handler, contents):
    """Half of the file, announced as the whole."""
    good(handler, contents[: len(contents) // 2])


def cut(handler, contents):
    """Half of the file, then the connection ends."""
    _head(handler, len(contents))
    handler.wfile.write(contents[: len(contents) // 2])


def silent(handler, contents):
    """Takes the request and says nothing."""
    time.sleep(20)


def stalled(handler, contents):
    """Half of the file, then nothing."""
    cut(handler, contents)
    time.sleep(20)


def drip(handler, contents):
    """A few bytes now and then, so that no single wait is long."""
    _head(handler, len(contents))
    for i in range(0, len(contents), 10):
        handler.wfile.write(contents[i : i + 10])
        time.sleep(0.05)


def endless(handler, contents):
    _head(handler, None)
    while True:
        handler.wfile.write(contents)


def hang_up(handler, contents):
    """Ends the connection without an answer."""
    handler.close_connection = True
