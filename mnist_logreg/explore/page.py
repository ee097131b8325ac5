"""Explorable figures on web pages: the same modules, without notebook or network."""

import base64
import html
import json

from mnist_logreg.explore.base import FOLDER, Explorable

STYLE = Explorable._css


def element(figure: Explorable, still: str) -> str:
    """A figure's place on a page: its still figure, and the numbers for its script.

    Parameters
    ----------
    figure : Explorable
    still : str
        The ``image`` that stands there until the script runs.

    Returns
    -------
    str
        HTML without any script that runs, so that no content security policy stops it.
    """
    name = type(figure).__name__
    state = {trait: getattr(figure, trait) for trait in figure.shared}
    numbers = json.dumps(state, default=_in_base64).replace("<", r"\u003c")
    return (
        f'<div class="live" data-explore="{name}">{still}'
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
