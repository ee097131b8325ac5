"""The checks of the exercises: right, or a hint at the mistake that was made.

A notebook calls each exercise by its name, `counts = checks.class_counts()`, in a cell
right below the learner's answer, and asks for help by its number,
`checks.hint("1.1")`. One module a notebook defines the exercises.
"""

from importlib import import_module

from mnist_logreg.checks import cells

# One module for each notebook, or two where one would be long.
NOTEBOOKS = (
    *("dataset", "distances", "dataloader", "fairness"),
    *("model", "descent", "training", "choices"),
)

cells.watch()


def exercises() -> dict:
    """Every exercise of the series by its number, in order."""
    from mnist_logreg.checks.solutions import order

    found = {exercise.number: exercise for exercise in by_name().values()}
    return {number: found[number] for number in sorted(found, key=order)}


def hint(number: str, step: int = 1) -> None:
    """Show help with an exercise, in steps that are asked for one by one.

    Parameters
    ----------
    number : str
        The exercise's number, such as "1.1".
    step : int
        1 for a nudge, 2 for the first step, 3 for the solution.
    """
    from mnist_logreg.checks import help

    help.hint(str(number), step)


def __getattr__(name: str):
    """An exercise, by its name."""
    found = {} if name.startswith("_") else by_name()
    if name in found:
        return found[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def by_name() -> dict:
    """Every exercise by the name that notebooks call it by, in order."""
    from mnist_logreg.checks.exercise import Exercise

    return {
        name: value
        for notebook in NOTEBOOKS
        for name, value in vars(import_module(f"{__name__}.{notebook}")).items()
        if isinstance(value, Exercise)
    }
