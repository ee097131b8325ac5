"""Answers as learners type them, with what they must hear.

A file holds one answer after the other. Each begins with a line such as

    === 1.2 right
    === 1.2 wrong: this is a fraction

and where its code is indented, it is the body of the exercise's function.
"""

import re
from pathlib import Path

from mnist_logreg import checks


def answers(name: str) -> list[tuple[str, str, str]]:
    """The answers of a file: number, code, and the words wanted ("" for right)."""
    text = Path(__file__).with_name(f"{name}.txt").read_text("utf-8")
    found = []
    for block in text.split("=== ")[1:]:
        title, code = block.split("\n", 1)
        number, words = re.fullmatch(r"(\d\.\d+) (?:right|wrong: (.+))", title).groups()
        if code.startswith(" "):
            stub = checks.exercises()[number].solution.strip().splitlines()[0]
            code = f"{stub}\n{code}"
        found.append((number, code.strip("\n"), words or ""))
    return found
