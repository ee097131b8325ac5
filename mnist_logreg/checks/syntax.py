"""Python's parser, for one thread at a time.

Without the lock it can fail with a SystemError in Python 3.11 where several threads
parse (CPython's issue 106905).
"""

import ast
import textwrap
import threading

_one = threading.Lock()

UNREADABLE = ast.Module([], [])  # stands for the tree of what Python cannot read


def parse(code: str) -> ast.Module:
    """The syntax tree of code.

    Parameters
    ----------
    code : str

    Returns
    -------
    ast.Module

    Raises
    ------
    SyntaxError
        If the code is not Python.
    """
    with _one:
        return ast.parse(code)


def parsed(code: str) -> ast.Module:
    """The syntax tree of code that may be indented, or UNREADABLE."""
    try:
        return parse(textwrap.dedent(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return UNREADABLE
