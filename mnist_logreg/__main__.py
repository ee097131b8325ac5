"""``python -m mnist_logreg COMMAND``."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - people bring the Python they have
    sys.exit(
        f"error: Python 3.11 or newer is needed, this is {sys.version.split()[0]}. "
        "Name another one, for example: make setup PYTHON=python3.12"
    )

from mnist_logreg.tools.cli import main

sys.exit(main())
