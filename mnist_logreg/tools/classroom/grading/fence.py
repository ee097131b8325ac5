"""The fence around a learner's kernel: bubblewrap, a program of Linux.

Inside there is no network, no process but the kernel's own, and of the disk only
Python, its packages and a copy of the lesson, all of it read-only. What is written goes
to memory, up to a limit, and is gone afterwards.
"""

import contextlib
import errno
import functools
import os
import platform
import shutil
import site
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from mnist_logreg.tools import kernel_settings
from mnist_logreg.tools.classroom.grading.cleaning import clean
from mnist_logreg.tools.project import ROOT

# Bytes that may be written, each place for itself; they lie in memory.
SIZES = {"home": 64 << 20, "tmp": 64 << 20, "shm": 128 << 20}
FILES = 1024  # that may be open at a time
PROCESSES = 64  # of the kernel and all that it starts
INSIDE = Path("/tmp/lesson")  # where the copy of the lesson lies inside
HOME = "/tmp/home"
CONNECTION = "/tmp/connection.json"
SOCKETS = "/tmp/k"  # with the number of the channel behind it

# What the kernel of Linux calls a processor, and the numbers of shmget, memfd_create
# and memfd_secret: they give memory that counts as no process's.
REFUSED = {
    "x86_64": (0xC000003E, 29, 319, 447),
    "aarch64": (0xC00000B7, 194, 279, 447),
}

HOW_TO = (
    "Install bubblewrap (on Debian and Ubuntu `sudo apt-get install bubblewrap`, on "
    "Fedora `sudo dnf install bubblewrap`), or grade in a container or on a virtual "
    "machine that holds nothing else and add --unfenced. Without a fence the learners' "
    "code runs as you: it can read and delete your files and use the network."
)


@functools.cache
def missing() -> str:
    """Why there is no fence on this machine, or "" if there is one."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed"
    with tempfile.TemporaryDirectory() as folder, refusing() as rules:
        Path(folder, "notebooks").mkdir()
        try:
            tried = subprocess.run(
                wrap([sys.executable, "-c", ""], Path(folder), 1 << 30, rules),
                pass_fds=[rules],
                env=environment(Path(folder), fenced=True),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=60,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"bubblewrap cannot be started ({clean(error, 100)})"
    if tried.returncode:
        said = clean(tried.stderr.decode(errors="replace"), 200)
        return f"bubblewrap does not work here ({said or tried.returncode})"
    return ""


def wrap(
    command: list[str],
    work: Path,
    memory: float,
    rules: int,
    connection: int | None = None,
    info: int | None = None,
) -> list[str]:
    """The command that runs another one inside the fence.

    Parameters
    ----------
    command : list of str
        What to run; it starts in the lesson's folder `notebooks`.
    work : Path
        The copy of the lesson, shown read-only as `INSIDE`.
    memory : float
        Bytes of data that one process may have.
    rules : int
        The open file that `refusing` yields.
    connection, info : int, optional
        Open files: the first is copied to `CONNECTION`, to the second bubblewrap writes
        the number of the process inside, in JSON.
    """
    limits = {
        "nofile": FILES,
        "fsize": 512 << 20,
        "core": 0,
        "data": int(memory),
        "nproc": PROCESSES,
    }
    inner = ["prlimit", *(f"--{n}={_lowered(n, v)}" for n, v in limits.items())]
    options = [
        *("--unshare-user", "--uid", "65534", "--gid", "65534", "--disable-userns"),
        *("--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts"),
        *("--unshare-cgroup-try", "--cap-drop", "ALL", "--seccomp", str(rules)),
        *("--die-with-parent", "--new-session", "--hostname", "grading"),
        *("--ro-bind", "/usr", "/usr"),
        *_system(),
        *("--size", str(SIZES["tmp"]), "--tmpfs", "/tmp"),
        *_without_project(_python()),
        # Root's processes could write to /proc/sys, and so change the machine.
        *("--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev"),
        *("--size", str(SIZES["shm"]), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"),
        *("--size", str(SIZES["home"]), "--tmpfs", HOME),
        *("--ro-bind", str(work), str(INSIDE)),
        *("--chdir", str(INSIDE / "notebooks")),
    ]
    if connection is not None:
        options += ["--file", str(connection), CONNECTION, "--info-fd", str(info)]
    return ["bwrap", *options, *inner, *command]


@contextlib.contextmanager
def refusing():
    """An open file with a program for Linux's seccomp that refuses the calls above."""
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    allow, not_there = 0x7FFF0000, 0x00050000 | errno.ENOSYS
    program = [(answer, 0, 0, allow)]
    if platform.machine() in REFUSED:
        processor, *calls = REFUSED[platform.machine()]
        last = len(calls)  # each line: what to do, lines to skip if so, if not, a value
        program = [
            (load, 0, 0, 4),
            (equal, 0, last + 3, processor),  # programs of 32 bits have other numbers
            (load, 0, 0, 0),
            (at_least, last + 1, 0, 1 << 30),  # these too
            *((equal, last - i, 0, call) for i, call in enumerate(calls)),
            (answer, 0, 0, allow),
            (answer, 0, 0, not_there),
        ]
    with tempfile.TemporaryFile(buffering=0) as file:
        file.write(b"".join(struct.pack("=HBBI", *line) for line in program))
        file.seek(0)
        yield file.fileno()


@contextlib.contextmanager
def pipe():
    """The two ends of a pipe, closed in any case: there are only so many files."""
    read, write = os.pipe()
    with os.fdopen(read) as reader, os.fdopen(write, "w") as writer:
        yield reader, writer


def environment(work: Path, fenced: bool) -> dict[str, str]:
    """The environment of a learner's kernel: nothing of the instructor's.

    Parameters
    ----------
    work : Path
        The kernel's folder, where there is no fence.
    fenced : bool

    Returns
    -------
    dict of str
    """
    here, home = (str(INSIDE), HOME) if fenced else (str(work), str(work / "home"))
    path = os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
    return {
        **kernel_settings.apart(home),
        "PATH": path if fenced else os.environ.get("PATH", path),
        "PYTHONPATH": here,
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MNIST_RUN": f"{home}/results",
        "PIP_NO_INDEX": "1",  # a cell that installs something fails at once
    }


def _lowered(name: str, value: int) -> int:
    """A limit that does not exceed the one this process has itself."""
    import resource  # Windows has none

    hard = resource.getrlimit(getattr(resource, f"RLIMIT_{name.upper()}"))[1]
    return value if hard == resource.RLIM_INFINITY else min(value, hard)


def _system() -> list[str]:
    """The usual ways into /usr, and where libraries are looked up."""
    options = []
    for name in ("/bin", "/sbin", "/lib", "/lib64", "/lib32"):
        path = Path(name)
        if path.is_symlink():
            options += ["--symlink", f"usr{name}", name]
        elif path.is_dir():
            options += ["--ro-bind", name, name]
    for name in ("/etc/ld.so.cache", "/etc/alternatives", "/nix/store"):
        options += ["--ro-bind-try", name, name]
    return options


def _without_project(python: list[str]) -> list[str]:
    """Python's folders, with nothing of the project should it lie in one of them.

    Where it was installed as a package its solutions would be among the others.
    """
    package = ROOT / "mnist_logreg"
    around = [Path("/usr"), *map(Path, python[1::3])]
    hidden = [
        path
        for path in ((ROOT if (ROOT / "notebooks").is_dir() else package), package)
        if any(path.is_relative_to(folder) for folder in around)
    ]
    before = [part for path in hidden[:-1] for part in ("--tmpfs", str(path))]
    after = [part for path in hidden[-1:] for part in ("--tmpfs", str(path))]
    return [*before, *python, *after]


def _python() -> list[str]:
    """This Python with its packages; nothing of what lies around them."""
    executable = Path(sys.executable).resolve()
    folders = {sys.prefix, sys.base_prefix, str(executable.parents[1])}
    folders |= {path for path in site.getsitepackages() if Path(path).is_dir()}
    options: list[str] = []
    shown: list[str] = []
    for folder in sorted(folders, key=len):
        if not any(Path(folder).is_relative_to(other) for other in ("/usr", *shown)):
            shown.append(folder)
            options += ["--ro-bind", folder, folder]
    return options
