"""The names in an answer's code."""

import ast

from mnist_logreg.checks.syntax import parsed


def unused(code: str, solution: str) -> str | None:
    """What is said of an argument that only the solution uses, or None."""
    mine, theirs = (list(_arguments(parsed(c))) for c in (code, solution))
    idle = [name for name, read in mine if not read and (name, True) in theirs]
    if not idle or len(idle) == len(mine):
        return None
    return (
        f"your function never uses `{idle[0]}`. Work with what it is given, not with "
        "names of other cells"
    )


def read(code: str) -> list[str]:
    """The names that code looks up."""
    return _read(parsed(code) or ast.Module([], []))


def renamed(code: str, name: str, solution: str) -> str | None:
    """The name of a function with the arguments of `name`, but not its name."""
    wanted = [argument for argument, _ in _arguments(parsed(solution))]
    for node in getattr(parsed(code), "body", ()) if wanted else ():
        if (
            isinstance(node, ast.FunctionDef)
            and node.name != name
            and [argument.arg for argument in node.args.args] == wanted
        ):
            return node.name
    return None


def _arguments(tree):
    """The arguments of the functions in a cell, each with whether it is read."""
    for node in tree.body if tree else ():
        if isinstance(node, ast.FunctionDef):
            used = _read(node)
            for argument in node.args.args:
                yield argument.arg, argument.arg in used


def _read(tree):
    return [
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    ]
