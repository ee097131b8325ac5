"""One notebook in a real kernel: what is kept, what is said, and what is left."""

import json
import sys

import psutil
import pytest
from nbformat import v4, write
from tiny import execute, notebook, read, shown

from mnist_logreg.errors import UserError

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
START_SLEEPER = f"import subprocess\nsubprocess.Popen({SLEEPER})"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Execute cells; returns what went wrong ("" if nothing) and the saved notebook.

    Afterwards no process that the kernel was, or started, may be left.
    """
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    before = {p.pid for p in psutil.Process().children(recursive=True)}

    def run(*cells, parameters=None, cell_seconds=60):
        path = notebook(tmp_path / "in {1}.ipynb", *cells)
        out = tmp_path / "out {2}.ipynb"  # braces: papermill takes paths for templates
        try:
            execute(path, out, parameters or {}, cell_seconds=cell_seconds)
        except UserError as error:
            return str(error), out
        return "", out

    yield run
    left = [p for p in psutil.process_iter(["cmdline"]) if _ours(p, tmp_path)]
    left += [p for p in psutil.Process().children(True) if p.pid not in before]
    assert not left


def _ours(process, folder):
    line = process.info["cmdline"] or []
    return line == SLEEPER or any(str(folder) in part for part in line)


def test_parameters_and_output_are_kept(run):
    said, out = run("print(source)", parameters={"source": "digits"})
    assert said == ""
    assert shown(out) == ["", "", "digits\n"]
    code = [c for c in read(out).cells if c.cell_type == "code"]
    assert [c.execution_count for c in code] == [1, 2, 3]


def test_messages_are_encrypted_and_need_no_ports(run):
    said, out = run(
        "from ipykernel import get_connection_info\n"
        "known = get_connection_info(unpack=True)\n"
        "print('curve_publickey' in known, known['transport'])"
    )
    transport = "tcp" if sys.platform == "win32" else "ipc"
    assert (said, shown(out)[-1]) == ("", f"True {transport}\n")


def test_a_cell_that_fails(run):
    said, out = run("print('before')", "x = 1\nraise ValueError('boom\\nmore')", "0")
    assert said == "in {1}.ipynb, cell 3 (x = 1): ValueError: boom."
    assert "before\n" in shown(out)
    assert read(out).cells[-1].execution_count is None


def test_a_cell_that_finds_no_memory_says_so(run):
    said, _ = run("raise ImportError('x.so: failed to map segment from shared object')")
    assert "failed to map segment from shared object; the memory ran out" in said


def test_a_cell_past_its_limit(run):
    said, out = run(
        START_SLEEPER,
        "print('before', flush=True)\nimport time; time.sleep(600)",
        cell_seconds=3,
    )
    assert "cell 3 (print('before', flush=True)): ran longer than 3 s" in said
    assert shown(out)[-1].startswith("before\nStopped here: this cell ran longer")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_kernel_that_is_killed(run):
    said, out = run(START_SLEEPER, "import os\nos.kill(os.getpid(), 9)")
    assert "cell 3 (import os): lost its kernel, which was killed" in said
    assert "memory" in said
    assert "Stopped here" in shown(out)[-1]


def test_a_kernel_that_exits(run):
    said, _ = run("import os\nos._exit(3)")
    assert "lost its kernel, which died (exit status 3)" in said


def test_a_kernel_that_does_not_start(run, tmp_path, monkeypatch):
    (tmp_path / "ipykernel_launcher.py").write_text("raise SystemExit(1)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    said, _ = run("0")
    assert "its kernel did not start" in said
    assert "doctor" in said


def test_a_kernel_that_the_system_refuses(run, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone"))
    said, _ = run("0")
    assert said.startswith("in {1}.ipynb: its kernel did not start ([Errno 2]")
    assert "could not be written" not in said


def test_a_full_disk(run, file_limit):
    """A limit on the size of files stands in for it: the same write fails."""
    with file_limit(20_000):
        said, out = run("print('small')", "print('x\\n' * 50_000)")
    assert "could not be written: File too large" in said
    assert "Make room" in said
    assert shown(out)[1] == "small\n"  # the last version that was whole


def test_a_folder_that_is_gone(tmp_path):
    path = notebook(tmp_path / "in.ipynb", "0")
    with pytest.raises(UserError, match="could not be written: No such file"):
        execute(path, tmp_path / "gone" / "out.ipynb", {}, cell_seconds=60)


def test_markers_of_other_editions_survive(run, tmp_path):
    """Cells' own metadata and a notebook without parameters pass through untouched."""
    path = tmp_path / "plain.ipynb"
    cell = v4.new_code_cell("1 + 1", metadata={"tags": ["solution"], "mine": 1})
    write(v4.new_notebook(cells=[cell]), path)
    execute(path, tmp_path / "out.ipynb", {}, cell_seconds=60)
    saved = json.loads((tmp_path / "out.ipynb").read_text("utf-8"))["cells"]
    assert len(saved) == 1
    assert saved[0]["metadata"]["tags"] == ["solution"]
    assert saved[0]["metadata"]["mine"] == 1
