"""What a kernel that trains costs beyond its imports: a class shares a machine."""

import subprocess
import sys
from pathlib import Path

import pytest

TRAINED = """
from pathlib import Path

def peak():
    # The largest resident set of this process alone; ru_maxrss counts its parent's too.
    told = Path("/proc/self/status").read_text().split("VmHWM:")[1]
    return int(told.split()[0]) / 1024

import matplotlib.figure, torch
from mnist_logreg import checks, plots

imported = peak()
from mnist_logreg.by_hand import train_by_hand
from mnist_logreg.data import load, loader, open_data
from mnist_logreg.model import LogisticRegression, SoftmaxRegression
from mnist_logreg.training import evaluate, train_epoch

sets = load(open_data("mnist"))
assert len(sets[0]) == 60_000
model = LogisticRegression(784, 10)
optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
train_epoch(model, loader(sets[0], 32, True), torch.nn.CrossEntropyLoss(), optimizer)
evaluate(model, loader(sets[1], 1000))
train_by_hand(LogisticRegression(784, 10), *sets, epochs=2, lr=0.001)
train_by_hand(SoftmaxRegression(784, 10), *sets, epochs=1, lr=1.0, batch_size=512)
print(peak() - imported)
"""


def printed(program):
    """What a program prints: a number."""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(),
    reason="measured through Linux's /proc",
)


@needs_proc
def test_loading_mnist_and_training_cost_at_most_120_mib(mnist):
    assert printed(TRAINED) <= 120  # half of it the files of images, which all share


LOADED = """
from pathlib import Path
from mnist_logreg.data import load, open_data

def own():
    told = Path("/proc/self/smaps_rollup").read_text()
    return int(told.split("Anonymous:")[1].split()[0]) / 1024

data, before = open_data("mnist"), own()
sets = load(data)
touched = sum(part.max() for images in sets for part in images.images.split(1000))
print(own() - before)
"""


@needs_proc
def test_the_images_are_no_memory_of_a_process_s_own(mnist):
    assert printed(LOADED) < 15  # MiB; the images are 52


ADDED = """
import importlib, sys, torch, numpy, matplotlib.figure, IPython.display
for module in ("data", "plots", "checks", "training", "by_hand"):
    importlib.import_module(f"mnist_logreg.{module}")
    print(module, *sys.modules)
"""


def test_what_learners_import_needs_torch_and_matplotlib_and_little_else():
    done = subprocess.run(
        [sys.executable, "-c", ADDED], capture_output=True, text=True, check=True
    )
    heavy = {"torchvision", "sklearn", "scipy", "pandas", "requests"}
    heavy.add("matplotlib.pyplot")
    for line in done.stdout.splitlines():
        module, *loaded = line.split()
        assert not heavy & set(loaded), module


COMPILED = """
import sys
from mnist_logreg.data import open_data
import torch
from torchvision import datasets

model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

def step(images):
    optimizer.zero_grad()
    model(images).sum().backward()
    optimizer.step()

step(torch.ones(3, 2))
assert "torch._dynamo.convert_frame" not in sys.modules
before = model.weight.detach().clone()
torch.compile(step, backend="eager")(torch.ones(3, 2))
assert "torch._dynamo.convert_frame" in sys.modules
assert torch.equal(before - 1.5, model.weight)
assert torch._dynamo.__file__
"""


def test_the_compiler_is_not_loaded_until_it_is_used():
    subprocess.run([sys.executable, "-c", COMPILED], check=True)
