"""Markdown of a notebook as HTML: links between pages, headings with ids, MathML.

Formulas become MathML, which browsers draw and screen readers read by themselves: no
script and no fonts have to lie beside the pages.
"""

import re
from html import escape

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

# What latex2mathml does not know, in words that it does; brackets that grow with what
# they hold, also under an exponent. A negative thin space refines other fonts.
_TEX = {
    r"\arg": r"\operatorname{arg}",
    r"\Big(": r"\left(",
    r"\Big)": r"\right)",
    r"\!": "",
}
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_PERCENT = re.compile(r"(?<=\d) %")  # no line is broken there


class Prose:
    """Turns markdown into HTML, and remembers the headings of a page."""

    def __init__(self):
        self._renderer = _Renderer()
        self.headings = self._renderer.headings

    def html(self, markdown: str) -> str:
        """One cell's markdown as HTML, without its comments."""
        html = MarkdownWithMath(renderer=self._renderer).render(markdown)
        return _PERCENT.sub("\u00a0%", html)


class _Renderer(IPythonRenderer):
    def __init__(self):
        super().__init__(escape=False)
        self.headings = []  # of levels 2 and 3: (level, id, HTML), in the page's order
        self._ids = set()

    def heading(self, text, level, **attrs):
        """A heading with an id of its own, to link to."""
        words = re.findall(r"\w+", _TAG.sub("", text).lower())
        name = base = "-".join(words) or "section"
        number = 1
        while name in self._ids:
            number += 1
            name = f"{base}-{number}"
        self._ids.add(name)
        if level in (2, 3):
            self.headings.append((level, name, text))
        return f'<h{level} id="{name}">{text}</h{level}>\n'

    def link(self, text, url, title=None):
        if "://" not in url:  # another notebook of the series
            file, sharp, anchor = url.partition("#")
            # JupyterLab keeps capitals in the ids of headings, the pages do not.
            url = re.sub(r"\.ipynb$", ".html", file) + sharp + anchor.lower()
        return super().link(text, url, title)

    def inline_html(self, html):
        return _COMMENT.sub("", html)

    def block_html(self, html):
        return _COMMENT.sub("", html)

    def inline_math(self, body):
        return mathml(body, "inline")

    def block_math(self, body):
        return mathml(body, "block")


def mathml(tex: str, display: str) -> str:
    """A TeX formula as MathML; the TeX stays with it for those who copy it.

    Parameters
    ----------
    tex : str
        The formula, without its dollar signs.
    display : str
        "inline", or "block" for a line of its own.

    Returns
    -------
    str
        HTML.
    """
    source = tex.strip()
    for unknown, known in _TEX.items():
        source = re.sub(
            re.escape(unknown) + "(?![a-z])", known.replace("\\", r"\\"), source
        )
    formula = convert(source, display=display)
    # TeX sets a thin space between a function's name and an argument without brackets.
    formula = re.sub(
        r"(<mi>(?:log|exp|max|min)</mi>)(?!<mo stretchy)",
        r'\1<mspace width="0.17em"/>',
        formula,
    )
    annotation = f'<annotation encoding="application/x-tex">{escape(tex.strip())}'
    return formula.replace(">", "><semantics>", 1).replace(
        "</math>", f"{annotation}</annotation></semantics></math>"
    )
