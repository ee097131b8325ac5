"""A learner's kernel: started behind the fence, watched, asked, and ended with all."""

import json
import os
import re
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import jupyter_client.connect
import zmq
from jupyter_client.session import Session

from mnist_logreg.tools.classroom.grading import fence
from mnist_logreg.tools.classroom.grading.budget import Budget, Family, GoneError
from mnist_logreg.tools.classroom.grading.relay import Relay, reach

LOOK = 0.1  # seconds between two looks at what a kernel takes
START = 300  # seconds for a kernel to start, on a machine that does much else
GRACE = 10  # seconds to answer an interrupt
# Bytes of one message from a kernel; a longer one is refused before it is read.
LARGEST_MESSAGE = 24 << 20
# It would end the kernel some cells later, which then cost others their points.
NO_EXIT = "get_ipython().ask_exit = lambda: None"
CHANNELS = ("shell", "iopub", "stdin", "control", "hb")
LETTERS = re.compile(r"'([A-Za-z0-9+/=]*)'")  # what `inside.encode` makes, as a literal


@dataclass(frozen=True)
class Reply:
    """What came of a cell: the class and the words of its error, if it had one."""

    error: str = ""
    words: str = ""


class Kernel:
    """A kernel for a learner's code; a context manager that ends it.

    Parameters
    ----------
    work : Path
        The copy of the lesson.
    sockets : Path
        An empty folder with a short path; not used behind the fence.
    budget : Budget
    fenced : bool
    stopped : callable
        Whether the grader was asked to stop; then GoneError is raised soon.
    """

    def __init__(self, work: Path, sockets: Path, budget: Budget, fenced, stopped):
        self._work, self._sockets = work, sockets
        self._budget, self._fenced, self._stopped = budget, fenced, stopped
        self._limits = budget.limits
        self._relays: dict[str, Relay] = {}
        key = secrets.token_hex(32)
        self._session = Session(key=key.encode(), check_pid=False)
        self._connection = {
            "transport": "ipc",
            "ip": fence.SOCKETS if fenced else str(sockets / "k"),
            "key": key,
            "signature_scheme": "hmac-sha256",
            **{f"{name}_port": i for i, name in enumerate(CHANNELS, 1)},
        }
        self._context = zmq.Context()
        self._context.setsockopt(zmq.MAXMSGSIZE, LARGEST_MESSAGE)
        self._context.setsockopt(zmq.LINGER, 0)
        # What a kernel puts in the place of its socket later is not connected to.
        self._context.setsockopt(zmq.RECONNECT_IVL, -1)

    def __enter__(self):
        try:
            if self._fenced:
                self._start_fenced()
            else:
                self._start_unfenced()
            self._say_hello()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *error):
        self.end()

    def _start_fenced(self) -> None:
        """The connection file goes in, and the number of the process out, by pipes."""
        pipe, command = fence.pipe, self._command(fence.CONNECTION)
        with pipe() as (file, file_end), pipe() as (told, info), fence.refusing() as no:
            file_end.write(json.dumps(self._connection))
            file_end.close()
            ends = no, file.fileno(), info.fileno()
            wrapped = fence.wrap(command, self._work, self._limits.memory, *ends)
            self._launch(wrapped, pass_fds=ends)
            info.close()
            inside = json.loads(told.read() or '{"child-pid": 0}')["child-pid"]
        # The sockets lie in the memory that only the inside has: a way leads there.
        self._place = f"/proc/{inside}/root{fence.SOCKETS}"

    def _start_unfenced(self) -> None:
        self._place = str(self._sockets / "k")
        file = self._sockets / "connection.json"
        if os.name == "posix":
            file.write_text(json.dumps(self._connection))
        else:  # no sockets that are files
            _, connection = jupyter_client.connect.write_connection_file(
                str(file), ip="127.0.0.1", key=self._session.key
            )
            self._connection = dict(connection)
        self._launch(self._command(str(file)))

    @staticmethod
    def _command(connection: str) -> list[str]:
        return [
            *(sys.executable, "-m", "ipykernel_launcher", "-f", connection),
            *("--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=50"),
            f"--IPKernelApp.exec_lines={NO_EXIT}",
        ]

    def _launch(self, command: list[str], **options) -> None:
        self._process = subprocess.Popen(
            command,
            env=fence.environment(self._work, self._fenced),
            cwd=self._work / "notebooks",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the grader
            **options,
        )
        self._family = Family(self._process.pid, self._limits)

    def _say_hello(self) -> None:
        """Connect, and wait until the kernel answers."""
        end = time.monotonic() + START
        while time.monotonic() < end:
            self._shell = self._connect("shell")
            self._control = self._connect("control")
            hello = self._send("kernel_info_request", {})
            for _ in range(int(10 / LOOK)):
                if self._receive(hello, LOOK) is not None:
                    return
                self._family.look()
                if self._is_gone():
                    raise GoneError("its kernel did not start")
            # It was not there yet, or is slow.
            self._shell.close()
            self._control.close()
        raise GoneError("its kernel did not start")

    def _is_gone(self) -> bool:
        return self._process.poll() is not None or self._stopped()

    def _connect(self, channel: str):
        found = self._context.socket(zmq.DEALER)
        port = self._connection[f"{channel}_port"]
        if self._connection["transport"] == "tcp":
            found.connect(f"tcp://127.0.0.1:{port}")
            return found
        path = f"{self._place}-{port}"
        kernel = reach(path, START, self._is_gone)
        if kernel is None:
            raise GoneError("its kernel did not start")
        if self._fenced:
            self._relays[channel] = Relay(kernel)
            found.connect(self._relays[channel].address)
        else:
            kernel.close()
            found.connect(f"ipc://{path}")
        return found

    def run(self, code: str, seconds: float | None = None) -> Reply:
        """Run a cell.

        Parameters
        ----------
        code : str
        seconds : float, optional
            How long it may take; without it, what the notebook has left.

        Raises
        ------
        GoneError
            If the kernel ended, or had to be ended.
        """
        content = self._execute(code, seconds, store_history=True)
        if content.get("status") == "ok":
            return Reply()
        name, words = (str(content.get(key, "")) for key in ("ename", "evalue"))
        return Reply(name or "Error", words)

    def ask(self, expression: str, seconds: float | None = None) -> str | None:
        """The letters that an expression of `inside` gives; None if it gave others."""
        module = "mnist_logreg.tools.classroom.grading.inside"
        code = f"__import__({module!r}, fromlist=['_']).{expression}"
        content = self._execute(
            "", seconds, silent=True, user_expressions={"answer": code}
        )
        try:
            text = content["user_expressions"]["answer"]["data"]["text/plain"]
            letters = LETTERS.fullmatch(text)
            return letters[1] if letters else None
        except (KeyError, TypeError):  # an error, or something else
            return None

    def _execute(self, code, seconds, **options) -> dict:
        content = {
            "code": code,
            "silent": False,
            "store_history": False,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
            **options,
        }
        return self._wait(self._send("execute_request", content), seconds)

    def _send(self, kind: str, content: dict) -> dict:
        if "shell" in self._relays:
            self._relays["shell"].allow()
        message = self._session.send(self._shell, kind, content)
        assert message is not None  # as with check_pid, in a forked process
        return message

    def _wait(self, message: dict, seconds: float | None) -> dict:
        """The reply's content; interrupts what takes too long, then ends the kernel."""
        limits, budget = self._limits, self._budget
        left = limits.notebook - budget.used
        whole = seconds is None or left <= seconds
        allowed = left if seconds is None else min(left, seconds)
        why = (
            f"the notebook took more than {limits.notebook:g} s"
            if whole
            else f"it took more than {allowed:g} s"
        )
        began = last = time.monotonic()
        charged, interrupted = 0.0, None
        while True:
            reply = self._receive(message, LOOK)
            processor, sleeping = self._family.look()
            now = time.monotonic()
            step = processor
            if sleeping and processor < 0.05 * (now - last):
                step = now - last
            charged += step
            budget.used += step
            budget.processor += processor
            last = now
            if reply is not None:
                if interrupted is not None and reply.get("status") != "ok":
                    reply = {**reply, "ename": "KeyboardInterrupt", "evalue": why}
                return reply
            if any(relay.flooded for relay in self._relays.values()):
                raise GoneError("it sent the grader too much")
            if self._process.poll() is not None:
                raise GoneError("it ended the kernel")
            if self._stopped():
                raise GoneError("grading was stopped")
            if interrupted is None:
                late = charged > allowed or now - began > allowed * limits.patience
                if late:
                    if whole:
                        raise GoneError(why)
                    self._session.send(self._control, "interrupt_request", {})
                    interrupted = charged, now
            elif (
                charged - interrupted[0] > GRACE
                or now - interrupted[1] > GRACE * limits.patience
            ):
                raise GoneError(f"{why} and could not be interrupted")

    def _receive(self, message: dict, seconds: float) -> dict | None:
        """The content of the reply to a message; others are thrown away."""
        if not self._shell.poll(1000 * seconds):
            return None
        try:
            _, reply = self._session.recv(self._shell)
            if reply is None:
                return None
            parent = reply["parent_header"].get("msg_id")
            content = reply["content"]
        except Exception:  # not signed, not JSON, not a message
            return None
        if parent != message["header"]["msg_id"] or not isinstance(content, dict):
            return None
        return content

    def end(self) -> None:
        """Kill the kernel with all that it started."""
        if hasattr(self, "_process"):
            self._family.kill()
            self._process.kill()
            self._process.wait()
        self._context.destroy(linger=0)
