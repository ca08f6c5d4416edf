"""Is what a listing shows the text that we tried to post?

A text is compared as far as every platform leaves it alone: markup off, addresses and the hosts of
mentions aside (platforms shorten them), unseen signs out, white space as one blank.
"""

from __future__ import annotations

import hashlib
import unicodedata
from html import unescape
from typing import Final

import regex

_ADDRESS: Final = regex.compile(r"[a-z]{2,9}://\S+", regex.IGNORECASE)
_MENTION: Final = regex.compile(r"(@[\w.-]*+(?<=\w))@[\w.-]*\w")
_UNSEEN: Final = regex.compile("[\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe0f\ufeff]")
_TAG: Final = regex.compile(r"<(?P<name>/?[a-zA-Z][a-zA-Z0-9]*+)(?P<more>[^<>]*+)>")
_HREF: Final = regex.compile(r"""\bhref\s*+=\s*+["']?(?P<url>[^"'\s]*+)""", regex.IGNORECASE)
_PLACE: Final = " \ufffc "


def digest(text: str) -> bytes:
    """SHA-256 of what a text is when all that servers change is out of it."""
    plain = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    bare = _MENTION.sub(r"\1", _ADDRESS.sub(_PLACE, plain))
    return hashlib.sha256(" ".join(bare.split()).encode()).digest()


def text_of(html: str) -> str:
    """The text of a status's ``content``: line ends for ``<br>`` and ``</p>``, addresses whole.

    A link that does not show its whole address ("example.org/a…") says where it leads. Read in one
    pass: html.parser needs the square of what a hostile server may send for one that is broken.
    """
    text: list[str] = []
    leads_to = ""
    begins = at = 0
    for tag in _TAG.finditer(html):
        text.append(unescape(html[at : tag.start()]))
        at = tag.end()
        name = tag["name"].lower()
        if name == "br":
            text.append("\n")
        elif name == "/p":
            text.append("\n\n")
        elif name == "a":
            said = _HREF.search(tag["more"])
            leads_to = unescape(said["url"]) if said else ""
            begins = len(text)
        elif name == "/a" and leads_to:
            if "…" in "".join(text[begins:]) and "…" not in leads_to:
                text[begins:] = ["".join(leads_to.split())]
            leads_to = ""
    return "".join([*text, unescape(html[at:])])


def same(shown: str, said: str) -> bool:
    """Whether a platform that shows this was given ``said``.

    Platforms make a text shorter, if anything; and putting a megabyte of accents into normal form
    would take minutes, so what is much longer is another one without a look.
    """
    return len(shown) <= 3 * len(said) + 1000 and digest(shown) == digest(said)
