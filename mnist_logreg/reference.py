"""scikit-learn's solver for the same model: what the recipes are measured against."""

import json
import os
import subprocess
import sys
import time

import numpy as np

from mnist_logreg.errors import UserError


def solve_with_scikit_learn(train, test) -> tuple[float, float]:
    """Fit scikit-learn's LogisticRegression, 100 iterations at most.

    train, test: InMemoryDatasets. Returns the test accuracy in percent and the seconds
    that the fit took. It runs in a process of its own, whose memory goes with it, and
    on one processor: there it is quicker, and adds in the same order each time.
    Raises UserError if that process fails.
    """
    arrays = [t.numpy() for data in (train, test) for t in (data.images, data.labels)]
    command = [sys.executable, "-m", __name__, str(len(train)), str(len(test))]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as child:
        try:
            for array in arrays[:-1]:
                child.stdin.write(array)
            answer, errors = child.communicate(arrays[-1].tobytes())
        except BrokenPipeError:
            answer, errors = child.communicate()
        except BaseException:
            child.kill()
            raise
    if child.returncode:
        said = errors.decode(errors="replace").strip().splitlines()
        raise UserError(
            "scikit-learn's solver failed: "
            f"{said[-1] if said else f'its process ended with {child.returncode}'}. "
            "`make doctor` says whether scikit-learn and enough memory are here."
        )
    return tuple(json.loads(answer))


def _read(n):
    """The next n images, float32 [n, 784] from 0 to 1, and their labels."""
    images = np.frombuffer(sys.stdin.buffer.read(n * 784), np.uint8)
    labels = np.frombuffer(sys.stdin.buffer.read(n * 8), np.int64)
    return images.reshape(n, 784).astype(np.float32) / np.float32(255), labels


def _solve(n_train, n_test):
    """What the child does."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    # It stops after 100 iterations, a little before the bottom: known, and meant.
    warnings.simplefilter("ignore", ConvergenceWarning)
    train, test = _read(n_train), _read(n_test)
    start = time.perf_counter()
    model = LogisticRegression(max_iter=100).fit(*train)
    seconds = time.perf_counter() - start
    print(json.dumps([100 * float(model.score(*test)), seconds]))


if __name__ == "__main__":
    _solve(*map(int, sys.argv[1:]))
