"""The rules of jupyterlab-a11y-checker, held to the notebooks as they are committed.

The rules by their names: https://github.com/berkeley-dsep-infra/jupyterlab-a11y-checker
(doc/rules.md). Text and contrast of the pages made from them are axe's business.
"""

import base64
import io
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from checking import contrast
from nbconvert.filters import markdown2html
from PIL import Image

from mnist_logreg.palette import BLUE, GREEN, GREY, ORANGE

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
VAGUE = {"here", "click here", "this", "link", "more", "read more", "page"}
WHITE = (255, 255, 255)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem, scope="module")
def notebook(request):
    return nbformat.read(request.param, as_version=4)


@pytest.fixture(scope="module")
def prose(notebook):
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return BeautifulSoup("\n".join(map(markdown2html, cells)), "html.parser")


def headings(prose):
    for anchor in prose.select(".anchor-link"):
        anchor.extract()
    found = prose.find_all(["h1", "h2", "h3", "h4", "h5", "h6"])
    return [(int(tag.name[1]), tag.get_text().strip()) for tag in found]


def test_headings(prose):
    found = headings(prose)
    levels = [level for level, _ in found]
    assert levels[0] == 1
    assert levels.count(1) == 1  # heading-missing-h1, heading-multiple-h1
    upper = [text for level, text in found if level < 3]
    assert len(upper) == len(set(upper))  # heading-duplicate-h2, -h1-h2
    assert all(b <= a + 1 for a, b in pairwise(levels))  # heading-wrong-order
    assert all(text for _, text in found)  # heading-empty


def test_images_are_described(notebook, prose):  # image-missing-alt
    assert all(image.get("alt", "").strip() for image in prose.find_all("img"))
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                alt = output.metadata["image/png"]["alt"]
                assert len(alt) > 40
                assert not alt.lower().startswith(("image", "picture", "figure"))


def test_figures_are_drawn_on_opaque_white(notebook):
    """So that they are read alike on a dark page: their text is dark."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            png = output.get("data", {}).get("image/png")
            if png:
                image = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA")
                assert image.getchannel("A").getextrema() == (255, 255)
                assert image.getpixel((0, 0))[:3] == WHITE


def test_tables_have_headers_and_captions(prose):  # table-missing-header, -caption
    for table in prose.find_all("table"):
        assert table.find("th")
        assert table.find("caption")
        assert all(header.get("scope") for header in table.find_all("th"))


def test_nothing_in_the_prose_has_colours_of_its_own(prose):  # color-insufficient-cc
    assert not prose.find_all(["font"])
    assert not prose.find_all(style=lambda style: style and "color" in style)


def test_links_say_where_they_lead(prose):  # link-discernible-text
    for link in prose.select("a:not(.anchor-link)"):
        text = link.get_text().strip().lower()
        assert text not in VAGUE | {""}
        assert not text.startswith("http")


def test_colours_of_figures_stand_out_from_the_paper():
    for colour in (BLUE, GREEN, GREY, ORANGE):  # WCAG 1.4.11: graphics, 3 to 1
        assert contrast(colour, "#ffffff") > 3
