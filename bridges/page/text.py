"""How a text that people wrote is shown: for reading in HTML, and exactly in XML.

Nothing in it becomes markup. Addresses become links that name where they lead; overrides of
direction (U+202D, U+202E), which nobody writes and which can make a link read as another, go.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final
from urllib.parse import urlsplit

from markupsafe import Markup, escape

LINK: Final = re.compile(r"https?://[^\s<>\"'`{}|\\^\u200e\u200f\u2066-\u2069\u202a-\u202e]+", re.I)
AFTER_A_LINK: Final = ".,;:!?\u060c\u061b\u061f\u06d4\u3002\u00bb\u201d\u2019\u2026*_"
"""Marks that end a sentence more often than an address, the Arabic and Persian ones included."""

BIDI: Final = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


def exact(text: str) -> Markup:
    """For XML: a bare CR would reach the reader as LF (XML 1.0, 2.11)."""
    return Markup(str(escape(text)).replace("\r", "&#13;"))


def attribute(text: str) -> Markup:
    """For an attribute in XML, where a reader would make blanks of line ends (XML 1.0, 3.3.3)."""
    return Markup(str(exact(text)).replace("\n", "&#10;").replace("\t", "&#9;"))


def calm(text: str) -> str:
    """Without overrides of direction."""
    return text.replace("\u202d", "").replace("\u202e", "")


def direction(text: str, otherwise: str) -> str:
    """That of its first letter that has one, as browsers find it (UAX #9, P2 and P3)."""
    found = (unicodedata.bidirectional(letter) for letter in text)
    first = next((one for one in found if one in ("L", "R", "AL")), "")
    return ("ltr" if first == "L" else "rtl") if first else otherwise


def plain(text: str) -> str:
    """For a window's title, where a mark of direction would reach beyond the text."""
    return BIDI.sub("", text)


def opening(text: str, most: int) -> tuple[str, bool]:
    """The first ``most`` characters of a text, or a little less so as to end with a word, and
    whether there is more. Bounded work, however long it is."""
    whole = len(text) <= 4 * most
    text = calm(text if whole else text[: 4 * most]).strip()
    if len(text) <= most:
        return (text, False) if whole else (f"{text} …", True)
    cut = text[:most]
    blank = max(cut.rfind(one) for one in " \n")
    cut = cut[:blank] if blank > most // 2 else cut
    while cut and unicodedata.category(text[len(cut)])[0] == "M":  # not before its own mark
        cut = cut[:-1]
    return f"{cut.rstrip()} …", True


def paragraphs(text: str) -> Markup:
    """Blank lines part paragraphs, each with a direction of its own; addresses become links."""
    parts = re.split(r"\n[ \t]*\n\s*", calm(text).strip("\n"))
    shown = _linked if "://" in text else _escaped
    made = ("<br>\n".join(map(shown, part.split("\n"))) for part in parts)
    return Markup("\n".join(f'<p dir="auto">{one}</p>' for one in made))


def _escaped(line: str) -> str:
    return html.escape(line)


def _linked(line: str) -> str:
    """The line as markup: all of it escaped, its addresses as links."""
    made, after = "", 0
    for found in LINK.finditer(line):
        address = _trimmed(found[0])
        if not _plain_host(address):
            continue
        shown = escape(address)
        made += str(escape(line[after : found.start()])) + (
            f'<a href="{shown}" rel="nofollow noopener noreferrer" dir="ltr">{shown}</a>'
        )
        after = found.start() + len(address)
    return made + str(escape(line[after:]))


def _trimmed(address: str) -> str:
    """Without what belongs to the sentence: full stops, and brackets that were not opened in it."""
    unopened = {one: address.count(one) - address.count(of) for one, of in (")(", "][")}
    end = len(address)
    while end:
        last = address[end - 1]
        if unopened.get(last, 0) > 0:
            unopened[last] -= 1
        elif last not in AFTER_A_LINK:
            break
        end -= 1
    return address[:end]


def _plain_host(address: str) -> bool:
    """No user before an @, which looks like a host; no letters that look like others."""
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  (raises for one that is no number)
    except ValueError:
        return False
    return bool(parts.hostname) and parts.netloc.isascii() and "@" not in parts.netloc
