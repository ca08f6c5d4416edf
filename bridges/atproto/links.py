"""Addresses in a text: where they end, how short they are shown, and what they lead to.

The server sees no address by itself: a link is a mark that carries the whole of it, so that the
words may show less. What is shown begins with the whole host, always: a link does not deceive.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

import regex

from bridges.kit.counting import LINK
from bridges.kit.splitting import shortened

SHOWN: Final = 32
"""Characters of an address that are shown, if its host is not longer; and at least 8 beyond it."""

LONGEST: Final = 2048
LONGEST_HOST: Final = 253

_LINK: Final = regex.compile(LINK, regex.IGNORECASE)
_ENDS_IT: Final = regex.compile(r"[\p{Cf}<>\"\\^`{|}«»“”]")
_TRAILING: Final = ".,;:!?…'*_،؛؟۔’"
_CLOSING: Final = {")": "(", "]": "["}
_AS_IT_IS: Final = "".join(set(string.printable) - set(string.whitespace))


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """An address between ``start`` and ``end`` of a text, what is shown in its place, and the URI
    (ASCII) that it leads to."""

    start: int
    end: int
    shown: str
    uri: str


def addresses(text: str) -> Iterator[Address]:
    """Those that can be made links, in order. What hides a name before the host is none."""
    for found in _LINK.finditer(text):
        if len(found[0]) > LONGEST:
            continue
        written = _ended(found[0])
        uri = _uri(written)
        if uri:
            start = found.start()
            yield Address(start, start + len(written), _shown(written), uri)


def _ended(found: str) -> str:
    """Without the signs that end a sentence, or the bracket that it stands in."""
    stops = _ENDS_IT.search(found)
    written = found[: stops.start()] if stops else found
    while written:
        last = written[-1]
        opening = _CLOSING.get(last)
        if last in _TRAILING or (opening and written.count(last) > written.count(opening)):
            written = written[:-1]
        else:
            break
    return written


def _uri(written: str) -> str:
    try:
        parts = urlsplit(written)
        host = parts.hostname or ""
        parts.port  # noqa: B018  (raises for one that is no number)
        if parts.scheme.lower() not in ("http", "https") or "@" in parts.netloc:
            return ""
        plain = host if host.isascii() else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        return ""
    if "." not in plain.strip(".") or len(plain) > LONGEST_HOST:
        return ""
    where = plain + (f":{parts.port}" if parts.port else "")
    after = written.partition("://")[2]
    uri = f"{parts.scheme.lower()}://{where}{quote(after[len(parts.netloc) :], safe=_AS_IT_IS)}"
    return uri if len(uri) <= LONGEST else ""


def _shown(written: str) -> str:
    bare = written.partition("://")[2]
    bare = bare[:-1] if bare.endswith("/") and bare.count("/") == 1 else bare
    host = urlsplit(written).netloc
    rest = bare[len(host) :]
    return host + shortened(rest, max(8, SHOWN - len(host)))
