"""What a learner's kernel may take, and whether it has taken more."""

import contextlib
from dataclasses import dataclass

import psutil

from mnist_logreg.tools.classroom.grading import fence

ASLEEP = (psutil.STATUS_SLEEPING, psutil.STATUS_IDLE, psutil.STATUS_STOPPED)


class GoneError(Exception):
    """The kernel has ended, or had to be ended; the message says why."""


@dataclass(frozen=True)
class Limits:
    """What a notebook may take.

    cell : seconds for a cell of the learner's. notebook : seconds for a notebook.
    Both are seconds of processor time and of idleness; waiting for a processor that
    others use does not count, up to `patience` times as long. memory : bytes.
    """

    cell: float = 30
    notebook: float = 600
    memory: float = 2 * 2**30
    patience: float = 10


class Budget:
    """The seconds that a notebook has left, over all kernels that it needs."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self.used = 0.0  # seconds charged
        self.processor = 0.0  # seconds of processor time


class Family:
    """A process with all that it started, also what has left it since.

    Parameters
    ----------
    pid : int
        The process's.
    limits : Limits
    """

    def __init__(self, pid: int, limits: Limits):
        self._pid, self._limits = pid, limits
        self._seen: dict[int, psutil.Process] = {}
        self._spent: dict[int, float] = {}  # processor seconds of each so far

    def look(self) -> tuple[float, bool]:
        """Processor seconds since the last look, and whether all are asleep.

        Raises
        ------
        GoneError
            If there is too much of anything.
        """
        members = self._members()
        if len(members) > fence.PROCESSES + 8:
            raise GoneError(f"it started more than {fence.PROCESSES} processes")
        processor, memory, asleep = 0.0, 0, True
        for member in members:
            with contextlib.suppress(psutil.Error), member.oneshot():
                spent = sum(member.cpu_times()[:2])
                asleep &= member.status() in ASLEEP
                memory += member.memory_info().rss
                processor += max(0.0, spent - self._spent.get(member.pid, 0.0))
                self._spent[member.pid] = spent
        # Pages that several share count once only in the proportional share, which
        # takes long to find out.
        most = self._limits.memory
        if memory > most and sum(map(_share, members)) > most:
            raise GoneError(f"it took more than {most / 2**30:g} GiB of memory")
        return processor, asleep

    def kill(self) -> None:
        """End all of them, and wait until they are gone."""
        self._members()
        for member in self._seen.values():
            with contextlib.suppress(psutil.Error):
                member.kill()  # psutil makes sure that it is still the same one
        psutil.wait_procs(self._seen.values(), 5)

    def _members(self) -> list[psutil.Process]:
        try:
            root = psutil.Process(self._pid)
            members = [root, *root.children(recursive=True)]
        except psutil.Error:
            return []
        for member in members:
            self._seen.setdefault(member.pid, member)
        return members


def _share(member: psutil.Process) -> int:
    try:
        info = member.memory_full_info()
    except psutil.Error:
        return 0
    return getattr(info, "pss", None) or info.rss
