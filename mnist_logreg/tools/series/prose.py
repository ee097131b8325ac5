"""The text of notebooks and pages, and where in it something stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

COMMENT = re.compile(r"<!--.*?-->", re.S)
HIDDEN, COMMENTED = "\0", "\1"  # stand in for what is not prose, letter by letter

_NO_PROSE = re.compile(
    r"(?P<comment><!--.*?-->)"
    r"|```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$|(?<=\])\([^)]*\)|https?://\S+",
    re.S,
)
_BLOCK_TAG = re.compile(
    r"</?(?:details|summary|div|p|br|table|tr|t[dh]|[uo]l|li)\b[^>]*>"
)
_HEADING = re.compile(r"^#+ (.*)$", re.M)
_BLOCK_END = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*+>|]|\d+\.) ?)|\|")
_SENTENCE_END = re.compile(
    rf"[.!?]['\"”’)*_]*(?:[\s{COMMENTED}]*{COMMENTED})?(\s+)(?=[\"“‘'(*_\[]*[A-Z0-9{HIDDEN}])"
)


@dataclass(frozen=True)
class Passage:
    """Some text, and where it stands.

    Attributes
    ----------
    file : str
        The name of the notebook or page.
    text : str
        The whole text of a cell or of a page, in Markdown.
    cell : int or None
        The number of the cell among all of its notebook, from 1; None on a page.
    heading : str
        What the cell stands under.
    """

    file: str
    text: str
    cell: int | None = None
    heading: str = ""

    def place(self, at: int) -> str:
        """Name the place of a letter of the text, for a message."""
        if self.cell is not None:
            return f"{self.file}, cell {self.cell} ({self.heading})"
        line = self.text.count("\n", 0, at) + 1
        return f"{self.file}, line {line}"


def passages(name: str, book: NotebookNode) -> Iterator[Passage]:
    """Yield the text cells of a notebook, in order.

    Parameters
    ----------
    name : str
        The notebook's file name.
    book : NotebookNode

    Yields
    ------
    Passage
    """
    heading = ""
    for number, cell in enumerate(book.cells, 1):
        if cell.cell_type == "markdown":
            if found := _HEADING.search(cell.source):
                heading = found[1]
            yield Passage(name, cell.source, number, heading)


def prose(text: str) -> str:
    """Hide code, formulas and addresses; every other letter keeps its place.

    Comments stay: they support what stands before them.
    """
    return _NO_PROSE.sub(
        lambda found: found[0] if found["comment"] else HIDDEN * len(found[0]), text
    )


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Each sentence of a text with the comments that follow it, and where it begins.

    Headings are not sentences; the items of a list and the fields of a table are.
    """
    shown = prose(text)
    shown = _HEADING.sub(lambda found: "\n" * len(found[0]), shown)
    shown = _BLOCK_TAG.sub(lambda found: "\n" * len(found[0]), shown)
    shown = COMMENT.sub(lambda found: COMMENTED * len(found[0]), shown)
    ends = [found.end() for found in _BLOCK_END.finditer(shown)]
    ends += [found.end(1) for found in _SENTENCE_END.finditer(shown)]
    begin = 0
    for end in [*sorted(ends), len(text)]:
        if sentence := shown[begin:end].strip():
            at = shown.index(sentence, begin)
            yield at, text[at : at + len(sentence)]
        begin = end


def without_comments(text: str) -> str:
    """The text as a reader sees it, on one line."""
    return " ".join(COMMENT.sub("", text).split())
