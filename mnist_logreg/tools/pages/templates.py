"""Fills the templates in templates/ with values (jinja2)."""

import base64
import hashlib
import re
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
TITLE = "Logistic regression in PyTorch on MNIST"


def render(template: str, folder: Path = TEMPLATES, **values) -> str:
    """Fill a template.

    Parameters
    ----------
    template : str
        The template's name, without ``.html``.
    folder : Path
        Where the template is.
    **values
        What the template shows. What is not marked as safe is escaped.

    Returns
    -------
    str
        The page.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template(f"{template}.html").render(TITLE=TITLE, **values)
    return _protected(page)


def _protected(page: str) -> str:
    """A page with a content security policy.

    It allows the site's own files, the scripts and styles that stand in the page, by
    their hashes, and no request elsewhere. `file:` is for pages that are read from the
    disk, where browsers do not agree on what a page's own files are.
    """
    scripts, styles = (_hashes(page, tag) for tag in ("script", "style"))
    policy = (
        "default-src 'none'; img-src 'self' file: data:; "
        f"script-src 'self' file:{scripts}; style-src 'self' file:{styles}; "
        "style-src-attr 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    first = '<meta charset="utf-8">'
    return page.replace(first, f"{first}\n{meta}", 1)


def _hashes(page: str, tag: str) -> str:
    """The sources that allow what stands in a page's elements of a tag."""
    contents = re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", page, re.DOTALL)
    digests = [hashlib.sha256(text.encode()).digest() for text in contents if text]
    names = dict.fromkeys(base64.b64encode(digest).decode() for digest in digests)
    return "".join(f" 'sha256-{name}'" for name in names)
