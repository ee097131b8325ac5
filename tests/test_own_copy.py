"""The learner's own copy: made when missing, not overwritten, renewed with answers."""

import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from mnist_logreg.errors import UserError
from mnist_logreg.tools import cli
from mnist_logreg.tools.classroom import editions, own_copy
from mnist_logreg.tools.machine import lab

COMMITTED = {n: editions.learners(nb) for n, nb in editions.committed().items()}
FIRST = min(COMMITTED)


@pytest.fixture
def learn(tmp_path, monkeypatch):
    """An empty folder in the place of learn/."""
    monkeypatch.setattr(lab, "LEARN", tmp_path / "learn")
    monkeypatch.setattr(lab, "ROOT", tmp_path)
    monkeypatch.setattr(lab, "serve", lambda first: print(f"serves {first}"))
    return tmp_path / "learn"


def newer_edition():
    """The first notebook with other text, an exercise less, and one moved."""
    edition = copy.deepcopy(COMMITTED[FIRST])
    edition.cells[0].source += "\n\nA new sentence."
    gone = editions.exercises(edition)[1]
    edition.cells = [c for c in edition.cells if c not in (gone.text, gone.stub)]
    edition.cells.append(edition.cells.pop(3))
    return edition


def text(path):
    return "\n".join(cell.source for cell in editions.load(path).cells)


def test_lab_opens_a_copy_of_the_newest_learners_edition(learn, capsys):
    assert cli.main(["lab"]) == 0
    said = capsys.readouterr().out
    assert "learn/, made now" in said and f"serves learn/{FIRST}" in said
    assert sorted(p.name for p in learn.glob("*.ipynb")) == sorted(COMMITTED)
    for name, edition in COMMITTED.items():
        assert editions.load(learn / name) == edition
        assert "For the instructor" not in text(learn / name)
    assert cli.main(["lab", "--newer"]) == 0
    assert "are up to date" in capsys.readouterr().out
    assert not (learn / "earlier").exists()


def test_what_was_typed_is_never_overwritten(learn, capsys):
    cli.main(["lab"])
    (learn / FIRST).write_text("mine", "utf-8")
    (learn / "02_dataloader.ipynb").unlink()
    cli.main(["lab"])
    assert (learn / FIRST).read_text("utf-8") == "mine"
    assert (learn / "02_dataloader.ipynb").exists()


def test_a_notebook_started_over_sets_the_old_one_aside(learn, capsys):
    cli.main(["lab"])
    (learn / FIRST).write_text("mine", "utf-8")
    assert cli.main(["lab", "--again", "01"]) == 0
    assert editions.load(learn / FIRST) == COMMITTED[FIRST]
    (aside,) = (learn / "earlier").iterdir()
    assert aside.read_text("utf-8") == "mine"
    assert aside.name in capsys.readouterr().out


@pytest.mark.parametrize("name", ["01", "1", FIRST, FIRST.removesuffix(".ipynb")])
def test_a_notebook_is_found_by_its_name_or_number(name):
    assert own_copy.find(COMMITTED, name) == FIRST


def test_a_notebook_that_is_not_there(learn, capsys):
    assert cli.main(["lab", "--again", "09"]) == 1
    assert FIRST in capsys.readouterr().err


def test_a_newer_edition_keeps_answers_cells_and_changes(learn, monkeypatch, capsys):
    cli.main(["lab"])
    own = editions.load(learn / FIRST)
    first, second, third = editions.exercises(own)[:3]
    first.stub.source = "my_counts = 'mine'"
    second.stub.source = "my_guess = 'homeless'"
    own.cells.insert(own.cells.index(third.text), new_code_cell("print('added')"))
    parameters = next(c for c in own.cells if "parameters" in editions.tags(c))
    parameters.source = parameters.source.replace('"auto"', '"digits"')
    own.cells[0].source = "my own title"
    nbformat.write(own, learn / FIRST)

    edition = newer_edition()
    monkeypatch.setattr(editions, "committed", lambda: {FIRST: edition})
    cli.main(["lab"])
    assert "There is a newer version" in capsys.readouterr().out
    assert cli.main(["lab", "--newer"]) == 0
    new = editions.load(learn / FIRST)
    nbformat.validate(new)
    sources = [cell.source for cell in new.cells]
    assert "my_counts = 'mine'" in sources
    assert sources.index("print('added')") < sources.index(third.text.source)
    assert sources[-1] == "my_guess = 'homeless'" and "does not have" in sources[-2]
    assert 'source = "digits"' in "\n".join(sources)
    assert "A new sentence." in sources[0]  # the edition has changed it, too
    stub = next(p for p in editions.exercises(new) if p.number == third.number).stub
    assert "..." in stub.source  # not touched: as the new edition has it
    (aside,) = (learn / "earlier").iterdir()
    assert editions.load(aside) == own

    cli.main(["lab", "--newer"])
    assert "are up to date" in capsys.readouterr().out


def test_a_copy_that_is_no_notebook_stays(learn, monkeypatch):
    cli.main(["lab"])
    (learn / FIRST).write_text("{}", "utf-8")
    with pytest.raises(UserError, match="Nothing was changed"):
        own_copy.renew(learn, FIRST, newer_edition())
    assert (learn / FIRST).read_text("utf-8") == "{}"
