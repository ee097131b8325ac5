"""What the tests of the data have done in processes of their own."""

import gzip
import hashlib
import multiprocessing
import os
import shutil
import subprocess
import sys
from pathlib import Path

import mnist_logreg
from mnist_logreg.errors import UserError
from mnist_logreg.files import digits, download, verified
from mnist_logreg.files.mnist import raw_folder

# Forked from a server that has imported what they need, so that hundreds are cheap;
# where there is no fork (Windows), processes are started afresh.
KINDS = multiprocessing.get_all_start_methods()
processes = multiprocessing.get_context(
    "forkserver" if "forkserver" in KINDS else "spawn"
)
if "forkserver" in KINDS:
    processes.set_forkserver_preload(
        ["__main__", "mnist_logreg.files.digits", "mnist_logreg.files.download"]
    )

# A proxy that refuses stands in for the missing network: nothing but this machine is
# ever asked.
NO_NETWORK = {
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1",
}
UNSET = ("MNIST_ROOT", "MNIST_MIRROR", "http_proxy", "https_proxy", "no_proxy")


def prepare(root: Path, *servers: str, begin=5) -> None:
    """Fetch the digits, which are small, from some servers, in order."""
    fetched = download.Mirrors(begin=begin)
    fetched.servers = servers
    verified.prepare(raw_folder(root), digits.FILES, fetched.supply)


def write_all(root: Path, archives: dict[str, bytes], unpacked=False) -> None:
    """Write archives, .gz files by name, where a root has them; or what is in them."""
    raw_folder(root).mkdir(parents=True)
    for name, contents in archives.items():
        if unpacked:
            name, contents = name.removesuffix(".gz"), gzip.decompress(contents)
        (raw_folder(root) / name).write_bytes(contents)


def is_complete(root: Path, files=digits.FILES) -> bool:
    """Whether a root holds files, by default the digits', whole and right."""
    return verified.complete(raw_folder(root), files)


def in_process(function, *args):
    """Start function(*args) in a process of its own; return when it is called.

    The process exits with 0 if all is well, with 3 after a UserError.
    """
    here, there = processes.Pipe(duplex=False)
    process = processes.Process(target=_call, args=(there, function, *args))
    process.start()
    here.recv()
    return process


def _call(called, function, *args):
    os.environ.update(NO_NETWORK)
    called.send(True)
    try:
        function(*args)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(3)


def wrong_files(root: Path, files=digits.FILES) -> list[str]:
    """The names, of files and archives, under which something else stands."""
    wrong = []
    for file in files:
        for name, opened in ((file.name, Path.open), (f"{file.name}.gz", gzip.open)):
            path = raw_folder(root) / name
            if not path.exists():
                continue
            try:
                with opened(path, "rb") as stream:
                    contents = stream.read()
            except (EOFError, gzip.BadGzipFile):
                contents = b""
            if hashlib.sha256(contents).hexdigest() != file.sha256:
                wrong.append(name)
    return wrong


class Clone:
    """A copy of the package, whose data/ therefore lies in a folder of its own."""

    def __init__(self, folder: Path):
        package = Path(mnist_logreg.__file__).parent
        shutil.copytree(
            package,
            folder / "mnist_logreg",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        self.folder = folder
        self.mnist = folder / "data" / "mnist"
        self.digits = folder / "data" / "digits"

    def environment(self, **variables):
        kept = {k: v for k, v in os.environ.items() if k not in UNSET}
        return {**kept, **NO_NETWORK, "PYTHONUTF8": "1", **variables}

    def start(self, *args, **variables):
        """Start ``python -m mnist_logreg data ARGS`` with environment variables."""
        return subprocess.Popen(
            [sys.executable, "-m", "mnist_logreg", "data", *map(str, args)],
            cwd=self.folder,
            env=self.environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def data(self, *args, **variables):
        """Run it to its end; returns (exit status, stdout, stderr)."""
        with self.start(*args, **variables) as process:
            out, err = process.communicate(timeout=120)
        return process.returncode, out, err
