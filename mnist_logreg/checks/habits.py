"""Beginners' mistakes that can be seen in the code of an answer.

They are looked for when an answer is wrong, and only then. Sure ones are told at once;
likely ones where the exercise knows nothing better.
"""

import ast
import textwrap

from mnist_logreg.checks.syntax import parsed

LOOPS = (ast.For, ast.While)
# Methods that return something new and leave the tensor or list as it was.
PURE = {
    *("exp", "log", "float", "long", "double", "square", "sqrt", "sum", "mean", "abs"),
    *("unsqueeze", "squeeze", "flatten", "reshape", "view", "argmin", "argmax", "t"),
    *("softmax", "sigmoid", "to", "item", "tolist", "detach", "matmul", "clone", "cpu"),
    *("bincount", "log_softmax", "cross_entropy", "stack", "cat", "divmod"),
}


def sure(code: str) -> str | None:
    """What is certainly amiss in an answer's code, or None."""
    return _first(code, (_typing, _loop, _kept_nothing, _overwritten))


def unreturned(code: str) -> str | None:
    """Why a function hands nothing back, or None."""
    return _first(code, (_typing, _nothing_returned))


def lost(code: str) -> str | None:
    """Which line of an answer makes something that it does not keep, or None."""
    return _first(code, (_kept_nothing,))


def likely(code: str) -> str | None:
    """What may be amiss in an answer's code, or None."""
    return _first(code, (_whole_numbers,))


def dots(code: str) -> str | None:
    """The first line that still holds the dots of the stub, or None."""
    tree = parsed(code)
    if tree is None:
        return None
    indexed = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        for part in ast.walk(node.slice)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or node.value is not ...:
            continue
        if id(node) not in indexed:
            line = textwrap.dedent(code).splitlines()[node.lineno - 1]
            return line.partition("#")[0].strip()
    return None


def returns_none(code: str) -> bool:
    """Whether the function in the code says `return None`, as an untouched stub may."""
    tree = parsed(code)
    return tree is not None and any(
        isinstance(node, ast.Return)
        and isinstance(node.value, ast.Constant)
        and node.value.value is None
        for node in ast.walk(tree)
    )


def binds(code: str, name: str) -> bool:
    """Whether a cell gives something to a name, or would if Python could read it."""
    tree = parsed(code)
    if tree is None:
        return name in code
    return any(
        (
            isinstance(node, ast.Name)
            and node.id == name
            and isinstance(node.ctx, ast.Store)
        )
        or (isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name)
        for node in ast.walk(tree)
    )


def prints(code: str, name: str) -> bool:
    """Whether a cell gives a name what `print` returns: nothing."""
    tree = parsed(code)
    return tree is not None and any(
        isinstance(node, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
        and _is_print(node.value)
        for node in ast.walk(tree)
    )


def compares(code: str, name: str) -> str | None:
    """What is said of a cell that says `name == value` where `=` was meant, or None."""
    said = _typing(parsed(code) or ast.Module([], []))
    return said if said and f"`{name} ==" in said else None


def chained(code: str, name: str) -> str | None:
    """The second target of `name = other = value`, where `==` was meant, or None."""
    for node in ast.walk(parsed(code) or ast.Module([], [])):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(t, ast.Name) and t.id == name for t in targets[:-1]):
            return ast.unparse(targets[-1])
    return None


def _first(code, looks):
    tree = parsed(code)
    if tree is None:
        return None
    return next((said for look in looks if (said := look(tree))), None)


def _typing(tree):
    for node in ast.walk(tree):
        value = getattr(node, "value", None)
        if (
            isinstance(node, ast.Assign)
            and isinstance(value, ast.UnaryOp)
            and isinstance(value.op, ast.UAdd)
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
        if any(_is_print(node.value) for node in returns):
            return (
                "`print` shows a value and hands back nothing: leave it out of `return`"
            )
        if returns:
            continue
        if any(_is_print(node) for node in ast.walk(function)):
            return (
                "`print` shows a result and hands back nothing. Write `return` in its "
                "place"
            )
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
    for body in _bodies(tree):
        begun = set()
        for line in body:
            if isinstance(line, LOOPS):
                for name in begun & _replaced(line):
                    return (
                        f"`{name} = …` in the loop forgets what `{name}` held, so that "
                        f"only the last round counts. To add up, write `{name} += …`"
                    )
            elif isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant):
                begun |= {t.id for t in line.targets if isinstance(t, ast.Name)}
    return None


def _bodies(tree):
    return [
        node.body
        for node in ast.walk(tree)
        if isinstance(getattr(node, "body", 0), list)
    ]


def _replaced(loop):
    """Names that a loop's own lines set without looking at what they held."""
    read = {
        node.id
        for node in ast.walk(loop)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    changed = {
        node.target.id
        for node in ast.walk(loop)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }
    return (
        {
            target.id
            for line in loop.body
            if isinstance(line, ast.Assign)
            for target in line.targets
            if isinstance(target, ast.Name)
        }
        - read
        - changed
    )


def _whole_numbers(tree):
    for node in ast.walk(tree):
        if isinstance(getattr(node, "op", None), ast.FloorDiv):
            return (
                "`//` divides whole numbers and drops the rest: write `/` to keep what "
                "comes after the decimal point"
            )
    return None


def _is_print(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    )
