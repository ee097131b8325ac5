"""Fills the templates in templates/ with values (jinja2)."""

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
    return environment.get_template(f"{template}.html").render(TITLE=TITLE, **values)
