"""From the unpacked workshop archive to a running notebook: python start.py

The first time it makes an environment, `.venv`, and installs the series into it: from
the folder `wheels`, without internet, if that is for this Python and system; otherwise
from the internet. After that it opens JupyterLab at the first notebook.
Ctrl-C ends it. `python start.py doctor` (or another command of the project) runs that.

It uses nothing but Python's standard library. `workshop` copies it into the archive.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(command: list) -> int:
    """Install if needed, then run a command of the project (default: lab)."""
    if sys.version_info < (3, 11):  # noqa: UP036 - learners bring the Python they have
        version = sys.version.split()[0]
        return _failed(f"Python 3.11 or newer is needed, this is {version}.")
    from mnist_logreg.errors import UserError
    from mnist_logreg.tools.machine.setup import ready

    try:
        python = ready()
    except UserError as error:
        return _failed(str(error))
    command = [python, "-m", "mnist_logreg", *(command or ["lab"])]
    with subprocess.Popen(command, cwd=HERE) as child:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:  # the child has had it too, and ends in order
                continue


def _failed(problem: str) -> int:
    print(f"error: {problem}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
