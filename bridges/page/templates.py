"""The templates beside this file, and the filters that they have."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import jinja2

from bridges.page import text

FOLDER: Final = Path(__file__).parent


@cache
def template(name: str) -> jinja2.Template:
    """The template in the file of that name."""
    return _templates().get_template(name)


@cache
def _templates() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters = (text.paragraphs, text.calm, text.plain, text.direction, text.exact, text.attribute)
    made.filters |= {one.__name__: one for one in (*filters, text.opening)}
    return made
