"""A lesson for a projector: large, a part at a time, each question on its own."""

import re
from dataclasses import replace

from mnist_logreg.tools.pages.lesson import Cell, Lesson

_QUESTION = r"<p>(?:(?!</p>).)*<strong>Predict:</strong>.*?</p>"
_PARTS = re.compile(rf"(?=<h[1-6][ >])|({_QUESTION})", re.DOTALL)


def projector_parts(lesson: Lesson) -> list[list[Cell]]:
    """What is shown at once: from a heading, or after a question, to the next.

    Parameters
    ----------
    lesson : Lesson
        A notebook; notes for instructors are not in it.

    Returns
    -------
    list of list of Cell
        The parts, without solutions and checks. A question stands alone, so that the
        answer that follows is not seen.
    """
    found: list[list[Cell]] = [[]]
    alone = False
    for cell in (cell for block in lesson.blocks for cell in block.cells):
        if cell.kind in ("solution", "check"):
            continue
        if cell.kind != "prose":
            if alone:
                found.append([])
            stub = cell.kind == "exercise"
            seen = [] if stub else [o for o in cell.outputs if o.kind != "check"]
            found[-1].append(replace(cell, outputs=seen))
            alone = False
            continue
        for html in filter(None, map(str.strip, filter(None, _PARTS.split(cell.html)))):
            question = bool(re.fullmatch(_QUESTION, html, re.DOTALL))
            if question or alone or html.startswith("<h"):
                found.append([])
            found[-1].append(Cell("prose", html, []))
            alone = question
    return [part for part in found if part]
