"""A notebook to grade, and what came of it: what travels to a worker and back."""

import hashlib
from dataclasses import asdict, dataclass, field

from mnist_logreg.tools.classroom.grading.budget import Limits
from mnist_logreg.tools.classroom.grading.grafting import Step


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
    names : dict
        The name of each exercise's check.
    fenced : bool
        Whether a fence is demanded.
    limits : Limits
    """

    notebook: str
    steps: tuple[Step, ...]
    exercises: tuple[str, ...]
    names: dict[str, str]
    fenced: bool
    limits: Limits

    @property
    def digest(self) -> str:
        """The SHA-256 of all that decides how the notebook is judged."""
        return hashlib.sha256(repr(sorted(asdict(self).items())).encode()).hexdigest()


@dataclass
class Result:
    """What came of a notebook, as plain as a message.

    verdicts : a status and a message for each exercise. notes : what the instructor
    should know. seconds : processor seconds.
    """

    verdicts: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
