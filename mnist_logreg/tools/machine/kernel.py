"""Starts the kernel that notebooks will have, and says what is wrong with it."""

import ast
import errno
import os
import queue
import re
import sys
import tempfile
import time
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_client.manager import KernelManager

from mnist_logreg.errors import UserError
from mnist_logreg.tools.limits import MEMORY, out_of_memory
from mnist_logreg.tools.machine.setup import install_again
from mnist_logreg.tools.project import NOTEBOOKS, ROOT

SECONDS = 120  # for torch's import, on a slow and busy machine

START_ERRORS: dict[int | None, str] = {
    errno.ENOMEM: MEMORY,
    errno.EAGAIN: "no more processes are allowed: close other programs",
    errno.EMFILE: "too many files are open: type `ulimit -n 1024`, then start again",
}
# How a kernel can end, by its exit status.
DEATHS: dict[int | None, str] = {
    -9: MEMORY,
    -4: "this processor lacks what this build of PyTorch needs: take another version",
}
REDISTRIBUTABLE = (
    "Windows cannot load PyTorch's libraries: install Microsoft's Visual C++ "
    "Redistributable, https://aka.ms/vs/17/release/vc_redist.x64.exe, then start again"
)


def look() -> str:
    """Start the kernel python3 beside the notebooks, and import what takes longest.

    Returns
    -------
    str
        What it does.

    Raises
    ------
    UserError
        If it is another environment's, does not start, or cannot import. The message
        is what to do.
    """
    _require_this_environment()
    with tempfile.TemporaryFile() as log:
        manager = KernelManager(kernel_name="python3", transport_encryption="auto")
        try:
            manager.start_kernel(cwd=str(NOTEBOOKS), stderr=log, stdout=log)
            client = manager.client()
            client.start_channels()
            try:
                client.wait_for_ready(timeout=SECONDS)
                _try_out(client)
            finally:
                client.stop_channels()
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            remedy = START_ERRORS.get(error.errno, f"{where}{error.strerror or error}")
            raise UserError(f"it does not start, {remedy}") from error
        except RuntimeError as error:  # it died, or says nothing
            raise UserError(_why_dead(manager, log, error)) from error
        finally:
            if manager.has_kernel:
                manager.shutdown_kernel(now=True)
    return "starts, is this environment's, and imports torch and torchvision"


def _require_this_environment() -> None:
    """Raise UserError if the kernel python3 is not there, or names another's Python."""
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel as error:
        raise UserError(f"there is no kernel python3: {install_again()}") from error
    program = Path(spec.argv[0])
    if not program.is_absolute():
        return  # "python": the one that starts it
    if program.exists() and program.parent.samefile(Path(sys.executable).parent):
        return
    gone = "" if program.exists() else ", which is gone"
    folder = Path(spec.resource_dir)
    given = [Path(p) for p in os.environ.get("JUPYTER_PATH", "").split(os.pathsep) if p]
    if any(folder.is_relative_to(place) for place in given):
        remedy = f"take {folder.parent.parent} out of JUPYTER_PATH"
    elif folder.is_relative_to(sys.prefix):
        remedy = install_again()
    else:
        remedy = (
            f"delete {folder}, or, where somebody needs it, set "
            "JUPYTER_PREFER_ENV_PATH=1 before you start JupyterLab (`make lab` does so)"
        )
    raise UserError(
        f"{folder} describes the kernel python3, and names {program}{gone}, not this "
        f"environment's Python: {remedy}"
    )


def _try_out(client) -> None:
    """Import in the kernel. Raises UserError if that fails or finds another's."""
    ask = {"prefix": "sys.prefix", "package": "mnist_logreg.__file__"}
    found = _execute(client, "import sys, mnist_logreg", ask)
    prefix, package = found["prefix"], Path(found["package"]).parent
    if Path(prefix).resolve() != Path(sys.prefix).resolve():
        raise UserError(f"it runs in {prefix}, not in {sys.prefix}: {install_again()}")
    if package.resolve() != (ROOT / "mnist_logreg").resolve():
        raise UserError(
            f"notebooks would import {package}, another copy of this project: "
            f"{install_again()}"
        )
    _execute(client, "import torch, torchvision", {})


def _execute(client, code: str, ask: dict[str, str]) -> dict[str, str]:
    """Run code in the kernel; returns the values of expressions, as text."""
    request = client.execute(code, user_expressions=ask, store_history=False)
    reply, end = None, time.monotonic() + SECONDS
    while reply is None or reply["parent_header"].get("msg_id") != request:
        try:
            reply = client.get_shell_msg(timeout=1)
        except queue.Empty as error:
            if not client.is_alive() or time.monotonic() > end:
                raise RuntimeError(f"{code}: no answer") from error
    content = reply["content"]
    if content["status"] == "error":
        raise UserError(_import_remedy(content["ename"], content["evalue"]))
    answers = content["user_expressions"].items()
    return {name: ast.literal_eval(a["data"]["text/plain"]) for name, a in answers}


def _import_remedy(name: str, text: str) -> str:
    """What to do about an import that failed, by its error's class and message."""
    if re.search(r"\[WinError (126|127|1114)\]|DLL load failed", text):
        remedy = REDISTRIBUTABLE
    elif out_of_memory(name, text):
        remedy = MEMORY
    else:
        remedy = install_again()
    return f"it cannot import what notebooks need, {remedy} ({name}: {text})"


def _why_dead(manager: KernelManager, log, error: RuntimeError) -> str:
    log.seek(0)
    said = log.read().decode(errors="replace").strip().splitlines()
    process = getattr(manager.provisioner, "process", None)
    status = process.poll() if process else None
    remedy = DEATHS.get(status, install_again())
    return f"it does not start, {remedy} ({said[-1] if said else error})"
