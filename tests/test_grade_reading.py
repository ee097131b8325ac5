"""What learners hand in, read without a kernel: names, zips, formats, answers."""

import base64
import csv
import io
import json
import os
import zipfile

import nbformat
import pytest
import torch
from handed_in import (
    COUNTS,
    NAME,
    NEAREST,
    RIGHT,
    SHARE,
    STUBS,
    add,
    colab,
    hand_in,
    small_lesson,
    solved,
)
from IPython.core import inputtransformer2

from mnist_logreg.checks import values
from mnist_logreg.errors import UserError
from mnist_logreg.files.choose import open_data
from mnist_logreg.tools.classroom.grading import cleaning, inside, reading, tables
from mnist_logreg.tools.classroom.grading.budget import Limits
from mnist_logreg.tools.classroom.grading.choosing import choose
from mnist_logreg.tools.classroom.grading.documents import NoNotebookError, parse
from mnist_logreg.tools.classroom.grading.grafting import graft
from mnist_logreg.tools.classroom.grading.ledger import Ledger
from mnist_logreg.tools.classroom.grading.originals import original

LESSON = original(small_lesson())


def learners(folder) -> dict[str, reading.Learner]:
    return {learner.name: learner for learner in reading.learners(folder)[0]}


def chosen(folder, name: str = "anna"):
    learner = learners(folder)[name]
    return choose(learner, {NAME: LESSON}, open_data("digits"), Limits(), True)


def steps(notebook) -> list:
    text = notebook if isinstance(notebook, str) else nbformat.writes(notebook)
    return graft(parse(text.encode()), LESSON)


def tries(notebook, number: str) -> list[str]:
    """What is run in turn for an exercise and judged."""
    return [
        s.code for s in steps(notebook) if (s.kind, s.exercise) == ("answer", number)
    ]


# ------------------------------------------------------------ names and zips


@pytest.mark.parametrize(
    "name",
    [
        "Copy of 01_dataset.ipynb",
        "01_dataset (1).ipynb",
        "01_dataset-Copy1.ipynb",
        "01_Dataset.IPYNB",
        "anna_01_dataset_final.ipynb",
        "smithanna_1234_5678_01_dataset-2.ipynb",
        "01_dataset.ipynb.txt",
        "Kopie von 1 - dataset.ipynb",
        "Untitled.ipynb",  # its cells tell
    ],
)
def test_a_notebook_is_found_by_any_name_that_programs_give(tmp_path, name):
    hand_in(tmp_path / "anna" / "notebooks", solved(), name)
    assert list(chosen(tmp_path).jobs) == [NAME]


def test_zips_are_read_as_they_were_handed_in_also_in_one_another(tmp_path):
    inner, outer = io.BytesIO(), tmp_path / "anna" / "my work.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("__MACOSX/._01_dataset.ipynb", "rubbish")
        archive.writestr("notebooks/01_dataset.ipynb", nbformat.writes(solved()))
    outer.parent.mkdir()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("report.html", "…")
        archive.writestr("all.zip", inner.getvalue())
    (tmp_path / "ben.zip").write_bytes(outer.read_bytes())
    assert list(chosen(tmp_path).jobs) == [NAME]
    assert list(chosen(tmp_path, "ben").jobs) == [NAME]
    assert chosen(tmp_path).notes == []


def test_platforms_files_and_folders_name_the_learner_and_a_number(tmp_path):
    moodle = "Anna Smith_12345_assignsubmission_file_"
    hand_in(tmp_path / moodle, solved())
    hand_in(tmp_path / "Anna Smith_777_assignsubmission_file_", solved())
    hand_in(tmp_path, solved(), "benbrown_LATE_1234_5678_01_dataset.ipynb")
    hand_in(tmp_path, solved(), "benbrown_1234_5679_02_dataloader.ipynb")
    found = learners(tmp_path)
    assert {name: one.number for name, one in found.items()} == {
        "Anna Smith": "12345",
        "Anna Smith (777)": "777",
        "benbrown": "1234",
    }
    assert found["benbrown"].late
    assert len(found["benbrown"].places) == 2
    assert found["Anna Smith"].folder == moodle


def test_of_several_copies_the_one_saved_last_counts_and_a_whole_one(tmp_path):
    hand_in(tmp_path / "anna", solved(), "01_dataset (1).ipynb")
    hand_in(tmp_path / "anna" / "backup", solved({SHARE: "my_accuracy = 1"}))
    os.utime(tmp_path / "anna" / "backup" / NAME, (0, 0))
    (tmp_path / "anna" / "01_dataset (2).ipynb").write_text('{"cells": [')
    found = chosen(tmp_path)
    assert RIGHT[SHARE] in [step.code for step in found.jobs[NAME].steps]
    assert "of 3 copies" in found.notes[0]
    assert "01_dataset (1).ipynb" in found.notes[0]


def test_what_is_not_graded_is_named_with_the_reason(tmp_path):
    other = tmp_path / "ben"
    hand_in(other, solved())
    own = tmp_path / "anna"
    own.mkdir()
    (own / NAME).symlink_to(other / NAME)
    (own / "more").symlink_to(other)
    os.mkfifo(own / "01_dataset_pipe.ipynb")
    (own / "01_dataset.html").write_text("<html>")
    (own / "work.rar").touch()
    (own / "work.zip").write_bytes(b"no zip")
    (own / "mine.ipynb").write_text('{"nbformat": 4, "cells": []}')
    (tmp_path / "late.7z").touch()
    (tmp_path / "link").symlink_to(other)
    found = chosen(tmp_path)
    assert found.jobs == {}
    assert found.verdicts[NAME][COUNTS]["status"] == "missing"
    assert sorted(found.notes) == [
        "anna/01_dataset.html: not a notebook (.ipynb)",
        "anna/01_dataset.ipynb: a link, which is not followed",
        "anna/01_dataset_pipe.ipynb: neither a file nor a folder",
        "anna/mine.ipynb: none of the series' notebooks",
        "anna/more: a link, which is not followed",
        "anna/work.rar: only zip archives are read",
        "anna/work.zip: no zip that can be read (File is not a zip file)",
    ]
    assert reading.learners(tmp_path)[1] == [
        "Not graded: late.7z: only folders and zip archives are read: unpack it.",
        "Not graded: link: it is a link.",
    ]


def test_a_zip_that_is_a_bomb_costs_no_more_than_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "LARGEST", 10_000)
    (tmp_path / "anna").mkdir()
    path = tmp_path / "anna" / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NAME, b"x" * 10_000_000)
    assert "more than" in chosen(tmp_path).verdicts[NAME][COUNTS]["message"]


def test_names_that_look_alike_are_two_learners(tmp_path):
    for name in ("anna", "anna\u2066", "b" * 90 + "1", "b" * 90 + "2"):
        hand_in(tmp_path / name, solved())
    found = learners(tmp_path)
    assert len({one.folder for one in found.values()}) == 4
    assert found["anna"].folder == "anna"
    assert found["anna (2)"].folder == "anna\u2066"


def test_a_folder_that_is_passed_over_for_its_name_is_told(tmp_path):
    for name in ("anna", "_ben", "_feedback", ".grading"):
        (tmp_path / name).mkdir()
    found, notes = reading.learners(tmp_path)
    assert [one.name for one in found] == ["anna"]
    assert notes == ["Not graded: _ben: its name begins with _."]


def test_a_zip_of_one_time_and_of_paths_with_dots_is_read(tmp_path):
    """A copy that was set aside does not take the place of the one worked on."""
    with zipfile.ZipFile(tmp_path / "anna.zip", "w") as archive:
        for path, notebook in (
            ("./learn/earlier/01_dataset.ipynb", solved({SHARE: None})),
            ("./learn/01_dataset.ipynb", solved()),
            ("./learn/.ipynb_checkpoints/01_dataset.ipynb", solved({SHARE: None})),
        ):
            entry = zipfile.ZipInfo(path, (2026, 11, 20, 12, 0, 0))
            archive.writestr(entry, nbformat.writes(notebook))
    found = chosen(tmp_path)
    assert RIGHT[SHARE] in [step.code for step in found.jobs[NAME].steps]
    assert "of 2 copies" in found.notes[0]


def test_a_zip_of_many_bombs_is_not_unpacked_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MOST_BYTES", 2_500_000)
    with zipfile.ZipFile(tmp_path / "anna.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(f"01_dataset ({number}).ipynb", bytes(1_000_000))
    notes: list[str] = []
    found = list(reading.files(learners(tmp_path)["anna"], notes))
    assert [len(file.content) for file in found[:3]] == [1_000_000] * 3
    assert all("were unpacked already" in file.content for file in found[3:])


def test_a_folder_without_learners_is_named(tmp_path):
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(UserError, match=r"sub-folders|cannot be read"):
            reading.learners(folder)


# ------------------------------------------------------------ what is no notebook


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "the file is empty"),
        (b"\0" * 100, "the file is empty"),
        (b'{"cells": [', "cannot be read as JSON"),
        (b"[" * 200_000, "nested without end"),
        (b"[]," * 3_000_001, "millions of brackets"),
        (b'{"worksheets": []}', "notebook format 3"),
        (b'{"a": 1}', "JSON, but no notebook"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b'{"cells": [\n<<<<<<< HEAD\n', "conflict marks"),
        (b"\xff\xfe\xfa", "cannot be read as JSON"),
    ],
)
def test_what_is_no_notebook_is_told_by_what_it_is(content, said):
    with pytest.raises(NoNotebookError, match=said):
        parse(content)


def test_odd_parts_of_a_notebook_are_passed_over():
    cells = [
        *(None, 3, [], {}, {"cell_type": "code", "source": 5}),
        {"cell_type": "code", "source": ["a = 1\n", 7, "b = 2"], "id": ["x"]},
        {"cell_type": "code", "source": "c = '\ud800'", "outputs": [[], {"data": 3}]},
    ]
    found = parse(b"\xef\xbb\xbf" + json.dumps({"cells": cells}).encode())
    assert [cell.source for cell in found.code] == ["a = 1\nb = 2", "c = '?'"]


def test_other_data_other_python_and_help_are_told(tmp_path):
    notebook = solved()
    notebook.metadata.language_info.version = "3.9.1"
    said = {"exercise": COUNTS, "status": "right", "message": "right.", "helped": 3}
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "Data: MNIST, 60,000 …"},
        {
            "output_type": "display_data",
            "data": {"application/vnd.mnist-logreg.check+json": said},
            "metadata": {},
        },
    ]
    notebook.cells[2].outputs = [nbformat.from_dict(output) for output in outputs]
    add(notebook, f'checks.hint("{SHARE}", 3)')
    hand_in(tmp_path / "anna", notebook)
    notes = chosen(tmp_path).notes
    assert "was worked on with MNIST, and is graded on the bundled digits" in notes[0]
    assert "was worked on with Python 3.9, and is graded with" in notes[1]
    assert notes[2] == f"looked at the solution of {COUNTS}, {SHARE}"


# --------------------------------------------------------- where answers may be found


@pytest.mark.parametrize("form", [nbformat.writes, colab])
def test_an_answer_counts_in_its_cell_whether_cells_have_ids_or_not(form):
    for number, code in RIGHT.items():
        assert tries(form(solved()), number) == [code]


@pytest.mark.parametrize("form", [nbformat.writes, colab])
def test_an_answer_counts_in_a_copy_below_the_check(form):
    notebook = add(solved({COUNTS: None}), RIGHT[COUNTS], before="most")
    assert tries(form(notebook), COUNTS) == [RIGHT[COUNTS]]
    kinds = [step.kind for step in steps(form(notebook)) if step.exercise == COUNTS]
    assert kinds == ["answer", "check"]


@pytest.mark.parametrize("form", [nbformat.writes, colab])
def test_parts_of_an_answer_are_run_in_turn(form):
    notebook = solved({COUNTS: "labels = train_dataset.targets"})
    place = "check-" + COUNTS.replace(".", "-")
    add(notebook, "my_counts = torch.zeros(10)", before=place)
    add(notebook, "for i in range(10):\n    my_counts[i] = (labels == i).sum()", place)
    found = [s for s in steps(form(notebook)) if s.exercise == COUNTS]
    kinds = ["learner", "answer", "learner", "answer", "check"]
    assert [step.kind for step in found] == kinds
    assert [step.code for step in found][:2] == [
        "labels = train_dataset.targets",
        "my_counts = torch.zeros(10)",
    ]


def test_two_answers_in_one_cell_count_both():
    notebook = solved({COUNTS: f"{RIGHT[COUNTS]}\n{RIGHT[NEAREST]}", NEAREST: None})
    for number in (COUNTS, NEAREST):
        assert tries(notebook, number) == [f"{RIGHT[COUNTS]}\n{RIGHT[NEAREST]}"]


def test_an_answer_moved_to_the_end_is_run_with_what_stands_above_it():
    notebook = solved({NEAREST: None})
    add(notebook, "def square(x):\n    return x * x")
    add(notebook, RIGHT[NEAREST].replace("difference.square()", "square(difference)"))
    found = [s for s in steps(notebook) if s.exercise == NEAREST]
    assert [step.kind for step in found] == ["learner", "answer", "check"]
    assert found[0].code.startswith("def square")


def test_a_helper_in_a_cell_of_the_lesson_is_kept_and_the_lesson_restored():
    notebook = solved()
    opening = next(cell for cell in notebook.cells if cell.id == "opening")
    opening.source += "\ntrain = None\ndef helper(x):\n    return x"
    codes = [step.code for step in steps(notebook)]
    lesson = next(c.source for c in small_lesson().cells if c.id == "opening")
    place = codes.index(lesson)
    assert codes[place + 1] == "def helper(x):\n    return x"
    assert "train = None" not in "\n".join(codes)


def test_what_cannot_be_read_in_a_cell_of_the_lesson_costs_nothing_else(monkeypatch):
    monkeypatch.setattr(inputtransformer2, "TRANSFORM_LOOP_LIMIT", 20)
    notebook = solved()
    (opening,) = (cell for cell in notebook.cells if cell.get("id") == "opening")
    lesson = opening.source
    opening.source = f"{lesson}\nmine = 1\nlong = 1" + "+1" * 900
    assert [step.code for step in steps(notebook) if "mine" in step.code]
    opening.source = lesson + "\n!ls" * 21
    assert tries(notebook, SHARE) == [RIGHT[SHARE]]


def test_an_exercise_that_was_deleted_is_a_stub_and_its_check_is_back():
    notebook = solved()
    notebook.cells = [
        c for c in notebook.cells if NEAREST.replace(".", "-") not in c.id
    ]
    found = [s for s in steps(notebook) if s.exercise == NEAREST]
    assert [step.kind for step in found] == ["answer", "check"]
    assert found[0].code == STUBS[NEAREST]


def test_what_comes_after_the_last_exercise_is_not_run():
    assert "not reached" not in "\n".join(step.code for step in steps(solved()))


# ---------------------------------------------------------- the cleaning


@pytest.mark.parametrize(
    "text",
    [
        "\x1b]52;c;cm0gLXJm\x07name",
        "\x1b[31;1mname\x1b[0m",
        "\x9b31mna\u202eme",
        "na\u200bm\u2066e\ufeff",
        "\x1bPq\x1b\\name\r\n",
        "na\x00me\u2029",
    ],
)
def test_a_learners_text_is_made_visible_once_at_the_border(text):
    assert cleaning.clean(text) == "name"
    assert cleaning.clean(cleaning.clean(text)) == "name"


def test_texts_keep_their_letters_and_lose_their_length():
    assert cleaning.clean("Zoë  Łódź 李\n½") == "Zoë Łódź 李 ½"
    assert len(cleaning.clean("x" * 10**7)) == cleaning.LONGEST
    assert cleaning.clean("a\ud800b").isprintable()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\u200b=1", "＝1"])
def test_no_cell_of_a_table_is_a_formula(text):
    assert cleaning.cell(text).startswith("'")


def test_names_of_files_are_fit_for_every_system_and_differ():
    names = ["a/b", "a:b", "../x", "CON", "con.txt", "a.", "_x", "x" * 300, "", "."]
    made = [cleaning.file_name(name) for name in names]
    assert len(set(made)) == len(names)
    for name in made:
        assert not set(name) & set('/\\:*?"<>|')
        assert name.strip(". ") == name
        assert len(name.encode()) < 200
    assert cleaning.file_name("Anna Smith_1_assignsubmission_file_").startswith("Anna")


# ------------------------------------------------------------ values that travel


def test_plain_values_come_back_as_they_were():
    value = {
        "a": [1, 2.5, "x", None, True, (float("inf"), 1 + 2j)],
        3: torch.arange(6, dtype=torch.uint8).reshape(2, 3),
        "empty": torch.empty(0, 5),
    }
    back = inside.decode(inside.encode(value))
    assert back["a"] == value["a"]
    assert torch.equal(back[3], value[3])
    assert back[3].dtype == torch.uint8
    assert back["empty"].shape == (0, 5)


@pytest.mark.parametrize(
    "found",
    [
        {"tensor": [2], "dtype": "float32", "bytes": "AAAA"},
        {"tensor": [-1, -1], "dtype": "uint8", "bytes": "AA=="},
        {"tensor": [10**30], "dtype": "uint8", "bytes": ""},
        {"tensor": [1], "dtype": "load", "bytes": "AA=="},
        {"tensor": "x", "dtype": "uint8", "bytes": 3},
        {"pickle": "x"},
        {"odd": [1]},
        {"dict": [[1]]},
        {"dict": [[[], 1]]},
    ],
)
def test_a_value_that_was_forged_is_refused_and_nothing_is_unpickled(found):
    text = base64.b64encode(json.dumps(found).encode()).decode()
    with pytest.raises(ValueError, match="a check cannot read this value"):
        inside.decode(text)


# ------------------------------------------------------------ the ledger, the tables


@pytest.mark.parametrize(
    "found", ["[" + "[]," * 9_000 + "1]", '"' + "x" * 2_000_000 + '"']
)
def test_a_value_that_would_take_long_to_judge_is_refused(found):
    letters = base64.b64encode(found.encode()).decode()
    with pytest.raises(ValueError, match="cannot read this value"):
        inside.decode(letters)
    assert isinstance(inside.decode(inside.encode(json.loads(found))), values.Odd)


def test_a_cell_of_a_table_is_one_where_semicolons_part_cells(table):
    table.rows[0].name = "anna;=1+1"
    assert '\n"anna;=1+1",' in tables._csv(table)


def test_the_ledger_keeps_what_was_put_and_leaves_out_what_a_kill_cut_off(tmp_path):
    path = tmp_path / "results.jsonl"
    ledger = Ledger(path)
    ledger.put("anna", "01", value={"n": 1})
    ledger.put("anna", "01", value={"n": 2})
    ledger.put("ben", "01", value={"n": 3})
    with path.open("ab") as file:
        file.write(b'\n{"key": ["carl", "01"], "val')
    again = Ledger(path)
    assert again.get("anna", "01") == {"n": 2}
    assert again.get("ben", "01") == {"n": 3}
    assert again.get("carl", "01") is None
    again.put("carl", "01", value={"n": 4})
    assert Ledger(path).get("carl", "01") == {"n": 4}


@pytest.fixture
def table():
    def row(name, *statuses, **more):
        verdicts = {
            number: {"status": status, "message": f"not yet: <b>{status}</b>."}
            for number, status in zip(("1.1", "1.2"), statuses)
        }
        return tables.Row(name, name, verdicts=verdicts, **more)

    rows = [
        row("=anna", "right", "wrong", number="12", platform="moodle", late=True),
        row("<i>ben", "wrong", "wrong", number="34", platform="canvas"),
        row("carl", number="m-5", platform="list", notes=["=1+1"]),
    ]
    return tables.Class(rows, {"1.1": 1, "1.2": 2})


def rows_of(path):
    return list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))


def test_tables_for_platforms_have_numbers_and_plain_points(tmp_path, table):
    tables.save(tmp_path, table)
    moodle = rows_of(tmp_path / "grades-moodle.csv")
    assert [row["Identifier"] for row in moodle] == ["Participant 12", "", ""]
    assert [row["ID number"] for row in moodle] == ["", "", "m-5"]
    assert [row["Grade"] for row in moodle] == ["1", "0", "0"]
    assert {row["Maximum Grade"] for row in moodle} == {"3"}
    assert "Last modified (grade)" in moodle[0]  # no worksheet to Moodle without it
    canvas = rows_of(tmp_path / "grades-canvas.csv")
    assert canvas[0]["Student"] == "    Points Possible"
    assert [row[tables.ASSIGNMENT] for row in canvas] == ["3", "1", "0", "0"]
    assert [row["ID"] for row in canvas] == ["", "", "34", ""]
    assert [row["SIS User ID"] for row in canvas] == ["", "", "", "m-5"]


def test_the_classs_table_escapes_names_and_shows_what_most_stumbled_over(
    tmp_path, table
):
    tables.save(tmp_path, table)
    rows = rows_of(tmp_path / "grades.csv")
    assert [row["learner"] for row in rows] == ["'=anna", "<i>ben", "carl"]
    assert rows[2]["1.1"] == "open"
    assert rows[2]["notes"] == "'=1+1"
    assert rows[0]["late"] == "late"
    page = (tmp_path / "grades.html").read_text("utf-8")
    assert "<i>" not in page
    assert "<b>" not in page
    assert "2 × &lt;b&gt;wrong&lt;/b&gt;." in page


def test_a_page_of_feedback_tells_of_one_learner_alone(tmp_path, table):
    pages = [tables.save_feedback(tmp_path, table, row) for row in table.rows]
    assert len(set(pages)) == 3
    text = pages[0].read_text("utf-8")
    assert "=anna" in text
    assert "1 of 3 points" in text
    assert "ben" not in text.replace("number", "")
