"""``grade``: runs the notebooks that learners handed in, and tabulates what is right.

The same command goes on where it was stopped, and runs no notebook again that has not
changed.
"""

import csv
import signal
from datetime import datetime, time
from pathlib import Path

from mnist_logreg.errors import UserError
from mnist_logreg.files.choose import open_data
from mnist_logreg.tools import arguments
from mnist_logreg.tools.classroom import editions
from mnist_logreg.tools.classroom.grading import fence, ledger, reading, tables
from mnist_logreg.tools.classroom.grading.budget import Limits
from mnist_logreg.tools.classroom.grading.cleaning import clean
from mnist_logreg.tools.classroom.grading.originals import original


def add_arguments(parser):
    """Declare what ``grade`` takes."""
    parser.add_argument(
        "folder",
        type=Path,
        metavar="FOLDER",
        help="holds a sub-folder or a zip a learner",
    )
    arguments.add_data(parser)
    parser.add_argument(
        "--seconds",
        type=arguments.positive_float,
        default=600,
        metavar="N",
        help="how many processor seconds a notebook may take (default: 600)",
    )
    parser.add_argument(
        "--memory",
        type=arguments.positive_float,
        default=2,
        metavar="N",
        help="how many GiB a notebook may take (default: 2)",
    )
    parser.add_argument(
        "--learners", nargs="+", metavar="NAME", help="grade these learners alone"
    )
    parser.add_argument(
        "--notebooks",
        nargs="+",
        metavar="NAME",
        help="grade these notebooks alone (01 or 01_dataset)",
    )
    parser.add_argument(
        "--again", action="store_true", help="also what has not changed since"
    )
    parser.add_argument(
        "--due",
        type=_moment,
        metavar="WHEN",
        help="what is saved later is late: 2026-11-20, or '2026-11-20 18:00'",
    )
    parser.add_argument(
        "--numbers",
        type=Path,
        metavar="FILE",
        help="a CSV file of two columns: the learner as in the table, and a number",
    )
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="grade on the workers of this Dask scheduler, such as tcp://10.0.0.5:8786",
    )
    parser.add_argument(
        "--unfenced",
        action="store_true",
        help="run the learners' code as yourself, without a fence around it",
    )


def main(args) -> int:
    """Grade every learner's notebooks and write the tables.

    Returns 0 however the learners did. Raises UserError if there is nobody to grade, if
    there is no fence, or if something cannot be written.
    """
    signal.signal(signal.SIGTERM, _terminate)
    learners, notes = reading.learners(args.folder)
    known = {name: original(nb) for name, nb in editions.committed().items()}
    if not args.unfenced and not args.cluster and fence.missing():
        raise UserError(
            "Grading runs the learners' code, and there is no fence for it on this "
            f"machine: {fence.missing()}. {fence.HOW_TO}"
        )
    data = open_data(args.data)
    print(data)
    for note in notes:
        print(note)
    _number(learners, args.numbers)
    chosen = _chosen_learners(learners, args.learners)
    notebooks = _chosen_notebooks(known, args.notebooks)
    limits = Limits(notebook=args.seconds, memory=args.memory * 2**30)
    # They import torch: what is wrong above is said at once.
    from mnist_logreg.tools.classroom.grading import executors
    from mnist_logreg.tools.classroom.grading.session import Session

    print(
        f"Grading {len(chosen)} learners, {len(notebooks)} notebooks each.", flush=True
    )
    try:
        with ledger.opened(args.folder) as kept:
            session = Session(
                *(args.folder, learners, known, kept, data, limits),
                fenced=not args.unfenced,
                due=args.due,
            )
            session.save()
            pool = (
                executors.cluster(args.cluster)
                if args.cluster
                else executors.local(limits.memory)
            )
            try:
                with pool as (executor, window):
                    session.grade(executor, window, chosen, notebooks, args.again)
            finally:
                written = session.save()
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"Grading was stopped. {ledger.KEPT}") from None
    except BrokenPipeError:  # who reads the progress has gone
        raise
    except OSError as error:
        where = f"{clean(error.filename)}: " if error.filename else ""
        raise UserError(f"{where}{error.strerror or error}. {ledger.KEPT}") from error
    for path in written:
        print(f"Written: {path}")
    feedback = args.folder / tables.FEEDBACK
    print(f"Written: {feedback}, a page to hand back to each learner")
    return 0


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)  # ValueError: argparse says that it is none
    if len(text) <= len("2026-11-20"):
        return datetime.combine(moment, time(23, 59, 59))
    return moment.replace(tzinfo=None)


def _number(learners: list[reading.Learner], file: Path | None) -> None:
    """Give the learners the numbers that a list has for them."""
    if file is None:
        return
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = [row for row in csv.reader(lines) if len(row) >= 2]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{file} cannot be read as a CSV file: {error}.") from error
    numbers = {clean(row[0], 80): clean(row[1], 80) for row in rows}
    for learner in learners:
        found = numbers.get(learner.name)
        if not found and learner.platform:
            found = numbers.get(clean(learner.folder, 80))
        if found:
            learner.number, learner.platform = found, "list"
        else:
            print(f"{file.name} has no number for {learner.name}.")


def _chosen_learners(learners, names) -> list[reading.Learner]:
    if not names:
        return learners
    known = {learner.name: learner for learner in learners}
    known |= {learner.folder: learner for learner in learners}
    absent = [name for name in names if name not in known]
    if absent:
        raise UserError(f"There is no learner {', '.join(map(clean, absent))}.")
    return [learner for learner in learners if learner in map(known.get, names)]


def _chosen_notebooks(known, names) -> list[str]:
    chosen = []
    for name in names or known:
        fitting = [one for one in known if one.startswith(name)]
        if not fitting:
            raise UserError(
                f"There is no notebook {clean(name)}: there are {', '.join(known)}."
            )
        chosen += fitting
    return sorted(set(chosen))


def _terminate(signum, frame):
    raise KeyboardInterrupt
