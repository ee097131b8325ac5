"""A verdict on an answer, and how it looks: the one place that knows both.

Imports no torch, so that programs which only read verdicts start quickly.
"""

import re
import sys
from dataclasses import asdict, dataclass
from html import escape

# Where a grading program finds the verdict in a cell's outputs.
MIME = "application/vnd.mnist-logreg.check+json"

# "help" is not a verdict: it marks help that was asked for.
MARKS = {"right": "✓", "wrong": "✗", "todo": "○", "help": "?"}

# Text, background and edge. The contrast of text and background is at least 7:1, and
# the box brings both, so that no theme of an editor can spoil it.
COLOURS = {
    "right": ("#0b3d1e", "#e6f4ea", "#1a7f37"),
    "wrong": ("#5c2a00", "#fff1e0", "#b35900"),
    "todo": ("#12305e", "#e8f0fe", "#2f5fb3"),
    "help": ("#3b1a5e", "#f3ebfc", "#6f42a8"),
}

# From this step on, help shows the solution.
SOLUTION = 3


@dataclass(frozen=True)
class Verdict:
    """What is said of one answer.

    Attributes
    ----------
    exercise : str
        The number of the exercise, such as "1.1".
    status : str
        "right", "wrong" or "todo"; "help" for help that was shown.
    message : str
        The sentences for the learner, without the mark.
    helped : int
        The highest step of help that was looked at: 0 to 3; 3 is the solution.
    """

    exercise: str
    status: str
    message: str
    helped: int = 0

    @property
    def text(self) -> str:
        """The verdict as a line of plain text."""
        aside = ""
        if self.helped >= SOLUTION and self.status != "help":
            aside = " (You have looked at the solution.)"
        mark = MARKS[self.status]
        return f"{mark} Exercise {self.exercise}: {self.message}{aside}"

    @property
    def data(self) -> dict:
        """The verdict as MIME data: for programs, for browsers and as plain text."""
        return {MIME: asdict(self), "text/html": box(self), "text/plain": self.text}


def box(verdict: Verdict) -> str:
    """A box with the verdict's text, as HTML that brings its own colours."""
    text, background, edge = COLOURS[verdict.status]
    style = (
        f"color:{text};background-color:{background};border-left:5px solid {edge};"
        "padding:8px 12px;margin:4px 0;line-height:1.5;white-space:pre-wrap"
    )
    # Named again for code: JupyterLab drops "inherit" from what it does not trust.
    code = f"background-color:{background};color:{text};font-weight:bold;padding:0"
    html = re.sub(
        r"`([^`]+)`", rf'<code style="{code}">\1</code>', escape(verdict.text)
    )
    return f'<div role="status" style="{style}">{html}</div>'


def show(verdict: Verdict) -> None:
    """Display a verdict; outside IPython, print it."""
    if "IPython" in sys.modules:
        from IPython import get_ipython
        from IPython.display import display

        if get_ipython() is not None:
            display(verdict.data, raw=True)
            return
    print(verdict.text)
