"""Numbers in prose are those that the code printed: binds, checks and renews them.

A number in a notebook's text is bound by a comment directly after it, which names the
label of a printed line:

    86.46 %<!-- test accuracy, usual recipe -->

is what a cell printed as ``test accuracy, usual recipe: 86.46 %``. The label is looked
up in the notebook itself, then in the others. A page such as README.md says which one:
``<!-- 04_training: test accuracy, usual recipe -->``, and so may a notebook.
"""

import re
from dataclasses import dataclass

from nbformat import NotebookNode

from mnist_logreg.tools.series.prose import Passage, passages, prose

NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
BOUND = re.compile(
    rf"(?P<number>(?<![\w.,])[-−]?{NUMBER})(?: ?%)?[*_]*"
    r"<!-- (?!shown: |source: )(?P<label>.+?) -->"
)
_ELSEWHERE = re.compile(r"(\d\d_\w+): (.+)")
_PRINTED = re.compile(rf"-?{NUMBER}(?:e[-+]?\d+)?")


@dataclass(frozen=True)
class Finding:
    """A bound number that is, or was, out of step with what was printed.

    Attributes
    ----------
    place, label, found : str
        Where it stands, what it is bound to, and how it reads there.
    wanted : str or None
        How it should read; None if nothing, or no one thing, was printed.
    why : str
        In that case the reason.
    """

    place: str
    label: str
    found: str
    wanted: str | None
    why: str = ""

    def __str__(self):
        if self.wanted is None:
            return f"{self.place}: {self.found}<!-- {self.label} -->: {self.why}"
        return f"{self.place}: {self.label}: {self.found} → {self.wanted}"


class Printed:
    """What the code of the notebooks printed.

    Parameters
    ----------
    books : dict[str, NotebookNode]
        Executed notebooks by file name.
    """

    def __init__(self, books: dict[str, NotebookNode]):
        self._lines = {name.partition(".")[0]: _lines(b) for name, b in books.items()}

    def value(self, label: str, notebook: str = "") -> float:
        """The first number that was printed behind a label.

        Parameters
        ----------
        label : str
            What stands before the colon, or that with the notebook's name before it.
        notebook : str
            The notebook that asks, by file name: it is looked at first.

        Returns
        -------
        float
            The number.

        Raises
        ------
        LookupError
            If there is none, or more than one; it says so in a sentence.
        """
        own = notebook.partition(".")[0]
        named = _ELSEWHERE.fullmatch(label)
        if named and named[1] in self._lines:
            found, label = {named[1]: self._numbers(named[1], named[2])}, named[2]
        elif numbers := self._numbers(own, label):
            found = {own: numbers}
        else:
            found = {name: self._numbers(name, label) for name in self._lines}
        values = set().union(*found.values())
        if not values:
            raise LookupError(f"no cell prints a line that begins with “{label}: ”")
        if len(values) > 1:
            names = ", ".join(name for name, numbers in found.items() if numbers)
            raise LookupError(f"{names} printed it with {sorted(values)}")
        return values.pop()

    def labels(self, notebook: str) -> set[str]:
        """What stands before a colon in the lines that a notebook printed."""
        lines = self._lines[notebook.partition(".")[0]]
        return {line.partition(":")[0] for line in lines if ":" in line}

    def _numbers(self, name: str, label: str) -> set[float]:
        rests = [
            line[len(label) + 1 :]
            for line in self._lines.get(name, [])
            if line.startswith(f"{label}:")
        ]
        found = [_PRINTED.search(rest) for rest in rests]
        return {float(number[0].replace(",", "")) for number in found if number}


def renew(books: dict[str, NotebookNode], pages: dict[str, str]) -> list[Finding]:
    """Write what was printed into the bound places, as many decimals as stand there.

    A number that agrees with what was printed, as far as its decimals go, stays.

    Parameters
    ----------
    books : dict[str, NotebookNode]
        Executed notebooks by file name; the text of their cells is changed.
    pages : dict[str, str]
        The text of pages by file name; changed, too.

    Returns
    -------
    list[Finding]
        What was changed; and, with `wanted` None, what could not be.
    """
    printed = Printed(books)
    findings: list[Finding] = []
    for name, book in books.items():
        for passage in passages(name, book):
            text = _renewed(passage, printed, findings)
            assert passage.cell is not None  # it is a notebook's
            book.cells[passage.cell - 1].source = text
    for name, text in pages.items():
        pages[name] = _renewed(Passage(name, text), printed, findings)
    return findings


def _renewed(passage: Passage, printed: Printed, findings: list[Finding]) -> str:
    """The text with its numbers renewed; what was found is added to `findings`."""
    renewed, done = "", 0
    for bound in BOUND.finditer(prose(passage.text)):
        number, label = bound["number"], bound["label"]
        if passage.cell is None and not _ELSEWHERE.fullmatch(label):
            continue  # a comment of another kind
        found = passage.place(bound.start()), label, number
        try:
            value = printed.value(label, passage.file)
        except LookupError as error:
            findings.append(Finding(*found, None, str(error)))
            continue
        if not agrees(number, value):
            begin, end = bound.span("number")
            renewed += passage.text[done:begin] + like(number, value)
            done = end
            findings.append(Finding(*found, like(number, value)))
    return renewed + passage.text[done:]


def agrees(number: str, value: float) -> bool:
    """Whether a number in prose is a value, rounded to the number's decimals.

    Parameters
    ----------
    number : str
        As it stands there: "60,000", "−0.12".
    value : float
        What was printed.
    """
    said = float(number.replace(",", "").replace("−", "-"))
    half = 0.5 * 10 ** -len(number.partition(".")[2])
    return abs(said - value) <= half * 1.001


def like(number: str, value: float) -> str:
    """Write a value as a number in prose is written.

    Parameters
    ----------
    number : str
        The example: its decimals, separators and minus sign are taken.
    value : float

    Returns
    -------
    str
    """
    decimals = len(number.partition(".")[2])
    plain = "," not in number and re.search(r"\d{4}", number.partition(".")[0])
    text = f"{value:{'' if plain else ','}.{decimals}f}"
    return text if number.startswith("-") else text.replace("-", "−")


def _lines(book: NotebookNode) -> list[str]:
    return [
        line
        for cell in book.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "stream"
        for line in output.text.splitlines()
    ]
