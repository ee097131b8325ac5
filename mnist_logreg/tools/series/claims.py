"""Finds what the prose claims and nothing supports.

A number is supported by the comment that binds it (see ``numbers``). A sentence that
explains or compares is supported by a comment after it:

    A wider range trains further.<!-- shown: accuracy with ten times the range -->
    Some labels are wrong.<!-- source: Northcutt et al. 2021 -->

``shown`` names what a cell of the same notebook prints before a colon, or the message
of one of its assert statements; the cell prints something else, or fails, if the
sentence stops being true. A sentence that only compares may have two bound numbers
instead.
"""

import ast
import re
from collections.abc import Iterator
from contextlib import suppress

from nbformat import NotebookNode

from mnist_logreg.tools.series.numbers import BOUND, Printed
from mnist_logreg.tools.series.prose import (
    COMMENT,
    Passage,
    passages,
    prose,
    sentences,
    without_comments,
)

EXPLAINS = re.compile(
    r"\b(?:because|therefore|thus|hence|that is why|which is why|this is why|the reason"
    r"|due to|thanks to|owing to|explains|explained by"
    r"|cannot|can't|can never|impossible|no matter"
    r"|no choice of|(?:al)?most (?:all|of|every)|nearly (?:all|every)|hardly any"
    r"|the majority|mostly)\b",
    re.I,
)
COMPARES = re.compile(
    r"\b(?:better|worse|(?:more|less|fewer|\w+er) than|(?:twice|half) as"
    r"|as \w+ as (?!possible|you)|times (?:as|more|less|(?!differ)\w+er)"
    r"|beats|outperforms)\b",
    re.I,
)
NO_COMPARISON = re.compile(
    r"\b(?:rather|other) than\b|\bas (?:soon|long|well|far) as\b", re.I
)
LARGE = re.compile(r"\d[\d,]*\.\d+|\d[\d,]*(?= ?%)|\d{1,3}(?:,\d{3})+|\d{4,}")
NO_NUMBER = re.compile(r"CC BY(?:-SA)? \d\.\d|[Ee]xercises? \d\.\d|\b(?:19|20)\d\ds?\b")
MARK = re.compile(r"<!-- (shown|source): (.+?) -->")
HOW = (
    "Write <!-- shown: LABEL --> after the sentence, LABEL being what a cell of this "
    "notebook prints before a colon or the message of its assert, or "
    "<!-- source: ... -->."
)


def unsupported(name: str, book: NotebookNode) -> list[str]:
    """What nothing supports in the text of a notebook, its notes included.

    Parameters
    ----------
    name : str
        The notebook's file name.
    book : NotebookNode
        The executed notebook.

    Returns
    -------
    list[str]
        A sentence for each number, claim or comment, with its place; empty if all is
        supported.
    """
    shown = Printed({name: book}).labels(name) | _asserted(book)
    exercises = set(re.findall(r"\bExercise (\d\.\d)", str(book)))
    found = []
    for passage in passages(name, book):
        found += [*_claims(passage, exercises), *_comments(passage, shown)]
    return found


def _claims(passage: Passage, exercises: set[str]) -> Iterator[str]:
    """Numbers, explanations and comparisons, sentence by sentence.

    Numbers are decimals, percentages and those from 1,000 on; but no years, and no
    numbers of exercises.
    """
    for begin, sentence in sentences(passage.text):
        if MARK.search(sentence):
            continue
        place, said = passage.place(begin), without_comments(sentence)
        bound = prose(sentence)
        unbound = without_comments(NO_NUMBER.sub("", BOUND.sub("", bound)))
        for number in set(LARGE.findall(unbound)) - exercises:
            yield f"{place}: nothing supports {number} in: {said}"
        read = without_comments(bound)
        if re.search(r"\?\W*$", read):
            continue
        claim = EXPLAINS.search(read)
        if not claim and len(BOUND.findall(bound)) < 2:
            claim = COMPARES.search(NO_COMPARISON.sub("", read))
        if claim:
            yield f"{place}: nothing supports “{claim[0]}” in: {said}"


def _comments(passage: Passage, shown: set[str]) -> Iterator[str]:
    """Comments that support nothing: a label that is not there, a wrong form."""
    text = prose(passage.text)
    right = {found.end() for found in BOUND.finditer(text)}
    for found in COMMENT.finditer(text):
        place, mark = passage.place(found.start()), MARK.fullmatch(found[0])
        if mark and mark[1] == "shown" and mark[2] not in shown:
            yield (
                f"{place}: no cell of this notebook prints “{mark[2]}: ”, and none "
                f"asserts it with this message"
            )
        elif not mark and found.end() not in right:
            yield (
                f"{place}: {found[0]} does not follow a number, and does not begin "
                "with “shown: ” or “source: ”"
            )


def _asserted(book: NotebookNode) -> set[str]:
    """The messages of the assert statements."""
    found = set()
    for cell in book.cells:
        if cell.cell_type != "code" or "assert" not in cell.source:
            continue
        with suppress(SyntaxError):  # IPython's own syntax, %magic
            for node in ast.walk(ast.parse(cell.source)):
                message = node.msg if isinstance(node, ast.Assert) else None
                if isinstance(message, ast.Constant) and isinstance(message.value, str):
                    found.add(message.value)
    return found
