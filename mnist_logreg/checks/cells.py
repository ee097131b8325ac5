"""Remembers the cells that were run, so that a check can speak of the learner's own.

Needs no IPython: where there is none, nothing is remembered.
"""

import sys
from collections import deque
from dataclasses import dataclass

from mnist_logreg.checks.reading import binds, works_on
from mnist_logreg.checks.troubles import Trouble, trouble


@dataclass(frozen=True)
class Cell:
    """A cell that was run: its code, its error, and its place in the notebook.

    Attributes
    ----------
    code : str
    trouble : Trouble or None
        The error that it stopped with.
    place : str or None
        The notebook's own name for the cell, which stays when the code is changed.
    """

    code: str
    trouble: Trouble | None = None
    place: str | None = None


class Memory:
    """The cells that were run in this kernel, the last ones of them."""

    def __init__(self):
        self._cells = deque(maxlen=300)

    def remember(self, result) -> None:
        """Take down a cell; called by IPython after each one, with its result."""
        try:
            error = result.error_before_exec or result.error_in_exec
            names = sys.modules["IPython"].get_ipython().user_ns
            # The error itself holds the cell's tensors: only its words are kept.
            place = getattr(result.info, "cell_id", None)  # of newer IPythons
            code = result.info.raw_cell or ""
            self.add(code, error and trouble(error, names), place)
        except Exception:  # nothing that goes wrong here may spoil a learner's cell
            return

    def add(self, code: str, found: Trouble | None = None, place=None) -> None:
        """Take down a cell's code, what it stopped with, and its place."""
        self._cells.append(Cell(code, found, place))

    def forget(self) -> None:
        """Forget all cells."""
        self._cells.clear()

    def binding(self, name: str) -> Cell | None:
        """The last cell that gave something to a name or changed it, or would have."""
        return next((c for c in reversed(self._cells) if works_on(c.code, name)), None)

    def changed(self, name: str) -> Cell | None:
        """The cell that made a name, as it is now, if it makes it no more."""
        cell = self.binding(name)
        if cell is None or cell.place is None:
            return None
        newest = next(c for c in reversed(self._cells) if c.place == cell.place)
        return None if newest is cell else newest

    def origin(self, name: str) -> str | None:
        """The line that first gave something to a name, without an error."""
        for cell in self._cells:
            if cell.trouble is None and binds(cell.code, name):
                lines = cell.code.splitlines()
                return next((x.strip() for x in lines if binds_line(x, name)), None)
        return None

    @property
    def last(self) -> Cell | None:
        """The cell that was run last."""
        return self._cells[-1] if self._cells else None


def binds_line(line: str, name: str) -> bool:
    """Whether a line begins by giving something to a name."""
    words = line.replace("=", " = ").replace("(", " ").replace(",", " ").split()
    return name in words[: words.index("=")] if "=" in words else words[1:2] == [name]


MEMORY = Memory()


def watch() -> None:
    """Have IPython, if it runs, tell of each cell; cells run before are taken down."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return
    for callback in list(shell.events.callbacks["post_run_cell"]):
        # Of this module before it was imported again.
        if getattr(callback, "__module__", "") == __name__:
            shell.events.unregister("post_run_cell", callback)
    for code in list(shell.user_ns.get("In", ()))[:-1]:
        MEMORY.add(str(code))
    shell.events.register("post_run_cell", MEMORY.remember)
