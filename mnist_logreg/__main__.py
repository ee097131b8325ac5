"""``python -m mnist_logreg COMMAND``."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - people bring the Python they have
    sys.exit(
        "error: Python 3.11 or newer is needed, this is %d.%d. Name another one: "
        "make setup PYTHON=python3.12, for example" % sys.version_info[:2]
    )

from mnist_logreg.tools.cli import main

sys.exit(main())
