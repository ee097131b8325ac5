"""Lines of news while files are prepared."""

import sys


def say(line: str) -> None:
    """Print a line of news on stderr, at once."""
    print(line, file=sys.stderr, flush=True)
