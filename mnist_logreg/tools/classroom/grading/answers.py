"""What an answer's code tells: its own part of a cell, and whether it was copied."""

import ast

from mnist_logreg import checks
from mnist_logreg.checks.syntax import parse


def own_code(code: str, answer: str) -> str:
    """Of a cell's code the function that is the answer, if it is one."""
    try:
        tree = parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return code
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == answer:
            return ast.get_source_segment(code, node) or code
    return code


def public_solution(exercise) -> str:
    """The name of a function of the package that solves the exercise, or ""."""
    expected = exercise.expected
    is_public = not expected.__module__.startswith(checks.__name__)
    return expected.__name__ if is_public else ""


def calls_solution(code: str, exercise) -> bool:
    """Whether an answer's code asks the checks, or the package's own solution."""
    try:
        tree = parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    solution = public_solution(exercise)
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            name = node.id
        elif isinstance(node, ast.Attribute):
            name = node.attr
        elif isinstance(node, ast.ImportFrom):
            if any(alias.name == solution != "" for alias in node.names):
                return True
            continue
        else:
            continue
        if name and name == solution and name not in own:
            return True
    return False
