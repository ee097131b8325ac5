"""Python's parser, for one thread at a time.

Without the lock it can fail with a SystemError in Python 3.11 where several threads
parse (CPython's issue 106905).
"""

import ast
import threading

_one = threading.Lock()


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
        If the code is no Python.
    """
    with _one:
        return ast.parse(code)
