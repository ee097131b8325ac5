"""Beginners' mistakes that can be seen in the code of an answer.

They are looked for when an answer is wrong, and only then. Sure ones are told at once;
likely ones where the exercise knows nothing better.
"""

import ast

from mnist_logreg.checks.reading import (
    LOOPS,
    NOTHING,
    PURE,
    empty_handed,
    names,
    targets,
)
from mnist_logreg.checks.syntax import parsed

PRINTED = "`print` shows a result and hands back nothing. Write `return` in its place"


def sure(code: str) -> str | None:
    """What is certainly amiss in an answer's code, or None."""
    return _first(code, (_typing, _loop, _kept_nothing, _overwritten))


def unreturned(code: str) -> str | None:
    """Why a function hands nothing back, or None."""
    return _first(code, (_typing, _nothing_returned))


def lost(code: str) -> str | None:
    """Which line of an answer makes something that it does not keep, or None."""
    return _kept_nothing(parsed(code))


def likely(code: str) -> str | None:
    """What may be amiss in an answer's code, or None."""
    if any(isinstance(node, ast.FloorDiv) for node in ast.walk(parsed(code))):
        return (
            "`//` divides whole numbers and drops the rest: write `/` to keep what "
            "comes after the decimal point"
        )
    return None


def compares(code: str, name: str) -> str | None:
    """What is said of a cell that says `name == value` where `=` was meant, or None."""
    said = _typing(parsed(code))
    return said if said and f"`{name} ==" in said else None


def _first(code, looks):
    tree = parsed(code)
    return next((said for look in looks if (said := look(tree))), None)


def _typing(tree):
    for node in ast.walk(tree):
        value = getattr(node, "value", None)
        if (
            isinstance(node, ast.Assign)
            and isinstance(first := _leftmost(value), ast.UnaryOp)
            and isinstance(first.op, ast.UAdd)
        ):
            name = ast.unparse(node.targets[0])
            return (
                f"`{name} =+ …` gives `{name}` a new value. To add to the old one, "
                f"write `{name} += …`"
            )
        if (
            isinstance(node, ast.Expr)
            and isinstance(value, ast.Compare)
            and isinstance(value.ops[0], ast.Eq)
        ):
            return (
                f"the line `{ast.unparse(node)}` compares and keeps nothing. To give a "
                "name to a value, write a single `=`"
            )
    return None


def _leftmost(value):
    while isinstance(value, ast.BinOp):
        value = value.left
    return value


def _loop(tree):
    for loop in ast.walk(tree):
        if isinstance(loop, LOOPS) and _leaves(loop.body):
            return (
                "`return` stands inside the loop, so the function ends in the first "
                "round. Move it to the left, in line with the loop's first word"
            )
    return None


def _leaves(lines):
    """Whether the first round of these lines certainly returns."""
    return any(
        isinstance(line, ast.Return)
        or (isinstance(line, ast.If) and _leaves(line.body) and _leaves(line.orelse))
        for line in lines
    )


def _nothing_returned(tree):
    for function in tree.body:
        if not isinstance(function, ast.FunctionDef):
            continue
        returns = [
            node
            for node in ast.walk(function)
            if isinstance(node, ast.Return) and node.value is not None
        ]
        for node in returns:
            if empty := empty_handed(node.value):
                return NOTHING[empty].format("`return`")
        if returns:
            continue
        if any(empty_handed(node) == "print" for node in ast.walk(function)):
            return PRINTED
        return "the function hands nothing back: its last line must begin with `return`"
    return None


def _kept_nothing(tree):
    for node in ast.walk(tree):
        if not isinstance(node, ast.Expr) or node is tree.body[-1]:
            continue  # a value at the end of a cell is shown, as one may want
        value = node.value
        if isinstance(value, ast.BinOp) or (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Attribute)
            and value.func.attr in PURE
        ):
            line = ast.unparse(value)
            return (
                f"the line `{line}` keeps nothing: it makes a new value and changes "
                "none. Give the result a name, and go on with that name"
            )
    return None


def _overwritten(tree):
    """`total = x` in a loop, where `total` began before it and is meant to grow."""
    for node in ast.walk(tree):
        begun, body = {}, getattr(node, "body", None)
        for line in body if isinstance(body, list) else ():  # a lambda's is no list
            if isinstance(line, LOOPS):
                for name in begun.keys() & _replaced(line):
                    grow = f"add up, write `{name} += …`"
                    if isinstance(begun[name], ast.List):
                        grow = f"collect all, write `{name}.append(…)`"
                    return (
                        f"`{name} = …` in the loop forgets what `{name}` held, so that "
                        f"only the last round counts. To {grow}"
                    )
            elif isinstance(line, ast.Assign) and _is_start(line.value):
                begun |= dict.fromkeys(targets(line), line.value)
    return None


def _is_start(value):
    return isinstance(value, ast.Constant) or ast.unparse(value) == "[]"


def _replaced(loop):
    """Names that a loop, or one in it, sets without looking at what they held."""
    changed = {
        node.target.id
        for node in ast.walk(loop)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }
    given = {
        name
        for inner in ast.walk(loop)
        if isinstance(inner, LOOPS)
        for line in inner.body
        for name in targets(line)
    }
    return given - names(loop) - changed
