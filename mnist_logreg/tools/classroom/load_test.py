"""``crowd``: starts many kernels at once, each running a learner's notebook.

It shows how many learners a server can take: it counts failures, and measures time, and
memory as the kernels' share (proportional set size: a page that several processes use
is divided among them, so that the sum is what the machine must have).
"""

import asyncio
import atexit
import contextlib
import itertools
import os
import statistics
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path

import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

from mnist_logreg.files.choose import open_data
from mnist_logreg.tools import arguments, working_copy
from mnist_logreg.tools.classroom import editions
from mnist_logreg.tools.series.kernels import Kernel

LOOK_SECONDS = 2  # how often the memory is measured
START_SECONDS = 600  # how long a kernel may take to start when all do so at once
MIB = 2**20


@dataclass
class Learner:
    """One kernel and what became of it.

    notebook: executed in place. seconds: from the start of the kernel to the end of the
    last cell, 0 until then. computed: seconds of processor time. memory: the largest
    ever measured, in bytes. failure: "" if none.
    """

    name: str
    notebook: NotebookNode
    seconds: float = 0.0
    computed: float = 0.0
    memory: int = 0
    failure: str = ""
    kernel: Kernel = field(default_factory=Kernel, repr=False)


def add_arguments(parser):
    """Declare what ``crowd`` takes."""
    parser.add_argument(
        "n", type=arguments.positive_int, metavar="N", help="how many kernels"
    )
    arguments.add_data(parser)


def main(args) -> int:
    """Run the crowd and report; returns 1 if a kernel failed, else 0."""
    data = open_data(args.data)
    print(data)
    print(f"{args.n} kernels at once, each through a learner's notebook.", flush=True)
    began = time.monotonic()
    crowd, peak = gather(args.n, data)
    seconds = time.monotonic() - began
    print(
        "notebook             kernels  failed  seconds  slowest  computed  MiB  largest"
    )
    by_name = attrgetter("name")
    for name, group in itertools.groupby(sorted(crowd, key=by_name), by_name):
        print(_row(name, list(group)))
    for learner in crowd:
        if learner.failure:
            print(f"failed: {learner.name}: {learner.failure}")
    failed = sum(bool(learner.failure) for learner in crowd)
    print(f"All: {seconds:.0f} s on {os.cpu_count()} processors, {failed} failed.")
    kind = "what each holds alone: this system does not tell what is shared"
    if psutil.LINUX:
        kind = "proportional: what several share is divided among them"
    print(
        f"Most memory in use at once: {peak / MIB:,.0f} MiB, "
        f"{peak / MIB / args.n:,.0f} MiB a kernel ({kind})."
    )
    return 1 if failed else 0


def gather(n: int, data) -> tuple[list[Learner], int]:
    """Start n kernels at once and run the learner's notebooks in them, in turn.

    The kernels stay until the last is through, as they do in a class.

    Parameters
    ----------
    n : int
        How many.
    data : Data
        What they work with.

    Returns
    -------
    list of Learner, int
        The learners, and the most memory that they held together, in bytes.
    """
    notebooks = {n: editions.learners(nb) for n, nb in editions.committed().items()}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary, "project")
        working_copy.make(folder, data)
        names = itertools.islice(itertools.cycle(notebooks), n)
        crowd = [Learner(name, notebooks[name].copy()) for name in names]
        peak = _run(crowd, folder)
    return crowd, peak


def _run(crowd: list[Learner], folder: Path) -> int:
    """Let all work, and measure; returns the most memory in use at once, in bytes."""
    peak, leave = 0, threading.Event()
    with ThreadPoolExecutor(len(crowd)) as pool:
        work = [pool.submit(asyncio.run, _work(each, folder, leave)) for each in crowd]
        try:
            while not all(learner.seconds for learner in crowd):
                time.sleep(LOOK_SECONDS)
                total = 0
                for learner in crowd:
                    memory, computed = _measure(learner)
                    learner.memory = max(learner.memory, memory)
                    learner.computed = max(learner.computed, computed)
                    total += memory
                peak = max(peak, total)
        except BaseException:
            for learner in crowd:  # then their notebooks end, too
                learner.kernel.kill()
            raise
        finally:
            leave.set()
    for each in work:
        each.result()
    return peak


async def _work(learner: Learner, folder: Path, leave: threading.Event) -> None:
    """Run a learner's notebook; the kernel stays until it is time to leave."""
    client = NotebookClient(
        learner.notebook,
        km=learner.kernel,
        startup_timeout=START_SECONDS,
        iopub_timeout=START_SECONDS,
        record_timing=False,
    )
    began = time.monotonic()
    try:
        await client.async_execute(
            cwd=str(folder / "notebooks"),
            env=working_copy.environment(folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except CellExecutionError as error:
        learner.failure = f"{error.ename}: {error.evalue}"
    except (DeadKernelError, RuntimeError) as error:
        learner.failure = str(error)
        # What nbclient does at the end fails for a kernel that never started.
        atexit.unregister(client._cleanup_kernel)
    finally:
        learner.seconds = time.monotonic() - began
    await asyncio.to_thread(leave.wait)
    await learner.kernel.shutdown_kernel(now=True)


def _measure(learner: Learner) -> tuple[int, float]:
    """What a kernel and its children hold, in bytes, and have computed, in seconds."""
    held, computed = 0, 0.0
    process = getattr(learner.kernel.provisioner, "process", None)
    if process is None:  # it has not been started yet
        return held, computed
    with contextlib.suppress(psutil.Error):  # it may end just now
        kernel = psutil.Process(process.pid)
        for member in (kernel, *kernel.children(recursive=True)):
            info = member.memory_full_info()
            held += getattr(info, "pss", info.uss)
            times = member.cpu_times()
            computed += times.user + times.system
        # And what children that have ended needed; always 0 on Windows.
        computed += kernel.cpu_times().children_user
    return held, computed


def _row(name: str, group: list[Learner]) -> str:
    seconds = [learner.seconds for learner in group]
    computed = statistics.median(learner.computed for learner in group)
    memory = [learner.memory / MIB for learner in group]
    failed = sum(bool(learner.failure) for learner in group)
    return (
        f"{name:<20} {len(group):>7} {failed:>7} {statistics.median(seconds):>8.0f} "
        f"{max(seconds):>8.0f} {computed:>9.0f} {statistics.median(memory):>4.0f} "
        f"{max(memory):>8.0f}"
    )
