"""The notebooks in JupyterLab, in a real browser, by what a person sees and types."""

import json
import re
import shutil
import time
from pathlib import Path

import nbformat
import pytest
import requests
from browsing import Watched
from lab_server import running_lab, settings_in

from mnist_logreg.tools.pages.runs import read_run

ROOT = Path(__file__).parents[1]
NAMES = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
MINUTE = 60_000  # in milliseconds, as Playwright counts


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project whose notebooks take digits, and two epochs."""
    project = tmp_path_factory.mktemp("project")
    for part in ("mnist_logreg", "notebooks"):
        ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(ROOT / part, project / part, ignore=ignore)
    for name in NAMES:
        path = project / "notebooks" / f"{name}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if "parameters" in cell.metadata.get("tags", []):
                cell.source = cell.source.replace('"auto" ', '"digits" ', 1)
                cell.source = cell.source.replace("epochs = 50", "epochs = 2")
            if cell.cell_type == "code":  # what is seen comes from this very run
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, path)
    return project


@pytest.fixture(scope="module")
def lab(project, tmp_path_factory):
    """JupyterLab as `make lab` starts it, but without opening a browser by itself."""
    settings = tmp_path_factory.mktemp("settings")
    (settings / "jupyter_server_config.json").write_text(
        json.dumps({"ServerApp": {"open_browser": False}})
    )
    variables = settings_in(settings) | {
        "PYTHONPATH": str(project),
        "MNIST_RUN": "",  # results lie where a learner's do
    }
    command = (project, "-m", "mnist_logreg", "lab")
    with running_lab(*command, **variables) as (address, *_):
        yield address


@pytest.fixture(scope="module")
def windows(browser):
    """A browser that keeps JupyterLab's own files from one window to the next."""
    with browser.new_context(viewport={"width": 1280, "height": 1000}) as context:
        yield context


@pytest.fixture(scope="module")
def window(windows, lab, request):
    """A window of JupyterLab with a notebook by its name, and its kernel started."""
    name = request.param
    page = windows.new_page()
    page.set_default_timeout(MINUTE)
    watched = Watched(page, lab.split("/lab")[0])
    address = re.sub(r"[^/]+\.ipynb", f"{name}.ipynb", lab)
    page.goto(f"{address}&reset")  # without the tabs of an earlier visit
    page.locator(".jp-Notebook .jp-Cell:visible").first.wait_for()
    page.locator(f".jp-mod-current:has-text('{name}.ipynb')").first.wait_for()
    yield page
    page.close()
    end_kernels(lab)
    assert watched.strangers == []


def end_kernels(lab):
    """Let the next test begin with kernels of its own."""
    origin, token = re.fullmatch(r"(http://[^/]+).*[?&]token=(\w+).*", lab).groups()
    sessions, known = f"{origin}/api/sessions", {"Authorization": f"token {token}"}
    for session in requests.get(sessions, headers=known, timeout=30).json():
        requests.delete(f"{sessions}/{session['id']}", headers=known, timeout=30)


def run_cells(page, what="Run All Cells"):
    """Choose this in the menu Run, then wait until the kernel has no more to do."""
    idle = page.get_by_text("Python 3 (ipykernel) | Idle")  # in the status bar
    waiting = page.locator(".jp-InputPrompt", has_text="[*]:")  # waits for its turn
    idle.wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name=what, exact=True).click()
    waiting.first.wait_for(state="attached")
    until, rest = time.monotonic() + 300, 0
    while rest < 6:  # half seconds
        assert time.monotonic() < until, "the kernel is still busy"
        page.wait_for_timeout(500)
        rest = rest + 1 if idle.count() and not waiting.count() else 0


def read_through(page):
    """Scroll from the top to the end; yields at every stop, when all is in place."""
    panel = page.locator(".jp-WindowedPanel-outer:visible")
    panel.evaluate("panel => panel.scrollTo(0, 0)")
    at, before = 0, -1
    while at > before:
        page.wait_for_timeout(200)
        yield
        panel.evaluate("panel => panel.scrollBy(0, panel.clientHeight * 0.7)")
        at, before = panel.evaluate("panel => panel.scrollTop"), at


def seen(page):
    """What a reader sees from top to end: numbers of cells, figures, trouble, texts."""
    numbers, figures, trouble, texts, folded = {}, {}, [], [], set()
    for _ in read_through(page):
        numbers |= page.locator(".jp-CodeCell:visible").evaluate_all(
            """cells => Object.fromEntries(cells.map(cell => [
                cell.dataset.windowedListIndex,
                cell.querySelector(".jp-InputPrompt").textContent]))"""
        )
        figures |= page.locator(".jp-RenderedHTML img[alt]:visible").evaluate_all(
            """images => Object.fromEntries(images.map(image =>
                [image.src.slice(-2000), image.naturalWidth]))"""
        )
        trouble += page.locator(
            ":is([data-mime-type$='error'], [data-mime-type$='stderr']):visible"
        ).all_inner_texts()
        texts += page.locator(".jp-OutputArea-output:visible").all_inner_texts()
        placeholder = page.locator(".jp-Placeholder-content:visible")
        folded |= set(placeholder.all_inner_texts())
    numbers = [text for _, text in sorted(numbers.items(), key=lambda n: int(n[0]))]
    return numbers, list(figures.values()), trouble, texts, folded - {""}


@pytest.mark.parametrize("window", NAMES, indirect=True)
def test_a_notebook_runs_from_top_to_end(window, project, request):
    page, name = window, request.node.callspec.params["window"]
    run_cells(page)
    numbers, figures, trouble, texts, folded = seen(page)
    assert trouble == []
    assert not page.get_by_text("official Jupyter news").count()
    cells = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    stored = [output for cell in code for output in cell.outputs]
    drawn = sum("image/png" in output.get("data", {}) for output in stored)
    live = sum(
        "import" in c.source and "mnist_logreg.explore" in c.source for c in code
    )
    assert len(figures) == drawn - live > 0  # the others answer to the hand
    assert min(figures) > 200  # pixels: the figures are there to be seen
    shown = [number for number in numbers if number]  # a folded cell shows none
    assert shown == [f"[{i}]:" for i in range(1, len(code) + 1)]
    assert folded == set()
    assert any("bundled digits, NOT MNIST" in text for text in texts)
    if name == NAMES[-1]:  # what it leaves behind is a run like any other
        run = read_run(project / "runs" / "notebook")
        assert (run.data, run.epochs) == ("the bundled digits", 2)


@pytest.mark.parametrize("window", NAMES[:1], indirect=True)
def test_answers_typed_into_an_exercise_are_judged_by_a_check_that_stays(window):
    page = window
    stub = page.locator(".jp-Notebook .cm-line", has_text="my_counts =").first
    for _ in read_through(page):
        if stub.count() and stub.is_visible():
            break
    stub.click()
    run_cells(page, "Run All Above Selected Cell")
    stub.click()
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    verdict = page.locator(".jp-CodeCell [role=status]", has_text="Exercise 1.1:")
    verdict.filter(has_text="not done yet").first.wait_for()

    def answer(text):
        """Type an answer, run its cell and the check below it."""
        stub.click()
        page.keyboard.press("Home")
        page.keyboard.press("Shift+End")
        page.keyboard.type(f"my_counts = {text}")
        page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(2000)  # a cell that waits for one that stops is not run
        page.keyboard.press("Shift+Enter")

    for typed, heard in (
        ("train_dataset.targets.unique()", "Count how often each does"),
        ("torch.bincount(t)", "your cell stopped at the line"),
        ("torch.bincount(train_dataset.targets)", "✓ Exercise 1.1: right"),
    ):
        answer(typed)
        verdict.filter(has_text=heard).first.wait_for()

    # The check itself can neither be changed nor deleted.
    check = page.locator(".cm-line", has_text="counts = checks.class_counts()")
    check.first.click()
    page.keyboard.type("spoilt")
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    page.keyboard.press("d")
    assert check.count() == 1 and "spoilt" not in check.inner_text()
