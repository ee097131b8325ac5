"""Grading, with real kernels: whatever is handed in, everybody gets a row."""

import csv
import json
import os
from copy import deepcopy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from mnist_logreg.errors import UserError
from mnist_logreg.files.choose import open_data
from mnist_logreg.tools import cli, working_copy
from mnist_logreg.tools.classroom import editions, submission

COMMITTED = editions.committed()
FIRST, SECOND, THIRD, FOURTH = COMMITTED

FAKE = f"""\
from IPython.display import display
said = {{"exercise": "3.2", "status": "right", "message": "right."}}
display({{"text/plain": "right", {submission.MIME!r}: said}}, raw=True)
"""


def answer(notebook, exercise: str, code: str):
    """Put code above the check of an exercise."""
    cell = next(
        cell
        for cell in notebook.cells
        if submission.numbers(COMMITTED[THIRD]).get(cell.id) == exercise
    )
    marker = editions.CHECK
    cell.source = f"{code}\n{marker}{cell.source.partition(marker)[2]}"


def hand_in(folder, name, notebook):
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / name)


def table(folder) -> dict[str, dict[str, str]]:
    with (folder / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["learner"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Anna has everything right, Ben half of one notebook, Carl's breaks down."""
    folder = tmp_path_factory.mktemp("class")
    for name, notebook in COMMITTED.items():
        hand_in(folder / "anna" / "notebooks", name, editions.solved(notebook))

    half = editions.learners(COMMITTED[THIRD])
    answer(half, "3.1", "my_parameters = 7850")
    answer(half, "3.2", f"{FAKE}\n\ndef my_softmax(scores):\n    return scores.exp()\n")
    hand_in(folder / "=ben <b>", THIRD, half)

    broken = editions.learners(COMMITTED[THIRD])
    answer(broken, "3.1", "import time\nwhile True:\n    time.sleep(1)")
    answer(broken, "3.2", "def my_softmax(scores):\n    return scores.softmax(1)")
    answer(broken, "3.3", "import os\nos._exit(1)")
    hand_in(folder / "carl", THIRD, broken)
    (folder / "carl" / SECOND).write_text('{"cells": [')
    assert cli.main(["grade", str(folder), "--data", "digits"]) == 0
    return folder


def test_with_the_solutions_put_in_every_check_passes(graded):
    row = table(graded)["anna"]
    exercises = [key for key in row if key not in ("learner", "right")]
    assert len(exercises) == 12
    assert {exercise: row[exercise] for exercise in exercises} == dict.fromkeys(
        exercises, "right"
    )
    assert row["right"] == "12"


def test_a_wrong_answer_brings_its_hint_and_a_faked_verdict_nothing(graded):
    row = table(graded)["'=ben <b>"]
    assert row["right"] == "1"
    assert row["3.1"] == "right"
    assert row["3.2"].startswith("wrong: ")
    assert "Divide each row by its own sum" in row["3.2"]
    assert row["3.3"] == "todo"
    assert row["1.1"] == f"missing: {FIRST} was not found."


def test_an_endless_cell_a_dead_kernel_and_a_broken_file_cost_only_themselves(graded):
    row = table(graded)["carl"]
    assert row["3.1"].startswith("error: ran longer than ")
    assert row["3.2"] == "right"
    assert row["3.3"] == "error: not reached: the notebook ended its own kernel."
    assert row["2.1"].startswith("error: not reached: this is no notebook")
    assert row["4.1"].startswith("missing: ")


def test_the_page_shows_the_same_table_and_no_learners_markup(graded):
    page = (graded / "grades.html").read_text("utf-8")
    assert "<b>" not in page
    assert "=ben &lt;b&gt;" in page
    assert page.count('<th scope="row">') == 4  # three learners, and the sums
    assert "Divide each row by its own sum" in page


def test_a_cell_that_cannot_be_interrupted_ends_with_the_notebooks_time(tmp_path):
    stubborn = editions.learners(COMMITTED[THIRD])
    loop = "import time\nwhile True:\n    try:\n        time.sleep(1)\n"
    stubborn.cells.insert(1, new_code_cell(f"{loop}    except BaseException: pass"))
    hand_in(tmp_path / "dora", THIRD, stubborn)
    arguments = [str(tmp_path), "--data", "digits", "--seconds", "15"]
    assert cli.main(["grade", *arguments]) == 0
    said = table(tmp_path)["dora"]["3.1"]
    assert said == "error: not reached: the notebook ran longer than 15 s."


def test_a_notebook_that_takes_too_much_memory_is_ended(tmp_path):
    hog = editions.learners(COMMITTED[THIRD])
    more = "kept = []\nwhile True:\n    kept.append(b'x' * 2**27)"
    hog.cells.insert(1, new_code_cell(more))
    hand_in(tmp_path / "emil", THIRD, hog)
    arguments = [str(tmp_path), "--data", "digits", "--memory", "0.7"]
    assert cli.main(["grade", *arguments]) == 0
    said = table(tmp_path)["emil"]["3.1"]
    assert said == "error: not reached: the notebook took over 0.7 GiB of memory."


def test_a_broken_answer_costs_only_itself_and_the_last_copy_counts(tmp_path, capsys):
    first = editions.solved(COMMITTED[FIRST])
    exercises = iter(submission.numbers(COMMITTED[FIRST]))
    cells = {cell.id: cell for cell in first.cells}
    cells[next(exercises)].source = "my_counts = ("
    hand_in(tmp_path / "finn", "01_dataset (1).ipynb", first)
    hand_in(tmp_path / "finn" / "backup", FIRST, editions.learners(COMMITTED[FIRST]))
    os.utime(tmp_path / "finn" / "backup" / FIRST, (0, 0))
    (tmp_path / "gina.zip").touch()
    assert cli.main(["grade", str(tmp_path), "--data", "digits"]) == 0
    row = table(tmp_path)["finn"]
    assert row["1.1"].startswith("error: SyntaxError")
    assert row["1.2"] == row["1.3"] == "right"
    said = capsys.readouterr().out
    assert "of 2 copies of 01_dataset.ipynb the one saved last" in said
    assert "Not graded: gina.zip" in said


def test_checks_and_lesson_are_restored_and_answers_and_additions_kept():
    original = COMMITTED[THIRD]
    handed_in = editions.solved(original)
    exercise = next(iter(submission.numbers(original)))
    for cell in handed_in.cells:
        if cell.id == exercise:
            cell.source = "my_parameters = 1\n# ---- the check\nn_parameters = 'mine'"
        elif cell.cell_type == "code":
            cell.source += "\nbreak_everything()"
    position = [cell.id for cell in handed_in.cells].index(exercise)
    handed_in.cells.insert(position, new_code_cell("helper = 2"))
    handed_in.cells.insert(position, new_markdown_cell("A remark."))
    grafted = submission.graft(handed_in, original)
    stub = editions.learners(original)
    mine = next(cell.source for cell in grafted.cells if cell.id == exercise)
    assert mine.startswith("my_parameters = 1\n")
    assert "n_parameters = checks.parameters(my_parameters)" in mine
    assert "'mine'" not in mine
    answers = submission.numbers(original)
    lesson = {cell.id: cell.source for cell in stub.cells}
    for cell in grafted.cells:
        if cell.id in lesson and cell.id not in answers:
            assert cell.source == lesson[cell.id]
    sources = [cell.source for cell in grafted.cells]
    assert sources.index("helper = 2") == sources.index(mine) - 1
    assert "A remark." not in sources


def test_answers_are_found_when_a_program_gave_all_cells_new_ids():
    original = COMMITTED[FIRST]
    handed_in = editions.solved(original)
    for number, cell in enumerate(handed_in.cells):
        cell.id = f"new-{number}"
    grafted = submission.graft(handed_in, original)
    sources = {cell.id: cell.source for cell in grafted.cells}
    for exercise, solution in editions.solutions(original).items():
        assert solution.splitlines()[0] in sources[exercise]
    assert len(grafted.cells) == len(editions.learners(original).cells)


def test_an_exercise_that_was_deleted_is_not_done():
    original = COMMITTED[THIRD]
    handed_in = editions.solved(original)
    gone = next(iter(submission.numbers(original)))
    handed_in.cells = [cell for cell in handed_in.cells if cell.id != gone]
    grafted = submission.graft(handed_in, original)
    stub = next(c for c in editions.learners(original).cells if c.id == gone)
    restored = next(cell.source for cell in grafted.cells if cell.id == gone)
    assert restored == stub.source


def test_no_answers_lie_beside_a_submission(tmp_path):
    working_copy.make(tmp_path / "work", {}, open_data("digits"))
    assert not list(tmp_path.rglob("*.ipynb"))
    environment = working_copy.environment(tmp_path / "work")
    assert not [name for name in environment if name.startswith(("MNIST", "JUPYTER"))]
    assert environment["HOME"] == environment["PYTHONPATH"] == str(tmp_path / "work")


def test_a_link_in_place_of_a_notebook_is_not_followed(tmp_path, capsys):
    (tmp_path / "link.ipynb").symlink_to(editions.NOTEBOOKS / THIRD)
    assert submission.main(tmp_path / "link.ipynb", THIRD, tmp_path) == 1
    assert "this is no notebook" in capsys.readouterr().err


def test_only_the_last_verdict_of_the_right_exercise_counts():
    cell = deepcopy(new_code_cell("…"))
    outputs = [("1.1", "right"), ("1.1", "wrong"), ("1.2", "right")]
    cell.outputs = [
        nbformat.v4.new_output(
            "display_data",
            {submission.MIME: {"exercise": exercise, "status": status, "message": "m"}},
        )
        for exercise, status in outputs
    ]
    assert submission.verdict(cell, "1.1")["status"] == "wrong"
    assert json.dumps(submission.verdict(new_code_cell("…"), "1.1")).count("error") == 1


def test_a_folder_without_learners_is_named(tmp_path):
    with pytest.raises(SystemExit) as stop:
        cli.main(["grade"])
    assert stop.value.code == 2
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(UserError, match=r"sub-folders|cannot be read"):
            grade_main(folder)


def grade_main(folder):
    from mnist_logreg.tools.classroom import grade

    return grade.main(type("Args", (), {"folder": folder}))
