"""A real browser for the tests: Chromium, where there is one."""

import functools
import http.server
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

# Nothing that Chromium would do by itself, such as asking for updates.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PROGRAMS = (
    "chromium-headless-shell",  # the same without windows: a page costs a quarter
    *("chromium", "chromium-browser", "google-chrome", "chrome"),
)


@pytest.fixture(scope="module")
def browser():
    """A running Chromium, or the test is skipped, with the reason."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="no Playwright here")
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    with sync_api.sync_playwright() as playwright:
        program = program or playwright.chromium.executable_path
        if not Path(program).exists():
            pytest.skip("no Chromium here: install it for the tests in a browser")
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="module")
def axe():
    """The script that looks for barriers, https://github.com/dequelabs/axe-core."""
    package = pytest.importorskip("axe_playwright_python", reason="no axe here")
    return Path(package.__file__).with_name("axe.min.js").read_text("utf-8")


@contextmanager
def served(folder: Path):
    """The address, on this machine alone, at which a folder is served."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Handler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class Watched:
    """A page that must stay silent: no errors, and no request to anywhere else."""

    def __init__(self, page, origin: str):
        self.page, self.origin = page, origin
        self.errors, self.strangers = [], []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("requestfailed", self._failed)
        page.on("request", self._request)

    def _console(self, message):
        if message.type == "error":
            self.errors.append(message.text)

    def _failed(self, request):
        # A reader who turns the page does not wait for the last one's figures.
        if request.failure != "net::ERR_ABORTED":
            self.errors.append(f"{request.url}: {request.failure}")

    def _request(self, request):
        local = ("data:", "blob:", self.origin, self.origin.replace("http", "ws", 1))
        if not request.url.startswith(local):
            self.strangers.append(request.url)
