"""A small series, and learners' notebooks made from it in all forms they come in."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from mnist_logreg import checks
from mnist_logreg.checks.solutions import solutions
from mnist_logreg.tools.classroom import editions

NAME = "01_dataset.ipynb"
COUNTS, SHARE, NEAREST = (
    exercise.number
    for exercise in (checks.class_counts, checks.accuracy, checks.nearest_mean)
)

OPENING = """\
import torch
from types import SimpleNamespace
from mnist_logreg import checks
from mnist_logreg.data import load, open_data

data = open_data(source)
train, test = load(data)
train_dataset = SimpleNamespace(targets=train.labels, data=train.images)
test_dataset = SimpleNamespace(targets=test.labels, data=test.images)
print(data)"""
STUBS = {
    COUNTS: "my_counts = ...  # your code in place of the dots",
    SHARE: "def my_accuracy(answers, labels):\n    return ...  # your code",
    NEAREST: "def my_nearest_mean(images, means):\n    difference = images[:, None]."
    "float() - means\n    return ...  # your code in place of the dots",
}
CHECKS = {
    COUNTS: "counts = checks.class_counts()",
    SHARE: "accuracy = checks.accuracy()",
    NEAREST: "nearest_mean = checks.nearest_mean()",
}
RIGHT = {number: solutions()[number] for number in STUBS}


def tagged(name: str, tag: str) -> dict:
    """A cell's id and its tag, as nbformat takes them."""
    return {"id": name.replace(".", "-"), "metadata": {"tags": [tag]}}


def small_lesson():
    """A notebook of three exercises, in the form of the series'."""
    notebook = new_notebook(metadata={"language_info": {"name": "python"}})
    cells = [
        new_markdown_cell("# A small lesson", id="title"),
        new_code_cell('source = "auto"', **tagged("source", "parameters")),
        new_code_cell(OPENING, id="opening"),
    ]
    for number, stub in STUBS.items():
        title = f"### Exercise {number}: …"
        check = f"from mnist_logreg import checks\n\n{CHECKS[number]}"
        cells += [
            new_markdown_cell(title, **tagged(f"text-{number}", "exercise-text")),
            new_code_cell(stub, **tagged(f"answer-{number}", "exercise")),
            new_code_cell(check, **tagged(f"check-{number}", "check")),
        ]
        if number == COUNTS:
            cells.append(new_code_cell("most = counts.argmax().item()", id="most"))
    cells.append(new_code_cell("raise SystemExit('not reached')", id="end"))
    notebook.cells = cells
    return notebook


@pytest.fixture(scope="module")
def small_series(tmp_path_factory):
    """The small lesson takes the place of the series' notebooks."""
    folder = tmp_path_factory.mktemp("series")
    nbformat.write(small_lesson(), folder / NAME)
    before, editions.NOTEBOOKS = editions.NOTEBOOKS, folder
    yield folder
    editions.NOTEBOOKS = before


def solved(answers=None):
    """A learner's notebook with these answers; the others are right.

    answers: code by exercise; None leaves the stub.
    """
    notebook = editions.learners(small_lesson())
    answers = {**RIGHT, **(answers or {})}
    for cell in notebook.cells:
        for number, stub in STUBS.items():
            if cell.source == stub and answers[number] is not None:
                cell.source = answers[number]
    return notebook


def add(notebook, code: str, before: str | None = None):
    """Add a cell of code, at the end or before the cell with an id."""
    places = [i for i, cell in enumerate(notebook.cells) if cell.get("id") == before]
    place = places[0] if places else len(notebook.cells)
    notebook.cells.insert(place, new_code_cell(code))
    return notebook


def colab(notebook) -> str:
    """As Colab saves it: format 4.0, no ids, metadata of its own."""
    found = json.loads(nbformat.writes(notebook))
    found["nbformat_minor"] = 0
    found["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}}
    for number, cell in enumerate(found["cells"]):
        del cell["id"]
        cell["metadata"] = {"id": f"x{number}Qz", "colab": {"base_uri": "https://x"}}
    return json.dumps(found)


def hand_in(folder, notebook, name=NAME):
    """Write a notebook into a learner's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = notebook if isinstance(notebook, str) else nbformat.writes(notebook)
    (folder / name).write_text(text, "utf-8")
