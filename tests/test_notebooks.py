"""``notebooks`` as a maintainer calls it, in a small copy of the project."""

import json

import pytest
from nbformat import v4
from tiny import read, shown
from trees import Tree

EDITORS = {
    "jp-MarkdownHeadingCollapsed": True,
    "vscode": {"languageId": "python"},
    "colab": {"base_uri": "https://localhost:8080/"},
    "execution": {"iopub.execute_input": "2026-01-01T00:00:00Z"},
    "collapsed": False,
    "scrolled": True,
    "jupyter": {"source_hidden": True, "outputs_hidden": True},
    "editable": True,
    "tags": [],
}


def edit(tree, number, change):
    """Change a notebook and save it as an editor does, with its own metadata."""
    book = read(tree.path(number))
    change(book)
    book.metadata.language_info = {"name": "python", "version": "3.11.2"}
    text = json.dumps(book, indent=1, ensure_ascii=False)
    tree.path(number).write_text(text, "utf-8")


def say(text):
    """A change: the last cell becomes this text."""

    def change(book):
        if book.cells[-1].cell_type == "markdown":
            book.cells.pop()
        book.cells.append(v4.new_markdown_cell(text))

    return change


@pytest.fixture(scope="module")
def made(tmp_path_factory, mnist):
    """A tree whose notebooks were executed on MNIST, and a README that quotes them."""
    tree = Tree(tmp_path_factory.mktemp("notebooks") / "tree")
    tree.write(1, "print('images:', 60_000)", "print('share:', 0.5)")
    tree.write(2, "print('rate: 1e-3')")
    edit(tree, 1, say("About 5<!-- images -->, 0.51<!-- share --> of them."))
    edit(tree, 2, say("From 7<!-- images --> images.<!-- shown: rate -->"))
    (tree.folder / "README.md").write_text("59,999<!-- 01_tiny: images -->\n", "utf-8")
    status, tree.said, err = tree.call("notebooks", MNIST_ROOT=str(mnist))
    assert (status, err) == (0, "")
    return tree


@pytest.fixture
def written(made):
    """The same, put back into this state afterwards."""
    before = files(made)
    yield made
    for path, contents in before.items():
        path.write_bytes(contents)


def files(tree):
    paths = [tree.path(1), tree.path(2), tree.folder / "README.md"]
    return {path: path.read_bytes() for path in paths}


def test_new_numbers_are_written_wherever_they_are_quoted(written, mnist):
    assert written.said.splitlines()[-5:] == [
        "01_tiny.ipynb, cell 5 (Tiny): images: 5 → 60,000",
        "01_tiny.ipynb, cell 5 (Tiny): share: 0.51 → 0.50",
        "02_tiny.ipynb, cell 4 (Tiny): images: 7 → 60,000",
        "README.md, line 1: 01_tiny: images: 59,999 → 60,000",
        "Written: 01_tiny.ipynb, 02_tiny.ipynb, README.md.",
    ]
    assert "About 60,000<!-- images -->" in read(written.path(1)).cells[-1].source
    assert shown(written.path(1)) == ["", "images: 60000\n", "share: 0.5\n"]
    before = files(written)
    status, out, _ = written.call("notebooks", MNIST_ROOT=str(mnist))
    assert (status, out.splitlines()[-1]) == (0, "Written: nothing, all is right.")
    assert files(written) == before


def test_tidy_puts_right_what_an_editor_left(written):
    before = files(written)

    def spoil(book):
        for cell in book.cells:
            cell.metadata = EDITORS | cell.metadata
        book.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {}}

    edit(written, 1, spoil)
    status, out, err = written.call("notebooks", "--tidy")
    assert (status, err) == (0, "")
    for key in EDITORS.keys() | {"widgets", "language_info"}:
        assert key in out
    assert out.splitlines()[-1] == "Written: 01_tiny.ipynb."
    assert files(written) == before


def test_tidy_gives_back_what_colab_moves_and_what_an_editor_unlocks(written):
    def lock(book):
        book.cells[1].metadata = {"tags": ["check"], "editable": False}

    edit(written, 1, lock)
    written.call("notebooks", "--tidy")
    before = files(written)
    ids = [cell.id for cell in read(written.path(1)).cells]

    def spoil(book):
        book.nbformat_minor = 0
        for cell in book.cells:
            cell.metadata["id"] = cell.pop("id")
        book.cells[1].metadata["editable"] = True

    edit(written, 1, spoil)
    status, out, err = written.call("notebooks", "--tidy")
    assert (status, err) == (0, "")
    assert "put right: format of the notebook" in out
    assert "put right: the id in 5 cells" in out
    assert files(written) == before
    check = read(written.path(1)).cells[1].metadata
    assert check == {"tags": ["check"], "editable": False, "deletable": False}

    def lose(book):
        book.nbformat_minor = 4
        for cell in book.cells:
            del cell["id"]

    edit(written, 1, lose)
    assert written.call("notebooks", "--tidy")[0] == 0
    given = [cell.id for cell in read(written.path(1)).cells]
    assert len(set(given)) == len(ids) and not set(given) & set(ids)


def test_tidy_after_a_sentence_was_edited(written):
    edit(written, 1, say("Only 3<!-- images -->."))
    status, out, _ = written.call("notebooks", "--tidy")
    assert status == 0
    assert "01_tiny.ipynb, cell 5 (Tiny): images: 3 → 60,000" in out
    assert read(written.path(1)).cells[-1].source == "Only 60,000<!-- images -->."


def test_tidy_says_what_only_a_person_can_put_right(written):
    def change(book):
        book.cells[2].source = "1 / 0"  # which is not executed

    edit(written, 1, change)
    edit(written, 2, say("It is better. In 4<!-- nothing --> of 5.5."))
    status, out, err = written.call("notebooks", "--tidy")
    assert (status, err) == (1, "")
    to_do = [line for line in out.splitlines() if line.startswith("To do: ")]
    assert "older than the code: run `make notebooks`" in to_do[1]
    assert "no cell prints a line that begins with “nothing: ”" in to_do[0]
    assert "nothing supports “better” in: It is better." in to_do[2]
    assert "nothing supports 5.5 in: In 4 of 5.5." in to_do[3]
    assert "<!-- shown: LABEL -->" in out.splitlines()[-1]


@pytest.mark.parametrize(
    "said",
    [
        {"1 / 0": "ZeroDivisionError"},
        {
            "object()": "shows an address in memory, 0x",
            "from pathlib import Path\nprint(Path.home() / 'x')": "shows a path",
            "from IPython.display import display\n"
            "display({'application/vnd.plotly.v1+json': {}}, raw=True)": "an output of "
            "the type application/vnd.plotly.v1+json",
        },
    ],
    ids=["an error", "outputs"],
)
def test_what_must_not_be_committed_changes_nothing(tree, mnist, said):
    """Each cell by what is said of it."""
    tree.path(1).unlink()
    tree.write(2, *said)
    before = tree.path(2).read_bytes()
    status, _, err = tree.call("notebooks", MNIST_ROOT=str(mnist), HOME="/home/a")
    assert status == 1
    assert "02_tiny.ipynb" in err and all(words in err for words in said.values())
    assert tree.path(2).read_bytes() == before


def test_a_live_view_is_stored_as_its_still_figure(tree, mnist):
    code = (
        "import anywidget\nfrom IPython.display import display\n"
        "class View(anywidget.AnyWidget):\n"
        "    _esm = 'export default { render() {} }'\n"
        "view = View()\n"
        "live = {'model_id': view.model_id, 'version_major': 2, 'version_minor': 1}\n"
        "display({'text/plain': 'still', "
        "'application/vnd.jupyter.widget-view+json': live}, raw=True)"
    )
    tree.write(2, code)
    status, _, err = tree.call("notebooks", MNIST_ROOT=str(mnist))
    assert (status, err) == (0, "")
    book = read(tree.path(2))
    assert book.cells[-1].outputs[0].data == {"text/plain": "still"}
    assert "widgets" not in book.metadata
