"""The explorable figures in a real browser, by what a person does, sees and hears."""

import base64
import hashlib
import re

import pytest
import torch
from browsing import Watched
from torch.nn import functional as F

from mnist_logreg.data import load, open_data
from mnist_logreg.explore import (
    DrawingPad,
    GradientDescent,
    MeanOfMany,
    OneScore,
    OutputRange,
    ScoresToProbabilities,
    ShiftedImage,
)
from mnist_logreg.explore import page as live
from mnist_logreg.explore.drawing import EXAMPLES, image_of
from mnist_logreg.explore.models import linear_models
from mnist_logreg.figures import displayed
from mnist_logreg.model import LogisticRegression, class_means
from mnist_logreg.results import load_model
from mnist_logreg.tools.pages.pad import COMMITTED

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def sets():
    """MNIST where it is, else the bundled digits."""
    return load(open_data())


@pytest.fixture(scope="module")
def models(sets):
    """The softmax regression of the overview page, one with a sigmoid, and means."""
    train, _ = sets
    model, sigmoid = load_model(COMMITTED), LogisticRegression(784, 10)
    sigmoid.linear = model.linear
    means = class_means(train.images[:5000], train.labels[:5000])
    return {"softmax": model, "sigmoid": sigmoid, "nearest mean": means}


@pytest.fixture(scope="module")
def figures(sets, models):
    train, test = sets
    return {
        "pad": DrawingPad(models),
        "mean": MeanOfMany(train.images, train.labels),
        "score": OneScore(models["softmax"], test.images[0]),
        "probabilities": ScoresToProbabilities(),
        "descent": GradientDescent(train.images, train.labels),
        "shift": ShiftedImage(models, test.images[0]),
        "range": OutputRange(),
    }


PAGE_STYLE = f"""{live.STYLE}
:root {{ color-scheme: light dark; --paper: light-dark(#fff, #14181d); }}
body {{ background: var(--paper); color: light-dark(#1d2126, #e4e7eb); }}
body {{ max-width: 60rem; margin: 1rem auto; padding: 0 1rem; font-family: system-ui; }}
.figure {{ max-width: 100%; height: auto; }}
"""


def page_of(figure):
    """A figure on a page that allows its script and its style, and nothing else."""
    code, (data, metadata) = live.script(figure), displayed(*figure.still())
    source = f"data:image/png;base64,{data['image/png']}"
    shown = live.element(figure, live.image(metadata["image/png"], source))
    policy = (
        "default-src 'none'; img-src data:; "
        f"script-src {allowed(code)}; style-src {allowed(PAGE_STYLE)}"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>A figure</title>\n<style>{PAGE_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>A figure</h1>\n{shown}\n</main>\n"
        f"<script>{code}</script>\n</body>\n</html>\n"
    )


def allowed(text):
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


KINDS = ["pad", "mean", "score", "probabilities", "descent", "shift", "range"]


@pytest.fixture(scope="module")
def folder(figures, tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    for name, figure in figures.items():
        (folder / f"{name}.html").write_text(page_of(figure), "utf-8")
    return folder


@pytest.fixture(scope="module")
def windows():
    """Windows by size and settings, each with one page: a new one takes a second."""
    return {}


@pytest.fixture
def open_figure(browser, windows, folder):
    """Open a figure's page from the disk; at the end it must have been silent."""

    def open_figure(name, size=DESKTOP, **settings):
        kind = str((size, settings))
        if kind not in windows:
            context = browser.new_context(viewport=size, offline=True, **settings)
            windows[kind] = Watched(context.new_page(), folder.as_uri())
        page = windows[kind].page
        page.goto((folder / f"{name}.html").as_uri())
        return page

    yield open_figure
    heard = [(watched.errors, watched.strangers) for watched in windows.values()]
    assert heard == [([], [])] * len(windows)


def column(page, number):
    """The ten values of a column of bars, unrounded."""
    cells = page.locator(f".bars tbody td:nth-of-type({number}) .value")
    return [
        float(value) for value in cells.evaluate_all("all => all.map(v => v.value)")
    ]


def said(page):
    return page.locator(".said").inner_text()


def seen(page, which=0):
    """The pixels of a picture, [28, 28, 3]."""
    values = (
        page.locator("canvas:not(.pad, .small)")
        .nth(which)
        .evaluate(
            """canvas => [...canvas.getContext("2d").getImageData(0, 0, 28, 28).data]"""
        )
    )
    return torch.tensor(values).view(28, 28, 4)[:, :, :3]


def drawn(page):
    """The image that the browser has made of the drawing, uint8 [28, 28]."""
    return (255 - seen(page)[:, :, 0]).to(torch.uint8)


# ---- everyone: axe, phone, no script, keyboard, print


@pytest.mark.parametrize("name", KINDS)
def test_everyone_can_use_a_figure(open_figure, folder, axe, name):
    assert (folder / f"{name}.html").stat().st_size < 1_500_000
    page = open_figure(name, reduced_motion="reduce")
    page.emulate_media(media="screen")
    assert page.locator(".explore").count() == 1
    assert page.locator("main img").count() == 0  # the still figure has made room
    axe_finds_nothing(page, axe)
    every_control_has_a_name(page)
    nothing_moves_by_itself(page)
    the_keyboard_reaches_and_works_every_control(page)
    page.emulate_media(media="print")
    controls = page.locator(".explore :is(button, select, input)")
    assert not any(control.is_visible() for control in controls.all())


def axe_finds_nothing(page, axe):
    page.evaluate(axe)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate("axe.run({resultTypes: ['violations']})")
        assert len(found["passes"]) > 10  # it did look
        wrong = [(r["id"], r["nodes"][0]["html"][:200]) for r in found["violations"]]
        assert wrong == [], scheme


def every_control_has_a_name(page):
    named = page.locator(".explore :is(button, input, select, canvas, svg[role])")
    unnamed = """all => all.filter(control => !(control.getAttribute("aria-label")
        || control.labels?.[0]?.textContent || control.textContent).trim())
        .map(control => control.outerHTML)"""
    assert named.evaluate_all(unnamed) == []


def nothing_moves_by_itself(page):
    assert page.evaluate("document.getAnimations().length") == 0
    moving = """all => all.filter(part => {
        const {transitionDuration, animationName} = getComputedStyle(part);
        return transitionDuration !== "0s" || animationName !== "none"; }).length"""
    assert page.locator(".explore *").evaluate_all(moving) == 0


def the_keyboard_reaches_and_works_every_control(page):
    wanted = page.locator(".explore :is(button:enabled, input, select, [tabindex])")
    everything = wanted.count()
    reached = []
    for _ in range(everything + 5):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => document.activeElement === document.body ? null : [
                document.activeElement.tagName,
                [...document.querySelectorAll(".explore *")]
                    .indexOf(document.activeElement)]"""
        )
        if found is None:
            break
        reached.append(tuple(found))
        if found[0] == "BUTTON":
            page.keyboard.press("Enter")
        elif found[0] == "INPUT":
            before = page.locator(":focus").input_value()
            page.keyboard.press("ArrowLeft")
            assert page.locator(":focus").input_value() != before
        elif found[0] == "SELECT":
            page.keyboard.press("ArrowDown")
    assert len(set(reached)) >= everything


@pytest.mark.parametrize("name", KINDS)
def test_nothing_is_wider_than_a_phone(open_figure, name):
    page = open_figure(name, PHONE, is_mobile=True, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("name", KINDS)
def test_without_scripts_the_still_figure_stands_there(open_figure, figures, name):
    page = open_figure(name, java_script_enabled=False)
    images = page.locator("main img")
    assert images.count() == 1
    assert images.get_attribute("alt") == figures[name].still()[1]
    assert images.evaluate("image => image.naturalWidth") > 400
    assert page.locator(".explore").count() == 0


# ---- the pad: a 1, by mouse, by finger, by keyboard


def by_mouse(page):
    pad = page.get_by_role("application", name="Draw a digit")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    x, y, side = box["x"] + box["width"] / 2, box["y"], box["height"]
    page.mouse.move(x, y + 0.15 * side)
    page.mouse.down()
    page.mouse.move(x, y + 0.85 * side, steps=10)
    page.mouse.up()


def by_finger(page):
    pad = page.get_by_role("application", name="Draw a digit")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    x, y, side = box["x"] + box["width"] / 2, box["y"], box["height"]
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        points = [{"x": x, "y": y + share * side} for share in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 0.15)
    for share in range(20, 86, 5):
        touch("touchMove", share / 100)
    touch("touchEnd")


def by_keyboard(page):
    page.get_by_role("application", name="Draw a digit").focus()
    page.keyboard.press("Space")
    for _ in range(18):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")


HANDS = [by_mouse, by_finger, by_keyboard]


@pytest.mark.parametrize("hand", HANDS)
def test_a_vertical_stroke_is_a_1(open_figure, hand):
    page = open_figure("pad", PHONE, is_mobile=True, has_touch=True)
    page.get_by_role("button", name="Clear").click()
    assert said(page) == "Nothing is drawn."
    hand(page)
    image = drawn(page)
    rows = image.sum(dim=1).nonzero()
    assert (rows.min(), rows.max() - rows.min()) == (4, 19)
    assert image[:, :11].sum() == image[:, 17:].sum() == 0
    assert re.fullmatch(
        r"softmax: 1 \([\d.> ]+ %\); sigmoid: 1 \([\d.> ]+ %\); nearest mean: 1",
        said(page),
    )
    assert page.locator(".bars .answer th").inner_text().endswith("1")
    live = page.locator(".said")
    assert live.get_attribute("aria-live") == "polite"
    # Only where there is ink does a pixel speak.
    coloured = (seen(page, 1) != 255).any(dim=2)
    assert coloured.any()
    assert not (coloured & (image == 0)).any()


def test_python_and_the_browser_make_the_same_image(open_figure):
    page = open_figure("pad")
    for digit, strokes in EXAMPLES.items():
        page.get_by_role("button", name=f"Example {digit}", exact=True).click()
        assert torch.equal(drawn(page), torch.from_numpy(image_of(strokes))), digit


def test_python_and_the_browser_make_the_same_image_of_any_strokes(
    open_figure, figures
):
    page = open_figure("pad")
    torch.manual_seed(0)
    drawings = [
        [torch.randint(280, (int(n), 2)).tolist() for n in torch.randint(1, 6, (k,))]
        for k in (1, 1, 1, 2, 3, 4)
    ]
    drawings += [[], [[[0, 0]]], [[[279, 279]]], [[[0, 140], [279, 140]]]]
    shifts = torch.randint(-9, 10, (len(drawings), 2)).tolist()
    # The same module, as Python puts it together.
    module = figures["pad"]._esm.replace("export default", "void ")
    made = page.evaluate(
        f"""drawings => {{ {module}
            return drawings.map(([strokes, shift]) =>
                [...shifted(framed(inkOf(strokes)), ...shift)]); }}""",
        list(zip(drawings, shifts)),
    )
    for strokes, shift, image in zip(drawings, shifts, made, strict=True):
        assert image == image_of(strokes, shift).flatten().tolist()


@pytest.mark.parametrize("name", ["pad", "shift"])
def test_the_browsers_numbers_are_pytorchs(open_figure, figures, models, name):
    page = open_figure(name)
    image = figures[name].image
    x = image.flatten()[None].double() / 255
    for model in linear_models(models):
        whose = "Scores of" if name == "pad" else "Answers of"
        page.get_by_label(whose, exact=True).select_option(model.name)
        exact = (x @ model.weight.double().T + model.bias.double())[0]
        outputs = model.outputs(image).tolist()
        shown = [exact.tolist(), outputs] if name == "pad" else [outputs]
        for number, values in enumerate(shown, 1):
            assert column(page, number) == pytest.approx(values, abs=1e-4)
            if model.output == "distance":
                break


def test_a_move_of_6_pixels_changes_the_answer(open_figure, figures):
    page = open_figure("pad")
    page.get_by_role("button", name="Example 7", exact=True).click()
    before, image = column(page, 2), drawn(page)
    for _ in range(6):
        page.get_by_role("button", name="Move right").click()
    moved = drawn(page)
    assert torch.equal(moved[:, 6:], image[:, :-6])
    assert page.locator(".moved").inner_text() == "moved: 6 right"
    after = column(page, 2)
    assert max(abs(a - b) for a, b in zip(before, after, strict=True)) > 0.1
    (model, *_) = figures["pad"].models
    assert after == pytest.approx(model.outputs(moved).tolist(), abs=1e-4)


def test_undo_takes_back_one_stroke_one_move_and_a_clear(open_figure):
    page = open_figure("pad")
    undo = page.get_by_role("button", name="Undo")
    assert undo.is_disabled()
    states = [drawn(page)]
    for step in (
        lambda: page.get_by_role("button", name="Example 8").click(),
        lambda: by_mouse(page),
        lambda: page.get_by_role("button", name="Move down").click(),
        lambda: page.get_by_role("button", name="Clear").click(),
        lambda: by_keyboard(page),
    ):
        step()
        states.append(drawn(page))
    assert len({tuple(state.flatten().tolist()) for state in states}) == len(states)
    for state in reversed(states[:-1]):
        undo.click()
        assert torch.equal(drawn(page), state)
    assert undo.is_disabled()
    by_mouse(page)
    page.get_by_role("application", name="Draw a digit").press("Control+z")
    assert torch.equal(drawn(page), states[0])


def test_the_evidence_can_be_asked_for_another_digit(open_figure, figures):
    page = open_figure("pad")
    page.get_by_label("Evidence for", exact=True).select_option("8")
    (model, *_) = figures["pad"].models
    parts = model.weight[8] * figures["pad"].image.flatten() / 255
    name = page.locator("canvas.picture").nth(1).get_attribute("aria-label")
    found = [float(n.replace("−", "-")) for n in re.findall(r"[−\d]+\.\d", name)]
    for_it, against = parts[parts > 0].sum().item(), parts[parts < 0].sum().item()
    expected = [for_it, against, model.bias[8].item(), parts.sum() + model.bias[8]]
    assert found == pytest.approx([float(value) for value in expected], abs=0.051)
    colours = seen(page, 1).int()
    red, blue = (colours[:, :, c] for c in (0, 2))
    strong = parts.abs().view(28, 28) > 0.2 * parts.abs().max()
    assert torch.equal((red > blue)[strong], (parts.view(28, 28) > 0)[strong])


# ---- the other figures


def slide(page, name, value):
    """Move a slider, as a person who pulls it does."""
    page.get_by_label(name, exact=True).fill(str(value))


def test_the_mean_of_more_and_more_images(open_figure, figures, sets):
    page = open_figure("mean")
    figure = figures["mean"]
    train, _ = sets
    threes = train.images[train.labels == 3]
    for step, count in enumerate(figure.means):
        slide(page, "Average of", step)
        mean = threes[:count].double().mean(dim=0)
        assert (drawn(page).double() - mean).abs().max() <= 0.51
        words = page.get_by_label("Average of").get_attribute("aria-valuetext")
        assert words == f"{count:,} image{'' if count == 1 else 's'}"


def test_a_score_is_a_sum_over_the_pixels(open_figure, figures):
    page = open_figure("score")
    figure = figures["score"]
    for digit in (0, 7):
        page.get_by_label("Score of").select_option(str(digit))
        parts = figure.model.weight[digit] * figure.image.flatten() / 255
        for count in (0, 300, 784):
            slide(page, "Pixels added up", count)
            total = (figure.model.bias[digit] + parts[:count].sum()).item()
            shown = re.search(r"is (−?[\d.]+)\.$", said(page))[1]
            assert float(shown.replace("−", "-")) == pytest.approx(total, abs=0.0051)
    page.get_by_role("button", name="− a row").click()
    assert page.get_by_label("Pixels added up").input_value() == "756"


def test_scores_become_sigmoids_and_softmax(open_figure):
    page = open_figure("probabilities")
    slide(page, "Score of 5", 4.5)
    page.get_by_label("True digit").select_option("5")
    scores = torch.tensor(ScoresToProbabilities().scores.tolist())
    scores[5] = 4.5

    def same():
        assert column(page, 1) == pytest.approx(scores.sigmoid().tolist(), abs=1e-4)
        assert column(page, 2) == pytest.approx(scores.softmax(0).tolist(), abs=1e-4)
        loss = F.cross_entropy(scores, torch.tensor(5)).item()
        assert said(page).endswith(f"the loss −log p is {loss:.3f}.")

    same()
    page.get_by_role("button", name="All + 1").click()
    scores += 1
    same()


def test_gradient_descent_is_pytorchs(open_figure, figures):
    page = open_figure("descent")
    figure = figures["descent"]
    done = 0
    for name, batches in (("1 batch", 1), ("5 batches", 5), ("25 batches", 25)):
        page.get_by_role("button", name=name, exact=True).click()
        done += batches
        weight, bias, losses, accuracies = figure.run(done)
        said_now = said(page)
        assert f"After {done} batch" in said_now
        assert f"loss {losses[-1]:.3f}, {100 * accuracies[-1]:.1f} % right" in said_now
    image = figure.images[figure.n_learn].flatten() / 255
    probabilities = torch.softmax(weight @ image + bias, dim=0).tolist()
    assert column(page, 1) == pytest.approx(probabilities, abs=1e-4)
    points = page.locator(".chart .line.kind1").first.get_attribute("d").count("L")
    assert points == done
    page.get_by_role("button", name="Next image").click()
    image = figure.images[figure.n_learn + 1].flatten() / 255
    probabilities = torch.softmax(weight @ image + bias, dim=0).tolist()
    assert column(page, 1) == pytest.approx(probabilities, abs=1e-4)
    page.get_by_role("button", name="Start over").click()
    assert column(page, 1) == pytest.approx([0.1] * 10)


def test_a_moved_image_is_answered_as_pytorch_does(open_figure, figures):
    page = open_figure("shift")
    figure = figures["shift"]
    slide(page, "Move right", 6)
    slide(page, "Move down", -2)
    moved = torch.zeros(28, 28, dtype=torch.uint8)
    moved[:-2, 6:] = figure.image[2:, :-6]
    assert torch.equal(drawn(page), moved)
    (model, *_) = figure.models
    assert column(page, 1) == pytest.approx(model.outputs(moved).tolist(), abs=1e-4)
    here = page.locator(".strip td.here").inner_text()
    assert int(here) == model.scores(moved).argmax()


def test_the_bounded_loss_its_floor_and_both_slopes(open_figure):
    page = open_figure("range")
    for top, t in ((1, -3.0), (10, 0.5)):
        page.get_by_label("Outputs from 0 to", exact=True).select_option(str(top))
        slide(page, "Score t", t)
        z = torch.tensor(t, dtype=torch.float64, requires_grad=True)
        ten = torch.cat([z[None], -z.expand(9)])
        expected = []
        for outputs in (ten, top * torch.sigmoid(ten)):
            loss = F.cross_entropy(outputs, torch.tensor(0))
            (slope,) = torch.autograd.grad(loss, z, retain_graph=True)
            expected += [loss.item(), slope.item()]
        found = re.findall(r"(−?\d+\.\d{3})", said(page))
        found = [float(number.replace("−", "-")) for number in found]
        assert found == pytest.approx(expected, abs=0.00051)
    floor = -torch.log_softmax(torch.tensor([10.0] + [0.0] * 9), dim=0)[0].item()
    assert f"{floor:.4g}"[:6] in page.locator(".note").last.inner_text()
