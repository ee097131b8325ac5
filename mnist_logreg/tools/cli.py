"""The command line, ``python -m mnist_logreg COMMAND``.

Each command is a module with ``add_arguments(parser)`` and ``main(args) -> int``. It is
imported only when it is called, so that no command loads what another needs.
"""

import argparse
import importlib
import os
import sys
from pathlib import Path

from mnist_logreg.errors import UserError

COMMANDS = {
    "setup": ("machine.setup", "install all that the series needs into .venv"),
    "run": ("series.run", "execute the four notebooks into a new folder"),
    "data": ("machine.data", "say which data are here, and download what is missing"),
    "lab": ("machine.lab", "open your own copy of the notebooks in JupyterLab"),
    "doctor": ("machine.doctor", "check this machine, and say how to fix what fails"),
    "notebooks": ("series.notebooks", "execute the committed notebooks, in place"),
    "bench": ("machine.bench", "measure the speed of the training loops"),
    "site": ("pages.site", "make web pages of the notebooks"),
    "compare": ("pages.compare", "put the numbers of several runs side by side"),
    "workshop": ("classroom.archive", "make the workshop's two editions"),
    "grade": (
        "classroom.grading.command",
        "check the exercises of handed-in notebooks",
    ),
    "crowd": ("classroom.load_test", "try how many kernels this machine can run"),
}


class _Parser(argparse.ArgumentParser):
    """Refuses a wrong argument in one line, without the usage text."""

    def error(self, message):
        self.exit(2, f"error: {message}\n")


def main(argv=None):
    """Run the command that ``argv`` (default: ``sys.argv[1:]``) names.

    Returns the exit status: 0 done, 1 failed with a message on stderr, 130 interrupted.
    A wrong argument leaves through ``SystemExit(2)``.
    """
    argv = sys.argv[1:] if argv is None else list(argv)
    _have_streams()
    parser = _Parser(
        prog="python -m mnist_logreg",
        description="Logistic regression in PyTorch on MNIST.",
        epilog="python -m mnist_logreg COMMAND --help says more about each.",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    command = None
    try:
        for name, (module, about) in COMMANDS.items():
            subparser = commands.add_parser(name, help=about, description=about + ".")
            if argv[:1] == [name]:
                command = importlib.import_module(f"mnist_logreg.tools.{module}")
                command.add_arguments(subparser)
        args = parser.parse_args(argv)
        status = command.main(args)
        sys.stdout.flush()
        return status
    except (ImportError, AttributeError) as error:
        from mnist_logreg.tools.machine.doctor import shadows

        if found := shadows():
            print(f"error: {': '.join(found[0])}.", file=sys.stderr)
            return 1
        name = error.name if isinstance(error, ModuleNotFoundError) else None
        if not name or name.partition(".")[0] == "mnist_logreg":
            raise
        print(
            f"error: this Python, {sys.executable}, has no {name}. Call the one "
            "that `make setup` has made: .venv/bin/python, on Windows "
            r".venv\Scripts\python.",
            file=sys.stderr,
        )
        return 1
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:  # a log on a full disk, say
        # The reader of the output may have closed it, as `head` does: not an error.
        if not isinstance(error, BrokenPipeError):
            where = f"{error.filename}: " if error.filename else ""
            print(f"error: {where}{error.strerror or error}.", file=sys.stderr)
        # Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt as stop:
        print(f"error: {stop}" if str(stop) else "Interrupted.", file=sys.stderr)
        return 130


def _have_streams():
    """Make sure that there is something to print to.

    Where a caller has closed them there is none; and a terminal may lack a letter,
    which is not a reason to stop.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - for good
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
