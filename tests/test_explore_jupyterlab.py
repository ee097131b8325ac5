"""The explorable figures in a real JupyterLab: what is drawn there reaches Python."""

import nbformat
import pytest
import tiny
from browsing import Watched
from lab_server import running_lab, settings_in
from test_explore_browser import by_keyboard, by_mouse

from mnist_logreg.explore.drawing import EXAMPLES, image_of
from mnist_logreg.tools.machine.lab import SETTINGS
from mnist_logreg.tools.series.clean import clean

MINUTE = 60_000  # in milliseconds, as Playwright counts
CELLS = (
    "import torch\n"
    "from mnist_logreg.data import load, open_data\n"
    "from mnist_logreg.explore import DrawingPad, ScoresToProbabilities\n"
    "from mnist_logreg.model import class_means\n"
    "train, _ = load(open_data('digits'))\n"
    "means = class_means(train.images, train.labels)\n"
    "pad = DrawingPad({'nearest mean': means, 'new': torch.nn.Linear(784, 10)})\n"
    "pad",
    "ScoresToProbabilities()",
    "print('ink', pad.image.sum().item(), 'strokes', len(pad.strokes), pad.shift)",
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab in a folder with a notebook of three cells."""
    folder = tmp_path_factory.mktemp("explore")
    tiny.notebook(folder / "draw.ipynb", *CELLS)
    command = [
        *("-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.port=0"),
        f"--LabApp.app_settings_dir={SETTINGS}",
    ]
    settings = settings_in(folder / "settings")
    with running_lab(folder, *command, **settings) as (address, *_):
        yield address, folder


@pytest.fixture(scope="module")
def page(browser, lab):
    """The notebook, all its cells run."""
    address, _ = lab
    context = browser.new_context(viewport={"width": 1280, "height": 1400})
    page = context.new_page()
    page.set_default_timeout(MINUTE)
    watched = Watched(page, address.split("/lab")[0])
    page.goto(address.replace("/lab", "/lab/tree/draw.ipynb") + "&reset")
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.get_by_text("ink", exact=False).and_(page.locator("pre")).last.wait_for()
    page.locator(".explore").nth(1).wait_for()
    yield page
    context.close()
    assert watched.strangers == []


def printed(page):
    """Run the last cell again; returns what it prints."""
    before = page.locator(".jp-InputPrompt").last.inner_text()
    page.locator(".jp-CodeCell").last.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        """before => {
            const text = [...document.querySelectorAll(".jp-InputPrompt")]
                .at(-1).textContent;
            return text !== before && /\\d/.test(text); }""",
        arg=before,
    )
    return page.locator(".jp-CodeCell").last.locator("pre").last.inner_text().strip()


def seen_ink(page):
    """How much ink the picture of the drawing shows."""
    return page.locator(".explore .picture").first.evaluate(
        """canvas => [...canvas.getContext("2d").getImageData(0, 0, 28, 28).data]
            .reduce((ink, value, i) => i % 4 ? ink : ink + 255 - value, 0)"""
    )


def test_what_is_drawn_reaches_python(page):
    pad = page.get_by_role("application", name="Draw a digit")
    said = page.locator(".explore .said").first
    assert said.inner_text().startswith("nearest mean: 3; new: ")
    ink = int(image_of(EXAMPLES["3"]).sum())
    assert printed(page) == f"ink {ink} strokes 1 [0, 0]"

    page.get_by_role("button", name="Clear").click()
    assert printed(page) == "ink 0 strokes 0 [0, 0]"
    by_mouse(page)
    assert said.inner_text().startswith("nearest mean: 1")
    drawn = printed(page)
    assert drawn.endswith("strokes 1 [0, 0]")
    assert drawn.startswith(f"ink {seen_ink(page)} ")

    # The keys are the pad's: no cell is added, cut or left by them.
    cells = page.locator(".jp-Cell").count()
    page.get_by_role("button", name="Clear").click()
    by_keyboard(page)
    assert pad.evaluate("pad => pad === document.activeElement")
    assert page.locator(".jp-Cell").count() == cells
    assert said.inner_text().startswith("nearest mean: 1")
    page.get_by_role("button", name="Move right").click()
    assert printed(page).endswith("strokes 1 [1, 0]")


def test_sliders_obey_the_arrow_keys_and_not_the_notebook(page):
    slider = page.get_by_label("Score of 3", exact=True)
    slider.focus()
    before = float(slider.input_value())
    for _ in range(5):
        page.keyboard.press("ArrowUp")
    assert float(slider.input_value()) == pytest.approx(before + 0.5)
    assert slider.evaluate("slider => slider === document.activeElement")


def test_python_moves_the_pad(page):
    page.locator(".jp-CodeCell").last.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(
        "pad.strokes, pad.shift = [[[140, 40], [140, 240]]], [2, 0]"
    )
    page.keyboard.press("Control+Enter")
    page.get_by_text("moved: 2 right").wait_for()
    ink = int(image_of([[[140, 40], [140, 240]]], (2, 0)).sum())
    assert seen_ink(page) == ink


def test_reopened_without_its_kernel_the_figure_is_still_there(page, lab):
    address, folder = lab
    page.keyboard.press("Control+s")
    page.locator(".jp-mod-current.jp-mod-dirty").wait_for(state="detached")
    page.goto("about:blank")
    page.goto(address.replace("/lab", "/lab/tree/draw.ipynb") + "&reset")
    page.get_by_role("button", name="Example 7", exact=True).click()
    assert page.locator(".explore .said").first.inner_text().startswith("nearest mean:")

    notebook = clean(nbformat.read(folder / "draw.ipynb", as_version=4))
    assert "widgets" not in notebook.metadata
    output = notebook.cells[2].outputs[0]
    assert not any("widget" in kind for kind in output.data)
    assert output.metadata["image/png"]["alt"].startswith("A drawn digit")
