"""The maintainer's hour: modules stay short, and an exercise is added in few places."""

import csv
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbformat import v4

from mnist_logreg.checks.solutions import solutions
from mnist_logreg.tools.project import ROOT

PACKAGE = ROOT / "mnist_logreg"
MODULES = {
    path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8")
    for kind in ("py", "js")
    for path in PACKAGE.rglob(f"*.{kind}")
}
LEFT_OUT = shutil.ignore_patterns(
    *(".git", ".venv", ".*_cache", "__pycache__", ".ipynb_checkpoints"),
    *("data", "runs", "learn", "_site", "workshop"),
)


def test_no_module_is_over_300_lines():
    assert [name for name in MODULES if MODULES[name].count("\n") > 300] == []


def test_no_module_that_learners_import_imports_a_tool():
    imports = re.compile(r"mnist_logreg\.tools|from mnist_logreg import .*\btools\b")
    found = [name for name, text in MODULES.items() if imports.search(text)]
    assert {name.partition("/")[0] for name in found} == {"__main__.py", "tools"}


EXERCISE = """

# ------------------------------------------------------ the number of rows of an image


def _row_mistakes(lesson):
    yield 784, "these are all the pixels of an image. How many rows are they in"


rows = ValueExercise(
    number="NUMBER",
    answer="my_rows",
    expected=lambda lesson: 28,
    mistakes=_row_mistakes,
    nudge="Look at the shape of an image.",
    step="The shape of `train_dataset.data[0]` has two numbers: rows and columns.",
    solution="my_rows = len(train_dataset.data[0])",
)
"""

ANSWERS = "\n".join(
    [
        "=== NUMBER right\nmy_rows = train_dataset.data[0].shape[0]",
        "=== NUMBER right\nmy_rows = 28.0",
        "=== NUMBER wrong: all the pixels\nmy_rows = 784",
        *(f"=== NUMBER wrong: shape of an image\nmy_rows = {n}" for n in range(1, 15)),
        "",
    ]
)


@pytest.fixture
def project(tmp_path):
    """A copy of the project with an exercise more in notebook 01, and its number."""
    copy = tmp_path / "project"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    number = f"1.{1 + sum(n.startswith('1.') for n in solutions())}"

    path = copy / "notebooks" / "01_dataset.ipynb"
    notebook = nbformat.read(path, as_version=4)
    tags = [cell.metadata.get("tags", []) for cell in notebook.cells]
    after = max(i for i, tag in enumerate(tags) if "check" in tag) + 1
    call = "from mnist_logreg import checks\n\nn_rows = checks.rows()"
    notebook.cells[after:after] = [
        v4.new_markdown_cell(
            f"### Exercise {number}: how many rows has an image?\n\nCount them.",
            metadata={"tags": ["exercise-text"]},
        ),
        v4.new_code_cell(
            "my_rows = ...  # your code in place of the dots",
            metadata={"tags": ["exercise"]},
        ),
        v4.new_code_cell(
            call, metadata={"tags": ["check"], "editable": False, "deletable": False}
        ),
    ]
    nbformat.write(notebook, path)

    module = copy / "mnist_logreg" / "checks" / "dataset.py"
    module.write_text(
        module.read_text("utf-8") + EXERCISE.replace("NUMBER", number), "utf-8"
    )
    answers = copy / "tests" / "answers" / "dataset.txt"
    answers.write_text(
        answers.read_text("utf-8") + ANSWERS.replace("NUMBER", number), "utf-8"
    )
    return copy, number


def run(copy, *arguments) -> str:
    """Call Python on the copy; returns what it printed."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env={**environment, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    return done.stdout


def test_an_exercise_is_added_and_all_that_looks_at_exercises_follows(project):
    """Structure, answers, editions and pages: their own tests, on the copy. Grading."""
    copy, number = project
    said = run(
        copy,
        *("-m", "pytest", "-q", "-x", "-o", "addopts="),
        *("-p", "no:nbval", "-p", "no:xdist", "-p", "no:cacheprovider"),
        *("tests/test_lesson.py", "tests/test_answers.py"),
        *("tests/test_site.py", "tests/test_workshop.py"),
        *("-k", f"{number} or exercise or solution or edition"),
    )
    assert "passed" in said

    handed_in = copy / "class" / "anna" / "01_dataset.ipynb"
    handed_in.parent.mkdir(parents=True)
    text = (copy / "notebooks" / "01_dataset.ipynb").read_text("utf-8")
    handed_in.write_text(text.replace("my_rows = ...", "my_rows = 28"), "utf-8")
    options = ("--data", "digits", "--notebooks", "01", "--unfenced")
    run(copy, "-m", "mnist_logreg", "grade", "class", *options)
    with (copy / "class" / "grades.csv").open(encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert row[number].startswith("right")
