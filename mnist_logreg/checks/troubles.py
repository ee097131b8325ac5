"""What Python's errors mean, in plain words, with the learner's own line."""

import builtins
import difflib
import linecache
import re
import traceback
import types
from collections.abc import Iterator
from dataclasses import dataclass

from mnist_logreg.checks.meanings_python import OF_PYTHON
from mnist_logreg.checks.meanings_syntax import OF_SYNTAX
from mnist_logreg.checks.meanings_torch import OF_TORCH

# What a learner's object may throw; an interrupt from the keyboard goes through.
FAULTS = (Exception, SystemExit, GeneratorExit)

TABLES: tuple[dict, ...] = (OF_SYNTAX, OF_PYTHON, OF_TORCH)

# Modules that the notebooks use under these names.
MODULES = {
    "math": "import math",
    "torch": "import torch",
    "nn": "import torch.nn as nn",
    "optim": "import torch.optim as optim",
}


@dataclass(frozen=True)
class Trouble:
    """An error, as plain text: it travels between processes.

    Attributes
    ----------
    kind, message : str
        The error's class and its own words.
    line : str
        The learner's line where it came up.
    hidden : tuple of str
        Names in that line that the learner has overwritten: Python's own, or a module.
    """

    kind: str
    message: str
    line: str = ""
    hidden: tuple[str, ...] = ()


def trouble(error: BaseException, names: dict) -> Trouble:
    """Take down an error.

    Parameters
    ----------
    error : BaseException
        What a cell or a function stopped with.
    names : dict
        The notebook's names, which tell the learner's own lines.
    """
    try:
        message = str(error)
    except FAULTS:
        message = ""
    line, local = "", {}
    if isinstance(error, SyntaxError):
        line, message = error.text or "", error.msg or ""
    else:
        for frame, number in traceback.walk_tb(error.__traceback__):
            if frame.f_globals is names:
                file = frame.f_code.co_filename
                line = linecache.getline(file, number, frame.f_globals) or line
                local = frame.f_locals
        message += _guess(error, names)
    line = line.strip()
    words = re.findall(r"(?<![.\w])([A-Za-z_]\w*)", line)
    hidden = tuple(
        word
        for word in dict.fromkeys(words)
        if (word in names or word in local)
        and (_of_python(word) or _was_module(word, names.get(word)))
    )
    return Trouble(name_of(error), message[:2000], line[:200], hidden)


def _guess(error, names) -> str:
    """What Python adds when it shows an error of a name: the name that was meant."""
    try:
        if isinstance(error, AttributeError):
            known = [name for name in dir(error.obj) if not name.startswith("_")]
        elif isinstance(error, NameError):
            known = [*names, *dir(builtins)]
        else:
            return ""
        close = difflib.get_close_matches(error.name, known, 1, 0.75)
        return f". Did you mean: '{close[0]}'?" if close else ""
    except FAULTS:  # of a learner's own object
        return ""


def name_of(value) -> str:
    """The name of a value's type."""
    return type.__dict__["__name__"].__get__(type(value))


def _of_python(word: str) -> bool:
    return hasattr(builtins, word) and not word.startswith("_") and word != "display"


def _was_module(word: str, value) -> bool:
    return word in MODULES and not isinstance(value, types.ModuleType)


def told(found: Trouble) -> str:
    """Where it stopped and what that means, as a full sentence: "stopped at ..."."""
    line = f" at the line `{found.line}`" if found.line else ""
    words = explain(found)
    return f"stopped{line}: {words}" + "." * (not words.endswith(("?", ".")))


def explain(found: Trouble) -> str:
    """The error in plain words: what it means and what to do."""
    if found.kind == "TypeError" and "not callable" in found.message and found.hidden:
        name = found.hidden[0]
        return (
            f"a variable called `{name}` hides Python's own `{name}`. Take another "
            f"name for it. If a cell has made it, run `del {name}` in a cell, too"
        )
    for name in found.hidden:
        if name in MODULES:
            return (
                f"a cell of yours has made a variable called `{name}`, which hides the "
                f"module. Run `{MODULES[name]}` in a cell and take another name"
            )
    for pattern, words in _meanings(found.kind):
        if match := re.search(pattern, found.message):
            groups = [group or "" for group in match.groups()]
            said = str(words(*groups, found.line) if callable(words) else words)
            return said.format(*groups, line=found.line) if groups else said
    first = (found.message.strip().splitlines() or [""])[0][:160]
    return f"{found.kind}: {first}".rstrip(": ")


def _meanings(kind: str) -> Iterator[tuple]:
    """The patterns for a kind of error, each with what it means."""
    for table in TABLES:
        for kinds, meanings in table.items():
            if kind in kinds.split():
                yield from meanings.items()
