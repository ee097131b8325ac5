"""What learners' code cannot do, tried behind the fence; and what it may take."""

import os
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import psutil
import pytest
from handed_in import COUNTS, NAME, NEAREST, RIGHT, SHARE, add, small_lesson, solved

from mnist_logreg import checks
from mnist_logreg.files.choose import open_data
from mnist_logreg.tools.classroom.grading import (
    fence,
    grader,
    jobs,
    kernel,
    without_answers,
    workplace,
)
from mnist_logreg.tools.classroom.grading.budget import Budget, GoneError, Limits
from mnist_logreg.tools.classroom.grading.documents import parse
from mnist_logreg.tools.classroom.grading.grafting import graft
from mnist_logreg.tools.classroom.grading.kernel import Kernel
from mnist_logreg.tools.classroom.grading.originals import original
from mnist_logreg.tools.project import NOTEBOOKS, ROOT

needs_fence = pytest.mark.skipif(bool(fence.missing()), reason=fence.missing())
LESSON = original(small_lesson())
SMALL = Limits(cell=5, notebook=60, memory=1.5 * 2**30)


@pytest.fixture(scope="module")
def place():
    found = workplace.Workplace(open_data("digits"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def fenced(place):
    """A kernel behind the fence."""
    with (
        place.open(True, tuple(LESSON.numbers)) as (work, sockets),
        Kernel(work, sockets, Budget(Limits()), True, lambda: False) as found,
    ):
        yield found


def value(fenced, expression: str, *before: str):
    """What an expression gives inside: told by an error's message."""
    code = "\n".join(before)
    return fenced.run(f"{code}\nraise Exception(repr({expression}))").words


def job(notebook, limits=SMALL):
    document = parse(nbformat.writes(notebook).encode())
    return jobs.Job(
        notebook=NAME,
        steps=tuple(graft(document, LESSON)),
        exercises=tuple(LESSON.numbers),
        fenced=not fence.missing(),
        limits=limits,
    )


def graded(place, notebook, limits=SMALL):
    result = grader.grade(job(notebook, limits), place, lambda: False)
    return result, [result.verdicts[n]["status"] for n in (COUNTS, SHARE, NEAREST)]


# ------------------------------------------------------------ the fence


@needs_fence
def test_repository_class_and_password_file_are_not_there(fenced, tmp_path):
    (tmp_path / "secret").write_text("x")
    for path in (ROOT / "README.md", ROOT / "notebooks", tmp_path, "/etc/passwd"):
        assert value(fenced, f"os.path.exists({str(path)!r})", "import os") == "False"
    found = value(
        fenced,
        "[w for w, _, f in os.walk('/') for n in f if n in names]",
        f"import os\nnames = {[path.name for path in NOTEBOOKS.glob('*.ipynb')]!r}",
    )
    assert found == "[]"


@needs_fence
def test_the_environment_is_the_kernels_own(fenced, monkeypatch):
    monkeypatch.setenv("A_SECRET", "x")
    found = value(
        fenced,
        "[n for n in os.environ if n not in known] + "
        "[open('/proc/1/environ').read().count('SECRET')]",
        f"import os\nknown = {list(fence.environment(Path('/'), True))!r} + "
        "['PWD', 'TERM', 'CLICOLOR', 'FORCE_COLOR', 'CLICOLOR_FORCE', 'PAGER', "
        "'GIT_PAGER', 'PYDEVD_USE_FRAME_EVAL', 'MPLBACKEND']",
    )
    assert found == "[0]"


@needs_fence
def test_there_is_no_network_and_no_other_process(fenced):
    said = fenced.run(
        "import socket\nsocket.create_connection(('127.0.0.1', 80), timeout=3)"
    )
    assert said.error in ("ConnectionRefusedError", "OSError")
    names = value(fenced, "socket.if_nameindex()", "import socket")
    assert names == "[(1, 'lo')]"
    seen = value(
        fenced,
        "[p for p in os.listdir('/proc') if p.isdigit() and int(p) not in mine]",
        "import os\nmine = [1, os.getpid()]",
    )
    assert seen == "[]"


@needs_fence
def test_the_lesson_is_read_only_and_the_rest_is_small(fenced):
    said = fenced.run("import mnist_logreg\nopen(mnist_logreg.__file__, 'w')")
    assert "Read-only" in said.words
    for folder in ("/tmp", "/dev/shm", "/tmp/home"):
        code = f"with open('{folder}/x', 'wb') as f:\n    f.write(bytes({2**28}))"
        assert fenced.run(code).error in ("OSError", "MemoryError")
        fenced.run(f"import os\nos.remove('{folder}/x')")
    assert fenced.run("open('/usr/x', 'w')").error in ("OSError", "PermissionError")
    assert fenced.run("open('/dev/x', 'w')").error in ("OSError", "PermissionError")


@needs_fence
def test_no_solution_is_inside(fenced):
    parts = [
        RIGHT[COUNTS],
        RIGHT[SHARE],
        "difference.square().sum(dim=(2, 3)).argmin(dim=1)",
    ]
    code = """\
import pathlib
texts = [p.read_text() for p in pathlib.Path('/tmp/lesson').rglob('*.py')]
"""
    for part in parts:
        assert value(fenced, f"sum({part!r} in text for text in texts)", code) == "0"
    for name in ("class_counts", "nearest_mean"):
        made = f"from mnist_logreg import checks\nchecks.{name}()"
        assert fenced.run(made).error == ""
        assert value(fenced, f"checks.{name}()") == "None"
        assert hasattr(getattr(checks, name), "solution")


@needs_fence
@pytest.mark.parametrize(
    "way",
    [
        "getattr(__import__('mnist_logreg.model').model, 'nearest_' + 'mean')(1, 2)",
        "import inspect, mnist_logreg.model as m\n"
        "exec(inspect.getsource(m.nearest_mean).replace('nearest', 'my'))\n"
        "my_mean(1, 2)",
        "import runpy\nrunpy.run_module('mnist_logreg.model')['nearest_mean'](1, 2)",
    ],
)
def test_the_packages_own_solution_is_taken_away_under_any_name(fenced, way):
    assert fenced.run(way).words == without_answers.HIDDEN


@needs_fence
def test_what_a_kernel_started_ends_with_it(place):
    mark = f"{time.time()}"
    daemon = (
        "import subprocess\nsubprocess.Popen(['sh', '-c', 'sleep 300; : "
        f"{mark}'], start_new_session=True)"
    )
    with (
        place.open(True) as (work, sockets),
        Kernel(work, sockets, Budget(Limits()), True, lambda: False) as found,
    ):
        found.run(daemon)
        assert mark in processes()
    time.sleep(0.5)
    assert mark not in processes()


def processes() -> str:
    lines = [p.info["cmdline"] or [] for p in psutil.process_iter(["cmdline"])]
    return "\n".join(map(str, lines))


@needs_fence
def test_the_machines_settings_cannot_be_changed_even_if_root_grades(fenced):
    code = "import os\nos.open('/proc/sys/kernel/core_pattern', os.O_WRONLY)"
    assert fenced.run(code).error in ("OSError", "PermissionError")


@needs_fence
def test_memory_that_is_no_processs_is_refused(fenced):
    said = fenced.run("import os\nos.memfd_create('x')")
    assert "not implemented" in said.words
    made = "ctypes.CDLL(None).shmget(0, 4096, 0o1600)"
    assert value(fenced, made, "import ctypes") == "-1"


# ------------------------------------------------------------ verdicts


def test_arguments_are_other_ones_for_each_notebook(place):
    """A function that remembers an answer for the arguments of another notebook."""
    first, second = job(solved()), job(add(solved(), "x = 1", "title"))
    seeds = {grader._Run(one, place, lambda: False).seed for one in (first, second)}
    assert len(seeds) == 2


def test_a_kernel_that_lies_gains_nothing(place):
    lie = """\
import mnist_logreg.tools.classroom.grading.inside as inside
import base64, json
def letters(value):
    return base64.b64encode(json.dumps(value).encode()).decode()
inside.call = lambda *a: letters({"dict": [["value", 1], ["printed", ""],
    ["trouble", None], ["changed", []]]})
inside.answer = lambda name: letters({"dict": [["kind", "function"], ["value", 7]]})
"""
    _, found = graded(place, add(solved({NEAREST: lie}), lie, "title"))
    assert "right" not in found
    gibberish = lie.replace("letters({", "letters([1][5:] or {").replace("dict", "x")
    _, found = graded(place, add(solved(), gibberish, "title"))
    assert found == ["error", "error", "error"]


def test_the_check_hands_on_the_right_value_after_it_was_judged(place):
    constant = (
        "def my_nearest_mean(images, means):\n    return torch.arange(len(images)) % 10"
    )
    late = solved({COUNTS: None, NEAREST: constant})
    add(late, "my_counts = counts", "most")
    result, found = graded(place, late)
    assert found == ["error", "right", "wrong"]
    assert result.notes == []  # `most` comes from the counts, all the same


# ------------------------------------------------------------ limits


def test_cells_that_never_end_cost_only_themselves(place):
    endless = "while True:\n    pass"
    sleepy = "import time\nwhile True:\n    time.sleep(1)"
    notebook = solved({COUNTS: endless, SHARE: sleepy})
    result, found = graded(place, notebook, replace(SMALL, cell=3))
    assert found == ["error", "error", "right"]
    for number in (COUNTS, SHARE):
        assert "it took more than 3 s" in result.verdicts[number]["message"]


def test_a_notebooks_time_is_limited_and_said(place):
    notebook = add(solved(), "while True:\n    pass", "title")
    result, found = graded(place, notebook, Limits(notebook=3))
    assert found == ["error"] * 3
    message = result.verdicts[COUNTS]["message"]
    assert message == "not reached: the notebook took more than 3 s."


def test_an_answer_that_takes_all_memory_or_exits_costs_only_itself(place):
    hog = "kept = []\nwhile True:\n    kept.append(b'x' * 2**27)"
    result, found = graded(place, solved({COUNTS: hog, SHARE: "exit()"}))
    assert found == ["error", "todo", "right"]
    assert "memory" in result.verdicts[COUNTS]["message"]


SHARED = """\
import multiprocessing, time
held = bytearray(800 * 2**20)
children = [multiprocessing.get_context("fork").Process(target=time.sleep, args=(2,))
            for _ in range(3)]
for child in children:
    child.start()
for child in children:
    child.join()
del held
"""


STUBBORN = """\
import time
while True:
    try:
        time.sleep(1)
    except BaseException: pass
"""
BOMB = """\
import subprocess, time
for _ in range(200):
    subprocess.Popen(['sleep', '60'])
time.sleep(60)
"""
FLOOD = """\
import zmq
from ipykernel.kernelapp import IPKernelApp
socket = IPKernelApp.instance().shell_socket
socket.send(get_ipython().kernel._parent_ident["shell"][0], zmq.SNDMORE)
part = bytes(2**23)
for _ in range(100):
    socket.send(part, zmq.SNDMORE, copy=False)
socket.send(b"")
"""


def test_cells_that_end_the_kernel_are_left_out_one_by_one(place, monkeypatch):
    """One swallows interrupts, one starts processes, one floods the grader's memory.

    Shared memory counts once, and outputs of any size and questions cost nothing.
    """
    monkeypatch.setattr(kernel, "GRACE", 1)
    harmful = {STUBBORN: "it took more than 5 s", BOMB: "processes"}
    if not fence.missing():  # without a fence nothing stands between
        harmful[FLOOD] = "it sent the grader too much"
    notebook = solved()
    for code in (*harmful, SHARED, "print('x' * 10**8)", "input('?')"):
        add(notebook, code, "title")
    result, found = graded(place, notebook)
    assert found == ["right"] * 3
    for note, said in zip(result.notes, harmful.values(), strict=True):
        assert "was left out: " in note and said in note


def test_waiting_for_a_processor_that_others_use_is_not_charged(place, monkeypatch):
    """Among busy neighbours a cell of 1 s takes much longer by the clock."""
    busy = "import time\nt = time.process_time()\nwhile time.process_time() < t + 1: 0"
    alone = Kernel.run

    def among_neighbours(kernel, code, *seconds):
        many = 3 * (os.cpu_count() or 1) if code.startswith(busy) else 0
        loop = ["sh", "-c", "while :; do :; done"]
        neighbours = [subprocess.Popen(loop) for _ in range(many)]
        try:
            return alone(kernel, code, *seconds)
        finally:
            for neighbour in neighbours:
                neighbour.kill()
                neighbour.wait()

    monkeypatch.setattr(Kernel, "run", among_neighbours)
    notebook = solved({COUNTS: f"{busy}\n{RIGHT[COUNTS]}"})
    limits = replace(SMALL, cell=2, patience=60)
    assert graded(place, notebook, limits)[1] == ["right"] * 3


def test_a_grader_that_is_asked_to_stop_does_so_in_a_cell(place):
    before = set(psutil.Process().children(recursive=True))
    asked = threading.Event()
    threading.Timer(4, asked.set).start()
    notebook = add(solved(), "import time\ntime.sleep(100)", "title")
    began = time.monotonic()
    with pytest.raises(GoneError, match="stopped"):
        grader.grade(job(notebook, Limits()), place, asked.is_set)
    assert time.monotonic() - began < 60
    assert set(psutil.Process().children(recursive=True)) <= before
