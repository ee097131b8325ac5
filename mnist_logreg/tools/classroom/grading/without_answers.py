"""The lesson as a learner's kernel gets it: package and data, without the answers."""

import ast
import inspect
import shutil
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path

from mnist_logreg import checks
from mnist_logreg.checks.exercise import Exercise, FunctionExercise
from mnist_logreg.checks.syntax import parse
from mnist_logreg.files.choose import Data
from mnist_logreg.files.mnist import raw_folder
from mnist_logreg.tools.classroom.grading import inside
from mnist_logreg.tools.project import ROOT

# The checks in the kernel judge nothing: they hand on what the grader has put there.
CHECKS = '''\
"""The checks as they are while a notebook is graded: judged is elsewhere."""

from mnist_logreg.checks.exercise import FunctionExercise
{calls}
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
    package = folder / "mnist_logreg"
    modules = {f"{name}.py" for name in checks.NOTEBOOKS}
    shutil.copytree(
        ROOT / "mnist_logreg",
        package,
        ignore=lambda where, names: {
            name
            for name in names
            if name in ("__pycache__", "tools")
            or (Path(where).name == "checks" and name in modules)
        },
    )
    asked = folder / Path(inside.__file__).relative_to(ROOT)
    asked.parent.mkdir(parents=True)
    shutil.copyfile(inside.__file__, asked)
    for number in exercises:
        _hide(folder, getattr(checks.exercises()[number], "public", None))
    for name, code in _calls().items():
        (package / "checks" / f"{name}_calls.py").write_text(code, "utf-8")
    (package / "checks" / "__init__.py").write_text(_checks(), "utf-8")
    (folder / "notebooks").mkdir()
    raw = raw_folder(folder / "data" / data.name)
    raw.mkdir(parents=True)
    for file in raw_folder(data.root).glob("*-ubyte"):
        shutil.copyfile(file, raw / file.name)


def _hide(folder: Path, function: Callable | None) -> None:
    """Let a function of the copy do nothing but say that it is not there."""
    if function is None:
        return
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
    imports, lines = [], []
    for exercise in checks.exercises().values():
        if not isinstance(exercise, FunctionExercise):
            continue
        call = "None"
        module = _module_of(exercise)
        if exercise.call is not None:
            call = f"{module}_calls.call_{exercise.number.replace('.', '_')}"
            imports.append(f"from mnist_logreg.checks import {module}_calls\n")
        names = ", ".join(inspect.signature(exercise.expected).parameters)
        lines.append(
            f'    "{exercise.number}": FunctionExercise(\n'
            f'        number="{exercise.number}", answer="{exercise.answer}",\n'
            f"        expected=lambda {names}: None, cases=None, call={call},\n"
            '        nudge="", step="", solution="",\n    ),\n'
        )
    return CHECKS.format(
        calls="".join(dict.fromkeys(imports)),
        exercises="".join(lines),
        names=[name for module in checks.NOTEBOOKS for name in _exercises(module)],
    )


def _exercises(module: str) -> dict[str, Exercise]:
    """The exercises that a module of the checks defines, by their names."""
    found = vars(import_module(f"mnist_logreg.checks.{module}"))
    return {name: e for name, e in found.items() if isinstance(e, Exercise)}


def _module_of(exercise: Exercise) -> str:
    names = checks.NOTEBOOKS
    return next(n for n in names if exercise in _exercises(n).values())


def _calls() -> dict[str, str]:
    """Of each module of exercises what `call` needs: how answers are called.

    The keyword `call` of an exercise becomes a name of its own; of the rest of a module
    only what that names is kept, also of a module that it imports from.
    """
    folder = ROOT / "mnist_logreg" / "checks"
    trees = {
        name: parse((folder / f"{name}.py").read_text("utf-8"))
        for name in checks.NOTEBOOKS
    }
    calls = {name: list(_keywords(tree)) for name, tree in trees.items()}
    kept: dict[str, set[str]] = {name: set() for name in trees}
    needed: list[tuple[str, ast.AST]] = [
        (name, node) for name, nodes in calls.items() for node in nodes
    ]
    while needed:
        module, node = needed.pop()
        for used in _used_names(node) - kept[module]:
            for statement in trees[module].body:
                if used not in _given_names(statement):
                    continue
                kept[module].add(used)
                needed.append((module, statement))
                other = _sibling(statement)
                if other:
                    needed.append((other, ast.Name(used, ast.Load())))
    return {
        name: ast.unparse(
            ast.Module(
                [
                    *(
                        _redirected(statement)
                        for statement in tree.body
                        if kept[name] & set(_given_names(statement))
                    ),
                    *calls[name],
                ],
                [],
            )
        )
        for name, tree in trees.items()
    }


def _keywords(tree: ast.Module) -> Iterator[ast.Assign]:
    """The keyword `call` of each exercise, given to a name."""
    for statement in tree.body:
        made = getattr(statement, "value", None)
        if isinstance(statement, ast.Assign) and isinstance(made, ast.Call):
            keywords = {keyword.arg: keyword.value for keyword in made.keywords}
            if "call" in keywords and "number" in keywords:
                number = ast.literal_eval(keywords["number"]).replace(".", "_")
                target = ast.Name(f"call_{number}", ast.Store())
                yield ast.Assign([target], keywords["call"], lineno=0)


def _used_names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _sibling(statement: ast.stmt) -> str | None:
    """The module of exercises that a statement imports from, if it does."""
    if not isinstance(statement, ast.ImportFrom):
        return None
    name = (statement.module or "").removeprefix(f"{checks.__name__}.")
    return name if name in checks.NOTEBOOKS else None


def _redirected(statement: ast.stmt) -> ast.stmt:
    other = _sibling(statement)
    if other and isinstance(statement, ast.ImportFrom):
        return ast.ImportFrom(f"{checks.__name__}.{other}_calls", statement.names, 0)
    return statement


def _given_names(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [(a.asname or a.name).partition(".")[0] for a in statement.names]
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    return [
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
