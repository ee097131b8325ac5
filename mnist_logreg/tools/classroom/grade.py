"""``grade``: runs the notebooks that learners handed in, and tabulates their checks.

Each notebook gets a process, a kernel and a working copy of its own, a time limit and
a memory limit; see ``submission`` for what is run.
"""

import contextlib
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path

import psutil

from mnist_logreg.errors import UserError
from mnist_logreg.files.choose import Data, open_data
from mnist_logreg.files.whole import whole_file
from mnist_logreg.tools import arguments, working_copy
from mnist_logreg.tools.classroom import editions, submission
from mnist_logreg.tools.project import ROOT

LOOK_SECONDS = 0.2  # how often a running notebook's time and memory are looked at
MARKS = {"right": "✓", "wrong": "✗", "todo": "○", "error": "!", "missing": "–"}


def add_arguments(parser):
    """Declare what ``grade`` takes."""
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="holds a sub-folder a learner"
    )
    arguments.add_data(parser)
    parser.add_argument(
        "--seconds",
        type=arguments.positive_float,
        default=600,
        metavar="N",
        help="how long a notebook may run (default: 600)",
    )
    parser.add_argument(
        "--memory",
        type=arguments.positive_float,
        default=2,
        metavar="N",
        help="how many GiB a notebook may take (default: 2)",
    )


def main(args) -> int:
    """Grade every learner's notebooks and write grades.csv and grades.html.

    Returns 0 however the learners did. Raises UserError if there is nobody to grade,
    OSError if the table cannot be written.
    """
    learners = _learners(args.folder)
    originals = editions.committed()
    data = open_data(args.data)
    print(data)
    print(f"Grading {len(learners)} learners, {len(originals)} notebooks each.")
    for path in sorted(args.folder.iterdir()):
        if path.is_file() and path.suffix in (".zip", ".ipynb"):
            print(f"Not graded: {path.name}. Unpack it into a sub-folder of its own.")
    stop = threading.Event()
    with ThreadPoolExecutor(_at_once(args.memory)) as pool:
        try:
            graded = {
                (learner, name): pool.submit(
                    _grade, learner / name, original, data, args, stop
                )
                for learner in learners
                for name, original in originals.items()
            }
            table = {learner.name: {} for learner in learners}
            for (learner, name), future in graded.items():
                verdicts = future.result()
                table[learner.name] |= verdicts
                print(f"  {learner.name}: {name}: {_summary(verdicts)}")
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    _save(args.folder, table)
    return 0


def _learners(folder: Path) -> list[Path]:
    try:
        found = sorted(
            path
            for path in folder.iterdir()
            if path.is_dir() and not path.name.startswith((".", "_"))
        )
    except OSError as error:
        raise UserError(f"{folder} cannot be read: {error.strerror}.") from error
    if not found:
        raise UserError(
            f"{folder} holds no sub-folders: put each learner's notebooks into one "
            "that bears the learner's name."
        )
    return found


def _at_once(memory: float) -> int:
    """How many notebooks to run at a time: as processors and memory allow."""
    room = psutil.virtual_memory().available / (memory * 2**30)
    return max(1, min(4, os.cpu_count() or 1, int(room)))


def _grade(handed_in: Path, original, data: Data, args, stop) -> dict[str, dict]:
    """The verdict on each exercise of one notebook, by its number."""
    found = _find(handed_in.parent, handed_in.name)
    exercises = list(submission.numbers(original).values())
    if found is None:
        missing = {"status": "missing", "message": f"{handed_in.name} was not found."}
        return dict.fromkeys(exercises, missing)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary, "work")
        working_copy.make(folder, {}, data)
        command = [sys.executable, "-m", submission.__name__]
        command += [str(found.resolve()), handed_in.name, str(folder)]
        said, stopped = _run(command, args.seconds, args.memory * 2**30, stop)
    verdicts = {verdict.pop("exercise"): verdict for verdict in said}
    cut_off = {"status": "error", "message": f"not reached: {stopped.rstrip('.')}."}
    return {exercise: verdicts.get(exercise, cut_off) for exercise in exercises}


def _find(folder: Path, name: str) -> Path | None:
    """A learner's notebook, however deep: of several copies, the one saved last.

    A browser names a copy "01_dataset (1).ipynb", a person "01_dataset_anna.ipynb".
    """
    copies = []
    for here, folders, files in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith(".")]
        copies += [Path(here, file) for file in files if _is_copy(file, name)]
    copies = [path for path in copies if path.is_file()]
    if not copies:
        return None
    newest = max(copies, key=lambda path: (path.stat().st_mtime, path.name == name))
    if len(copies) > 1:
        print(
            f"  {folder.name}: of {len(copies)} copies of {name} the one saved last is "
            f"graded: {newest.relative_to(folder)}"
        )
    return newest


def _is_copy(file: str, name: str) -> bool:
    return file.startswith(Path(name).stem) and file.endswith(".ipynb")


def _run(command, seconds: float, memory: float, stop) -> tuple[list[dict], str]:
    """Run a submission within its limits: what it said, and what stopped it if any.

    memory: bytes, of the process with all that it started.
    """
    family, stopped = set(), ""
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=errors,
        )
        try:
            end = time.monotonic() + seconds
            while process.poll() is None and not stopped:
                time.sleep(LOOK_SECONDS)
                family |= set(_descendants(process.pid))
                if time.monotonic() > end or stop.is_set():
                    stopped = f"the notebook ran longer than {seconds:g} s"
                elif sum(_memory(member) for member in family) > memory:
                    stopped = f"the notebook took over {memory / 2**30:g} GiB of memory"
        finally:
            # Also what has left the family since: it was seen, and goes as well.
            for member in family | set(_descendants(process.pid)):
                _kill(member)
            process.kill()
            process.wait()
        said.seek(0)
        lines = [json.loads(line) for line in said if line.endswith("\n")]
        errors.seek(0)
        last_words = errors.read().strip().splitlines()
    stopped = stopped or (last_words[-1] if last_words else "it ended without a word")
    return lines, stopped


def _descendants(pid: int) -> Iterator[psutil.Process]:
    try:
        process = psutil.Process(pid)
        yield from [process, *process.children(recursive=True)]
    except psutil.Error:
        return


def _memory(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def _kill(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.Error):
        process.kill()  # psutil makes sure that it is still the same one


def _count_right(verdicts: dict[str, dict]) -> int:
    return sum(verdict["status"] == "right" for verdict in verdicts.values())


def _summary(verdicts: dict[str, dict]) -> str:
    """How many are right, and what kept a notebook from being graded whole."""
    found = f"{_count_right(verdicts)} of {len(verdicts)} right"
    causes = [
        verdict["message"].rstrip(".")
        for verdict in verdicts.values()
        if verdict["status"] in ("error", "missing")
    ]
    return "; ".join(dict.fromkeys([found, *causes]))


def _save(folder: Path, table: dict[str, dict[str, dict]]) -> None:
    """Write the table twice: grades.csv for a spreadsheet, grades.html to read."""
    pages = {"grades.csv": _csv(table), "grades.html": _html(table)}
    for name, text in pages.items():
        with whole_file(folder / name) as file:
            file.write(text.encode("utf-8-sig" if name.endswith("csv") else "utf-8"))
        print(f"Written: {folder / name}")


def _csv(table) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    exercises = list(next(iter(table.values())))
    writer.writerow(["learner", "right", *exercises])
    for learner, verdicts in table.items():
        cells = [_cell(verdicts[exercise]) for exercise in exercises]
        # A name that starts so would be a formula to a spreadsheet.
        name = f"'{learner}" if learner[0] in "=+-@" else learner
        writer.writerow([name, _count_right(verdicts), *cells])
    return out.getvalue()


def _cell(verdict: dict) -> str:
    if verdict["status"] in ("right", "todo"):
        return verdict["status"]
    return f"{verdict['status']}: {verdict['message'].removeprefix('not yet: ')}"


def _html(table) -> str:
    exercises = list(next(iter(table.values())))
    heads = "".join(f'<th scope="col">{e}</th>' for e in ["right", *exercises])
    rows = []
    for learner, verdicts in table.items():
        cells = "".join(
            f'<td class="{escape(v["status"])}">{MARKS.get(v["status"], "?")} '
            f"{escape(_cell(v))}</td>"
            for v in (verdicts[exercise] for exercise in exercises)
        )
        rows.append(
            f'<tr><th scope="row">{escape(learner)}</th>'
            f'<td class="sum">{_count_right(verdicts)}</td>{cells}</tr>'
        )
    sums = [
        sum(verdicts[exercise]["status"] == "right" for verdicts in table.values())
        for exercise in exercises
    ]
    totals = "".join(f'<td class="sum">{right}</td>' for right in sums)
    return PAGE.format(
        heads=heads,
        rows="\n".join(rows),
        totals=f'<tr><th scope="row">right</th><td></td>{totals}</tr>',
    )


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Grades</title>
<style>
body {{ font-family: system-ui, sans-serif; margin: 1rem; }}
table {{ border-collapse: collapse; }}
th, td {{ border: 1px solid #767676; padding: .3rem .5rem; text-align: left;
  vertical-align: top; min-width: 8rem; max-width: 16rem; overflow-wrap: anywhere; }}
th, .sum {{ min-width: 0; overflow-wrap: normal; white-space: nowrap; }}
.scroll {{ overflow-x: auto; }}
.right {{ background: #d9f0e3; }}
.wrong, .error {{ background: #fbe3d6; }}
</style>
<h1>Grades</h1>
<div class="scroll" tabindex="0">
<table>
<caption>Exercises by learner: ✓ right, ✗ wrong with the hint given, ○ not done,
! stopped by an error, – no such notebook</caption>
<thead><tr><th scope="col">learner</th>{heads}</tr></thead>
<tbody>
{rows}
</tbody>
<tfoot>{totals}</tfoot>
</table>
</div>
</html>
"""
