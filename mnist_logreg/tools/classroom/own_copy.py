"""The learner's own copy of the notebooks, never overwritten.

A hidden folder beside the copies holds the edition that each was made from. So the
learner's changes can be told from those of a newer version.
"""

import shutil
from copy import deepcopy
from datetime import datetime
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from mnist_logreg.errors import UserError
from mnist_logreg.tools.classroom import editions

GIVEN = ".given"  # the editions that the copies were made from
EARLIER = "earlier"  # copies that were set aside


def make_missing(folder: Path, notebooks: dict[str, NotebookNode]) -> list[str]:
    """Put the notebooks that are not there yet into a learner's folder.

    Parameters
    ----------
    folder : Path
        Made if needed.
    notebooks : dict
        The learner's edition of each notebook, by file name.

    Returns
    -------
    list of str
        The names of those that were made.
    """
    made = [name for name in notebooks if not (folder / name).exists()]
    for name in made:
        _give(folder, name, notebooks[name], notebooks[name])
    return made


def outdated(folder: Path, notebooks: dict[str, NotebookNode]) -> list[str]:
    """Find the copies that were made from another edition than this one.

    Parameters
    ----------
    folder : Path
        The learner's folder.
    notebooks : dict
        This edition of each notebook, by file name.

    Returns
    -------
    list of str
        Their file names.
    """
    return [
        name
        for name, edition in notebooks.items()
        if (given := _given(folder, name)) is not None
        and _contents(given) != _contents(edition)
    ]


def start_over(folder: Path, name: str, edition: NotebookNode) -> Path | None:
    """Put a fresh notebook in the place of a copy.

    Parameters
    ----------
    folder : Path
        The learner's folder.
    name : str
        The notebook's file name.
    edition : NotebookNode
        The learner's edition of it.

    Returns
    -------
    Path or None
        Where the copy lies now, if there was one.
    """
    aside = _set_aside(folder, name)
    _give(folder, name, edition, edition)
    return aside


def renew(folder: Path, name: str, edition: NotebookNode) -> Path | None:
    """Put a newer version in the place of a copy, with what the learner has written.

    Parameters
    ----------
    folder : Path
        The learner's folder.
    name : str
        The notebook's file name.
    edition : NotebookNode
        The newer version of it.

    Returns
    -------
    Path or None
        Where the copy lies now, if there was one.

    Raises
    ------
    UserError
        If the copy cannot be read as a notebook; it stays where it is.
    """
    path = folder / name
    try:
        own = editions.load(path)
        renewed = carried(own, _given(folder, name) or edition, edition)
    except Exception as error:  # whatever nbformat makes of a file it cannot read
        raise UserError(
            f"{path} cannot be read as a notebook. Nothing was changed."
        ) from error
    aside = _set_aside(folder, name)
    _give(folder, name, renewed, edition)
    return aside


def carried(
    own: NotebookNode, given: NotebookNode, edition: NotebookNode
) -> NotebookNode:
    """A newer version with the answers, changes and cells of a learner's copy.

    Parameters
    ----------
    own : NotebookNode
        The learner's copy.
    given : NotebookNode
        The edition that it was made from.
    edition : NotebookNode
        The newer one.

    Returns
    -------
    NotebookNode
        A new one; the three given stay as they are.
    """
    new = deepcopy(edition)
    before = {cell.id: cell.source for cell in given.cells}
    stubs = {place.number: place.stub for place in editions.exercises(new)}
    old_stubs = {place.stub.id: place.number for place in editions.exercises(given)}
    cells = {cell.id: cell for cell in new.cells}
    place: str | None = None
    added: dict[str | None, list[NotebookNode]] = {}
    homeless = []
    for cell in own.cells:
        known = cell.get("id")
        changed = cell.source != before.get(known)
        if known in old_stubs:
            stub = stubs.get(old_stubs[known])
            if changed and stub is not None:
                stub.source = cell.source
            elif changed:
                homeless.append(cell)
            place = stub.id if stub is not None else place
        elif known in before:
            in_new = cells.get(known)
            if changed and in_new is not None and in_new.source == before[known]:
                in_new.source = cell.source
            place = known if in_new is not None else place
        elif cell.source.strip():
            added.setdefault(place, []).append(_bare(cell))
    new.cells = [
        *added.get(None, []),
        *(c for cell in new.cells for c in [cell, *added.get(cell.id, [])]),
    ]
    if homeless:
        title = "## Your answers to exercises that this edition does not have"
        new.cells += [new_markdown_cell(title), *map(_bare, homeless)]
    return new


def find(notebooks: dict[str, NotebookNode], wanted: str) -> str:
    """The file name that "02", "2" or the name itself stands for.

    Parameters
    ----------
    notebooks : dict
        The notebooks by file name.
    wanted : str
        What was typed.

    Returns
    -------
    str

    Raises
    ------
    UserError
        If none does.
    """
    for name in notebooks:
        if wanted in (name, name.removesuffix(".ipynb")) or (
            wanted.isdigit() and name.startswith(f"{int(wanted):02}_")
        ):
            return name
    raise UserError(f"There is no notebook {wanted}. They are {', '.join(notebooks)}.")


def _bare(cell: NotebookNode) -> NotebookNode:
    """A learner's cell without its outputs."""
    copy = deepcopy(cell)
    if copy.cell_type == "code":
        copy.update(outputs=[], execution_count=None)
    return copy


def _contents(notebook: NotebookNode) -> list:
    return [(cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]


def _given(folder: Path, name: str) -> NotebookNode | None:
    try:
        return editions.load(folder / GIVEN / name)
    except (OSError, ValueError):
        return None


def _give(folder: Path, name: str, notebook: NotebookNode, given: NotebookNode):
    (folder / GIVEN).mkdir(parents=True, exist_ok=True)
    for path, contents in ((folder / GIVEN / name, given), (folder / name, notebook)):
        editions.save(contents, path)


def _set_aside(folder: Path, name: str) -> Path | None:
    path = folder / name
    if not path.exists():
        return None
    stem = f"{path.stem} {datetime.now():%Y-%m-%d %H.%M.%S}"
    (folder / EARLIER).mkdir(exist_ok=True)
    return Path(shutil.copy2(path, folder / EARLIER / f"{stem}.ipynb"))
