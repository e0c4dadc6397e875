"""The page's own HTML: Jinja2 templates, which escape whatever they are given."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


@cache
def _environment() -> Environment:
    return Environment(autoescape=True, loader=PackageLoader("hwr.ui"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def render(template: str, **values: Any) -> Markup:
    """A template, filled; what is no markup of ours is escaped."""
    return Markup(_environment().get_template(template).render(**values).strip())
