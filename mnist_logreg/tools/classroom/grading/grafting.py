"""Puts a learner's answers into the lesson as it was given out: the steps to run.

The lesson's cells are its own, whatever became of them in the learner's file. An answer
is found by the name that the exercise asks for, wherever it stands: in its cell, in a
copy, in parts, together with other cells, or elsewhere.
"""

import ast
import contextlib
import re
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager

from mnist_logreg.checks import exercises
from mnist_logreg.checks.reading import binds
from mnist_logreg.checks.syntax import parse
from mnist_logreg.tools.classroom.editions import Exercise
from mnist_logreg.tools.classroom.grading.documents import Document
from mnist_logreg.tools.classroom.grading.originals import Original

MOST_TRIES = 6  # cells that are taken for answers to one exercise


@dataclass(frozen=True)
class Step:
    """What the grader does next.

    kind : "lesson", "learner" (a cell of the learner's that may fail), "answer" (such
    a cell, and then the exercise is judged) or "check" (the exercise's check hands on
    what the lesson needs). code : of the cell. exercise : its number, for the last two.
    cell : the number of the learner's cell that `code` comes from, if it is one; if it
    ends the kernel it is left out when the notebook is run again.
    """

    kind: str
    code: str
    exercise: str = ""
    cell: int | None = None


def graft(document: Document, original: Original) -> list[Step]:
    """Find the answers in a notebook and say what to run, in which order.

    Parameters
    ----------
    document : Document
        What the learner handed in.
    original : Original
        The notebook that it came from.

    Returns
    -------
    list of Step
        They end with the last exercise: what comes after it decides nothing.
    """
    mine = _learners_cells(document, original)
    steps: list[Step] = []
    by_place: dict[int, list[int]] = {}
    for number, own in enumerate(mine):
        by_place.setdefault(own.place, []).append(number)

    def run(numbers):
        steps.extend(Step("learner", mine[n].code, cell=n) for n in numbers)

    run(by_place.get(-1, ()))
    last = max(original.tasks, default=-1) + 1
    for place, cell in enumerate(original.cells[: last + 1]):
        here = by_place.get(place, [])
        if task := original.tasks.get(place):
            # The lesson needs what the stub imports; it may be gone.
            if imports := _imports(task.stub.source):
                steps.append(Step("lesson", imports))
            steps += _answer(task, mine, here)
            continue
        if judged := original.tasks.get(place - 1):
            steps.append(Step("check", cell.source, judged.number))
        elif cell.kind == "code":
            steps.append(Step("lesson", cell.source))
        run(here)
    return steps


@dataclass(frozen=True)
class _Mine:
    """A cell of the learner's, and the place of the lesson's cell that it follows."""

    code: str
    place: int


def _learners_cells(document: Document, original: Original) -> list[_Mine]:
    """The learner's own cells of code, in order, without the lesson's."""
    places = _places(document, original)
    texts = {cell.source.strip() for cell in original.cells}
    names = [exercises()[number].answer for number in original.numbers]
    stubs = {_bare(task.stub.source) for task in original.tasks.values()}
    everything = "\n".join(c.source for c in original.cells if c.kind == "code")
    own_names = set(re.findall(r"\w+", everything))
    found, place = [], -1
    for cell, given in zip(document.cells, places):
        text = cell.source.strip()
        place = place if given is None else given
        if cell.kind != "code" or not text or text in texts or _bare(text) in stubs:
            continue
        if given is None and place + 1 in original.tasks and place + 1 not in places:
            place += 1  # right below the text of an exercise, whose own cell is gone
        if (
            given is not None
            and given not in original.tasks
            and not any(binds(text, name) for name in names)
        ):
            # A cell of the lesson that was changed, or joined with another one.
            text = _additions(text, original.cells[given].source, own_names)
        if text:
            found.append(_Mine(text, place))
    return found


def _places(document: Document, original: Original) -> list[int | None]:
    """For each cell the place of the lesson's cell that it was, if it was one."""
    ids: dict[str | None, int] = {
        cell.id: number for number, cell in enumerate(original.cells) if cell.id
    }
    texts: dict[str, list[int]] = {}
    for number, cell in enumerate(original.cells):
        texts.setdefault(cell.source.strip(), []).append(number)
    found: list[int | None] = []
    last = -1
    for cell in document.cells:
        place = ids.get(cell.id)
        if place is not None and original.cells[place].kind != cell.kind:
            place = None
        same = texts.get(cell.source.strip(), ()) if cell.source.strip() else ()
        if place is None and same:
            place = next((p for p in same if p > last), same[0])
        last = last if place is None else place
        found.append(place)
    return found


def _answer(task: Exercise, mine: list[_Mine], here: list[int]) -> list[Step]:
    """The steps of one exercise: each cell that gives its name something is a try.

    here : numbers of the cells that stand in the exercise's own cell, or right below.
    """
    name = exercises()[task.number].answer
    tries = [n for n, cell in enumerate(mine) if binds(cell.code, name)] or here
    if not tries:
        return [Step("answer", task.stub.source, task.number)]
    steps, done = [], set()
    for number in sorted({*here, *tries[-MOST_TRIES:]}):
        first = number
        if number not in here:  # moved: with the learner's cells right above it
            while first and mine[first - 1].place == mine[number].place:
                first -= 1
        for n in range(first, number + 1):
            if n not in done:
                done.add(n)
                kind = "answer" if n in tries else "learner"
                steps.append(Step(kind, mine[n].code, task.number, n))
    if steps[-1].kind == "learner":  # a part of the answer below the name
        steps.append(Step("answer", "", task.number))
    return steps


def _imports(stub: str) -> str:
    """The lines of a stub that import something."""
    nodes = parse(stub).body
    imports = [n for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)]
    return "\n".join(map(ast.unparse, imports))


def _additions(text: str, original: str, own_names: set[str]) -> str:
    """What a learner added to a cell of the lesson: statements that give new names."""
    kept = []
    with contextlib.suppress(Exception):  # of whatever kind IPython and ast may raise
        known = {ast.dump(node) for node in parse(original).body}
        for node in parse(TransformerManager().transform_cell(text)).body:
            names = {
                inner.id
                for inner in ast.walk(node)
                if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load)
            }
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names = {node.name}
            elif isinstance(node, ast.Import | ast.ImportFrom):
                names = {(a.asname or a.name).partition(".")[0] for a in node.names}
            if ast.dump(node) not in known and names and not names & own_names:
                kept.append(ast.unparse(node))
    return "\n".join(kept)


def _bare(text: str) -> str:
    """A cell's text without comments and white space, to tell a stub or a solution."""
    return re.sub(r"\s+|#[^\n]*", "", text)
