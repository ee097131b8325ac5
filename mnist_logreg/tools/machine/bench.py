"""``bench``: how long each way of training takes, side by side, and where it goes.

The ways take turns, a round at a time, so that a busy moment hits all of them; what is
reported is the median of the rounds, with the smallest and the largest.
"""

import math
import os
import platform
import statistics
import time

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Subset

from mnist_logreg.data import InMemoryDataset, load, open_data, take_whole
from mnist_logreg.files.whole import whole_file
from mnist_logreg.model import LogisticRegression, SoftmaxRegression
from mnist_logreg.reference import solve_with_scikit_learn
from mnist_logreg.results import save_metrics
from mnist_logreg.tools import arguments, output
from mnist_logreg.training import accuracy, lean_steps, train_by_hand, train_epoch

RECIPE_EPOCHS = 50  # of the usual recipe
BATCH_SIZE = 32
LR = 0.001
# On the validation split of notebook 04 the best (93.05 %) of rates 0.1, 0.3, 1.0 with
# batches of 32, 128, 512 over 5, 10, 15, 20, 30 epochs.
BEST = {"epochs": 30, "lr": 1.0, "batch_size": 128, "decay": True}
BATCH_SIZES = (8, 32, 128, 512)
USUAL = "the usual pipeline"
LOADER = "in-memory loader"
BY_HAND = "gradient by hand"
FLOOR = "the arithmetic alone"
BEST_RECIPE = "best recipe by hand"
SOLVER = "scikit-learn's solver"
# The quick ways are timed over several epochs, lest a passing disturbance rule them.
EPOCHS_A_ROUND = {USUAL: 1, LOADER: 2, BY_HAND: 8, FLOOR: 8}


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
    with whole_file(out / "bench.png") as file:
        draw(result).savefig(file, format="png", dpi=120)
    print(f"Saved: {out / 'bench.json'}, {out / 'bench.png'}")
    return 0


def measure(data, rounds: int) -> dict:
    """All figures of the bench, in seconds, as they go into bench.json.

    "epoch": seconds an epoch, {way: one a round}. "solution": seconds and percent of
    the best recipe and of scikit-learn. "samples" and "batch_sizes": seconds an epoch
    against those, {way: {size: seconds}}, for the last two the best of two.
    """
    sets = load(data)
    optim.SGD([torch.zeros(1, requires_grad=True)])  # its first use imports for seconds
    epochs = {
        USUAL: usual_epoch(data),
        LOADER: loader_epoch(*sets),
        BY_HAND: by_hand_epoch(*sets),
        FLOOR: arithmetic(sets[0]),
    }
    epoch = {way: [] for way in epochs}
    solution = {way: {"seconds": [], "accuracy": []} for way in (BEST_RECIPE, SOLVER)}
    for number in range(rounds):
        for way, run in epochs.items():
            epoch[way].append(_seconds(run, EPOCHS_A_ROUND[way]))
        for way, solve in (
            (BEST_RECIPE, best_recipe),
            (SOLVER, solve_with_scikit_learn),
        ):
            percent, seconds = solve(*sets)
            solution[way]["seconds"].append(seconds)
            solution[way]["accuracy"].append(percent)
        print(f"Round {number + 1} of {rounds} is done.", flush=True)
    # The floor's float copy of the training set is not needed any more.
    del epochs[FLOOR]

    n = len(sets[0])
    samples = {way: {} for way in epochs}
    for size in (n // 8, n // 4, n // 2, n):
        part = InMemoryDataset(sets[0].images[:size], sets[0].labels[:size])
        samples[USUAL][size] = _seconds(usual_epoch(data, size))
        samples[LOADER][size] = _best(loader_epoch(part, sets[1]))
        samples[BY_HAND][size] = _best(by_hand_epoch(part, sets[1]))
    batch_sizes = {
        LOADER: {b: _best(loader_epoch(*sets, b)) for b in BATCH_SIZES},
        BY_HAND: {b: _best(by_hand_epoch(*sets, b)) for b in BATCH_SIZES},
    }
    return {
        "data": data.name,
        "n_train": n,
        "rounds": rounds,
        "epoch": epoch,
        "solution": solution,
        "samples": samples,
        "batch_sizes": batch_sizes,
        "machine": {
            "system": platform.platform(),
            "processors": os.cpu_count(),
            "threads": torch.get_num_threads(),
            "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
            "python": platform.python_version(),
            "torch": torch.__version__,
        },
    }


# --------------------------------------------------------------- the ways of training


def usual_epoch(data, n: int | None = None):
    """One epoch as most tutorials have it: each image is converted on its own.

    n: how many of the training images (all without it). It uses as many processors as
    PyTorch takes of itself.
    """
    from torchvision import datasets, transforms  # seconds, and only for this way

    to_tensor = transforms.ToTensor()
    train = datasets.MNIST(data.root, train=True, transform=to_tensor)
    test = datasets.MNIST(data.root, train=False, transform=to_tensor)
    part = train if n is None else Subset(train, range(n))
    return _standard_epoch(
        DataLoader(part, BATCH_SIZE, shuffle=True), DataLoader(test, BATCH_SIZE)
    )


def loader_epoch(train, test, batch_size: int = BATCH_SIZE):
    """One epoch of the same loop as notebook 04 and train() run it, data in memory."""
    run = _standard_epoch(
        DataLoader(train, batch_size, shuffle=True, collate_fn=take_whole),
        DataLoader(test, 1000, collate_fn=take_whole),
        foreach=False,
    )
    return lean_steps()(run)


def _standard_epoch(train_loader, test_loader, **options):
    model = LogisticRegression(28 * 28, 10)
    optimizer = optim.SGD(model.parameters(), lr=LR, **options)

    def epoch():
        train_epoch(model, train_loader, nn.CrossEntropyLoss(), optimizer)
        accuracy(model, test_loader)

    return epoch


def by_hand_epoch(train, test, batch_size: int = BATCH_SIZE):
    """One epoch of train_by_hand()."""
    model = LogisticRegression(28 * 28, 10)
    return lambda: train_by_hand(
        model, train, test, epochs=1, lr=LR, batch_size=batch_size
    )


def arithmetic(train):
    """An epoch's floor: one forward and one backward pass over all images at once."""
    model = LogisticRegression(28 * 28, 10)
    pixels = train.images.flatten(1).float().div_(255)

    def passes():
        nn.functional.cross_entropy(model(pixels), train.labels).backward()

    return passes


def best_recipe(train, test) -> tuple[float, float]:
    """Train by the recipe that goes furthest: test accuracy in percent, and seconds."""
    torch.manual_seed(0)
    model = SoftmaxRegression(28 * 28, 10)
    start = time.perf_counter()
    history = train_by_hand(model, train, test, **BEST)
    return history.test_accuracy[-1], time.perf_counter() - start


def _seconds(run, times: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(times):
        run()
    return (time.perf_counter() - start) / times


def _best(run) -> float:
    return min(_seconds(run), _seconds(run))


# --------------------------------------------------------------- what is shown of it


def report(result: dict) -> str:
    """The tables, as text."""
    median = {way: statistics.median(t) for way, t in result["epoch"].items()}
    lines = [
        "",
        f"{'one epoch, batches of 32':26}{'median s':>9}{'(min to max)':>20}"
        f"{'50 epochs':>11}{'times sooner':>14}{'floors':>8}",
    ]
    for way, times in result["epoch"].items():
        lines.append(
            f"{way:26}{median[way]:9.3f}{_spread(times):>20}"
            f"{RECIPE_EPOCHS * median[way]:9.1f} s"
            f"{median[USUAL] / median[way]:14.1f}{median[way] / median[FLOOR]:8.1f}"
        )
    lines += [
        "floors: how many times as long as one full-batch forward and backward pass.",
        "",
        f"{'to the best':26}{'median s':>9}{'(min to max)':>20}{'test accuracy':>15}",
    ]
    for way, solved in result["solution"].items():
        seconds = solved["seconds"]
        lines.append(
            f"{way:26}{statistics.median(seconds):9.2f}{_spread(seconds):>20}"
            f"{statistics.median(solved['accuracy']):13.2f} %"
        )
    seconds = [statistics.median(s["seconds"]) for s in result["solution"].values()]
    lines.append(f"The recipe takes 1/{seconds[1] / seconds[0]:.1f} of the time.")
    lines += _growth("seconds an epoch against training images", result["samples"])
    lines += _growth("seconds an epoch against batch size", result["batch_sizes"])
    return "\n".join(lines)


def _spread(times):
    return f"({min(times):.3f} to {max(times):.3f})"


def _growth(title, table):
    """A table's lines; the last column is the slope in a doubly logarithmic plot."""
    sizes = list(next(iter(table.values())))
    lines = ["", f"{title}:", " " * 26 + "".join(f"{s:>9,}" for s in sizes) + "  grows"]
    for way, times in table.items():
        power = statistics.linear_regression(
            [math.log(size) for size in times], [math.log(t) for t in times.values()]
        ).slope
        cells = "".join(f"{t:9.3f}" for t in times.values())
        lines.append(f"{way:26}{cells}  as size^{power:.2f}")
    return lines


def draw(result: dict):
    """The three pictures in one figure: an epoch, and its growth."""
    from matplotlib.figure import Figure

    colours = dict(zip((USUAL, LOADER, BY_HAND), ("#D55E00", "#0072B2", "#009E73")))
    figure = Figure(figsize=(13, 4), layout="constrained")
    first, second, third = figure.subplots(1, 3)
    ways = list(result["epoch"])
    median = [statistics.median(times) for times in result["epoch"].values()]
    bars = first.barh(ways, median, color=[colours.get(w, "#666666") for w in ways])
    first.bar_label(bars, [f"{m:.3g} s" for m in median], padding=3)
    first.set(xscale="log", xlabel="seconds an epoch", title="One epoch")
    first.margins(x=0.25)
    first.invert_yaxis()
    for axis, key, name in (
        (second, "samples", "training images"),
        (third, "batch_sizes", "batch size"),
    ):
        for (way, times), marker in zip(result[key].items(), "os^"):
            axis.plot(
                list(times),
                list(times.values()),
                marker=marker,
                color=colours[way],
                label=way,
            )
        axis.set(xscale="log", yscale="log", xlabel=name, ylabel="seconds an epoch")
        axis.set_title(f"Growth with the {name}")
        axis.set_xticks(list(times), [f"{size:,}" for size in times], minor=False)
        axis.minorticks_off()
        axis.grid(alpha=0.3)
        axis.legend()
    figure.suptitle(f"{result['data']}, {result['n_train']:,} training images")
    return figure
