"""The lesson as a learner's kernel gets it: package and data, without the answers."""

import ast
import inspect
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from mnist_logreg import checks
from mnist_logreg.checks.exercise import FunctionExercise
from mnist_logreg.checks.syntax import parse
from mnist_logreg.files.choose import Data
from mnist_logreg.tools import working_copy
from mnist_logreg.tools.classroom.grading import inside
from mnist_logreg.tools.project import ROOT

# The checks in the kernel judge nothing: they hand on what the grader has put there.
CHECKS = '''\
"""The checks as they are while a notebook is graded: judged is elsewhere."""

from mnist_logreg.checks import calls
from mnist_logreg.checks.exercise import FunctionExercise

HANDED = {{}}
NAMES = {names!r}


def hint(*arguments):
    """Show nothing."""


def __getattr__(name):
    if name not in NAMES:
        raise AttributeError(name)
    return lambda *given, **options: HANDED.get(name)


EXERCISES = {{
{exercises}}}
'''


# What the package's own solution of an exercise says in the copy.
HIDDEN = "the package's own solution is taken away while answers are graded"


def make(folder: Path, data: Data, exercises: Iterable[str] = ()) -> None:
    """Put a copy of the lesson into a folder, which is made.

    It holds the package without its tools and without the exercises' answers, the data,
    and an empty folder for the notebook to work in. Of the package's functions those
    are taken away that solve one of the exercises.

    Parameters
    ----------
    folder : Path
    data : Data
    exercises : iterable of str
        Numbers, such as "1.1".
    """
    without = shutil.ignore_patterns("__pycache__", "tools")
    working_copy.make(folder, data, without=without)
    package = folder / "mnist_logreg" / "checks"
    for name in checks.NOTEBOOKS:
        (package / f"{name}.py").unlink()
    asked = folder / Path(inside.__file__).relative_to(ROOT)
    asked.parent.mkdir(parents=True)
    shutil.copyfile(inside.__file__, asked)
    for number in exercises:
        if public := getattr(checks.exercises()[number], "public", None):
            _hide(folder, public)
    (package / "__init__.py").write_text(_checks(), "utf-8")


def _hide(folder: Path, function: Callable) -> None:
    """Let a function of the copy do nothing but say that it is not there."""
    path = folder / Path(*function.__module__.split(".")).with_suffix(".py")
    code = path.read_text("utf-8")
    (node,) = (
        node
        for node in parse(code).body
        if isinstance(node, ast.FunctionDef) and node.name == function.__name__
    )
    lines = code.splitlines()
    lines[node.lineno - 1 : node.end_lineno] = [
        f"def {node.name}(*arguments, **options):",
        f"    raise RuntimeError({HIDDEN!r})",
    ]
    path.write_text("\n".join(lines), "utf-8")


def _checks() -> str:
    """The checks' `__init__` of the copy."""
    lines = []
    for exercise in checks.exercises().values():
        if not isinstance(exercise, FunctionExercise):
            continue
        call = f"calls.{exercise.call.__name__}" if exercise.call else None
        names = ", ".join(inspect.signature(exercise.expected).parameters)
        lines.append(
            f'    "{exercise.number}": FunctionExercise(\n'
            f'        number="{exercise.number}", answer="{exercise.answer}",\n'
            f"        expected=lambda {names}: None, cases=None, call={call},\n"
            '        nudge="", step="", solution="",\n    ),\n'
        )
    return CHECKS.format(exercises="".join(lines), names=list(checks.by_name()))
