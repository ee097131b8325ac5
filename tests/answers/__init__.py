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


def answers(name: str) -> dict[str, tuple[str, str, str, str]]:
    """The answers of a file by place: number, code, the status and the words wanted."""
    text = Path(__file__).with_name(f"{name}.txt").read_text("utf-8")
    before, *blocks = text.split("=== ")
    found, line = {}, 1 + before.count("\n")
    for block in blocks:
        title, code = block.split("\n", 1)
        number, status, words = TITLE.fullmatch(title).groups()
        if code.startswith(" "):
            head = re.search("^def .*", checks.exercises()[number].solution, re.M)[0]
            code = f"{head}\n{code}"
        answer = number, code.strip("\n"), status, words or "right."
        found[f"{name}.txt:{line}"] = answer
        line += block.count("\n")
    return found
