"""``site``: the series as web pages, which need neither a network nor a server."""

from pathlib import Path
from typing import Any

from mnist_logreg.errors import UserError
from mnist_logreg.files.whole import write_whole
from mnist_logreg.tools import output
from mnist_logreg.tools.pages.pad import COMMITTED, MODEL, put_pad
from mnist_logreg.tools.pages.templates import TEMPLATES, render
from mnist_logreg.tools.project import NOTEBOOKS, ROOT

ASSETS = ("style.css", "page.js", "icon.svg")


def add_arguments(parser):
    """Declare what ``site`` takes."""
    output.add_out(parser, default=ROOT / "_site")


def main(args) -> int:
    """Make the pages of the committed notebooks.

    Raises UserError if a notebook cannot be read, OSError if a page cannot be written.
    """
    out = output.claim(args)
    build(NOTEBOOKS, out)
    print(f"Open {out / 'index.html'} in a browser.")
    return 0


def build(notebooks: Path, out: Path) -> None:
    """Write index.html, a page for every notebook in `notebooks`, and what they need.

    With a run's metrics.json beside the notebooks, index.html is the run's report too.

    Parameters
    ----------
    notebooks : Path
        A folder with executed notebooks.
    out : Path
        The folder for the pages; it may be the same.

    Raises
    ------
    UserError
        If a notebook cannot be read, or there is none.
    OSError
        If a page cannot be written.
    """
    # Late: run imports this module before it has anything to show.
    from mnist_logreg.tools.pages.lesson import read_lesson
    from mnist_logreg.tools.pages.projector import projector_parts
    from mnist_logreg.tools.pages.runs import METRICS, curves, read_run

    lessons = [read_lesson(path) for path in sorted(notebooks.glob("*.ipynb"))]
    if not lessons:
        raise UserError(f"There are no notebooks in {notebooks}.")
    run = read_run(notebooks) if (notebooks / METRICS).exists() else None
    out.mkdir(parents=True, exist_ok=True)
    for asset in ASSETS:
        _write(out / asset, (TEMPLATES / asset).read_bytes())
    for lesson in lessons:
        if out != notebooks:  # the pages link to them
            name = f"{lesson.name}.ipynb"
            _write(out / name, (notebooks / name).read_bytes())
        for figure in lesson.figures:
            _write(out / figure.path, figure.png)
    for before, lesson, after in zip(
        [None, *lessons], lessons, [*lessons[1:], None], strict=False
    ):
        values: dict[str, Any] = {"lesson": lesson, "run": run}
        values |= {"before": before, "after": after}
        _write(out / lesson.page, render("lesson", parts=[], **values).encode())
        page = render("lesson", parts=projector_parts(lesson), **values)
        _write(out / lesson.projector, page.encode())
    if run:
        _write(out / "curves.svg", curves([run]))
    pad = put_pad(notebooks / MODEL if run else COMMITTED, out)
    page = render("index", lessons=lessons, run=run, pad=pad)
    _write(out / "index.html", page.encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    write_whole(path, content)
