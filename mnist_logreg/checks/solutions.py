"""The solutions, read from where the exercises are defined, without importing torch."""

import ast
from functools import cache
from pathlib import Path

from mnist_logreg.checks import NOTEBOOKS
from mnist_logreg.checks.syntax import parse


@cache
def solutions() -> dict[str, str]:
    """The code that completes each exercise's stub, by the exercise's number."""
    found = {}
    for notebook in NOTEBOOKS:
        source = (Path(__file__).parent / f"{notebook}.py").read_text("utf-8")
        for node in ast.walk(parse(source)):
            if isinstance(node, ast.Call):
                named = {keyword.arg: keyword.value for keyword in node.keywords}
                if {"number", "solution"} <= named.keys():
                    number = ast.literal_eval(named["number"])
                    found[number] = ast.literal_eval(named["solution"]).strip()
    return dict(sorted(found.items(), key=lambda pair: order(pair[0])))


def order(number: str) -> list[int]:
    """What exercises are sorted by: "2.10" comes after "2.9"."""
    return [int(part) for part in number.split(".")]
