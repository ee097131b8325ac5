"""What a person is told: an error with its remedy, and lines of news."""

import sys


class UserError(Exception):
    """What went wrong and what to do about it, shown without a traceback."""

    def _render_traceback_(self):
        return [f"Error: {self}"]  # what IPython shows


def say(line: str) -> None:
    """Print a line of news on stderr, at once."""
    print(line, file=sys.stderr, flush=True)
