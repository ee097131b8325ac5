"""The web pages in a real browser: what a reader sees, hears and can do."""

import json
import shutil

import pytest
from browsing import Watched, served
from test_site import NAMES, NOTEBOOKS, make_run

from mnist_logreg.tools import cli
from mnist_logreg.tools.pages.site import build

PAGES = ("index", *NAMES, "report/index", "compared")
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# Code has thousands of words in a few colours: axe judges each once in a place.
ONE_OF_A_COLOUR = """() => {
    const seen = new Set();
    for (const word of document.querySelectorAll("pre span[class]")) {
        const place = word.closest("pre").parentElement.className;
        const colour = `${place} ${word.className}`;
        if (seen.has(colour)) word.replaceWith(word.textContent);
        seen.add(colour);
    }
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The site, a run's report in report/, and two runs compared."""
    folder = tmp_path_factory.mktemp("pages")
    build(NOTEBOOKS, folder)
    one, two = make_run(folder / "report"), make_run(folder / "other", data="mnist")
    for name in NAMES:
        shutil.copy(NOTEBOOKS / f"{name}.ipynb", one)
    build(one, one)
    compared = folder / "compared.html"
    assert cli.main(["compare", str(one), str(two), "--out", str(compared)]) == 0
    return folder


@pytest.fixture(scope="module")
def address(folder):
    with served(folder) as address:
        yield address


@pytest.fixture
def open_page(browser, address):
    """Open a page by its name; at the end it must have been silent all the time."""
    contexts, watched = [], []

    def open_page(name, size=DESKTOP, **settings):
        context = browser.new_context(viewport=size, **settings)
        contexts.append(context)
        page = context.new_page()
        watched.append(Watched(page, address))
        page.goto(f"{address}/{name}.html")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [page.errors for page in watched] == [[]] * len(watched)
    assert [page.strangers for page in watched] == [[]] * len(watched)


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(open_page, axe, name):
    page = open_page(name, color_scheme="light")
    # What is folded is judged too.
    page.locator("details").evaluate_all("all => all.map(part => part.open = true)")
    page.evaluate(ONE_OF_A_COLOUR)
    page.evaluate(axe)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    assert len(found["passes"]) > 15  # it did look
    page.emulate_media(color_scheme="dark")  # which changes nothing but colours
    dark = page.evaluate(
        "axe.run({runOnly: ['color-contrast'], resultTypes: ['violations']})"
    )
    assert [rule["id"] for rule in dark["passes"]] == ["color-contrast"]
    serious = [
        (rule["id"], [node["html"] for node in rule["nodes"][:3]])
        for rule in found["violations"] + dark["violations"]
        if rule["impact"] in ("serious", "critical")
    ]
    assert serious == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_a_phone(open_page, name):
    page = open_page(name, PHONE, is_mobile=True, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    cut = """boxes => boxes.filter(box => {
        const {left, right} = box.getBoundingClientRect();
        const scrolls = box.closest("pre, .scroll, math, .unseen, .skip");
        const outside = left < -1 || right > innerWidth + 1;
        return !scrolls && box.checkVisibility() && outside;
    }).map(box => box.outerHTML.slice(0, 200))"""
    assert page.locator("main *").evaluate_all(cut) == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_all_of_itself_from_the_disk_without_a_network(
    browser, folder, name
):
    context = browser.new_context(viewport=DESKTOP, offline=True)
    page = context.new_page()
    watched = Watched(page, folder.as_uri())
    page.goto((folder / f"{name}.html").as_uri())
    images = page.locator("img")
    for image in images.all():
        image.scroll_into_view_if_needed()
        page.wait_for_function("image => image.complete", arg=image.element_handle())
    widths = images.evaluate_all("images => images.map(image => image.naturalWidth)")
    assert all(widths)
    # A fraction has its parts above each other: the formulas are drawn, not spelt out.
    fractions = page.locator("mfrac").evaluate_all(
        """all => all.map(({children: [over, under]}) =>
            under.getBoundingClientRect().top - over.getBoundingClientRect().top)"""
    )
    assert all(distance > 5 for distance in fractions)
    assert fractions or name != "03_model"
    if name != "compared":
        background = "document.body.ownerDocument.styleSheets.length"
        assert page.evaluate(background) == (2 if name == "index" else 1)
    assert watched.errors == watched.strangers == []
    context.close()


def test_a_1_drawn_on_the_overview_is_answered_1(open_page):
    page = open_page("index", PHONE, is_mobile=True, has_touch=True)
    pad = page.get_by_role("application", name="Draw a digit")
    page.get_by_role("button", name="Clear").click()
    pad.focus()
    page.keyboard.press("Space")
    for _ in range(18):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    answer = page.locator(".explore [role=status]").first
    assert answer.inner_text().startswith("logistic regression: 1 (")


def test_without_scripts_the_overview_shows_the_still_pad(open_page):
    page = open_page("index", java_script_enabled=False)
    still = page.locator(".live img")
    assert still.get_attribute("alt").startswith("A drawn digit")
    assert still.evaluate("image => image.naturalWidth") > 400


def test_one_can_read_through_the_series_by_its_links(open_page):
    page = open_page("index")
    title = page.locator(".cards a").first.inner_text()
    page.locator(".cards a").first.click()
    titles = [page.locator("h1").inner_text()]
    assert titles == [title]
    while page.locator("a[rel=next]").count():
        page.locator("a[rel=next]").last.click()
        titles.append(page.locator("h1").inner_text())
    assert len(set(titles)) == len(NAMES)
    page.locator("a[rel=prev]").first.click()
    assert page.locator("h1").inner_text() == titles[-2]
    page.locator(".home").click()
    assert [link.inner_text() for link in page.locator(".cards a").all()] == titles


def test_the_contents_lead_to_the_headings(open_page):
    page = open_page(NAMES[0])
    link = page.locator(".contents a").nth(3)
    link.click()
    target = page.locator("main :is(h2, h3)").nth(3)
    assert target.inner_text() == link.inner_text()
    page.wait_for_function(
        "heading => Math.abs(heading.getBoundingClientRect().top) < 100",
        arg=target.element_handle(),
    )


def test_code_is_copied_as_it_stands(open_page):
    page = open_page(NAMES[0], permissions=["clipboard-read", "clipboard-write"])
    code = page.locator("main .code").nth(2)
    code.hover()
    code.get_by_role("button", name="Copy the code").click()
    page.get_by_role("status").get_by_text("Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    notebook = json.loads((NOTEBOOKS / f"{NAMES[0]}.ipynb").read_text("utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert copied == "".join(cells[2]["source"])


def test_the_choice_of_light_or_dark_stays(open_page):
    page = open_page("index", color_scheme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.get_by_role("button", name="Dark").click()
    dark = page.evaluate(paper)
    assert dark != light
    page.locator(".cards a").first.click()
    assert page.evaluate(paper) == dark
    page.get_by_role("button", name="Light").click()
    assert page.evaluate(paper) == light


def test_the_keyboard_alone_will_do(open_page):
    page = open_page(NAMES[-1], PHONE)  # narrow: code scrolls, contents are folded
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"

    reached, last = [], None
    for _ in range(1000):
        page.keyboard.press("Tab")
        last = page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("document.activeElement === document.body"):
            break
        reached.append(page.evaluate("document.activeElement.tagName"))
        if reached[-1] == "SUMMARY":
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.parentElement.open"), last
    wide = page.locator("main pre").evaluate_all(
        "all => all.filter(box => box.scrollWidth > box.clientWidth"
        " || box.scrollHeight > box.clientHeight).length"
    )
    assert reached.count("SUMMARY") == page.locator("main summary").count() > 0
    assert reached.count("PRE") == wide > 0
    assert page.locator("main details:not([open])").count() == 0


def test_on_paper_solutions_are_unfolded_and_buttons_gone(open_page):
    page = open_page(NAMES[0])
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("details:not([open])").count() == 0
    assert not any(button.is_visible() for button in page.locator("button").all())
    assert not page.locator(".contents").is_visible()
