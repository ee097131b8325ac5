"""Executes a notebook with papermill, in a kernel of its own that never outlives it."""

import argparse
import ast
import asyncio
import errno
import logging
import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import papermill
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, read, v4, writes
from papermill.iorw import papermill_io

from mnist_logreg.errors import UserError
from mnist_logreg.files.whole import whole_file
from mnist_logreg.tools import arguments

CELL_SECONDS = 600  # how long a cell may run, for up to 50 epochs


class Kernel(AsyncKernelManager):
    """A kernel whose messages are encrypted: nobody on a shared host can read them.

    CurveZMQ works on every platform; "auto" is wherever the kernel can do it. One
    thread computes: the series' tensors are so small that more would wait for each
    other, and on a busy machine for minutes.
    """

    def __init__(self):
        super().__init__(kernel_name="python3", transport_encryption="auto")
        self._clients = []
        os.environ.setdefault("OMP_NUM_THREADS", "1")

    def start_ahead(self, notebook: Path) -> None:
        """Start it and have it import what the notebook will; waits for neither.

        Imports take most of a short notebook's time. No name is bound by these.
        """
        imports = [f"try: import {m}\nexcept Exception: 0" for m in _modules(notebook)]
        run_sync(self.start_kernel)(
            extra_arguments=[
                "--HistoryManager.hist_file=:memory:",
                *(f"--IPKernelApp.exec_lines=exec({code!r}, {{}})" for code in imports),
            ]
        )

    def client(self, **options):
        """As in jupyter_client; `end` closes the client too."""
        self._clients.append(super().client(**options))
        return self._clients[-1]

    def end(self) -> None:
        """Kill the kernel with all that it started, and close the connections to it."""
        _drop_unfinished()
        for client in self._clients:
            client.stop_channels()
        run_sync(self.shutdown_kernel)(now=True)


def kernels(notebooks: list[Path]) -> Iterator[Kernel]:
    """A kernel for each notebook, started while the one before is in use.

    Whoever takes a kernel ends it; closing the generator ends the one ahead.
    """
    ahead = Kernel()
    try:
        ahead.start_ahead(notebooks[0])
        for following in (*notebooks[1:], None):
            kernel, ahead = ahead, Kernel()
            if following:
                ahead.start_ahead(following)
            yield kernel
    finally:
        ahead.end()


def _modules(notebook: Path) -> list[str]:
    """The modules that a notebook imports, in order, without doubles."""
    found = []
    for cell in read(notebook, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        with suppress(SyntaxError):  # IPython's own syntax, %magic
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Import):
                    found += [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    found.append(node.module)
                    if any(alias.name == "optim" for alias in node.names):
                        found.append("torch._dynamo")  # as the first optimiser does
    return list(dict.fromkeys(found))


@run_sync
async def _drop_unfinished():
    """Cancel what an interrupt has left in the event loop."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def execute(
    notebook: Path,
    out: Path,
    parameters: dict,
    *,
    cell_seconds: float,
    kernel: Kernel | None = None,
) -> NotebookNode:
    """Execute a notebook and keep it at `out`, saved whole after every cell.

    parameters: values for its parameters cell; without any, none is injected.
    cell_seconds: how long a cell may run, in seconds.
    kernel: one that was started ahead; it is ended here too.
    Returns the executed notebook. Raises UserError naming notebook, cell and cause if a
    cell fails or runs too long, if the kernel dies or cannot be started, or if `out`
    cannot be written, and KeyboardInterrupt (or what subclass of it a signal handler
    raised) with such a message on Ctrl-C; what was executed so far is then at `out`,
    and says where it stopped.
    """
    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # we say it ourselves
    kernel = kernel or Kernel()
    seen = _Seen()
    try:
        return papermill.execute_notebook(
            str(notebook).replace("{", "{{").replace("}", "}}"),  # else a template
            f"{_WholeFiles.SCHEME}{out}".replace("{", "{{").replace("}", "}}"),
            parameters=parameters,
            kernel_name="python3",
            progress_bar=False,
            start_timeout=300,  # with its imports, on a slow machine
            km=kernel,
            execution_timeout=cell_seconds,
            iopub_timeout=30,
            record_timing=False,
            coalesce_streams=True,
            on_notebook_start=seen.start,
            on_cell_execute=seen.execute,
        )
    except papermill.PapermillExecutionError as error:
        cause = f"{error.ename}: {error.evalue}".strip().splitlines()[0]
        raise UserError(seen.where(notebook, cause)) from error
    except CellTimeoutError as error:
        cause = f"ran longer than {cell_seconds:g} s, the limit for a cell"
        raise UserError(seen.stop(notebook, out, cause)) from error
    except DeadKernelError as error:
        cause = _why_dead(kernel)
        raise UserError(seen.stop(notebook, out, cause)) from error
    except OSError as error:
        cause = f"{out} could not be written: {error.strerror or error}"
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            cause += ". Make room on the disk, then run again"
        raise UserError(seen.where(notebook, cause)) from error
    except RuntimeError as error:
        if seen.notebook is not None:
            raise
        cause = (
            f"its kernel did not start ({error}). "
            "`python -m mnist_logreg doctor` looks for the reason"
        )
        raise UserError(seen.where(notebook, cause)) from error
    except KeyboardInterrupt as stop:
        raise type(stop)(seen.stop(notebook, out, "was interrupted")) from None
    finally:
        kernel.end()


def cell_seconds(epochs: int | None = None) -> int:
    """How long a cell may run, in whole seconds; longer for more than 50 epochs.

    MNIST_CELL_SECONDS in the environment overrules it. Raises UserError if that is no
    positive number.
    """
    text = os.environ.get("MNIST_CELL_SECONDS")
    if text is None:
        return math.ceil(CELL_SECONDS * max(50, epochs or 0) / 50)
    try:
        return math.ceil(arguments.positive_float(text))
    except argparse.ArgumentTypeError as error:
        raise UserError(f"MNIST_CELL_SECONDS: {error}") from error


class _Seen:
    """Follows an execution, to say where it stopped."""

    def __init__(self):
        self.notebook = self.cell = None
        self.number = 0

    def start(self, notebook):
        self.notebook = notebook

    def execute(self, cell, cell_index):
        self.cell = cell
        self.number += 1  # the number that the executed notebook shows beside the cell

    def where(self, notebook: Path, cause: str) -> str:
        cause = cause.rstrip(".")  # some errors end in one
        if self.cell is None:
            return f"{notebook.name}: {cause}."
        line = self.cell.source.strip().splitlines()[0]
        return f"{notebook.name}, cell {self.number} ({line}): {cause}."

    def stop(self, notebook: Path, out: Path, cause: str) -> str:
        """Note the cause in the notebook; papermill does so for errors only."""
        if self.cell is not None:
            text = f"Stopped here: this cell {cause}.\n"
            self.cell.outputs.append(v4.new_output("stream", name="stderr", text=text))
            with whole_file(out) as file:
                file.write(writes(self.notebook).encode())
        return self.where(notebook, cause)


def _why_dead(kernel: Kernel) -> str:
    code = run_sync(kernel.provisioner.poll)()
    if code == -9:
        return "lost its kernel, which was killed; mostly the memory had run out"
    return f"lost its kernel, which died (exit status {code})"


class _WholeFiles:
    """Papermill's way to files, except that a notebook is saved whole or not at all."""

    SCHEME = "whole:"

    def write(self, text: str, path: str) -> None:
        with whole_file(Path(path.removeprefix(self.SCHEME))) as file:
            file.write(text.encode())

    def pretty_path(self, path: str) -> str:
        return path.removeprefix(self.SCHEME)


papermill_io.register(_WholeFiles.SCHEME, _WholeFiles())
