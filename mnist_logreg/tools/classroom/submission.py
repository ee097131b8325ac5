"""Runs one handed-in notebook and says how its exercises went.

A process of its own, which ``grade`` starts, watches and, where need be, kills:

    python -m mnist_logreg.tools.classroom.submission HANDED_IN NAME FOLDER

HANDED_IN is the learner's notebook, NAME the file name of the one it came from, FOLDER
a working copy of the project. It prints a line of JSON, `{"exercise": ..., "status":
..., "message": ...}`, as soon as an exercise is through, and exits with 1, the reason
on stderr, if the notebook cannot be run to its end.
"""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from mnist_logreg.tools import working_copy
from mnist_logreg.tools.classroom import editions
from mnist_logreg.tools.series.execution import Kernel

MIME = "application/vnd.mnist-logreg.check+json"  # as in checks.py, which imports torch
# For an exercise, and a cell that was added; the training belongs to the lesson.
EXERCISE_SECONDS = 30
LONGEST_MESSAGE = 300  # characters of an error's message that the table shows
LARGEST = 50 << 20  # bytes of a notebook; the largest one, executed, has under one MiB


def main(handed_in: Path, name: str, folder: Path) -> int:
    """Run a handed-in notebook; returns the exit status."""
    original = editions.load(editions.NOTEBOOKS / name)
    exercises = numbers(original)
    lesson = {cell.id: cell.source for cell in editions.learners(original).cells}
    stubs = {cell_id: lesson[cell_id] for cell_id in exercises}
    try:
        if handed_in.is_symlink() or handed_in.stat().st_size > LARGEST:
            raise ValueError("a link, or far too large")
        notebook = graft(editions.load(handed_in), original)
        notebook.cells = [c for cell in notebook.cells for c in _go_on(cell, stubs)]
    except Exception as error:  # whatever nbformat makes of a file it cannot read
        print(f"this is no notebook: {_short(str(error))}", file=sys.stderr)
        return 1

    def report(cell, cell_index, execute_reply):
        if cell.id in exercises:
            print(json.dumps(verdict(cell, exercises[cell.id])), flush=True)

    manager = Kernel()
    client = NotebookClient(
        notebook,
        km=manager,
        allow_errors=True,
        timeout_func=lambda cell: (
            EXERCISE_SECONDS if cell.id in exercises or cell.id not in lesson else None
        ),
        interrupt_on_timeout=True,
        startup_timeout=300,
        record_timing=False,
        on_cell_executed=report,
    )
    try:
        client.execute(
            cwd=str(folder / "notebooks"),
            env=working_copy.environment(folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except DeadKernelError:
        print("the notebook ended its own kernel", file=sys.stderr)
        return 1
    finally:
        manager.end()
    return 0


def graft(handed_in: NotebookNode, original: NotebookNode) -> NotebookNode:
    """The learner's answers in the lesson as it was given out.

    What stands above the check in an exercise cell is the learner's, as are cells that
    were added; the checks and all other cells are the original's, whatever became of
    them in the learner's file.
    """
    lesson = editions.learners(original)
    given = {cell.id for cell in lesson.cells}
    texts = {cell.source.strip() for cell in lesson.cells}
    checks = {
        _check_called(cell): cell.id
        for cell in lesson.cells
        if "exercise" in editions.tags(cell)
    }
    code = [cell for cell in handed_in.cells if cell.cell_type == "code"]
    answers = {cell.id: cell for cell in code if cell.id in checks.values()}
    for cell in code:  # some programs give cells new ids: then the check tells
        if cell.id not in given and _check_called(cell) in checks:
            answers.setdefault(checks[_check_called(cell)], cell)
    taken = {cell.id for cell in answers.values()}

    added, place = {None: []}, None
    for cell in handed_in.cells:
        if cell.id in given:
            place = cell.id
        elif (
            cell.cell_type == "code"
            and cell.id not in taken
            and cell.source.strip() not in texts
        ):
            added.setdefault(place, []).append(new_code_cell(cell.source))

    cells = added[None]
    for cell in lesson.cells:
        if cell.id in answers:
            answer = answers[cell.id].source.partition(editions.CHECK)[0]
            check = cell.source.partition(editions.CHECK)[2]
            # The import stands in the learner's part, and may have gone astray.
            cell.source = (
                f"{answer.rstrip()}\n\n\nfrom mnist_logreg import checks\n"
                f"{editions.CHECK}{check}"
            )
        cells += [cell, *added.get(cell.id, [])]
    lesson.cells = cells
    return lesson


def _go_on(cell: NotebookNode, stubs: dict[str, str]) -> list[NotebookNode]:
    """A cell, and after an exercise one that runs its stub if the answer broke down.

    Its check then hands over what the lesson goes on with: one broken answer shall not
    cost those after it.
    """
    if cell.id not in stubs:
        return [cell]
    given = ast.parse(stubs[cell.id].partition(editions.CHECK)[2].partition("\n")[2])
    names = [
        node.id
        for node in ast.walk(given)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    missing = f"{set(names)!r} - set(globals())"
    return [cell, new_code_cell(f"if {missing}:\n    exec({stubs[cell.id]!r})")]


def numbers(notebook: NotebookNode) -> dict[str, str]:
    """The number of each exercise ("1.1"), by the id of its cell."""
    found, number = {}, None
    for cell in notebook.cells:
        if "exercise-text" in editions.tags(cell):
            number = re.search(r"Exercise (\d+\.\d+)", cell.source)[1]
        elif "exercise" in editions.tags(cell):
            found[cell.id] = number
    return found


def verdict(cell: NotebookNode, exercise: str) -> dict[str, str]:
    """What the check said in an executed exercise cell, or what stopped the cell.

    The check comes last, so that only the last verdict of this exercise counts.
    """
    said = {"status": "error", "message": "the check said nothing."}
    for output in cell.outputs:
        shown = output.get("data", {}).get(MIME)
        if isinstance(shown, dict) and shown.get("exercise") == exercise:
            said = {key: str(shown.get(key, "")) for key in ("status", "message")}
        elif output.output_type == "error":
            message = f"{output.ename}: {output.evalue}"
            if output.ename == "KeyboardInterrupt":
                message = f"ran longer than {EXERCISE_SECONDS} s and was stopped."
            said = {"status": "error", "message": message}
    return {"exercise": exercise, **said, "message": _short(said["message"])}


def _check_called(cell: NotebookNode) -> str | None:
    calls = re.findall(r"\bchecks\.(\w+)\(", cell.source)
    return calls[-1] if calls else None


def _short(text: str) -> str:
    """On one line, and not too long; escape sequences of terminals taken out."""
    text = " ".join(re.sub(r"\x1b\[[0-9;]*m", "", text).split())
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]} …"


if __name__ == "__main__":
    handed_in, name, folder = sys.argv[1:]
    sys.exit(main(Path(handed_in), name, Path(folder)))
