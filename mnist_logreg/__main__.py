"""``python -m mnist_logreg COMMAND``."""

import sys

from mnist_logreg.tools.cli import main

sys.exit(main())
