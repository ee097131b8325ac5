"""What a kernel that trains costs beyond its imports: a class shares a machine."""

import subprocess
import sys
from pathlib import Path

import pytest

from mnist_logreg.errors import UserError
from mnist_logreg.files.choose import open_data

IMPORTED = """
import matplotlib.pyplot, torch, torchvision
"""

TRAINED = """
from torch.utils.data import DataLoader
from mnist_logreg.data import load, open_data, take_whole
from mnist_logreg.model import LogisticRegression, SoftmaxRegression
from mnist_logreg.training import train, train_by_hand

sets = load(open_data("mnist"))
assert len(sets[0]) == 60_000
loaders = (
    DataLoader(sets[0], 32, shuffle=True, collate_fn=take_whole),
    DataLoader(sets[1], 32, collate_fn=take_whole),
)
train(LogisticRegression(784, 10), *loaders, epochs=1, lr=0.001)
train_by_hand(LogisticRegression(784, 10), *sets, epochs=2, lr=0.001)
train_by_hand(SoftmaxRegression(784, 10), *sets, epochs=1, lr=1.0, batch_size=512)
"""

# The largest resident set of this process alone; ru_maxrss would count its parent too.
PEAK = """
from pathlib import Path
status = Path("/proc/self/status").read_text()
print("peak", status.split("VmHWM:")[1].split()[0])
"""


def peak_mib(program):
    done = subprocess.run(
        [sys.executable, "-c", program + PEAK], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1]) / 1024


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="measured through Linux's /proc"
)
def test_loading_mnist_and_training_cost_at_most_150_mib():
    try:
        open_data("mnist")
    except UserError as error:
        pytest.skip(str(error))
    extra = peak_mib(IMPORTED + TRAINED) - peak_mib(IMPORTED)
    print(f"{extra:.0f} MiB above the imports")
    assert extra <= 150
