"""The figures: alternative text everywhere, and no person's settings in them."""

import base64
import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from bs4 import BeautifulSoup
from checking import NO_HISTORY
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib.figure import Figure
from PIL import Image

from mnist_logreg import plots
from mnist_logreg.errors import UserError
from mnist_logreg.tools.project import ROOT

PERSONAL = """
import os
os.environ["MPLBACKEND"] = "module://backend_interagg"  # one that is not here
import matplotlib
import matplotlib.pyplot as plt
plt.style.use("dark_background")
matplotlib.rcParams.update({
    "image.origin": "lower", "savefig.transparent": True, "text.usetex": True,
    "font.family": "monospace", "font.size": 30, "lines.linewidth": 9,
    "savefig.dpi": 20, "figure.facecolor": "red", "axes.grid": True,
    "legend.frameon": False, "image.cmap": "jet", "savefig.facecolor": "black",
})
from IPython.core.interactiveshell import InteractiveShell
from test_plots import drawn
InteractiveShell.instance()
print(*drawn())
"""


def drawn():
    """A figure of each kind, and one of one's own; returns the sum of each picture."""
    torch.manual_seed(0)
    noise = torch.rand(10, 784) - 0.5
    lines = {"a": [1, 3, 2], "b": [2, 2]}
    with capture_output() as captured:
        for figure in (
            plots.image_grid(noise.view(10, 28, 28), range(10)),
            plots.bars("abc", [1, 2, 3], "size (m)", errors=[0.1, 0.2, 0.3]),
            plots.curves([0.1, 1, 10], lines, "rate", "loss", log=True),
            plots.histogram(
                {"a": noise[0].numpy(), "b": noise[1].numpy()}, "score", "images"
            ),
            plots.weight_images(noise),
            plots.reliability(torch.rand(500), torch.rand(500) < 0.5),
        ):
            plots.show(figure, "A figure.")
        with plots.style():
            figure = Figure(figsize=(7, 3.2))
            axes = figure.subplots(1, 2)
            axes[0].imshow(noise.numpy())
            axes[1].plot([1, 2], [3, 4], label="line")
            axes[1].legend()
        plots.show(figure, "A figure of one's own.")
    pictures = [output.data["image/png"].encode() for output in captured.outputs]
    return [hashlib.sha256(picture).hexdigest() for picture in pictures]


def test_personal_settings_change_nothing_byte_for_byte(shell):
    usual = drawn()
    assert len(set(usual)) == 7
    elsewhere = subprocess.run(
        [sys.executable, "-c", PERSONAL],
        cwd=Path(__file__).parent,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert elsewhere.stdout.split() == usual, elsewhere.stderr


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """IPython, without which display() prints."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    yield InteractiveShell.instance(config=NO_HISTORY)
    InteractiveShell.clear_instance()


def test_a_figure_has_its_alternative_text_in_every_form(shell):
    alt = 'Bars: 2 < 3, a "quote" & more.'
    with capture_output() as captured:
        plots.show(plots.bars(["a", "b"], [2, 3], "size (m)", "{:.2f}"), alt)
    (output,) = captured.outputs
    told = f"{alt} size (m): a, 2.00; b, 3.00."
    (image,) = BeautifulSoup(output.data["text/html"], "html.parser").find_all("img")
    assert image["alt"] == output.data["text/plain"] == told
    facts = output.metadata["image/png"]
    assert facts["alt"] == told
    assert image["src"] == f"data:image/png;base64,{output.data['image/png']}"
    png = Image.open(io.BytesIO(base64.b64decode(output.data["image/png"])))
    assert int(image["width"]) == facts["width"] == round(png.width / 2)
    assert facts["height"] == round(png.height / 2)
    assert "max-width: 100%" in image["style"]
    assert png.convert("RGBA").getextrema()[3] == (255, 255)
    assert png.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_a_figure_without_alternative_text_is_refused(alt):
    with pytest.raises(UserError, match="alt="):
        plots.show(plots.bars(["a"], [2], "size"), alt)


def test_what_a_figure_says_in_numbers_is_told():
    figure = plots.curves([1, 2, 3], {"loss": [4, 1, 2], "other": [3]}, "epoch", "loss")
    assert figure.in_numbers == [
        "loss: 4 at 1, 2 at 3, between 1 and 4.",
        "other: 3 at 1.",
    ]
    sure = torch.tensor([0.25] * 20 + [0.75] * 20 + [0.95] * 9)
    right = torch.arange(49) % 2 == 0
    assert plots.reliability(sure, right).in_numbers == [
        "States 25 %, is right 50 %.",
        "States 75 %, is right 50 %.",
    ]


def test_a_single_epoch_shows_and_none_says_what_to_do():
    figure = plots.curves([1], {"loss": [2.0]}, "epoch", "loss")
    (line,) = figure.axes[0].lines[:1]
    assert line.get_marker() == "o"
    with pytest.raises(UserError, match=r"nothing to draw yet.*at least one epoch"):
        plots.curves([], {"loss": [], "other": []}, "epoch", "loss")


def test_few_large_weights_do_not_make_all_others_pale():
    weight = torch.zeros(10, 784)
    weight[:, :400] = 0.5
    weight[0, 0] = 90
    (image,) = plots.weight_images(weight).axes[0].images
    assert image.get_clim() == (-0.5, 0.5)
    assert plots.weight_images(torch.zeros(10, 784)).axes[0].images[0].get_clim() == (
        -1,
        1,
    )


def test_all_groups_of_a_histogram_have_the_same_bins():
    figure = plots.histogram({"a": [0, 1, 20], "b": [21, 40]}, "x", "images")
    edges = {
        tuple(round(bar.get_x(), 6) for bar in group)
        for group in figure.axes[0].containers
    }
    assert edges == {tuple(range(40))}
