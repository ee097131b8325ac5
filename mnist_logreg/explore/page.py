"""Explorable figures on web pages: the same modules, without notebook or network."""

import base64
import hashlib
import html
import inspect
import json

from mnist_logreg.explore.base import FOLDER, Explorable
from mnist_logreg.figures import displayed

STYLE = Explorable._css
PAGE_STYLE = f"""{STYLE}
:root {{ color-scheme: light dark; --paper: light-dark(#fff, #14181d); }}
body {{ background: var(--paper); color: light-dark(#1d2126, #e4e7eb); }}
body {{ max-width: 60rem; margin: 1rem auto; padding: 0 1rem; font-family: system-ui; }}
h1 {{ font-size: 1.4rem; }}
.figure {{ max-width: 100%; height: auto; }}
"""


def element(figure: Explorable, still: str | None = None) -> str:
    """A figure's place on a page: its still figure, and the numbers for its script.

    Parameters
    ----------
    figure : Explorable
    still : str, optional
        The ``image`` that stands there until the script runs; without it, the still
        figure, its picture in the page itself.

    Returns
    -------
    str
        HTML without any script that runs, so that no content security policy stops it.
    """
    name = type(figure).__name__
    state = {trait: getattr(figure, trait) for trait in figure.shared}
    numbers = json.dumps(state, default=_in_base64).replace("<", r"\u003c")
    return (
        f'<div class="live" data-explore="{name}">'
        f"{still or _drawn(figure)}"
        f'<script type="application/json">{numbers}</script></div>'
    )


def image(shown: dict, source: str) -> str:
    """A picture as HTML.

    Parameters
    ----------
    shown : dict
        Its "alt", a text, and its "width" and "height" in CSS pixels.
    source : str
        Its address.
    """
    return (
        f'<img class="figure" src="{source}" alt="{html.escape(shown["alt"])}" '
        f'width="{shown["width"]}" height="{shown["height"]}">'
    )


def _drawn(figure):
    data, metadata = displayed(*figure.still())
    source = f"data:image/png;base64,{data['image/png']}"
    return image(metadata["image/png"], source)


def _in_base64(value):
    return {"base64": base64.b64encode(value).decode()}


def script(figure: Explorable) -> str:
    """The script that brings this figure to life, and all of its class on a page.

    An ordinary script, not a module, since browsers load no modules from file://.
    """
    module = figure._esm.replace("export default { render };", "")
    name = f'const NAME = "{type(figure).__name__}";'
    host = (FOLDER / "host.js").read_text("utf-8")
    return f"(() => {{\n{module}\n{name}\n{host}}})();\n"


def page_html(figure: Explorable) -> str:
    """A figure as a whole web page of its own, in one file.

    Its content security policy allows its own script and style, by their hashes, and
    nothing else: no other script, and no request.
    """
    code = script(figure)
    about = inspect.getdoc(type(figure)) or ""
    title = about.partition("\n")[0].removesuffix(".")
    policy = (
        "default-src 'none'; img-src data:; "
        f"script-src {_hash(code)}; style-src {_hash(PAGE_STYLE)}"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{PAGE_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{html.escape(title)}</h1>\n"
        f"{element(figure)}\n</main>\n<script>{code}</script>\n</body>\n</html>\n"
    )


def _hash(text):
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
