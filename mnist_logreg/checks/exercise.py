"""What an exercise is: its question to the learner's answer, its mistakes, its help.

The modules `dataset`, `dataloader`, `model` and `training` define one exercise after
the other with these two classes. An exercise is called in its check cell:

    counts = checks.class_counts()
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch

from mnist_logreg.checks.lesson import Lesson

# (value that a mistake gives, what to say of it)
Mistakes = Iterable[tuple[Any, str]]


def _no_mistakes(*arguments) -> Mistakes:
    return ()


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """What both kinds of exercises have.

    Attributes
    ----------
    number : str
        As in the heading, "1.1": the notebook, then the place in it.
    answer : str
        The name that the learner's answer has in the notebook: "my_counts".
    nudge, step : str
        Help, one or two sentences each: where to look, and what to do first.
    solution : str
        Code of the notebook that takes the stub's place and is right.
    tolerance : float
        The difference that counts as none, relative to right numbers above 1.
    """

    number: str
    answer: str
    nudge: str
    step: str
    solution: str
    tolerance: float = 1e-5
    points: ClassVar[int]

    def __call__(self, *ignored):
        """Judge the answer in the notebook that calls this, and show the verdict.

        Parameters
        ----------
        *ignored : object
            A learner may put the answer here. It is looked for by its name all the
            same, and nothing else of the notebook counts: it could be forged.

        Returns
        -------
        object
            What the notebook goes on with: the right value, or a function that works.
        """
        from mnist_logreg.checks import notebook

        return notebook.check(self, sys._getframe(1).f_globals)


@dataclass(frozen=True, kw_only=True)
class ValueExercise(Exercise):
    """An exercise whose answer is a value.

    Attributes
    ----------
    expected : callable
        ``expected(lesson)`` returns the right value, in the form that the next
        cells need. `lesson` holds the data that the notebook has opened.
    mistakes : callable
        ``mistakes(lesson)`` yields pairs: the value that a mistake gives, and
        the sentence that a learner who made it needs. The first that fits is shown.
    remark : callable, optional
        ``remark(answer, lesson)``, called with a wrong answer made plain (see
        `values.plain`), returns a sentence about it, or None.
    intact : dict
        For names of the notebook that answers are computed from, such as
        "test_dataset.targets", a function of the lesson that says what they hold
        unless a learner's cell has overwritten them.
    """

    expected: Callable
    mistakes: Callable = _no_mistakes
    remark: Callable | None = None
    intact: dict[str, Callable[[Lesson], Any]] = field(default_factory=dict)
    points: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class FunctionExercise(Exercise):
    """An exercise whose answer is a function.

    Attributes
    ----------
    expected : callable
        The package's own function: what right results are compared with, and what the
        notebook goes on with while the learner's is not right.
    cases : callable
        ``cases(chance)`` yields tuples of arguments. The first should be small enough
        to be read in a verdict; at least one must be drawn from `chance`, a
        torch.Generator that starts elsewhere each time. Plain arguments only (numbers,
        tensors, lists, dicts): in grading they travel to another process.
    mistakes : callable
        ``mistakes(*arguments)`` yields pairs, as for a value: what a mistake returns
        for these arguments, and a sentence. If a stub runs as it stands, its sentence
        begins with "not done yet".
    call : callable
        ``call(function, *arguments)`` calls the learner's function and returns what is
        judged: for functions that need a model or a loader, which it makes from the
        plain arguments. One of the module `calls`, which grading gives to the process
        that runs the function. By default ``function(*arguments)``.
    found : callable
        ``found(result, *arguments)`` says what is compared: for functions of which many
        results are right. It judges, so it belongs here and not into `call`, which in
        grading runs in the learner's own process. By default the result itself.
    public : callable, optional
        The function of the package that does what the answer should do. Learners can
        import it, so it is taken away while answers are graded.
    otherwise : str
        What is said where no mistake fits. By default what the function was called
        with, what it returned, and what is right.
    """

    expected: Callable
    cases: Callable[[torch.Generator], Iterable[tuple]]
    mistakes: Callable = _no_mistakes
    call: Callable | None = None
    found: Callable = lambda result, *arguments: result
    public: Callable | None = None
    otherwise: str = ""
    points: ClassVar[int] = 2

    def run(self, function: Callable, *arguments):
        """Call a function as this exercise calls the learner's."""
        if self.call is not None:
            return self.call(function, *arguments)
        return function(*arguments)
