"""From the unpacked workshop archive to a running notebook: python start.py

The first time it makes an environment of its own, `.venv`, and installs the series into
it: from the folder `wheels` where that is for this Python and system, and then without
internet; else from the internet. After that it opens JupyterLab at the first notebook.
Ctrl-C ends it. `python start.py doctor` (or another command of the project) runs that.

It uses nothing but Python's standard library. `workshop` copies it into the archive.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
WHEELS = HERE / "wheels"
ENVIRONMENT = HERE / ".venv"
PYTHON = ENVIRONMENT / (
    "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
)


def this_python() -> str:
    """What packages depend on: "CPython 3.12 on Linux x86_64"."""
    version = "{}.{}".format(*sys.version_info)
    return (
        f"{platform.python_implementation()} {version} "
        f"on {platform.system()} {platform.machine()}"
    )


def main(command: list[str]) -> int:
    """Install if need be, then run a command of the project (default: lab)."""
    if sys.version_info < (3, 11):  # noqa: UP036 - learners bring the Python they have
        return _failed(f"Python 3.11 or newer is needed, this is {this_python()}.")
    stamp = ENVIRONMENT / "installed-in"
    # An environment cannot be moved: a folder that was is installed anew.
    if not (stamp.exists() and stamp.read_text("utf-8") == str(HERE)):
        problem = _install()  # no walrus: an old Python shall read on to the line above
        if problem:
            return _failed(problem)
        stamp.write_text(str(HERE), "utf-8")
    command = [PYTHON, "-m", "mnist_logreg", *(command or ["lab"])]
    with subprocess.Popen(command, cwd=HERE) as child:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:  # the child has had it too, and ends in order
                continue


def _install() -> str:
    """Make the environment and install into it; returns what went wrong, or ""."""
    print("Installing into .venv. This is done once and takes some minutes.")
    if subprocess.call([sys.executable, "-m", "venv", "--clear", ENVIRONMENT]):
        return (
            "This Python cannot make environments. On Debian and Ubuntu the package "
            "python3-venv is missing; elsewhere install Python from python.org."
        )
    pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check"]
    pip += ["--editable", "."]
    environment = dict(os.environ)
    label = WHEELS / "for.txt"
    made_for = label.read_text("utf-8").strip() if label.exists() else ""
    if made_for == this_python():
        # One version of each lies there, chosen to fit every Python of this kind.
        pip += ["--no-index", "--find-links", str(WHEELS)]
        # Nothing that this machine's pip is otherwise set to do.
        environment = {k: v for k, v in environment.items() if k[:4] != "PIP_"}
        environment["PIP_CONFIG_FILE"] = os.devnull
    else:
        pip += ["--constraint", "requirements.txt"]
        if made_for:
            print(
                f"The packages in wheels are for {made_for}, this is {this_python()}: "
                "installing from the internet."
            )
    if subprocess.call(pip, cwd=HERE, env=environment):
        problem = "The installation failed; the reason is in the last lines above."
        if "--no-index" in pip:
            problem += " Without the folder wheels it is tried from the internet."
        return problem
    return ""


def _failed(problem: str) -> int:
    print(f"error: {problem}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
