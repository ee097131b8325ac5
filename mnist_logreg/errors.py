"""What a person at the keyboard is told: the error with a remedy, and lines of news."""

import sys


class UserError(Exception):
    """What went wrong and what to do about it, in words for the person at the keyboard.

    The command line prints the message alone; so does a notebook, by the method below.
    """

    def _render_traceback_(self):
        return [f"Error: {self}"]  # IPython's lines in place of a traceback


def say(line: str) -> None:
    """Print a line of news on stderr, at once."""
    print(line, file=sys.stderr, flush=True)
