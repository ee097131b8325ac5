"""The explorable figures, without a browser: what they compute, draw and hand on."""

import html
import json
import subprocess
import sys
from pathlib import Path

import pytest
import tiny
import torch
from torch import nn

from mnist_logreg.data import load, open_data
from mnist_logreg.errors import UserError
from mnist_logreg.explore import (
    DrawingPad,
    GradientDescent,
    MeanOfMany,
    OneScore,
    OutputRange,
    ScoresToProbabilities,
    ShiftedImage,
)
from mnist_logreg.explore.drawing import EXAMPLES, image_of
from mnist_logreg.explore.models import linear_models
from mnist_logreg.model import (
    LogisticRegression,
    SoftmaxRegression,
    class_means,
    nearest_mean,
)
from mnist_logreg.results import load_model
from mnist_logreg.tools.pages.pad import COMMITTED
from mnist_logreg.tools.project import NOTEBOOKS

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def digits():
    """The bundled digits' training set."""
    return load(open_data("digits"))[0]


@pytest.fixture(scope="module")
def means(digits):
    return class_means(digits.images, digits.labels)


@pytest.fixture
def figures(digits, means):
    """One of each kind."""
    model = SoftmaxRegression(784, 10)
    image = digits.images[0]
    return [
        DrawingPad({"my model": model, "nearest mean": means}),
        MeanOfMany(digits.images, digits.labels),
        OneScore(model, image),
        ScoresToProbabilities(),
        GradientDescent(digits.images, digits.labels),
        ShiftedImage(model, image),
        OutputRange(),
    ]


# ---- a drawing becomes an image as MNIST's makers made theirs


@pytest.mark.parametrize("digit", EXAMPLES)
def test_a_drawing_fits_the_box_with_its_mass_in_the_centre(digit):
    image = torch.from_numpy(image_of(EXAMPLES[digit])).double()
    rows, columns = image.sum(dim=1), image.sum(dim=0)
    sides = [
        int(axis.nonzero().max() - axis.nonzero().min() + 1) for axis in (rows, columns)
    ]
    assert max(sides) == 20
    places = torch.arange(28).double() + 0.5
    for axis in (rows, columns):
        assert abs((places @ axis / axis.sum()).item() - 14) <= 0.5
    assert ((image > 0) & (image < 255)).any()  # the edges are grey


def test_the_size_and_place_of_a_drawing_do_not_matter_but_its_proportions_do():
    stroke = [[100, 60], [100, 220]]
    image = image_of([stroke])
    assert (image_of([[[x + 70, y - 30] for x, y in stroke]]) == image).all()
    wide = image_of([[[60, 100], [220, 100]]])
    assert (wide == image.T).all()


def test_nothing_drawn_is_an_empty_image_and_a_dot_fills_the_box():
    assert image_of([]).sum() == 0
    dot = image_of([[[140, 140]]])
    assert dot.max() == 255
    assert (dot.any(axis=0).sum(), dot.any(axis=1).sum()) == (20, 20)


def test_a_shift_moves_the_image_and_loses_what_leaves_the_frame():
    strokes = EXAMPLES["1"]
    image, moved = image_of(strokes), image_of(strokes, (6, -2))
    assert (moved[:-2, 6:] == image[2:, :-6]).all()
    assert moved[:, :6].sum() == moved[-2:].sum() == 0
    assert image_of(strokes, (28, 0)).sum() == 0


# ---- the pad in Python


def test_without_a_hand_the_pad_holds_an_example(means):
    pad = DrawingPad(means)
    assert pad.image.dtype == torch.uint8
    assert pad.image.shape == (28, 28)
    assert torch.equal(pad.image, torch.from_numpy(image_of(EXAMPLES["3"])))
    assert not torch.equal(DrawingPad(means, example=5).image, pad.image)


def test_the_image_follows_the_strokes(means):
    pad = DrawingPad(means)
    pad.strokes, pad.shift = EXAMPLES["7"], [2, 0]
    assert torch.equal(pad.image, torch.from_numpy(image_of(EXAMPLES["7"], (2, 0))))


def test_the_nearest_mean_is_a_linear_model(digits, means):
    (model,) = linear_models({"nearest mean": means})
    (same,) = linear_models(means.double() / 255)
    images = digits.images[:200]
    scores = torch.stack([model.scores(image) for image in images])
    assert torch.equal(scores.argmax(dim=1), nearest_mean(images, means))
    assert torch.allclose(same.weight, model.weight)
    x = images.flatten(1) / 255
    distances = torch.cdist(x, means.flatten(1) / 255).square()
    assert torch.allclose(
        scores, x.square().sum(dim=1, keepdim=True) - distances, atol=1e-3
    )


@pytest.mark.parametrize(
    ("model", "output"),
    [
        (SoftmaxRegression(784, 10), "softmax"),
        (LogisticRegression(784, 10), "sigmoid"),
        (nn.Linear(784, 10), "softmax"),
        (SoftmaxRegression(784, 10).double(), "softmax"),
    ],
)
def test_what_follows_the_linear_layer_is_noticed(digits, model, output):
    (shown,) = linear_models(model)
    assert shown.output == output
    image = digits.images[0]
    x = (image.flatten()[None] / 255).to(next(model.parameters()).dtype)
    with torch.no_grad():
        given = model(x)[0].float()
    if output == "softmax":
        given = given.softmax(dim=0)
    assert torch.allclose(shown.outputs(image), given, atol=1e-6)


class Cubed(SoftmaxRegression):
    def forward(self, x):
        return self.linear(x) ** 3


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10)), "no layer"),
        (SoftmaxRegression(64, 10), "784 pixels"),
        (Cubed(784, 10), "what comes after"),
        (torch.zeros(10, 27, 27), "[10, 27, 27]"),
        ("softmax", "is a str"),
        ({}, "at least one"),
    ],
)
def test_another_model_is_refused_with_the_reason(model, said):
    with pytest.raises(UserError, match=said.replace("[", r"\[")):
        DrawingPad(model)


@pytest.mark.parametrize(
    "make",
    [
        lambda: DrawingPad(nn.Linear(784, 10), example=10),
        lambda: OneScore(nn.Linear(784, 10), torch.zeros(2, 28, 28)),
        lambda: ScoresToProbabilities([1, 2, 3]),
        lambda: MeanOfMany(torch.zeros(3, 28, 28), torch.tensor([0, 1, 2]), digit=7),
    ],
)
def test_other_arguments_are_refused(make):
    with pytest.raises(UserError):
        make()


# ---- the still figure


def test_every_figure_carries_a_still_one_with_alternative_text(figures):
    for figure in figures:
        data, metadata = figure._repr_mimebundle_()
        assert data.keys() == {VIEW, "text/plain", "text/html", "image/png"}
        assert data["image/png"]
        assert len(metadata["image/png"]["alt"]) > 60
        alt = metadata["image/png"]["alt"]
        assert data["text/plain"] == alt
        assert f'alt="{html.escape(alt)}"' in data["text/html"]


def test_the_still_figures_are_drawn_from_what_the_figure_holds(digits, means):
    pad = DrawingPad(means)
    _, alt = pad.still()
    pad.strokes = []
    assert "An empty drawing pad" in pad.still()[1] != alt
    scores = ScoresToProbabilities([0] * 10, label=4)
    assert "has the probability 0.100, so the loss is 2.303" in scores.still()[1]
    few = MeanOfMany(digits.images, digits.labels, digit=8, counts=(1, 10**6))
    n = int((digits.labels == 8).sum())
    assert list(few.means) == [1, n]
    assert f"{n} images" in few.still()[1]


def test_gradient_descent_learns_from_the_images_that_it_names(digits):
    figure = GradientDescent(digits.images, digits.labels)
    assert len(figure.labels) == 600
    _, _, losses, accuracies = figure.run(100)
    assert losses[0] == pytest.approx(2.302585, abs=1e-6)
    assert losses[-1] < 0.7
    assert accuracies[-1] > 0.85
    same = GradientDescent(digits.images, digits.labels)
    assert torch.equal(same.images, figure.images)
    few = GradientDescent(digits.images[:30], digits.labels[:30])
    assert (few.n_learn, len(few.labels), few.batch_size) == (20, 30, 20)


# ---- on a page, and in a kernel


def test_the_model_on_the_overview_is_that_of_the_last_notebook(mnist):
    _, test = load(open_data("mnist"))
    model = load_model(COMMITTED)
    with torch.no_grad():
        answers = model(test.images.flatten(1) / 255).argmax(dim=1)
    accuracy = 100 * (answers == test.labels).double().mean().item()
    printed = "".join(tiny.shown(NOTEBOOKS / "04_training.ipynb"))
    assert f"test accuracy, falling rate: {accuracy:.2f} %" in printed


MEMORY = """
import ctypes
import gc
import psutil
import ipykernel.zmqshell  # as in every kernel
import torch
from mnist_logreg.data import load, open_data
from mnist_logreg.plots import bars, curves, image_grid, show, weight_images

def resident():
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what is free but kept for later does not count
    return psutil.Process().memory_full_info().uss / 2**20  # the kernel's alone

train, test = load(open_data("digits"))
model = torch.nn.Linear(784, 10)
for _ in range(3):  # what the notebook draws anyway
    show(image_grid(train.images[:10], range(10)), alt="Ten digits.")
    show(bars("ab", [1, 2], "x"), alt="Two bars.")
    show(curves([1, 2], {"a": [1, 2]}, "x", "y"), alt="A line.")
    show(weight_images(model.weight), alt="Weights.")
scores = model(train.images[:100].flatten(1) / 255)
torch.nn.functional.cross_entropy(scores, train.labels[:100]).backward()
before = resident()
from mnist_logreg.explore import *
figures = [
    DrawingPad({"a": model, "b": torch.nn.Linear(784, 10)}),
    OneScore(model, train.images[0]),
    ScoresToProbabilities(),
    GradientDescent(train.images, train.labels),
]
for figure in figures:
    figure._repr_mimebundle_()
print("grown", resident() - before)
"""


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="measured through Linux's /proc"
)
def test_four_figures_more_than_a_notebook_has_cost_less_than_10_mb():
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    grown = float(done.stdout.split("grown")[1])
    print(f"{grown:.1f} MiB")
    assert grown < 10


def test_no_module_asks_for_anything_from_a_network(figures):
    for figure in figures:
        assert "http" not in figure._esm.replace("http://www.w3.org/2000/svg", "")
        assert "import" not in [line.split(" ")[0] for line in figure._esm.splitlines()]
        assert json.dumps(figure._css).count("url(") == 0
