"""``compare``: the numbers of several runs side by side, as text and as a page."""

import os
from dataclasses import replace
from pathlib import Path

from mnist_logreg.errors import UserError
from mnist_logreg.files.news import visible
from mnist_logreg.files.whole import write_whole
from mnist_logreg.tools.pages.runs import Run, curves, read_run
from mnist_logreg.tools.pages.templates import TEMPLATES, render
from mnist_logreg.tools.project import RUNS


def add_arguments(parser):
    """Declare what ``compare`` takes."""
    parser.add_argument("run", type=Path, metavar="RUN", help="the folder of a run")
    parser.add_argument("others", type=Path, nargs="+", metavar="RUN")
    parser.add_argument(
        "--out",
        type=Path,
        default=RUNS / "compare.html",
        metavar="FILE",
        help="where the page goes (default: runs/compare.html)",
    )


def main(args) -> int:
    """Compare runs: print a table, and write a page with it and the curves.

    Raises UserError if a folder is not that of a run, OSError if the page cannot be
    written.
    """
    runs = _read([args.run, *args.others])
    table, differing = _table(runs)
    print(_as_text(table))
    sources = list(dict.fromkeys(run.data for run in runs))
    if len(sources) > 1:
        print(f"Not comparable: {' and '.join(sources)} are different data.")
    drawing = curves(runs).decode()
    page = render(
        "compare",
        runs=runs,
        table=table,
        differing=differing,
        pages=[_page(folder, args.out) for folder in (args.run, *args.others)],
        sources=sources,
        curves=drawing[drawing.index("<svg") :],  # before it: for a file of its own
        style=(TEMPLATES / "style.css").read_text("utf-8"),
        script=(TEMPLATES / "page.js").read_text("utf-8"),
    )
    args.out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(args.out, page.encode())
    print(f"The curves are in {args.out}.")
    return 0


def _read(folders: list[Path]) -> list[Run]:
    """The runs; folders of the same name are told apart by their whole path."""
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise UserError("The same run was named twice: name each once.")
    runs = [read_run(folder) for folder in folders]
    names = [run.name for run in runs]
    return [
        replace(run, name=visible(str(folder))) if names.count(run.name) > 1 else run
        for run, folder in zip(runs, folders, strict=True)
    ]


def _page(folder: Path, out: Path) -> str | None:
    """The address of a run's own report, as seen from the page; None if it has none."""
    report = folder / "index.html"
    if not report.exists():
        return None
    try:
        return Path(os.path.relpath(report.resolve(), out.parent.resolve())).as_posix()
    except ValueError:  # on another drive of Windows
        return report.resolve().as_uri()


def _table(runs: list[Run]) -> tuple[list[list[str]], set[str]]:
    """The numbers, a line each: what it is, then its value in every run.

    And the names of the parameters in which the runs differ.
    """
    metrics = [run.metrics for run in runs]
    lines = [
        ["run", *(run.name for run in runs)],
        ["data", *(run.data for run in runs)],
        ["epochs", *(str(run.epochs) for run in runs)],
    ]
    for name in _names(metrics, "parameters"):
        if name not in ("source", "epochs"):  # the two lines above say it
            used = [m.get("parameters", {}).get(name) for m in metrics]
            lines.append([name, *("–" if u is None else str(u) for u in used)])
    differing = {name for name, *used in lines[1:] if len(set(used)) > 1}
    lines += [
        ["training loss, usual recipe", *(f"{run.loss:.4f}" for run in runs)],
        ["test accuracy, usual recipe", *(f"{run.accuracy:.2f} %" for run in runs)],
    ]
    for name in _names(metrics, "recipes"):
        if name == "usual recipe":
            continue  # the line above
        reached = [m.get("recipes", {}).get(name) for m in metrics]
        lines.append([name, *("–" if r is None else f"{r:.2f} %" for r in reached)])
    seconds = [m.get("seconds") for m in metrics]
    lines.append(["seconds", *("–" if s is None else f"{s:.0f}" for s in seconds)])
    return lines, differing


def _names(metrics: list[dict], part: str) -> list[str]:
    return list(dict.fromkeys(name for m in metrics for name in m.get(part, {})))


def _as_text(table: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in table)
