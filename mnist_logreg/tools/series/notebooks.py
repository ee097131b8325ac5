"""``notebooks``: brings the committed notebooks, and what quotes them, up to date.

Without an option it executes them on MNIST. With ``--tidy`` it executes nothing. In
both cases the notebooks are then clean, so that a difference in version control is a
difference in the lesson, and every number in prose is the one that the code printed.
"""

import os
import tempfile
from pathlib import Path

from nbformat import NotebookNode, read, writes

from mnist_logreg.errors import UserError
from mnist_logreg.files.whole import write_whole
from mnist_logreg.tools.pages.pad import COMMITTED, MODEL
from mnist_logreg.tools.project import NOTEBOOKS, ROOT
from mnist_logreg.tools.series.claims import HOW, unsupported
from mnist_logreg.tools.series.clean import clean, differences, problems, stamp
from mnist_logreg.tools.series.numbers import renew


def add_arguments(parser):
    """Declare what ``notebooks`` takes."""
    parser.add_argument(
        "--tidy",
        action="store_true",
        help="execute nothing: clean up after an editor, and correct the numbers",
    )


def main(args) -> int:
    """Execute or tidy all notebooks, write them, and say what changed.

    Parameters
    ----------
    args : argparse.Namespace
        What `add_arguments` has declared.

    Returns
    -------
    int
        1 if something is left that only a person can put right, else 0.

    Raises
    ------
    UserError
        If a cell fails, or shows what must not be committed. No notebook is then
        changed.
    """
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    before = {path: path.read_bytes() for path in paths}
    books, model = (_tidied(paths), {}) if args.tidy else _executed(paths)
    pages = {path: path.read_text("utf-8") for path in quoting()}
    texts = {_name(path): text for path, text in pages.items()}
    findings = renew({path.name: book for path, book in books.items()}, texts)

    if any(path.read_bytes() != before[path] for path in paths):
        raise UserError(
            "A notebook was changed while this command ran, so nothing was written: "
            "run the command again."
        )
    new = {path: f"{writes(book).rstrip()}\n".encode() for path, book in books.items()}
    for path, text in pages.items():
        if texts[_name(path)] != text:
            new[path] = texts[_name(path)].encode()
    changed = []
    for path, contents in (new | model).items():
        if not path.exists() or path.read_bytes() != contents:
            write_whole(path, contents)
            changed.append(path)

    for finding in findings:
        if finding.wanted is not None:
            print(finding)
    print(f"Written: {', '.join(p.name for p in changed) or 'nothing, all is right'}.")
    left = [str(finding) for finding in findings if finding.wanted is None]
    claims = [c for path, book in books.items() for c in unsupported(path.name, book)]
    for path, book in books.items():
        left += [f"{path.name}: {problem}" for problem in problems(book)]
    for line in left + claims:
        print(f"To do: {line}")
    if claims:
        print(HOW)
    return 1 if left or claims else 0


def quoting() -> list[Path]:
    """The pages of the repository, each of which may quote the series."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / ".github").glob("*.md"))]


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _tidied(paths: list[Path]) -> dict[Path, NotebookNode]:
    """Clean them, and print what that changed."""
    books = {}
    for path in paths:
        book = read(path, as_version=4)
        books[path] = clean(read(path, as_version=4))
        for change in differences(book, books[path]):
            print(f"{path.name}: put right: {change}")
    return books


def _executed(paths: list[Path]) -> tuple[dict[Path, NotebookNode], dict[Path, bytes]]:
    """Execute them one at a time: none disturbs the times that another shows.

    Returns the notebooks, and the model that they saved for the pages, if any.
    """
    from mnist_logreg.files.choose import open_data
    from mnist_logreg.tools.series.execution import (
        Execution,
        cell_seconds,
        side_by_side,
    )
    from mnist_logreg.tools.series.progress import Progress

    print(open_data("mnist", fetch=True), flush=True)
    books = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNIST_RUN"] = folder
        limit = cell_seconds()
        executions = [
            Execution(path, Path(folder, path.name), {}, limit) for path in paths
        ]
        with Progress(executions) as progress:
            side_by_side(executions, at_once=1, look=progress.show)
        saved = Path(folder, MODEL)
        model = {COMMITTED: saved.read_bytes()} if saved.exists() else {}
    for path, execution in zip(paths, executions, strict=True):
        assert execution.executed is not None  # else it had raised an error
        books[path] = clean(execution.executed)
        stamp(books[path])
        if found := problems(books[path]):
            raise UserError(f"{path.name}: {'; '.join(found)}.")
    return books, model
