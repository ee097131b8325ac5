"""What runs, checks and publishes the series; the notebooks need none of it."""

import sys

# jsonschema looks for this library to check IRIs, which no notebook has. It takes a
# second and 27 MiB of each program that reads a notebook; None says it is not there.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
