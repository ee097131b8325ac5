"""What a kernel that trains costs beyond its imports: a class shares a machine."""

import subprocess
import sys
from pathlib import Path

import pytest

MEASURED = """
from pathlib import Path

def told(file, name):  # in MiB
    return int(Path("/proc/self", file).read_text().split(name)[1].split()[0]) / 1024

def peak():
    # The largest resident set of this process alone; ru_maxrss counts its parent's too.
    return told("status", "VmHWM:")

def own():
    return told("smaps_rollup", "Anonymous:")

import matplotlib.figure, torch
from mnist_logreg import checks, plots

imported = peak()
from mnist_logreg.by_hand import train_by_hand
from mnist_logreg.data import load, loader, open_data
from mnist_logreg.model import LogisticRegression, SoftmaxRegression
from mnist_logreg.training import evaluate, train_epoch

data, before = open_data("mnist"), own()
sets = load(data)
touched = sum(part.max() for images in sets for part in images.images.split(1000))
print(own() - before)
assert len(sets[0]) == 60_000
model = LogisticRegression(784, 10)
optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
train_epoch(model, loader(sets[0], 32, True), torch.nn.CrossEntropyLoss(), optimizer)
evaluate(model, loader(sets[1], 1000))
train_by_hand(LogisticRegression(784, 10), *sets, epochs=2, lr=0.001)
train_by_hand(SoftmaxRegression(784, 10), *sets, epochs=1, lr=1.0, batch_size=512)
print(peak() - imported)
"""


@pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(),
    reason="measured through Linux's /proc",
)
def test_the_images_are_no_memory_of_one_s_own_and_training_costs_little(mnist):
    command = [sys.executable, "-c", MEASURED]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded, trained = map(float, done.stdout.split())
    assert loaded < 15  # MiB; the images are 52
    assert trained <= 120  # half of it the files of images, which all share


IMPORTED = """
import importlib, sys, torch, numpy, matplotlib.figure, IPython.display
heavy = {"torchvision", "sklearn", "scipy", "pandas", "requests", "matplotlib.pyplot"}
for module in ("data", "plots", "checks", "training", "by_hand"):
    importlib.import_module(f"mnist_logreg.{module}")
    assert not heavy & set(sys.modules), (module, heavy & set(sys.modules))

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


def test_what_learners_import_is_little_and_the_compiler_waits_until_it_is_used():
    """Torch and matplotlib, no other large package."""
    subprocess.run([sys.executable, "-c", IMPORTED], check=True)
