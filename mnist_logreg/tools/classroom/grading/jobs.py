"""A notebook to grade, and what came of it: what travels to a worker and back."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from mnist_logreg.tools.classroom.grading.budget import Limits
from mnist_logreg.tools.classroom.grading.grafting import Step

Verdicts = dict[str, dict[str, str]]  # a status and a message, by exercise


@dataclass(frozen=True)
class Job:
    """A notebook to grade, as plain as a message.

    Attributes
    ----------
    notebook : str
        The name of the lesson's file.
    steps : tuple of Step
    exercises : tuple of str
        The numbers of the exercises.
    fenced : bool
        Whether a fence is demanded.
    limits : Limits
    """

    notebook: str
    steps: tuple[Step, ...]
    exercises: tuple[str, ...]
    fenced: bool
    limits: Limits


@dataclass
class Result:
    """What came of a notebook, as plain as a message.

    verdicts : a status and a message for each exercise. notes : what the instructor
    should know. seconds : processor seconds.
    """

    verdicts: Verdicts = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0


def alike(exercises: Iterable[str], status: str, message: str) -> Verdicts:
    """Verdicts that say the same of each exercise."""
    return {n: {"status": status, "message": message} for n in exercises}
