"""What ``bench`` measures: the ways to train, and the seconds that each takes."""

import importlib.util
import os
import platform
import time
from pathlib import Path
from typing import Any

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Subset

from mnist_logreg.by_hand import train_by_hand
from mnist_logreg.data import InMemoryDataset, load, loader
from mnist_logreg.model import LogisticRegression, SoftmaxRegression
from mnist_logreg.solver import rows_of_pixels, solve_with_scikit_learn

BATCH_SIZE = 32
LR = 0.001
# On the validation split of notebook 04 the best (93.05 %) of rates 0.1, 0.3, 1.0 with
# batches of 32, 128, 512 over 5, 10, 15, 20, 30 epochs.
BEST: dict[str, Any] = {"epochs": 30, "lr": 1.0, "batch_size": 128, "decay": True}
BATCH_SIZES = (8, 32, 128, 512)
USUAL = "the usual program"
LOADER = "standard loop"
BY_HAND = "gradient by hand"
FLOOR = "the arithmetic alone"
JAX = "compiled by JAX"
BEST_RECIPE = "best recipe by hand"
SOLVER = "scikit-learn's solver"
SGD = "scikit-learn's SGD"
# The quick ways are timed over several epochs, so that one disturbance matters less.
EPOCHS_A_ROUND = {USUAL: 1, LOADER: 2, BY_HAND: 8, FLOOR: 8, JAX: 8}


def measure(data, rounds: int) -> dict:
    """Measure everything; the ways take turns, so that a busy moment hits all of them.

    Parameters
    ----------
    data : Data
    rounds : int
        How often each way is measured.

    Returns
    -------
    dict
        As it goes into bench.json. "epoch": seconds an epoch, {way: one a round}.
        "solution": seconds and percent of the ways to the best. "samples" and
        "batch_sizes": seconds an epoch, {way: {size: seconds}}. "machine": which.
    """
    sets = load(data)
    optim.SGD([torch.zeros(1, requires_grad=True)])  # its first use imports for seconds
    epochs = {
        USUAL: _usual_epoch(data),
        LOADER: _loader_epoch(*sets),
        BY_HAND: _by_hand_epoch(*sets),
        FLOOR: _arithmetic(sets[0]),
    }
    if importlib.util.find_spec("jax"):
        epochs[JAX] = _jax_epoch(*sets)
    epoch: dict[str, list[float]] = {way: [] for way in epochs}
    solvers = {
        BEST_RECIPE: _best_recipe,
        SOLVER: solve_with_scikit_learn,
        SGD: _scikit_learns_sgd,
    }
    solution: dict[str, dict[str, list[float]]] = {
        way: {"seconds": [], "accuracy": []} for way in solvers
    }
    for number in range(rounds):
        for way, run in epochs.items():
            epoch[way].append(_seconds(run, EPOCHS_A_ROUND[way]))
        for way, solve in solvers.items():
            percent, seconds = solve(*sets)
            solution[way]["seconds"].append(seconds)
            solution[way]["accuracy"].append(percent)
        print(f"Round {number + 1} of {rounds} is done.", flush=True)
    # These two hold float copies of the training set, which nothing needs any more.
    del epochs[FLOOR]
    epochs.pop(JAX, None)
    return {
        "data": data.name,
        "n_train": len(sets[0]),
        "rounds": rounds,
        "epoch": epoch,
        "solution": solution,
        "samples": _by_samples(data, *sets),
        "batch_sizes": {
            way: {size: _best(make(*sets, size)) for size in BATCH_SIZES}
            for way, make in ((LOADER, _loader_epoch), (BY_HAND, _by_hand_epoch))
        },
        "machine": {
            "system": platform.platform(),
            "processor": _processor(),
            "processors": os.cpu_count(),
            "threads": torch.get_num_threads(),
            "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
            "python": platform.python_version(),
            "torch": torch.__version__,
        },
    }


def _by_samples(data, train, test):
    n = len(train)
    samples = {way: {} for way in (USUAL, LOADER, BY_HAND)}
    for size in (n // 8, n // 4, n // 2, n):
        part = InMemoryDataset(train.images[:size], train.labels[:size])
        samples[USUAL][size] = _seconds(_usual_epoch(data, size))
        samples[LOADER][size] = _best(_loader_epoch(part, test))
        samples[BY_HAND][size] = _best(_by_hand_epoch(part, test))
    return samples


def _usual_epoch(data, n: int | None = None):
    """One epoch of the usual program: each image is converted on its own.

    It uses as many processors as PyTorch takes by default. n: how many of the training
    images; by default all.
    """
    from torchvision import datasets, transforms  # seconds, and only for this way

    to_tensor = transforms.ToTensor()
    train = datasets.MNIST(data.root, train=True, transform=to_tensor)
    test = datasets.MNIST(data.root, train=False, transform=to_tensor)
    part = train if n is None else Subset(train, range(n))
    return _standard_epoch(
        DataLoader(part, BATCH_SIZE, shuffle=True), DataLoader(test, BATCH_SIZE)
    )


def _loader_epoch(train, test, batch_size: int = BATCH_SIZE):
    """One epoch of the same loop with the batches of the package's loader."""
    return _standard_epoch(loader(train, batch_size, shuffle=True), loader(test, 250))


def _standard_epoch(train_loader, test_loader):
    """The usual loop and its pass over the test set."""
    model = LogisticRegression(28 * 28, 10)
    optimizer = optim.SGD(model.parameters(), lr=LR)
    loss_fn = nn.CrossEntropyLoss()

    def epoch():
        for images, labels in train_loader:
            optimizer.zero_grad()
            outputs = model(images.view(-1, 28 * 28))
            loss = loss_fn(outputs, labels)
            loss.backward()
            optimizer.step()
        correct = 0
        for images, labels in test_loader:
            outputs = model(images.view(-1, 28 * 28))
            _, predicted = torch.max(outputs.data, 1)
            correct += (predicted == labels).sum().item()

    return epoch


def _by_hand_epoch(train, test, batch_size: int = BATCH_SIZE):
    """One epoch of train_by_hand()."""
    model = LogisticRegression(28 * 28, 10)
    return lambda: train_by_hand(
        model, train, test, epochs=1, lr=LR, batch_size=batch_size
    )


def _arithmetic(train):
    """An epoch's floor: all images forward and backward at once, in one thread."""
    model = LogisticRegression(28 * 28, 10)
    pixels = train.images.flatten(1).float().div_(255)

    def passes():
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        nn.functional.cross_entropy(model(pixels), train.labels).backward()
        torch.set_num_threads(threads)

    return passes


def _jax_epoch(train, test):
    """The same epoch as one program that JAX has compiled: in batches, and the test.

    It uses as many processors as JAX takes by default. Images left over are not used.
    """
    import jax
    from jax import numpy as jnp

    def arrays(dataset):
        labels = jnp.asarray(dataset.labels.numpy(), jnp.int32)
        return jnp.asarray(rows_of_pixels(dataset).toarray()), labels

    def loss(parameters, x, y):
        outputs = jax.nn.sigmoid(x @ parameters[0] + parameters[1])
        log_p = jax.nn.log_softmax(outputs)
        return -jnp.take_along_axis(log_p, y[:, None], axis=1).mean()

    n = len(train) // BATCH_SIZE * BATCH_SIZE

    @jax.jit
    def epoch(parameters, key, pixels, labels, test_pixels, test_labels):
        def step(parameters, rows):
            value, slopes = jax.value_and_grad(loss)(
                parameters, pixels[rows], labels[rows]
            )
            return [p - LR * s for p, s in zip(parameters, slopes)], value

        order = jax.random.permutation(key, len(pixels))[:n].reshape(-1, BATCH_SIZE)
        parameters, losses = jax.lax.scan(step, parameters, order)
        scores = test_pixels @ parameters[0] + parameters[1]
        return parameters, losses.mean(), (scores.argmax(1) == test_labels).mean()

    sets = *arrays(train), *arrays(test)
    parameters, key = [jnp.zeros((784, 10)), jnp.zeros(10)], jax.random.key(0)

    def run():
        nonlocal parameters, key
        key, now = jax.random.split(key)
        parameters, _, accuracy = epoch(parameters, now, *sets)
        accuracy.block_until_ready()

    run()  # compiles
    return run


def _best_recipe(train, test) -> tuple[float, float]:
    """Train by the recipe that goes furthest: percent of the test set, and seconds."""
    torch.manual_seed(0)
    model = SoftmaxRegression(28 * 28, 10)
    start = time.perf_counter()
    history = train_by_hand(model, train, test, **BEST)
    return history.test_accuracy[-1], time.perf_counter() - start


def _scikit_learns_sgd(train, test) -> tuple[float, float]:
    """Fit scikit-learn's SGDClassifier, five passes: percent of the test set, seconds.

    It learns to tell each digit from all the others, ten models in turn.
    """
    from sklearn.linear_model import SGDClassifier

    pixels, labels = rows_of_pixels(train), train.labels.numpy()
    start = time.perf_counter()
    model = SGDClassifier(loss="log_loss", max_iter=5, tol=None, random_state=0)
    model.fit(pixels, labels)
    seconds = time.perf_counter() - start
    return 100 * float(model.score(rows_of_pixels(test), test.labels.numpy())), seconds


def _processor() -> str:
    """The processor's name, as far as the system tells it."""
    try:
        told = Path("/proc/cpuinfo").read_text("utf-8")
        return told.split("model name")[1].partition(":")[2].partition("\n")[0].strip()
    except (OSError, IndexError):
        return platform.processor() or platform.machine()


def _seconds(run, times: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(times):
        run()
    return (time.perf_counter() - start) / times


def _best(run) -> float:
    return min(_seconds(run), _seconds(run))
