"""The lesson as it is committed: its build, its figures, its pictures, its links."""

import ast
import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import torch
from torch.utils.data import DataLoader

from mnist_logreg import checks
from mnist_logreg.data import load, loader, open_data

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
BOOKS = {path.name: nbformat.read(path, as_version=4) for path in NOTEBOOKS}
SERIES = pytest.mark.parametrize("name", BOOKS)


def cells(name, kind, tag=None, without=()):
    """The cells of a notebook of one kind, with a tag, without others."""
    return [
        cell
        for cell in BOOKS[name].cells
        if cell.cell_type == kind
        and (tag is None or tag in cell.metadata.get("tags", []))
        and not set(without) & set(cell.metadata.get("tags", []))
    ]


def prose(name):
    return "\n\n".join(
        c.source for c in cells(name, "markdown", without=["instructor"])
    )


def code_lines(source):
    lines = (line.strip() for line in source.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def test_there_are_four():
    assert [name[:2] for name in BOOKS] == ["01", "02", "03", "04"]


# ------------------------------------------------------------------------ the structure


@SERIES
def test_opening_and_closing(name):
    first = BOOKS[name].cells[0].source
    assert first.startswith("# ") and prose(name).count("\n# ") == 0
    for part in ("**What you will be able to do**", "**What you need:**", "**Time:**"):
        assert part in first
    verbs = re.findall(r"^- (\w+)", first, flags=re.M)
    assert 3 <= len(verbs) <= 5
    assert re.search(r"\d+ minutes to read, \d+ for the exercises", first)
    headings = re.findall(r"^## (.*)$", prose(name), flags=re.M)
    assert headings[-3:] == ["What we did", "Practise on your own", "Where next"]
    others = {path for path in BOOKS if path != name}
    assert set(re.findall(r"\((\d\d_\w+\.ipynb)\)", first)) & others


@SERIES
def test_cells_are_short_and_prose_is_enough(name):
    lengths = [len(code_lines(cell.source)) for cell in cells(name, "code")]
    assert max(lengths) <= 20
    assert sorted(lengths)[len(lengths) // 2] <= 6
    without_maths = re.sub(r"\$\$?.*?\$\$?", " ", prose(name), flags=re.S)
    words = len(re.findall(r"[A-Za-z][A-Za-z'’\-]*", without_maths))
    assert 9 <= words / sum(lengths) <= 25


@SERIES
def test_predictions_are_asked_for(name):
    assert prose(name).count("**Predict:**") >= 4


@SERIES
def test_one_parameters_cell_and_the_standard_kernel(name):
    (parameters,) = cells(name, "code", "parameters")
    assigned = {line.split(" = ")[0] for line in code_lines(parameters.source)}
    extra = {"02": {"batch_size"}, "04": {"batch_size", "lr", "epochs"}}
    assert assigned == {"source", "seed"} | extra.get(name[:2], set())
    assert BOOKS[name].metadata.kernelspec.name == "python3"


@SERIES
def test_every_picture_has_a_sentence_under_it(name):
    book = BOOKS[name].cells
    for i, cell in enumerate(book):
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                below = [c.source for c in book[i + 1 : i + 3]]
                assert any(re.search(r"^\*[^*]", text, flags=re.M) for text in below)


@SERIES
def test_links_between_notebooks_resolve(name):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", prose(name)):
        assert (ROOT / "notebooks" / target).exists(), target


# ------------------------------------------------- code shown once, then the same code

TAUGHT = {"01_dataset.ipynb": "class_means", "03_model.ipynb": "LogisticRegression"}


def bare(definition):
    """A function's or a class's code without docstrings and annotations."""
    for node in ast.walk(definition):
        documented = isinstance(node, ast.FunctionDef | ast.ClassDef)
        if documented and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            for argument in node.args.args:
                argument.annotation = None
    return ast.dump(definition)


def definitions(source):
    return {
        node.name: bare(node)
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


@pytest.mark.parametrize("name", TAUGHT)
def test_the_package_has_the_very_code_that_the_notebook_teaches(name):
    shown = {}
    for cell in cells(name, "code", without=["exercise"]):
        shown |= definitions(cell.source)
    package = definitions((ROOT / "mnist_logreg" / "model.py").read_text())
    assert shown[TAUGHT[name]] == package[TAUGHT[name]]


def test_the_loader_of_notebook_02_serves_what_the_package_s_serves():
    code = cells("02_dataloader.ipynb", "code")
    (built,) = (c.source for c in code if "def memory_loader" in c.source)
    (made,) = (c.source for c in code if "memory_dataset = " in c.source)
    train = load(open_data("digits"))[0]
    names = {"torch": torch, "batch_size": 32, "convert": checks.convert.expected}
    names["DataLoader"] = DataLoader
    names["train_dataset"] = SimpleNamespace(data=train.images, targets=train.labels)
    exec(f"{made}\n{built}", names)
    theirs = names["memory_loader"](torch.Generator().manual_seed(3))
    chance = torch.Generator().manual_seed(3)
    ours = loader(train, 32, shuffle=True, generator=chance)
    assert len(theirs) == len(ours)
    for (x, y), (a, b) in zip(theirs, ours, strict=True):
        assert torch.equal(x, a) and x.dtype is a.dtype and torch.equal(y, b)
