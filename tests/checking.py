"""A notebook to try answers in: a real IPython shell that runs what learners type."""

import types

import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from mnist_logreg import checks
from mnist_logreg.checks import cells
from mnist_logreg.checks.verdicts import MIME
from mnist_logreg.data import open_data

# Nothing of these cells goes into the history of the person who runs the tests.
NO_HISTORY = Config({"HistoryManager": {"enabled": False, "hist_file": ":memory:"}})


class Notebook:
    """A notebook on the digits, with the names that answers need.

    names: further names of the lesson, by which the cells above an exercise are
    represented. Each test gets a fresh namespace; the shell is shared.
    """

    def __init__(self, **names):
        # A module of its own: IPython would put it in the place of `__main__`.
        self.shell = InteractiveShell.instance(
            config=NO_HISTORY, user_module=types.ModuleType("notebook")
        )
        self.shell.user_ns.clear()  # as `reset` does, which collects garbage for 1 s
        self.shell.init_user_ns()
        cells.watch()
        cells.MEMORY.forget()  # what other tests ran
        self.names = self.shell.user_ns
        self.names.update(names)

    def run(self, code: str):
        """Run a cell; returns its result, with .verdicts and .error."""
        with capture_output() as captured:
            result = self.shell.run_cell(code, store_history=True)
        shown = [output.data for output in captured.outputs]
        result.verdicts = [data for data in shown if MIME in data]
        result.printed = captured.stdout
        result.error = result.error_before_exec or result.error_in_exec
        return result

    def check(self, call: str) -> tuple[str, str]:
        """Run a check cell; returns status and message. `go_on` is what it returned."""
        result = self.run(f"from mnist_logreg import checks\n\ngo_on = {call}")
        assert result.error is None, result.error
        (data,) = result.verdicts
        assert data["text/plain"].endswith(data[MIME]["message"])
        return data[MIME]["status"], data[MIME]["message"]

    def answer(self, number: str, code: str) -> tuple[str, str]:
        """Type a cell under exercise `number`, run it and the check below it."""
        self.run(code)
        return self.check(call(number))

    @property
    def go_on(self):
        """What the last check handed on."""
        return self.names["go_on"]


def call(number: str, arguments: str = "") -> str:
    """The code that checks an exercise."""
    (name,) = (
        name for name, exercise in checks.by_name().items() if exercise.number == number
    )
    return f"checks.{name}({arguments})"


def contrast(dark: str, light: str) -> float:
    """The contrast of two colours such as "#0072b2", as WCAG defines it: 1 to 21."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [
            p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    return (luminance(light) + 0.05) / (luminance(dark) + 0.05)


@pytest.fixture(scope="session")
def digits():
    """The two data sets of notebook 01, as torchvision gives them."""
    from torchvision import datasets, transforms  # the first import takes a while

    root = open_data("digits").root
    return [
        datasets.MNIST(root, train=train, transform=transforms.ToTensor())
        for train in (True, False)
    ]


@pytest.fixture
def notebook(digits, tmp_path, monkeypatch):
    """A notebook whose first cells were run on the digits."""
    monkeypatch.setenv("MNIST_RUN", str(tmp_path / "results"))
    open_data("digits")
    train, test = digits
    kept = train.targets, test.targets
    yield Notebook(torch=torch, train_dataset=train, test_dataset=test)
    train.targets, test.targets = kept
    torch.set_default_dtype(torch.float32)
    torch.set_default_device(None)
