"""Where notebooks are graded: on this machine, or on the workers of a Dask cluster.

Both are a `concurrent.futures.Executor` that runs `work`. Workers of a cluster need
nothing of this machine's disk: a job carries the notebook.
"""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil

from mnist_logreg.errors import UserError
from mnist_logreg.files.choose import Data, open_data
from mnist_logreg.tools.classroom.grading import fence, workplace
from mnist_logreg.tools.classroom.grading.grader import grade
from mnist_logreg.tools.classroom.grading.jobs import Job, Result

WINDOW = 256  # notebooks that a cluster is given at a time
STOP = threading.Event()  # set to end what is being graded in this process
_places: dict[str, workplace.Workplace] = {}
_lock = threading.Lock()


class RefusedError(Exception):
    """A worker is not fit for a job; the message says why."""


@dataclass(frozen=True)
class Terms:
    """What a worker must have in common with the machine that asks.

    version : digest of the project's code. data : the data's name. digest : of them.
    """

    version: str
    data: str
    digest: str

    @classmethod
    def of(cls, data: Data) -> "Terms":
        """The terms of this machine."""
        return cls(workplace.version(), data.name, workplace.data_digest(data))


def work(job: Job, terms: Terms) -> Result:
    """Grade a notebook in this process.

    Raises
    ------
    RefusedError
        If this worker has another version of the project, other data, or no fence.
    """
    return grade(job, _place(job, terms), _is_stopped())


def _place(job: Job, terms: Terms) -> workplace.Workplace:
    me = f"The worker on {socket.gethostname()}"
    if workplace.version() != terms.version:
        raise RefusedError(
            f"{me} has another version of mnist-logreg: install this one"
        )
    with _lock:
        if terms.data not in _places:
            try:
                data = open_data(terms.data)
            except UserError as error:
                raise RefusedError(
                    f"{me} does not have the same data: {error}"
                ) from error
            _places[terms.data] = workplace.Workplace(data)
        place = _places[terms.data]
        if place.digest != terms.digest:
            raise RefusedError(f"{me} has other data under the name {terms.data}")
        if job.fenced and fence.missing():
            raise RefusedError(f"{me} has no fence: {fence.missing()}. {fence.HOW_TO}")
        return place


def _is_stopped() -> Callable[[], bool]:
    """Whether the job that runs in this thread is to stop."""
    with suppress(ImportError, ValueError):
        from distributed import get_worker
        from distributed.worker import thread_state

        worker, key = get_worker(), thread_state.key  # ValueError: in no worker
        return lambda: getattr(worker.state.tasks.get(key), "state", "") != "executing"
    return STOP.is_set


@contextmanager
def local(memory: float) -> Iterator[tuple[Executor, int]]:
    """An executor on this machine, and how many notebooks it is given at a time.

    Leaving it ends what is running. memory : bytes that one notebook may take.
    """
    STOP.clear()
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
    room = psutil.virtual_memory().available / memory
    at_once = max(1, min(processors or os.cpu_count() or 1, int(room)))
    pool = ThreadPoolExecutor(at_once)
    try:
        yield pool, 2 * at_once
    finally:
        STOP.set()
        pool.shutdown(cancel_futures=True)
        while _places:
            _places.popitem()[1].close()


@contextmanager
def cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """An executor on a Dask scheduler's workers, and how many notebooks it is given.

    Raises
    ------
    UserError
        If `distributed` is not installed or the scheduler does not answer.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise UserError(
            "For --cluster install Dask: pip install mnist-logreg[cluster], here and "
            "for the workers."
        ) from error
    try:
        client = Client(address, timeout=20)
    except (OSError, ValueError) as error:
        raise UserError(f"No Dask scheduler answers at {address}: {error}.") from error
    with client:
        pool = client.get_executor(pure=False)
        try:
            yield pool, WINDOW
        finally:
            pool.shutdown(wait=False)  # cancels
