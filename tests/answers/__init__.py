"""Answers as learners type them, with what they must hear.

A file holds one answer after the other. Each begins with a line such as

    === 1.2 right
    === 1.2 wrong: this is a fraction
    === 4.3 todo: all four bugs are left

and where its code is indented, it is the body of the exercise's function.
"""

import re
from pathlib import Path

from mnist_logreg import checks

TITLE = re.compile(r"(\d\.\d+) (right|wrong|todo)(?:: (.+))?")


def answers(name: str) -> list[tuple[str, str, str, str]]:
    """The answers of a file: number, code, the status and the words wanted."""
    text = Path(__file__).with_name(f"{name}.txt").read_text("utf-8")
    found = []
    for block in text.split("=== ")[1:]:
        title, code = block.split("\n", 1)
        number, status, words = TITLE.fullmatch(title).groups()
        if code.startswith(" "):
            stub = checks.exercises()[number].solution.strip().splitlines()[0]
            code = f"{stub}\n{code}"
        found.append((number, code.strip("\n"), status, words or "right."))
    return found
