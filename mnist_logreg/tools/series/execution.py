"""Executes notebooks with papermill, each in its own kernel, side by side."""

import argparse
import errno
import logging
import math
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

import papermill
import psutil
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, v4, writes
from papermill.iorw import papermill_io

from mnist_logreg.errors import UserError
from mnist_logreg.files.whole import write_whole
from mnist_logreg.tools import arguments
from mnist_logreg.tools.limits import MEMORY, out_of_memory
from mnist_logreg.tools.series.kernels import Kernel

CELL_SECONDS = 600  # how long a cell may run, for up to 50 epochs
KERNEL_BYTES = 2**30  # what a kernel may need in memory
LOOK_SECONDS = 0.25  # how often the progress is shown


class Execution:
    """One notebook on its way through a kernel, saved whole after every cell.

    Parameters
    ----------
    notebook, out : Path
        The notebook to execute, and where the executed one goes.
    parameters : dict
        Values for its parameters cell; without any, none is injected.
    cell_seconds : float
        How long a cell may run, in seconds.

    Attributes
    ----------
    executed : NotebookNode or None
        The executed notebook, once it is whole.
    cell : int
        The number that the running notebook shows beside the current cell, from 1.
    cells : int
        How many code cells there are; 0 before the start.
    seconds : float or None
        How long it took, in seconds; None before the end.
    """

    def __init__(
        self, notebook: Path, out: Path, parameters: dict, cell_seconds: float
    ):
        self.notebook, self.out, self.parameters = notebook, out, parameters
        self.cell_seconds = cell_seconds
        self.executed: NotebookNode | None = None
        self.seconds: float | None = None
        self.cell = self.cells = 0
        self._began: float | None = None
        self._book: NotebookNode | None = None
        self._source: NotebookNode | None = None
        self._kernel: Kernel | None = None
        self._stopped = ""

    def run(self) -> None:
        """Execute it to its end.

        Raises
        ------
        UserError
            If a cell fails or runs too long, if the kernel dies or cannot be started,
            or if `out` cannot be written. It names notebook, cell and cause; what was
            executed so far is then at `out`, and says where it stopped.
        """
        self._began = time.monotonic()
        try:
            self._kernel = Kernel(cwd=str(self.notebook.parent))  # as in JupyterLab
        except OSError as error:  # no room in the folder for temporary files, say
            raise UserError(self._not_started(error)) from error
        except UserError as error:  # too few open files
            raise UserError(self.where(str(error))) from error
        try:
            if not self._stopped:
                self.executed = self._execute()
                self.seconds = self.elapsed()
        finally:
            self._kernel.end()

    def elapsed(self) -> float | None:
        """How long ago it was started, in seconds; None before that."""
        return None if self._began is None else time.monotonic() - self._began

    def stop(self, cause: str) -> None:
        """End it at once; any thread may call this, also before the start.

        Parameters
        ----------
        cause : str
            What is noted in the notebook, as in "was interrupted".
        """
        self._stopped = cause
        if self._kernel is not None:
            self._kernel.kill()

    def where(self, cause: str) -> str:
        """A sentence that names the notebook, the cell that was reached, and why."""
        cause = cause.rstrip(".")  # some errors end in one
        if self._source is None:
            return f"{self.notebook.name}: {cause}."
        line = self._source.source.strip().partition("\n")[0]
        return f"{self.notebook.name}, cell {self.cell} ({line}): {cause}."

    def _execute(self) -> NotebookNode:
        logging.getLogger("papermill").setLevel(logging.CRITICAL)  # we say it ourselves
        try:
            return papermill.execute_notebook(
                str(self.notebook).replace("{", "{{").replace("}", "}}"),  # a template
                f"{_WholeFiles.SCHEME}{self.out}".replace("{", "{{").replace("}", "}}"),
                parameters=self.parameters,
                kernel_name="python3",
                progress_bar=False,
                start_timeout=300,  # on a slow machine
                km=self._kernel,
                execution_timeout=self.cell_seconds,
                iopub_timeout=30,
                record_timing=False,
                coalesce_streams=True,
                on_notebook_start=self._note_start,
                on_cell_execute=self._note_cell,
            )
        except papermill.PapermillExecutionError as error:
            cause = f"{error.ename}: {error.evalue}".strip().splitlines()[0]
            if out_of_memory(error.ename, error.evalue):
                cause = f"{cause.rstrip('.')}; {MEMORY}"
            raise UserError(self.where(cause)) from error
        except CellTimeoutError as error:
            cause = f"ran longer than {self.cell_seconds:g} s, the limit for a cell"
            raise UserError(self._note_stop(cause)) from error
        except DeadKernelError as error:
            raise UserError(
                self._note_stop(self._stopped or self._why_dead())
            ) from error
        except OSError as error:
            cause = f"{self.out} could not be written: {error.strerror or error}"
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                cause += ". Make room on the disk, then run again"
            raise UserError(self.where(cause)) from error
        except RuntimeError as error:
            if self._stopped:
                raise UserError(self._note_stop(self._stopped)) from error
            if self._book is not None:
                raise
            raise UserError(self._not_started(error)) from error

    def _note_start(self, notebook):
        self._book = notebook
        self.cells = sum(cell.cell_type == "code" for cell in notebook.cells)

    def _note_cell(self, cell, cell_index):
        self._source = cell
        self.cell += 1
        if self._stopped:
            raise RuntimeError(self._stopped)

    def _note_stop(self, cause: str) -> str:
        """Note the cause in the saved notebook; papermill does so for errors only."""
        if self._source is not None:
            text = f"Stopped here: this cell {cause}.\n"
            note = v4.new_output("stream", name="stderr", text=text)
            self._source.outputs.append(note)
            write_whole(self.out, writes(self._book).encode())
        return self.where(cause)

    def _not_started(self, error: Exception) -> str:
        return self.where(
            f"its kernel did not start ({error}). "
            "`python -m mnist_logreg doctor` looks for the reason"
        )

    def _why_dead(self) -> str:
        assert self._kernel is not None and self._kernel.provisioner is not None
        code = run_sync(self._kernel.provisioner.poll)()
        if code == -9:
            return "lost its kernel, which was killed; mostly the memory had run out"
        return f"lost its kernel, which died (exit status {code})"


def side_by_side(
    executions: Sequence[Execution],
    *,
    at_once: int | None = None,
    look: Callable[[], None] = lambda: None,
) -> None:
    """Run executions at the same time, started in the order given.

    If one fails or if this process is interrupted, all are stopped; what they have
    executed so far stays.

    Parameters
    ----------
    executions : Sequence[Execution]
        What to run.
    at_once : int, optional
        How many at a time; by default as many as processors and free memory allow.
    look : Callable[[], None], optional
        Called several times a second, to show the progress.

    Raises
    ------
    UserError
        What the first that failed has raised.
    KeyboardInterrupt
        What interrupted them, with a message that names the cells.
    """
    with ThreadPoolExecutor(at_once or room_for_kernels()) as pool:
        left = {pool.submit(execution.run): execution for execution in executions}
        cause = "was stopped"
        try:
            while left:
                look()
                for future in wait(left, LOOK_SECONDS, FIRST_COMPLETED).done:
                    name = left.pop(future).notebook.name
                    if failure := future.exception():
                        cause += f", because {name} failed"
                        raise failure
        except KeyboardInterrupt as stop:
            cause = "was interrupted"
            _stop(pool, left, cause)
            began = [e for e in left.values() if e.elapsed() is not None]
            raise type(stop)(" ".join(e.where(cause) for e in began)) from None
        except BaseException:
            _stop(pool, left, cause)
            raise
    look()


def _stop(pool: ThreadPoolExecutor, left: dict[Future, Execution], cause: str) -> None:
    """Stop what is left, and wait until it has ended."""
    pool.shutdown(wait=False, cancel_futures=True)
    while not all(future.done() for future in left):
        for execution in left.values():
            execution.stop(cause)  # again and again: a kernel may be about to start
        wait(left, LOOK_SECONDS)


def room_for_kernels() -> int:
    """How many kernels may run at once: as processors and free memory allow."""
    free = psutil.virtual_memory().available
    return max(1, min(os.cpu_count() or 1, int(free / KERNEL_BYTES)))


def cell_seconds(epochs: int | None = None) -> int:
    """How long a cell may run, in whole seconds; longer for more than 50 epochs.

    MNIST_CELL_SECONDS in the environment overrules it.

    Parameters
    ----------
    epochs : int, optional
        The passes through the training set that are asked for.

    Raises
    ------
    UserError
        If MNIST_CELL_SECONDS is not a positive number.
    """
    text = os.environ.get("MNIST_CELL_SECONDS")
    if text is None:
        return math.ceil(CELL_SECONDS * max(50, epochs or 0) / 50)
    try:
        return math.ceil(arguments.positive_float(text))
    except argparse.ArgumentTypeError as error:
        raise UserError(f"MNIST_CELL_SECONDS: {error}") from error


class _WholeFiles:
    """Papermill's way to files, except that a notebook is saved whole or not at all."""

    SCHEME = "whole:"

    def write(self, text: str, path: str) -> None:
        write_whole(Path(path.removeprefix(self.SCHEME)), text.encode())

    def pretty_path(self, path: str) -> str:
        return path.removeprefix(self.SCHEME)


papermill_io.register(_WholeFiles.SCHEME, _WholeFiles())
