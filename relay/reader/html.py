"""HTML to text, by inscriptis on lxml: layout kept, scripts, styles and hidden trackers gone."""

from __future__ import annotations

import re

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError

from relay.reader.counted import TooMuch

MAX_TAGS = 20_000
"""Tags of one HTML text; layout takes time that grows with their depth."""

MAX_DEPTH = 200

_CONFIG = ParserConfig(css=CSS_PROFILES["strict"], display_images=False, display_links=False)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track"}
    | {"wbr", "p", "li"}
)
"""Tags that need no end, and so do not nest."""


def text_of(html: str) -> str:
    """The text a person would see. Raises TooMuch."""
    if html.count("<") > MAX_TAGS:
        raise TooMuch("it has too many tags")
    if _depth(html) > MAX_DEPTH:
        raise TooMuch("too deeply nested")
    try:
        return str(get_text(html, _CONFIG))
    except (LxmlError, ValueError):
        raise TooMuch("its HTML cannot be read") from None


def _depth(html: str) -> int:
    """An upper bound of how deep tags are nested, in one pass."""
    depth = deepest = 0
    for closing, name in _TAG.findall(html):
        if name.lower() in _VOID:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        deepest = max(deepest, depth)
    return deepest
