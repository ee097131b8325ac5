"""One line for each notebook that says how far it is."""

import shutil
import sys
from collections.abc import Sequence

from tqdm import tqdm

from mnist_logreg.tools.series.execution import Execution


class Progress:
    """Shows how far several executions are, in the order given.

    In a terminal all lines are live, with cell and seconds. Elsewhere, in a log, each
    line names its notebook at once and is completed when that one is done.

    Parameters
    ----------
    executions : Sequence[Execution]
        What is being executed.
    """

    def __init__(self, executions: Sequence[Execution]):
        self._executions = executions
        self._named = self._done = 0  # lines of a log that were begun, and completed
        self._lines: list[tqdm] = []
        self._over = False

    def __enter__(self):
        if sys.stdout.isatty():
            # Not left to tqdm, which shows nothing if a terminal says that it has none.
            columns, rows = shutil.get_terminal_size()
            shape = {"ncols": columns, "nrows": rows, "bar_format": "{desc}"}
            self._lines = [
                tqdm(file=sys.stdout, position=number, **shape)
                for number in range(len(self._executions))
            ]
        return self

    def __exit__(self, kind, error, trace):
        self._over = True
        if not isinstance(error, BrokenPipeError):
            self.show()
        for line in self._lines:
            line.close()

    def show(self) -> None:
        """Bring all lines up to date."""
        if self._lines:
            for number, line in enumerate(self._lines):
                line.set_description_str(self._name(number) + self._state(number))
            return
        while self._done < len(self._executions):
            if self._named == self._done:
                print(self._name(self._named), end="", flush=True)
                self._named += 1
            if self._executions[self._done].seconds is None and not self._over:
                return
            print(self._state(self._done), flush=True)
            self._done += 1

    def _name(self, number: int) -> str:
        name = self._executions[number].notebook.name
        return f"[{number + 1}/{len(self._executions)}] {name} ..."

    def _state(self, number: int) -> str:
        execution = self._executions[number]
        if execution.seconds is not None:
            return f" {execution.seconds:.0f} s"
        if self._over:
            return " stopped"
        if execution.elapsed() is None:
            return " waits"
        return (
            f" cell {execution.cell} of {execution.cells}, {execution.elapsed():.0f} s"
        )
