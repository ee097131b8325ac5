"""Grades one notebook: runs its steps in a fenced kernel, and judges outside of it.

What is judged are plain values that the kernel gives, and what its functions return for
arguments drawn at random; the checks are those of the notebook.
"""

import ast
import hashlib
import threading
from collections.abc import Callable

import torch

from mnist_logreg import checks
from mnist_logreg.checks.exercise import FunctionExercise
from mnist_logreg.checks.judging import Outcome, judge_function, judge_value, usual
from mnist_logreg.checks.lesson import Lesson
from mnist_logreg.checks.syntax import parsed
from mnist_logreg.checks.troubles import Trouble, explain
from mnist_logreg.tools.classroom.grading import inside
from mnist_logreg.tools.classroom.grading.budget import Budget, GoneError
from mnist_logreg.tools.classroom.grading.cleaning import clean
from mnist_logreg.tools.classroom.grading.grafting import Step
from mnist_logreg.tools.classroom.grading.jobs import Job, Result
from mnist_logreg.tools.classroom.grading.kernel import Kernel
from mnist_logreg.tools.classroom.grading.without_answers import HIDDEN
from mnist_logreg.tools.classroom.grading.workplace import Workplace

# Judging uses torch's global state, which threads share.
JUDGING = threading.Lock()
CALLED = "the answer calls the package's own solution."
# The better verdict counts; of two that are alike, the later one.
RANKS = {"todo": 1, "error": 2, "wrong": 2, "flagged": 3, "right": 4}


def grade(job: Job, place: Workplace, stopped: Callable[[], bool]) -> Result:
    """Grade a notebook.

    Parameters
    ----------
    job : Job
    place : Workplace
        Where kernels find the lesson.
    stopped : callable
        Whether to give up: then GoneError is raised.
    """
    return _Run(job, place, stopped).to_the_end()


class _Run:
    """The course of one notebook, over as many kernels as it takes."""

    def __init__(self, job: Job, place: Workplace, stopped):
        self.job, self.place, self.stopped = job, place, stopped
        self.result = Result()
        self.budget = Budget(job.limits)
        self.lesson = Lesson(place.data)
        self.left_out: set[int] = set()  # learner's cells that ended a kernel
        self.answers_only = False
        self.decided: set[str] = set()
        # No one can know the arguments before the notebook is finished.
        self.seed = hashlib.sha256(repr(job.steps).encode()).digest()

    def to_the_end(self) -> Result:
        """Run the steps; what ends the kernel is left out, and the rest run again."""
        while self._once():
            pass
        for exercise in self.job.exercises:
            self.result.verdicts.setdefault(
                exercise, {"status": "error", "message": f"not reached: {self.why}."}
            )
        self.result.seconds = round(self.budget.processor, 1)
        return self.result

    def _once(self) -> bool:
        """Run the steps in a new kernel; whether it takes another one."""
        self.why, step = "the notebook has no cell for it", None
        try:
            with (
                self.place.open(self.job.fenced, self.job.exercises) as (work, sockets),
                Kernel(
                    work, sockets, self.budget, self.job.fenced, self.stopped
                ) as kernel,
            ):
                for step in self.job.steps:
                    if step.cell not in self.left_out:
                        self._step(kernel, step)
                    if step.kind == "check":
                        self.decided.add(step.exercise)
            return False
        except GoneError as gone:
            if self.stopped() or step is None:  # no kernel, no verdict
                raise
            return self._lost(step, str(gone))

    def _step(self, kernel: Kernel, step: Step) -> None:
        if step.kind == "learner" and self.answers_only:
            return
        if step.kind == "check":
            self._hand_on(kernel, step.exercise)
        mine = step.kind in ("learner", "answer")
        reply = kernel.run(step.code, self.job.limits.cell if mine else None)
        if reply.error and step.kind == "lesson":
            self._note_lesson(step, reply)
        if step.kind == "answer" and step.exercise not in self.decided:
            self._note(step.exercise, self._judge(kernel, step, reply))

    def _note_lesson(self, step: Step, reply) -> None:
        """A cell of the lesson failed: the learner's cells have spoilt something."""
        note = (
            f"after the learner's cells, the lesson's own ({_first_line(step)}) "
            f"stopped: {clean(reply.error, 40)}: {clean(reply.words, 80)}"
        )
        if note not in self.result.notes:
            self.result.notes.append(note)

    def _lost(self, step: Step, why: str) -> bool:
        """A kernel is gone: note the cause, and say whether to go on in a new one."""
        self.why = why
        spent = self.budget.used >= self.job.limits.notebook
        if step.kind == "answer":
            verdict = {"status": "error", "message": f"stopped: {why}."}
            self._note(step.exercise, verdict)
        elif step.kind == "learner":
            note = f"an added cell ({_first_line(step)}) was left out: {why}"
            self.result.notes.append(note)
        if step.cell is not None:
            self.left_out.add(step.cell)
            return not spent
        # The lesson itself did not run, perhaps for what was added to it.
        again = not self.answers_only and not spent
        self.answers_only = True
        return again

    def _note(self, exercise: str, verdict: dict[str, str]) -> None:
        before = self.result.verdicts.get(exercise)
        if before and RANKS[before["status"]] > RANKS[verdict["status"]]:
            return
        message = clean(verdict["message"])
        self.result.verdicts[exercise] = {**verdict, "message": message}

    def _hand_on(self, kernel: Kernel, number: str) -> None:
        """Give the kernel what the check returns, now that the answer is judged."""
        name, exercise = next(
            item for item in checks.by_name().items() if item[1].number == number
        )
        with JUDGING, usual():
            if isinstance(exercise, FunctionExercise):
                example = None
                if exercise.call is None:
                    case = next(iter(exercise.cases(torch.Generator("cpu"))))
                    example = exercise.expected(*case)
                call = (
                    f"hand_on_function({name!r}, {exercise.answer!r}, "
                    f"{exercise.solution!r}, {inside.encode(example)!r})"
                )
            else:
                right = exercise.expected(self.lesson)
                call = f"hand_on({name!r}, {inside.encode(right)!r})"
        kernel.ask(call)

    def _judge(self, kernel: Kernel, step: Step, reply) -> dict[str, str]:
        try:
            verdict = self._verdict(kernel, step)
        except ValueError as error:  # the kernel gave something that is not a value
            verdict = {"status": "error", "message": f"{error}."}
        except (GoneError, OSError):
            raise
        except Exception as error:  # a value that nobody thought of costs itself alone
            what = clean(f"{type(error).__name__}: {error}", 120)
            verdict = {"status": "error", "message": f"it cannot be judged: {what}."}
        if reply.error and verdict["status"] not in ("right", "flagged"):
            stopped = explain(Trouble(reply.error, reply.words[:2000]))
            if reply.error == "KeyboardInterrupt":
                stopped = reply.words
            return {"status": "error", "message": f"stopped: {stopped}."}
        return verdict

    def _verdict(self, kernel: Kernel, step: Step) -> dict[str, str]:
        exercise = checks.exercises()[step.exercise]
        code = _own_code(step.code, exercise.answer)
        found = inside.decode(kernel.ask(f"answer({exercise.answer!r})") or "")
        if found is None:
            message = f"not done: there is no `{exercise.answer}`."
            return {"status": "todo", "message": message}
        if not isinstance(found, dict):
            raise ValueError("a check cannot read this value")
        if not isinstance(exercise, FunctionExercise):
            with JUDGING:
                verdict = judge_value(exercise, found.get("value"), self.lesson, code)
        elif found.get("kind") != "function":
            message = f"not yet: `{exercise.answer}` must be a function."
            return {"status": "wrong", "message": message}
        else:
            verdict, refused = self._judge_function(kernel, exercise, code)
            if refused:
                return {"status": "flagged", "message": CALLED}
        return {"status": verdict.status, "message": verdict.message}

    def _judge_function(self, kernel: Kernel, exercise, code: str):
        refused = []

        def call(arguments) -> Outcome:
            JUDGING.release()  # others judge while the kernel computes
            try:
                text = kernel.ask(
                    f"call({exercise.number!r}, {inside.encode(tuple(arguments))!r})",
                    self.job.limits.cell,
                )
            finally:
                JUDGING.acquire()
            if text is None:
                return Outcome(trouble=Trouble("KeyboardInterrupt", ""))
            came = inside.decode(text)
            trouble = came["trouble"]
            if trouble is not None:
                kind, words, line, *hidden = (str(part)[:2000] for part in trouble)
                trouble = Trouble(kind, words, line, tuple(hidden))
                refused.append(words == HIDDEN)
            return Outcome(
                came["value"],
                str(came["printed"]),
                trouble,
                tuple(map(str, came["changed"])),
            )

        chance = torch.Generator("cpu")
        seed = hashlib.sha256(self.seed + exercise.number.encode()).digest()
        chance.manual_seed(int.from_bytes(seed[:7], "big"))
        with JUDGING:
            try:
                return judge_function(exercise, call, code, chance), any(refused)
            except (TypeError, LookupError, AttributeError) as error:
                # What came back was not made by `inside`.
                raise ValueError("a check cannot read this result") from error


def _own_code(code: str, answer: str) -> str:
    """Of a cell's code the function that is the answer, if it is one."""
    for node in ast.walk(parsed(code)):
        if isinstance(node, ast.FunctionDef) and node.name == answer:
            return ast.get_source_segment(code, node) or code
    return code


def _first_line(step: Step) -> str:
    return clean(step.code.strip().partition("\n")[0], 60)
