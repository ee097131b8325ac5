"""``site``: the series as web pages, which need neither a network nor a server.

build    writes the pages: an overview, and one page a notebook
lesson   reads from a notebook what its page shows
prose    turns a notebook's markdown and formulas into HTML
runs     reads the numbers of a run, and draws its curves
pages/   the templates, the style, the script
"""

from mnist_logreg.tools import arguments
from mnist_logreg.tools.places import NOTEBOOKS, ROOT
from mnist_logreg.tools.site.build import build

__all__ = ["add_arguments", "build", "main"]


def add_arguments(parser):
    """Declare what ``site`` takes."""
    arguments.add_results_folder(parser, default=ROOT / "_site")


def main(args) -> int:
    """Make the pages of the committed notebooks.

    Raises UserError if a notebook cannot be read, OSError if a page cannot be written.
    """
    out = arguments.results_folder(args)
    build(NOTEBOOKS, out)
    print(f"Open {out / 'index.html'} in a browser.")
    return 0
