"""Help in three steps, each asked for by its number: a nudge, a step, the solution.

What was looked at is remembered in the folder for results, so that a restart of the
kernel does not forget it; a verdict says when it was the solution.
"""

import json

from mnist_logreg import checks
from mnist_logreg.checks.verdicts import SOLUTION, Verdict, show

FILE = "help.json"
_seen: dict[str, int] = {}  # where the folder cannot be written to


def hint(number: str, step: int) -> None:
    """Show a step of the help with an exercise, or say which there are."""
    known = checks.exercises()
    if number not in known or step not in (1, 2, 3):
        message = (
            f"there is no such help. The exercises are {', '.join(known)}; the steps "
            'are 1, a nudge, 2 and 3, the solution: `checks.hint("1.1", 2)`.'
        )
        show(Verdict(number[:20], "help", message))
        return
    exercise = known[number]
    call = f'checks.hint("{number}", {step + 1})'
    if step == 1:
        message = f"{exercise.nudge} (A further step: `{call}`.)"
    elif step == 2:
        message = (
            f"{exercise.step} (The solution: `{call}`. The verdict will then say that "
            "you have looked at it.)"
        )
    else:
        step = SOLUTION
        message = (
            "a solution. Type it into the cell of your answer, line by line, and ask "
            f"yourself what each does.\n\n{exercise.solution.strip()}"
        )
    remember(number, step)
    show(Verdict(number, "help", message, step))


def looked_at(number: str) -> int:
    """The highest step of help that was looked at for an exercise, or 0."""
    return _recorded().get(number, 0)


def remember(number: str, step: int) -> None:
    """Note that a step was looked at."""
    seen = _recorded()
    seen[number] = max(step, seen.get(number, 0))
    try:
        _path().write_text(json.dumps(seen), "utf-8")
    except Exception:  # help is shown whether or not it can be noted on disk
        _seen.update(seen)


def _recorded() -> dict[str, int]:
    try:
        noted = json.loads(_path().read_text("utf-8"))
        found = {str(key): int(value) for key, value in noted.items()}
    except Exception:  # not there, damaged, or of somebody else
        found = {}
    return found | {key: max(found.get(key, 0), step) for key, step in _seen.items()}


def _path():
    from mnist_logreg.results import results_folder

    return results_folder() / FILE
