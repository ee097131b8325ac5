"""Writes the pages."""

import shutil
from pathlib import Path

from mnist_logreg.errors import UserError
from mnist_logreg.store import whole_file

PAGES = Path(__file__).parent / "pages"
ASSETS = ("style.css", "page.js", "icon.svg")
TITLE = "Logistic regression in PyTorch on MNIST"


def build(notebooks: Path, out: Path) -> None:
    """Write index.html, a page for every notebook in `notebooks`, and what they need.

    With a run's metrics.json beside the notebooks, index.html is the run's report too.
    Raises UserError if a notebook cannot be read, OSError if a page cannot be written.
    """
    # Late: run imports this module before it has anything to show.
    from mnist_logreg.tools.site.lesson import read_lesson
    from mnist_logreg.tools.site.runs import METRICS, read_run

    lessons = [read_lesson(path) for path in sorted(notebooks.glob("*.ipynb"))]
    if not lessons:
        raise UserError(f"There are no notebooks in {notebooks}.")
    run = read_run(notebooks) if (notebooks / METRICS).exists() else None
    out.mkdir(parents=True, exist_ok=True)
    for asset in ASSETS:
        shutil.copyfile(PAGES / asset, out / asset)
    for lesson in lessons:
        if out != notebooks:  # the pages link to them
            name = f"{lesson.name}.ipynb"
            _write(out / name, (notebooks / name).read_bytes())
        for figure in lesson.figures:
            _write(out / figure.path, figure.png)
    for before, lesson, after in zip(
        [None, *lessons], lessons, [*lessons[1:], None], strict=False
    ):
        page = render("lesson", lesson=lesson, before=before, after=after, run=run)
        _write(out / lesson.page, page.encode())
    if run:
        _write(out / "curves.svg", run.curves())
    page = render("index", lessons=lessons, run=run)
    _write(out / "index.html", page.encode())


def render(template: str, **values) -> str:
    """A page, from a template in pages/ and the values that it shows."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(f"{template}.html").render(TITLE=TITLE, **values)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    with whole_file(path) as file:
        file.write(content)
