"""The web pages of the series, read as a browser reads them, and runs compared."""

import base64
import hashlib
import json
import re
import shutil
import sys
from contextlib import redirect_stdout
from copy import copy
from functools import cache
from io import StringIO
from itertools import pairwise
from pathlib import Path

import matplotlib
import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat import v4
from tiny import notebook, read
from trees import PNG

from mnist_logreg.checks.solutions import solutions
from mnist_logreg.checks.verdicts import MIME
from mnist_logreg.errors import UserError
from mnist_logreg.tools import cli
from mnist_logreg.tools.pages import templates
from mnist_logreg.tools.pages.prose import Prose, mathml
from mnist_logreg.tools.pages.runs import curves, read_run
from mnist_logreg.tools.pages.site import build

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
BOOKS = {path.stem: read(path) for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
NAMES = list(BOOKS)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages of the committed notebooks."""
    out = tmp_path_factory.mktemp("site")
    with redirect_stdout(StringIO()) as said:
        assert cli.main(["site", "--out", str(out)]) == 0
    assert f"{out / 'index.html'}" in said.getvalue()
    return out


@cache
def page(folder, name):
    return BeautifulSoup((folder / f"{name}.html").read_text("utf-8"), "html.parser")


def metrics(data="digits", **changes):
    confusion = [[0] * 10 for _ in range(10)]
    confusion[3][5], confusion[1][8] = 4, 1
    return {
        "data": data,
        "train_loss": [2.3, 2.2],
        "test_accuracy": [11.0, 20.5],
        "recipes": {"usual recipe": 20.5, "without the sigmoid": 61.5},
        "confusion": confusion,
        "parameters": {"source": data, "seed": 0, "lr": 0.001, "epochs": 2},
        "notebook_seconds": {"01_dataset": 12.5},
        "seconds": 60.0,
        "versions": {"torch": "2.15.0"},
    } | changes


def make_run(folder, **changes):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metrics.json").write_text(json.dumps(metrics(**changes)))
    return folder


@pytest.mark.parametrize("name", ["index", *NAMES])
def test_a_page_is_small_and_needs_no_network(site, name):
    soup = page(site, name)
    files = [tag["src"] for tag in soup.find_all(src=True)]
    files += [tag["href"] for tag in soup.find_all("link")]
    assert not [path for path in files if "//" in path or path.startswith("data:")]
    weight = sum((site / path).stat().st_size for path in {f"{name}.html", *files})
    assert weight < 1.5e6


@pytest.mark.parametrize("name", NAMES)
def test_on_a_projector_a_question_stands_alone_and_no_solution_is_seen(site, name):
    projected = page(site, f"{name}.projector")
    asked = page(site, name).find_all("strong", string="Predict:")
    seen = projected.find_all("strong", string="Predict:")
    assert len(seen) == len(asked) >= 1
    for question in seen:
        section = question.find_parent("section")
        assert section.get_text().strip() == question.parent.get_text().strip()
    text = projected.get_text()
    assert "For the instructor" not in text
    assert not projected.find_all("summary", string="Solution")
    assert not projected.find_all(class_="check")


def test_a_policy_allows_what_stands_in_a_page_and_nothing_else(site, tmp_path):
    written = templates._protected(
        '<meta charset="utf-8"><script>run()</script><style>p { margin: 0 }</style>'
    )
    digest = base64.b64encode(hashlib.sha256(b"run()").digest()).decode()
    assert f"script-src 'self' file: 'sha256-{digest}';" in written
    for path in site.glob("*.html"):
        meta = page(site, path.stem).find(
            "meta", {"http-equiv": "Content-Security-Policy"}
        )
        assert meta["content"].startswith("default-src 'none'; ")
        scripts = meta["content"].partition("script-src")[2].partition(";")[0]
        assert "unsafe" not in scripts


@pytest.mark.parametrize("name", ["index", *NAMES])
def test_links_lead_somewhere(site, name):
    for link in page(site, name).find_all("a"):
        target = link["href"]
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        there = page(site, Path(file).stem if file else name)
        assert not anchor or there.find(id=anchor), target


@pytest.mark.parametrize("name", ["index", *NAMES])
def test_headings_go_down_one_level_at_a_time_and_ids_are_unique(site, name):
    soup = page(site, name)
    levels = [int(tag.name[1]) for tag in soup.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", ["index", *NAMES])
def test_figures_are_described_and_have_their_size(site, name):
    for image in page(site, name).select("img.figure"):
        assert len(image["alt"]) > 20
        assert int(image["width"]) > 100
        assert int(image["height"]) > 100
        assert (image.get("loading") == "lazy") == (name != "index")


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_of_the_notebook_is_on_its_page(site, name):
    outputs = [o for cell in BOOKS[name].cells for o in cell.get("outputs", [])]
    stored = [o.data["image/png"] for o in outputs if "image/png" in o.get("data", {})]
    shown = [site / image["src"] for image in page(site, name).select("img.figure")]
    assert [path.read_bytes() for path in shown] == list(map(base64.b64decode, stored))
    assert stored


@pytest.mark.parametrize("name", NAMES)
def test_formulas_are_mathml_and_understood_to_the_last_command(site, name):
    soup = copy(page(site, name))
    drawn = soup.find_all("math")
    for formula in drawn:
        formula.annotation.extract()  # the TeX that it was made from
        assert "\\" not in formula.get_text()
    prose = "".join(c.source for c in BOOKS[name].cells if c.cell_type == "markdown")
    assert len(drawn) > 0 or "$" not in prose
    for code in soup.find_all(["pre", "code"]):
        code.extract()
    assert "$" not in soup.main.get_text()


@pytest.mark.parametrize("name", NAMES)
def test_solutions_are_folded_and_teaching_notes_left_out(site, name):
    soup = page(site, name)
    folded = [box.get_text() for box in soup.select(".exercise details pre")]
    tagged = {
        tag: [c.source for c in BOOKS[name].cells if tag in c.metadata.get("tags", [])]
        for tag in ("instructor", "exercise-text")
    }
    number = str(NAMES.index(name) + 1)
    assert folded == [
        code for n, code in solutions().items() if n.startswith(f"{number}.")
    ]
    assert len(soup.select(".exercise")) == len(tagged["exercise-text"]) > 0
    assert all("For the instructor" in note for note in tagged["instructor"])
    assert "For the instructor" not in soup.get_text()
    assert "**Ask:**" in "".join(tagged["instructor"])
    assert "Ask:" not in soup.get_text()


def test_the_overview_says_what_awaits_the_reader(site):
    soup = page(site, "index")
    cards = soup.select(".cards > li")
    assert [card.a["href"] for card in cards] == [f"{name}.html" for name in NAMES]
    assert all(card.select("ul li") for card in cards)
    minutes = [
        sum(map(int, re.findall(r"\d+", card.select_one(".facts").get_text())))
        for card in cards
    ]
    total = re.findall(r"(\d+) minutes", soup.select_one("main > .facts").get_text())
    assert sum(minutes) == sum(map(int, total)) > 60
    assert soup.select("main > img.figure")  # the final figure
    assert not soup.select("#report")


def test_comments_vanish_and_links_lead_to_pages():
    html = Prose().html("On 5,000<!-- label --> [images](02_x.ipynb#part). <!-- y -->")
    assert html.strip() == '<p>On 5,000 <a href="02_x.html#part">images</a>. </p>'


def test_headings_of_the_same_words_get_ids_of_their_own():
    prose = Prose()
    prose.html("## Look `twice`\n\n## Look twice")
    assert [name for _, name, _ in prose.headings] == ["look-twice", "look-twice-2"]


def test_a_formula_keeps_its_tex_and_spaces_functions_as_tex_does():
    formula = mathml(r"\log p_y < \log(2)", "block")
    assert 'encoding="application/x-tex">\\log p_y &lt; \\log(2)<' in formula
    assert "<mi>log</mi><mspace" in formula
    assert '<mi>log</mi><mo stretchy="false">' in formula
    assert mathml(r"\arg\min_k", "inline").count(r"\arg") == 1  # in the TeX alone


def test_every_kind_of_output_is_shown(tmp_path):
    error = v4.new_output(
        "error", ename="E", evalue="v", traceback=["\x1b[31mE\x1b[0m: <v>"]
    )
    outputs = [
        v4.new_output("stream", text="a < b\n"),
        v4.new_output("display_data", {"text/html": "<b>bold</b>"}),
        v4.new_output("execute_result", {"text/plain": "[1, 2]"}, execution_count=1),
        v4.new_output(
            "display_data",
            {"image/png": PNG},
            metadata={"image/png": {"alt": 'A "red" <dot>'}},
        ),
        v4.new_output(
            "display_data",
            {"text/plain": "✗ Exercise 1: not yet", MIME: {"status": "wrong"}},
        ),
        error,
    ]
    cells = [v4.new_markdown_cell("# T"), v4.new_code_cell("1 < 2", outputs=outputs)]
    nbformat.write(v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    build(tmp_path, tmp_path)
    soup = page(tmp_path, "a")
    assert [box.get_text() for box in soup.select("pre")] == [
        "1 < 2",
        "a < b",
        "[1, 2]",
        "E: <v>",
    ]
    assert soup.select_one(".scroll b").get_text() == "bold"
    assert soup.select_one(".check.wrong").get_text() == "✗ Exercise 1: not yet"
    figure = soup.select_one(".figure")
    assert figure["alt"] == 'A "red" <dot>'
    assert (figure["width"], figure["height"]) == ("1", "1")
    assert (tmp_path / figure["src"]).read_bytes() == base64.b64decode(PNG)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be read as a notebook"),
        (nbformat.writes(v4.new_notebook()), "cannot be read as a notebook"),
        (
            nbformat.writes(v4.new_notebook(cells=[v4.new_markdown_cell("x")])),
            "does not begin with a heading",
        ),
    ],
)
def test_what_is_no_lesson_is_refused_by_name(tmp_path, text, message):
    (tmp_path / "odd.ipynb").write_text(text)
    with pytest.raises(UserError, match=f"odd.ipynb.*{message}"):
        build(tmp_path, tmp_path / "out")


def test_an_empty_folder_and_a_place_that_cannot_be_written_are_refused(tmp_path):
    with pytest.raises(UserError, match="There are no notebooks"):
        build(tmp_path, tmp_path)
    notebook(tmp_path / "a.ipynb")
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError, match=str(tmp_path / "file")):
        build(tmp_path, tmp_path / "file")


def test_the_site_command_writes_the_pages(site):
    projected = {f"{name}.projector" for name in NAMES}
    pages = {path.stem for path in site.glob("*.html")}
    assert pages == {"index", *NAMES, *projected}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The pages of a run on digits."""
    folder = make_run(tmp_path_factory.mktemp("run"), data_why="asked for")
    for name in NAMES:
        shutil.copy(NOTEBOOKS / f"{name}.ipynb", folder)
    build(folder, folder)
    return folder


def test_the_report_of_a_run_tells_all_of_it(report):
    soup = page(report, "index")
    text = soup.main.get_text(" ", strip=True)
    assert "the bundled digits, not MNIST (asked for)" in text
    assert "20.50 % of the test images after 2 epochs" in text
    assert "a 3 taken for a 5 (4 times), a 1 taken for an 8 (once)." in text
    assert "run --data digits --seed 0 --lr 0.001 --epochs 2" in text
    assert report.name in soup.h1.get_text()
    assert report.name in soup.title.get_text()
    for name in NAMES:
        warning = page(report, name).select_one(".warning")
        assert "the bundled digits, not MNIST" in warning.get_text()
    for name, value in [("lr", "0.001"), ("torch", "2.15.0"), ("01_dataset", "12.5")]:
        row = soup.find("th", string=name).parent
        assert row.td.get_text() == value
    rows = [row.get_text(" ", strip=True) for row in soup.select(".recipes tbody tr")]
    assert rows == ["usual recipe 20.50 %", "without the sigmoid 61.50 %"]
    assert len(soup.select(".confusion tbody td")) == 100
    assert (report / "curves.svg").read_text("utf-8").count("<svg") == 1
    assert "20.5 %" in soup.find("img", src="curves.svg")["alt"]


def test_a_report_on_mnist_has_no_warning_and_needs_loss_and_accuracy_only(tmp_path):
    few = {"data": "mnist", "train_loss": [2.3], "test_accuracy": [12.0]}
    (tmp_path / "metrics.json").write_text(json.dumps(few))
    shutil.copy(NOTEBOOKS / f"{NAMES[0]}.ipynb", tmp_path)
    build(tmp_path, tmp_path)
    soup = page(tmp_path, "index")
    text = soup.main.get_text(" ", strip=True)
    assert "Data: MNIST." in text and "after 1 epoch;" in text
    assert not soup.select(".warning")


def test_the_same_run_gives_the_same_curves(tmp_path):
    run = read_run(make_run(tmp_path))
    drawn = curves([run])
    assert curves([run]) == drawn
    person = {"text.usetex": True, "savefig.transparent": True, "lines.linewidth": 9}
    with matplotlib.rc_context(person):
        assert curves([run]) == drawn


def test_runs_are_set_side_by_side(tmp_path, capsys):
    one = make_run(tmp_path / "one")
    two = make_run(tmp_path / "two", parameters={"lr": 0.01}, test_accuracy=[50, 91.25])
    out = tmp_path / "new" / "compared.html"
    assert cli.main(["compare", str(one), str(two), "--out", str(out)]) == 0
    lines = [re.split("  +", line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["run", "one", "two"]
    assert ["lr", "0.001", "0.01"] in lines
    assert ["seed", "0", "–"] in lines
    assert ["test accuracy, usual recipe", "20.50 %", "91.25 %"] in lines
    assert not [line for line in lines if line[0] == "usual recipe"]
    assert lines[-1] == [f"The curves are in {out}."]
    soup = page(out.parent, "compared")
    table = [[c.get_text() for c in r.select("th, td")] for r in soup.select("tr")]
    assert table[1:] == lines[1:-1]
    bold = {cell.parent.th.get_text() for cell in soup.select("td.differs")}
    assert {"lr", "seed"} <= bold
    assert len(soup.select("svg")) == 1
    assert not soup.select(".warning")


def test_runs_on_different_data_are_not_comparable(tmp_path, capsys):
    one = make_run(tmp_path / "a" / "run")
    two = make_run(tmp_path / "b" / "run", data="mnist")
    out = tmp_path / "compared.html"
    assert cli.main(["compare", str(one), str(two), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "Not comparable: the bundled digits and MNIST are different data." in said
    assert str(one) in said  # the same name twice: the whole path tells them apart
    soup = page(tmp_path, "compared")
    assert "Not comparable" in soup.select_one(".warning").get_text()
    titles = re.findall(r"<!-- (on .*?) -->", str(soup.svg))
    assert titles == ["on the bundled digits", "on MNIST"]  # axes of their own


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "is not the folder of a run: there is no metrics.json in it"),
        ("{", "does not hold the numbers of a run"),
        ("[]", "does not hold the numbers of a run"),
        (json.dumps(metrics(test_accuracy=[])), "does not hold the numbers of a run"),
        (json.dumps(metrics(train_loss=["x"])), "does not hold the numbers of a run"),
        (json.dumps(metrics(data=3)), "does not hold the numbers of a run"),
        (json.dumps(metrics(train_loss=[1.0])), "does not hold the numbers of a run"),
        (json.dumps(metrics(train_loss=[True])), "does not hold the numbers of a run"),
        (json.dumps(metrics(recipes=None)), "does not hold the numbers of a run"),
        (json.dumps(metrics(recipes={"a": "x"})), "does not hold the numbers of a run"),
        (json.dumps(metrics(parameters=[1])), "does not hold the numbers of a run"),
        (json.dumps(metrics(seconds=10**400)), "does not hold the numbers of a run"),
        (100_000 * "[", "does not hold the numbers of a run"),
    ],
)
def test_a_folder_that_is_no_run_is_refused(tmp_path, capsys, text, message):
    sound = make_run(tmp_path / "sound")
    odd = tmp_path / "odd"
    if text is not None:
        odd.mkdir()
        (odd / "metrics.json").write_text(text)
    assert cli.main(["compare", str(sound), str(odd)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert str(odd) in said
    assert message in said
    assert said.count("\n") == 1


def test_a_run_is_not_compared_with_itself(tmp_path, capsys):
    run = make_run(tmp_path / "run")
    assert cli.main(["compare", str(run), str(run / ".." / "run")]) == 1
    assert "named twice" in capsys.readouterr().err


def test_runs_lead_to_their_reports(tmp_path):
    runs = [make_run(tmp_path / name) for name in ("one", "two")]
    (tmp_path / "two" / "index.html").touch()
    out = tmp_path / "pages" / "compared.html"
    cli.main(["compare", *map(str, runs), "--out", str(out)])
    (link,) = page(out.parent, "compared").select("thead a")
    assert (out.parent / link["href"]).samefile(tmp_path / "two" / "index.html")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_odd_names_of_runs_are_shown_as_they_are_written(tmp_path, capsys):
    names = ["<b>&\x1b[31m", "two\nlines", "caf\udce9"]  # the last is no UTF-8
    runs = [make_run(tmp_path / name) for name in names]
    out = tmp_path / "compared.html"
    assert cli.main(["compare", *map(str, runs), "--out", str(out)]) == 0
    head = capsys.readouterr().out.splitlines()[0]
    assert head.split() == ["run", r"<b>&\x1b[31m", r"two\nlines", r"caf\udce9"]
    assert r"<b>&\x1b[31m" in page(tmp_path, "compared").select_one("thead").text


def test_one_run_cannot_be_compared(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["compare", str(make_run(tmp_path))])
    assert "RUN" in capsys.readouterr().err
