"""``run``: executes the four notebooks, side by side, into a new folder.

What it leaves there: the executed notebooks, index.html with a page for each, their
figures as PNG, and metrics.json. The larger libraries are imported late, so that a
wrong argument is refused, and the data are named, at once.
"""

import ast
import importlib.metadata
import json
import os
import platform
import signal
import time
from pathlib import Path
from typing import Any

from mnist_logreg.errors import UserError
from mnist_logreg.files.whole import write_whole
from mnist_logreg.tools import arguments, output
from mnist_logreg.tools.project import NOTEBOOKS

INTERRUPTED = "Interrupted before the first notebook, or while the pages were made."
PACKAGES = ("torch", "torchvision", "numpy", "matplotlib", "scikit-learn", "papermill")


def add_arguments(parser):
    """Declare what ``run`` takes."""
    arguments.add_data(parser)
    parser.add_argument(
        "--epochs",
        type=arguments.positive_int,
        metavar="N",
        help="passes through the training set (default: 50)",
    )
    parser.add_argument(
        "--lr",
        type=arguments.positive_float,
        metavar="X",
        help="learning rate (default: 0.001)",
    )
    parser.add_argument(
        "--batch-size",
        type=arguments.positive_int,
        metavar="N",
        help="images in a batch (default: 32)",
    )
    parser.add_argument(
        "--seed",
        type=arguments.seed,
        metavar="N",
        help="where random numbers start (default: 0)",
    )
    output.add_out(parser)


def main(args) -> int:
    """Run the series.

    Parameters
    ----------
    args : argparse.Namespace
        What `add_arguments` has declared.

    Returns
    -------
    int
        0.

    Raises
    ------
    UserError
        Naming notebook, cell and cause, where it had to stop.
    KeyboardInterrupt
        After Ctrl-C, with such a message.
    """
    signal.signal(signal.SIGTERM, _terminate)
    began = time.monotonic()
    from mnist_logreg.files.choose import open_data

    data = open_data(args.data, fetch=True)
    print(data, flush=True)
    from mnist_logreg.tools.pages import site
    from mnist_logreg.tools.series.execution import (
        Execution,
        cell_seconds,
        side_by_side,
    )
    from mnist_logreg.tools.series.progress import Progress

    notebooks = sorted(NOTEBOOKS.glob("*.ipynb"))
    declared = {notebook: _parameters(notebook) for notebook in notebooks}
    limit = cell_seconds(args.epochs)
    out = output.claim(args)
    _clear(out, notebooks)
    os.environ["MNIST_RUN"] = str(out)  # where the notebooks leave what they save

    given = {"source": data.name}
    for name in ("epochs", "lr", "batch_size", "seed"):
        if getattr(args, name) is not None:
            given[name] = getattr(args, name)
    executions = []
    used: dict[str, Any] = {}
    for notebook in notebooks:
        parameters = {n: v for n, v in given.items() if n in declared[notebook]}
        used |= declared[notebook] | parameters
        to = out / notebook.name
        executions.append(Execution(notebook, to, parameters, limit))
    try:
        with Progress(executions) as progress:
            # The last one trains longest and starts first.
            order = [executions[-1], *executions[:-1]]
            side_by_side(order, look=progress.show)
        seconds = {
            execution.notebook.stem: round(execution.seconds, 1)
            for execution in executions
            if execution.seconds is not None
        }
        metrics = _complete_metrics(out / "metrics.json", data, used, seconds, began)
        site.build(out, out)  # the pages, and the figures as files
    except (UserError, _Terminated) as error:
        raise UserError(f"{str(error) or INTERRUPTED} {_whereabouts(out)}") from error
    except KeyboardInterrupt as stop:
        said = str(stop) or INTERRUPTED
        raise KeyboardInterrupt(f"{said} {_whereabouts(out)}") from None
    except BrokenPipeError:  # nobody reads the progress any more: not the disk's fault
        raise
    except OSError as error:
        reason = error.strerror or error
        raise UserError(f"{out} could not be written: {reason}.") from error

    print(f"Done in {time.monotonic() - began:.0f} s: {_shown(out / 'index.html')}")
    if metrics.get("test_accuracy"):
        accuracy, epochs = metrics["test_accuracy"][-1], len(metrics["test_accuracy"])
        print(f"Accuracy after epoch {epochs}: {accuracy:.2f} % of the test images.")
    return 0


def _clear(out: Path, notebooks: list[Path]) -> None:
    """Remove what an earlier run left in `out`: it must not pass for this run's."""
    results = ("metrics.json", "model.pt", "index.html", "curves.svg")
    stale = [out / name for name in results]
    for notebook in notebooks:
        stale += [out / notebook.name, out / f"{notebook.stem}.html"]
        stale += (out / "figures").glob(f"{notebook.stem}_*.png")
    for path in stale:
        path.unlink(missing_ok=True)


def _parameters(notebook: Path) -> dict:
    """The parameters that a notebook declares, with their defaults."""
    import papermill

    try:
        declared = papermill.inspect_notebook(
            str(notebook).replace("{", "{{").replace("}", "}}")  # else a template
        )
    except Exception as error:
        raise UserError(f"{notebook} is not a notebook: {error}.") from error
    return {
        name: ast.literal_eval(parameter["default"])
        for name, parameter in declared.items()
    }


def _complete_metrics(path, data, parameters, seconds, began) -> dict:
    """Add to what notebook 04 saved how it came about; returns all of it."""
    metrics = json.loads(path.read_text("utf-8")) if path.exists() else {}
    metrics |= {
        "data": data.name,
        "data_why": data.why,
        "n_train": data.n_train,
        "n_test": data.n_test,
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "parameters": parameters,
        "seconds": round(time.monotonic() - began, 1),
        "notebook_seconds": seconds,
        "versions": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in PACKAGES},
        },
    }
    text = json.dumps(metrics, indent=1, allow_nan=False) + "\n"
    write_whole(path, text.encode())
    return metrics


def _shown(path: Path) -> Path:
    """As short as it can be said from here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _whereabouts(out: Path) -> str:
    return f"What was executed so far is in {_shown(out)}."


class _Terminated(KeyboardInterrupt):
    """SIGTERM came: the system, or another program, asks the runner to end."""


def _terminate(signum, frame):
    raise _Terminated
