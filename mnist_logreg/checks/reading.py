"""What can be read in a cell's code: the names it makes, and what it leaves open."""

import ast
import difflib
import textwrap

from mnist_logreg.checks.syntax import UNREADABLE, parsed

LOOPS = (ast.For, ast.While)
# Methods that return something new and leave the tensor or list as it was.
PURE = {
    *("exp", "log", "float", "long", "double", "square", "sqrt", "sum", "mean", "abs"),
    *("unsqueeze", "squeeze", "flatten", "reshape", "view", "argmin", "argmax", "t"),
    *("softmax", "sigmoid", "to", "item", "tolist", "detach", "matmul", "clone", "cpu"),
    *("bincount", "log_softmax", "cross_entropy", "stack", "cat", "divmod"),
}
# Calls that hand back nothing, and what is said of them. {} is where they stand.
NOTHING = {
    "print": "`print` shows a value and hands back nothing: leave it out of {}",
    "sort": "`.sort()` puts a list in order and hands back nothing: leave it out of {} "
    "or take `sorted(…)`, which hands back a new one",
    "append": "`.append(…)` changes a list and hands back nothing: put it on a line of "
    "its own, not into {}",
}


def dots(code: str) -> str | None:
    """The first line that still holds the dots of the stub, or None."""
    tree = parsed(code)
    indexed = {
        part
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        for part in ast.walk(node.slice)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value is ... and node not in indexed:
            line = textwrap.dedent(code).splitlines()[node.lineno - 1]
            return line.partition("#")[0].strip()
    return None


def returns_none(code: str) -> bool:
    """Whether the function in the code says `return None`, as an untouched stub may."""
    lines = (node for node in ast.walk(parsed(code)) if isinstance(node, ast.Return))
    return any(ast.unparse(line) == "return None" for line in lines)


def binds(code: str, name: str) -> bool:
    """Whether a cell gives something to a name, or would if Python could read it."""
    tree = parsed(code)
    if tree is UNREADABLE:
        return name in code
    return name in names(tree, ast.Store) or any(
        isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name
        for node in ast.walk(tree)
    )


def works_on(code: str, name: str) -> bool:
    """Whether a cell gives something to a name, or changes what it holds."""
    nodes = ast.walk(parsed(code))
    return binds(code, name) or any(_changed(node) == name for node in nodes)


def _changed(node) -> str | None:
    """The name of `name.append(…)` on a line of its own, or of `name[i] = …`."""
    part = None
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func
        if isinstance(function, ast.Attribute) and function.attr not in PURE:
            part = function.value
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        part = node.value
    return part.id if isinstance(part, ast.Name) else None


def misnamed(code: str, name: str, solution: str) -> str | None:
    """What is said of a cell that makes an answer under another name, or None.

    The name is nearly the right one, or a function takes what the solution takes.
    """
    if "checks." in code:
        return None
    wanted = [argument for argument, _ in _arguments(solution)]
    made = [(x, arguments) for x, arguments in _made(code) if x != name]
    alike = [x for x, _ in made if f"my_{x}" == name]
    alike = alike or difflib.get_close_matches(name, [x for x, _ in made], 1, 0.75)
    alike = alike or [x for x, arguments in made if wanted and arguments == wanted]
    if not alike:
        return None
    return f"your cell makes `{alike[0]}`, and the answer must be called `{name}`"


def _made(code):
    """The names that a cell gives something to; of functions, also the arguments."""
    for node in parsed(code).body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, [argument.arg for argument in node.args.args]
        for name in targets(node):
            yield name, None


def targets(node: ast.AST) -> list[str]:
    """The names that an assignment, `a = b = …`, gives a value to; [] of others."""
    found = node.targets if isinstance(node, ast.Assign) else []
    return [target.id for target in found if isinstance(target, ast.Name)]


def unused(code: str, solution: str) -> str | None:
    """What is said of an argument that only the solution uses, or None."""
    mine, theirs = map(list, map(_arguments, (code, solution)))
    idle = [name for name, used in mine if not used and (name, True) in theirs]
    if not idle or len(idle) == len(mine):
        return None
    return (
        f"your function never uses `{idle[0]}`. Work with what it is given, not with "
        "names of other cells"
    )


def _arguments(code):
    """The arguments of the functions in a cell, each with whether it is used."""
    for node in parsed(code).body:
        if isinstance(node, ast.FunctionDef):
            used = names(node)
            for argument in node.args.args:
                yield argument.arg, argument.arg in used


def names(tree: ast.AST, how: type[ast.expr_context] = ast.Load) -> set[str]:
    """The names that code looks up, or with ast.Store those that it gives a value."""
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, how)
    }


def shows_a_value(code: str) -> bool:
    """Whether a cell does nothing but show a value, once or in a loop."""
    body = parsed(code).body
    while len(body) == 1 and isinstance(body[0], LOOPS):
        body = body[0].body
    if len(body) != 1 or not isinstance(body[0], ast.Expr) or "checks." in code:
        return False
    return _changed(body[0]) is None


def gives_nothing(code: str, name: str) -> str | None:
    """What a cell calls to give a name nothing: `print` or `.sort`, say; or None."""
    for node in ast.walk(parsed(code)):
        if isinstance(node, ast.Assign) and name in targets(node):
            empty = empty_handed(node.value)
            if empty:
                return empty
    return None


def chained(code: str, name: str) -> str | None:
    """The second target of `name = other = value`, where `==` was meant, or None."""
    for node in ast.walk(parsed(code)):
        if isinstance(node, ast.Assign) and name in targets(node):
            last = ast.unparse(node.targets[-1])
            if last != name:
                return last
    return None


def empty_handed(node: ast.AST | None) -> str | None:
    """What a node calls that hands back nothing, a key of NOTHING, or None."""
    function = getattr(node, "func", None)
    if isinstance(function, ast.Name) and function.id == "print":
        return "print"
    if isinstance(function, ast.Attribute) and function.attr in ("append", "sort"):
        return function.attr
    return None
