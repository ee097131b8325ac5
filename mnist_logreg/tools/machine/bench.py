"""``bench``: how long each way of training takes, side by side, and where it goes."""

import matplotlib.style

from mnist_logreg.data import open_data
from mnist_logreg.files.whole import whole_file
from mnist_logreg.results import save_metrics
from mnist_logreg.tools import arguments, output
from mnist_logreg.tools.machine.measure import BY_HAND, EPOCHS_A_ROUND, LOADER, measure
from mnist_logreg.tools.machine.report import RECIPE_EPOCHS, draw, report


def add_arguments(parser):
    """Declare what ``bench`` takes."""
    arguments.add_data(parser)
    parser.add_argument(
        "--rounds",
        type=arguments.positive_int,
        default=3,
        metavar="N",
        help="how often each way is measured (default: 3)",
    )
    output.add_out(parser)


def main(args) -> int:
    """Measure, print the tables, and save bench.json and bench.png."""
    data = open_data(args.data)
    out = output.claim(args)
    print(data)
    print(
        f"Rounds: {args.rounds}. A round trains for one epoch (the quicker ways for "
        f"{EPOCHS_A_ROUND[LOADER]} or {EPOCHS_A_ROUND[BY_HAND]}) instead of the\n"
        f"recipe's {RECIPE_EPOCHS}. Each epoch does the same work, so that the whole "
        f"takes {RECIPE_EPOCHS} times as long.",
        flush=True,
    )
    result = measure(data, args.rounds)
    print(report(result))
    save_metrics(out / "bench.json", result)
    # Nothing of a person's own settings is in the picture.
    with matplotlib.style.context("default"), whole_file(out / "bench.png") as file:
        draw(result).savefig(file, format="png", dpi=120)
    print(f"Saved: {out / 'bench.json'}, {out / 'bench.png'}")
    return 0
