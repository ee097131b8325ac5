"""Lines of news while files are prepared."""

import sys


def say(line: str) -> None:
    """Print a line of news on stderr, at once."""
    print(line, file=sys.stderr, flush=True)


def visible(text: str) -> str:
    """A text on one line that cannot steer a terminal: the rest is shown as escapes."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
