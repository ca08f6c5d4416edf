"""A text as HTML that can do nothing: paragraphs, line ends and links, everything else escaped.

No sign of the text is ever markup, nor a call to what a site may have built in ("[gallery]" is a
command to WordPress). Links are marked as other people's words (``nofollow ugc``, as blogs do with
comments), and lead away without saying where from (``noreferrer``).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Final
from urllib.parse import urlsplit

import regex

from bridges.kit.counting import LINK
from bridges.kit.matching import text_of
from bridges.kit.splitting import shortened
from bridges.kit.words import clean
from relay.ports import Instant, Media

REL: Final = "nofollow ugc noopener noreferrer"
HEADLINE: Final = 80
"""Code points of a title that is taken from the text."""

LONGEST_LINK: Final = 2048

RIGHT_TO_LEFT: Final = frozenset(
    {"ar", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"}
)

_LINK: Final = regex.compile(LINK, regex.IGNORECASE)
_ENDS: Final = regex.compile(r"[\p{Cf}\p{Cc}<>\"\\^`{|}«»“”]")
_AFTER: Final = ".,;:!?…'*_،؛؟۔’"
_BRACKETS: Final = {")": "(", "]": "["}
_MARKS: Final = regex.compile(r"(\p{M}{30})\p{M}++")
_PARAGRAPHS: Final = regex.compile(r"\n[^\S\n]*\n\s*")


def html_of(text: str) -> str:
    """The text in paragraphs, without a line end between tags."""
    return "".join(
        f"<p>{'<br>'.join(_line(line) for line in paragraph.split(chr(10)))}</p>"
        for paragraph in _PARAGRAPHS.split(text.strip())
        if paragraph
    )


def within(html: str, direction: str, language: str, *, id: str = "") -> str:
    """The HTML in an element that says in which direction it runs ("rtl" or "ltr"), and in which
    language (ISO 639, or "")."""
    named = f' id="{plain(id)}"' if id else ""
    spoken = f' lang="{plain(language)}"' if language else ""
    return f'<div{named} dir="{direction}"{spoken}>{html}</div>'


def plain(text: str) -> str:
    """Escaped, for an element's content or a quoted attribute; square brackets too."""
    return escape(text).replace("[", "&#91;").replace("]", "&#93;")


def direction(text: str, language: str) -> str:
    """ "rtl" or "ltr": by the language, or by the first letter that runs in one (UAX 9, P2)."""
    if language:
        return "rtl" if language in RIGHT_TO_LEFT else "ltr"
    for sign in text:
        way = unicodedata.bidirectional(sign)
        if way in ("L", "R", "AL"):
            return "ltr" if way == "L" else "rtl"
    return "ltr"


def headline(title: str, text: str, media: Sequence[Media] = (), date: Instant = 0) -> str:
    """What stands over a post: its title on one line, else the beginning of its text, else what its
    first picture shows, else its day."""
    if title.split():
        return " ".join(title.split())
    for said in (text, *(one.alt for one in media[:1])):
        first = next((line for line in said.split("\n") if line.strip()), "")
        if first:
            return shortened(" ".join(first.split()), HEADLINE)
    return datetime.fromtimestamp(date, UTC).date().isoformat()


def read(html: str) -> str:
    """What is read of HTML that others wrote: tags end its lines, and a line end in it is a
    blank. Of accents on one letter 30 are kept (UAX 15, Stream-Safe Text): to put a comment of
    accents alone into normal form would cost the square of its length."""
    lines = _MARKS.sub(r"\1", text_of(html.replace("\n", " "))).split("\n")
    return clean("\n".join(line.strip() for line in lines))


def _line(line: str) -> str:
    made, at = [], 0
    for found in _LINK.finditer(line):
        address = _ended(found[0]) if len(found[0]) <= LONGEST_LINK else ""
        if not _leads(address):
            continue
        made += [_words(line[at : found.start()]), _link(address)]
        at = found.start() + len(address)
    return "".join([*made, _words(line[at:])])


def _words(text: str) -> str:
    """What is no link, and none to WordPress either: it fetches an address that stands alone in a
    paragraph, and shows in its place what is there (``WP_Embed::autoembed``)."""
    return plain(text).replace("://", "&#58;//")


def _link(address: str) -> str:
    return f'<a href="{plain(address)}" rel="{REL}">{plain(address)}</a>'


def _ended(found: str) -> str:
    """Without the signs that end a sentence, or the bracket that it stands in."""
    stops = _ENDS.search(found)
    address = found[: stops.start()] if stops else found
    while address:
        last = address[-1]
        opening = _BRACKETS.get(last)
        if last not in _AFTER and not (opening and address.count(last) > address.count(opening)):
            break
        address = address[:-1]
    return address


def _leads(address: str) -> bool:
    """Whether it is an address of the web that says plainly where it leads."""
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  (raises for one that is no number)
    except ValueError:
        return False
    web = parts.scheme.lower() in ("http", "https")
    return web and "." in (parts.hostname or "") and "@" not in parts.netloc
