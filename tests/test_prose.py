"""What the prose says: its numbers are printed, its claims are supported.

A failure names notebook, cell, label, what stands there and what should; `make tidy`
puts numbers right and lists the rest.
"""

from copy import deepcopy

import pytest
from nbformat import v4
from tiny import read

from mnist_logreg.tools.project import NOTEBOOKS, ROOT
from mnist_logreg.tools.series import notebooks
from mnist_logreg.tools.series.claims import unsupported
from mnist_logreg.tools.series.numbers import agrees, like, renew

BOOKS = {p.name: read(p) for p in sorted(NOTEBOOKS.glob("*.ipynb"))}


def test_every_bound_number_is_what_the_code_printed():
    pages = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
        for path in notebooks.quoting()
    }
    assert "\n".join(map(str, renew(deepcopy(BOOKS), pages))) == ""


@pytest.mark.parametrize("name", BOOKS)
def test_every_number_and_claim_is_supported(name):
    assert "\n".join(unsupported(name, BOOKS[name])) == ""


# --- that these tests notice what is wrong ---


def book(*texts, printed=(), code=""):
    """A notebook of text cells under one heading, and what its one cell printed."""
    output = v4.new_output("stream", text="".join(f"{line}\n" for line in printed))
    return v4.new_notebook(
        cells=[
            v4.new_code_cell(code, outputs=[output] if printed else []),
            v4.new_markdown_cell("## The section"),
            *map(v4.new_markdown_cell, texts),
        ]
    )


def renewed(text, *printed, **others):
    """A text after it was brought into step, and what was found in it."""
    books = {"01_a.ipynb": book(text, printed=printed)}
    books |= {f"{name}.ipynb": book(printed=lines) for name, lines in others.items()}
    findings = renew(books, {})
    return books["01_a.ipynb"].cells[-1].source, [str(found) for found in findings]


@pytest.mark.parametrize(
    ("before", "printed", "after"),
    [
        (
            "It gets 86.46 %<!-- acc -->.",
            "acc: 88.125 %",
            "It gets 88.12 %<!-- acc -->.",
        ),
        ("**92**<!-- acc --> %", "acc: 93.7 %", "**94**<!-- acc --> %"),
        ("60,000<!-- n --> images", "n: 1347", "1,347<!-- n --> images"),
        ("450<!-- n --> images", "n: 10,000 of them", "10,000<!-- n --> images"),
        ("1000<!-- n -->", "n: 2000", "2000<!-- n -->"),
        ("−0.5<!-- x -->", "x: -1.25e-01", "−0.1<!-- x -->"),
        ("-0.5<!-- x -->", "x: 0.7", "0.7<!-- x -->"),
        ("from 1-2<!-- x -->", "x: 3", "from 1-3<!-- x -->"),
        ("`1<!-- x -->` 1<!-- x -->", "x: 2", "`1<!-- x -->` 2<!-- x -->"),
    ],
)
def test_a_number_is_renewed_in_its_form(before, printed, after):
    text, findings = renewed(before, printed)
    assert text == after
    assert len(findings) == 1
    assert renewed(after, printed) == (after, [])


def test_what_was_changed_is_said():
    _, findings = renewed("In 1.5<!-- b --> and 2<!-- a -->", "a: 3", "b: 1.6")
    assert findings == [
        "01_a.ipynb, cell 3 (The section): b: 1.5 → 1.6",
        "01_a.ipynb, cell 3 (The section): a: 2 → 3",
    ]


def test_a_number_stays_as_long_as_it_is_the_rounded_one():
    assert renewed("92 %<!-- acc -->", "acc: 92.49 %")[1] == []
    assert agrees("0.13", 0.135) and agrees("0.14", 0.135)
    assert not agrees("0.13", 0.1361)
    assert like("-0.10", 0.5) == "0.50"


def test_labels_are_looked_up_at_home_first_then_elsewhere():
    assert renewed("1<!-- x -->", "x: 1", "02_b", **{"02_b": ["x: 2"]})[1] == []
    assert renewed("2<!-- x -->", "y: 1", **{"02_b": ["x: 2"]})[1] == []
    text, _ = renewed("1<!-- 02_b: x -->", "x: 1", **{"02_b": ["x: 2"]})
    assert text == "2<!-- 02_b: x -->"


def test_a_label_without_one_number_is_told():
    (none,) = renewed("1<!-- x -->", "xy: 1")[1]
    assert none == (
        "01_a.ipynb, cell 3 (The section): 1<!-- x -->: no cell prints a line that "
        "begins with “x: ”"
    )
    (two,) = renewed("1<!-- x -->", "x: 1", "x: 2")[1]
    assert two.endswith("01_a printed it with [1.0, 2.0]")
    (elsewhere,) = renewed("1<!-- x -->", **{"02_b": ["x: 1"], "03_c": ["x: 2"]})[1]
    assert elsewhere.endswith("02_b, 03_c printed it with [1.0, 2.0]")


def test_a_page_that_quotes_the_series_is_renewed():
    books = {"04_d.ipynb": book(printed=["acc: 90.1 %"])}
    text = "One\n\n| 89.9 %<!-- 04_d: acc --> | 3<!-- else --> |\n"
    pages = {"README.md": f"{text}`89.9<!-- 04_d: acc -->`\n"}
    (finding,) = renew(books, pages)
    assert str(finding) == "README.md, line 3: 04_d: acc: 89.9 → 90.1"
    assert pages["README.md"].startswith(text.replace("89.9", "90.1"))
    assert pages["README.md"].endswith("`89.9<!-- 04_d: acc -->`\n")


@pytest.mark.parametrize(
    "claim",
    [
        "It is slow because it waits.",
        "**Most of** the time is lost.",
        "No choice of weights mends that.",
        "A linear model cannot do that.",
        "The second is better.",
        "It takes more\nthan the other.",
        "- It learns faster than before",
        "| it beats chance | yes |",
        "It gets 93.1 % of them.",
        "There are 1,234 of them.",
        "One is better: 3<!-- a -->.",
        "<details>It is a 1, hence round.</details>",
        "Shown is another. <!-- shown: a --> This is worse.",
    ],
)
def test_a_claim_without_support_is_found(claim):
    (found,) = unsupported("01_a.ipynb", book(claim, printed=["a: 3"]))
    assert found.startswith("01_a.ipynb, cell 3 (The section): nothing supports ")


@pytest.mark.parametrize(
    "text",
    [
        "Is it better than chance?",
        "(**Is it better than chance?**)",
        "It is better than chance.<!-- shown: a -->",
        "It is better<!-- shown: a --> than chance.",
        "It is better. <!-- source: somebody, 2019 --> It was made in 2019.",
        "It is better: 3<!-- a --> against 4<!-- b -->.",
        "Because of this, it fails.<!-- shown: it fails when it should -->",
        "Run it as soon as you can, rather than later.",
        "`a.better(b)` gives $x = 1.5$, see [this](https://x.y/1234).",
        "## Why the second is better",
        "There are 539 writers, 12.5 a page.<!-- source: QMNIST -->",
        "They wrote in the 1990s.",
    ],
)
def test_what_is_supported_or_claims_nothing_passes(text):
    code = "assert 1 > 2, 'it fails when it should'"
    assert (
        unsupported("01_a.ipynb", book(text, printed=["a: 3", "b: 4"], code=code)) == []
    )


def test_comments_that_support_nothing_are_found():
    text = "It is better.<!-- shown: c --> Three<!-- a --> of them."
    first, second = unsupported("01_a.ipynb", book(text, printed=["a: 3"]))
    assert "no cell of this notebook prints “c: ”" in first
    assert "<!-- a --> does not follow a number" in second


def test_exercises_have_numbers_that_are_no_claims():
    text = "### Exercise 1.2: count\n\nSkip 1.2, but not 1.3."
    (found,) = unsupported("01_a.ipynb", book(text))
    assert "nothing supports 1.3" in found
