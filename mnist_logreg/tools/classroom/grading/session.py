"""One call of ``grade``: hands notebooks to an executor, and keeps what comes back."""

import hashlib
import time
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Executor,
    Future,
    wait,
)
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from mnist_logreg import checks
from mnist_logreg.errors import UserError
from mnist_logreg.files.choose import Data
from mnist_logreg.tools.classroom.grading import tables
from mnist_logreg.tools.classroom.grading.budget import GoneError, Limits
from mnist_logreg.tools.classroom.grading.choosing import HandedIn, choose
from mnist_logreg.tools.classroom.grading.cleaning import clean
from mnist_logreg.tools.classroom.grading.executors import RefusedError, Terms, work
from mnist_logreg.tools.classroom.grading.jobs import Job, Result, alike
from mnist_logreg.tools.classroom.grading.ledger import KEPT, Ledger
from mnist_logreg.tools.classroom.grading.originals import Original
from mnist_logreg.tools.classroom.grading.reading import Learner

# Of the time of a class of more than so many learners that share may go into writing
# its tables; in a smaller one they are written after each learner.
LARGE, SHARE = 100, 0.05


@dataclass
class Session:
    """The grading of a class.

    Parameters
    ----------
    folder : Path
        The class's.
    learners : list of Learner
        All of them; also those that are not graded this time are in the table.
    known : dict
        The series' notebooks by name.
    kept : Ledger
    data : Data
    limits : Limits
    fenced : bool
    due : datetime or None
        What is saved later is late.
    """

    folder: Path
    learners: list[Learner]
    known: dict[str, Original]
    kept: Ledger
    data: Data
    limits: Limits
    fenced: bool
    due: datetime | None

    def __post_init__(self):
        self.terms = Terms.of(self.data)
        numbers = [n for original in self.known.values() for n in original.numbers]
        exercises = checks.exercises()
        self.points = {number: exercises[number].points for number in numbers}
        self._saved, self._took = 0.0, 0.0

    def grade(
        self,
        executor: Executor,
        window: int,
        learners: list[Learner],
        notebooks: list[str],
        again: bool = False,
    ) -> None:
        """Grade some learners' notebooks; each result is kept as soon as it is there.

        Parameters
        ----------
        executor : Executor
        window : int
            How many notebooks it is given at a time.
        learners : list of Learner
        notebooks : list of str
            Their names.
        again : bool
            Whether to run also what has not changed since it was graded.
        """
        self._progress = _Progress(len(learners) * len(notebooks))
        self._pending: dict[Future, tuple[Learner, Job, str]] = {}
        self._open = {}  # how many notebooks of a learner are not graded yet
        for learner in learners:
            found = self._choose(learner)
            self._keep_about(learner, found)
            self._open[learner.name] = len(notebooks)
            for name in notebooks:
                if name in found.verdicts:
                    self._done(learner, name, "", Result(found.verdicts[name]))
                    continue
                job = found.jobs[name]
                key = self._key(job)
                before = self.kept.get(learner.name, name)
                if not again and before and before["key"] == key:
                    self._done(learner, name, key, Result(**before["result"]), True)
                    continue
                while len(self._pending) >= window:
                    self._collect()
                future = executor.submit(work, job, self.terms)
                self._pending[future] = learner, job, key
        while self._pending:
            self._collect()

    def save(self) -> list[Path]:
        """Write the class's tables as far as they are known."""
        began = time.monotonic()
        written = tables.save(self.folder, self._table())
        self._saved = time.monotonic()
        self._took = self._saved - began
        return written

    def _key(self, job: Job) -> str:
        """What a notebook's verdicts depend on, as a SHA-256."""
        return hashlib.sha256(f"{job} {self.terms}".encode()).hexdigest()

    def _choose(self, learner: Learner) -> HandedIn:
        try:
            return choose(learner, self.known, self.data, self.limits, self.fenced)
        except Exception as error:  # one learner's files must not affect the others
            message = f"cannot be read ({clean(_told(error), 120)})."
            return HandedIn(
                verdicts={
                    name: alike(original.numbers, "error", message)
                    for name, original in self.known.items()
                }
            )

    def _keep_about(self, learner: Learner, found: HandedIn) -> None:
        saved = found.saved.strftime("%Y-%m-%d %H:%M") if found.saved else ""
        late = bool(self.due and found.saved and found.saved > self.due)
        about = {
            "saved": saved,
            "late": late or learner.late,
            "notes": [clean(note) for note in found.notes],
        }
        self.kept.put(learner.name, "", value=about)

    def _collect(self) -> None:
        """Wait for a notebook, and keep what came of it."""
        done, _ = wait(self._pending, timeout=1, return_when=FIRST_COMPLETED)
        for future in done:
            learner, job, key = self._pending.pop(future)
            try:
                result = future.result()
            except RefusedError as error:
                raise UserError(str(error)) from error
            except CancelledError as error:
                raise UserError(
                    f"The connection to the scheduler was lost. {KEPT}"
                ) from error
            except Exception as error:  # of one notebook; the others are graded
                key = ""  # the next call tries again
                what = error if isinstance(error, GoneError) else _told(error)
                message = (
                    f"not graded: {clean(what, 120)}. The same command tries again."
                )
                result = Result(alike(job.exercises, "error", message))
            self._done(learner, job.notebook, key, result)

    def _done(self, learner, name: str, key: str, result: Result, known=False) -> None:
        value = {"key": key, "result": asdict(result)}
        self.kept.put(learner.name, name, value=value)
        self._open[learner.name] -= 1
        if not self._open[learner.name]:
            tables.save_feedback(self.folder, self._table(), self._row(learner))
            since = time.monotonic() - self._saved
            if len(self.learners) <= LARGE or since > self._took / SHARE:
                self.save()
        self._progress.tell(learner.name, name, result, known)

    def _table(self) -> tables.Class:
        return tables.Class(list(map(self._row, self.learners)), self.points)

    def _row(self, learner: Learner) -> tables.Row:
        about = self.kept.get(learner.name, "") or {}
        row = tables.Row(
            learner.name,
            learner.folder,
            learner.number,
            learner.platform,
            saved=about.get("saved", ""),
            late=about.get("late", False),
            notes=list(about.get("notes", ())),
        )
        for name in self.known:
            entry = self.kept.get(learner.name, name)
            if entry:
                row.verdicts |= entry["result"]["verdicts"]
                row.notes += [f"{name}: {n}" for n in entry["result"]["notes"]]
        return row


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


class _Progress:
    """A line for each notebook, with how many are done and how long it may take yet."""

    def __init__(self, total: int):
        self.total, self.done, self.run = total, 0, 0
        self.began = time.monotonic()

    def tell(self, learner: str, name: str, result: Result, known: bool) -> None:
        """Say what came of a notebook."""
        self.done += 1
        self.run += not known and bool(result.seconds)
        verdicts = result.verdicts.values()
        right = sum(verdict["status"] == "right" for verdict in verdicts)
        causes = [
            verdict["message"].rstrip(".")
            for verdict in verdicts
            if verdict["status"] in ("error", "missing")
        ]
        said = [f"{right} of {len(result.verdicts)} right", *causes]
        if known:
            said.append("as before")
        line = f"[{self.done}/{self.total}] {learner}: {name}: "
        print(f"{line}{'; '.join(dict.fromkeys(said))}{self._left()}", flush=True)

    def _left(self) -> str:
        left = self.total - self.done
        if self.run < 4 or not left:
            return ""
        minutes = (time.monotonic() - self.began) / self.run * left / 60
        return f" (at most {minutes:.0f} min left)" if minutes >= 1 else ""
