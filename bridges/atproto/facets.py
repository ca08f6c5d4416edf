"""A text as it is shown, and the marks on it: links, and names and tags where they are wanted.

A mark counts bytes of the UTF-8 text (app.bsky.richtext.facet). Whoever leaves a name or a tag
without one has made it plain words: nobody is notified.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import regex

from bridges.atproto.links import addresses
from bridges.kit.counting import WORD, units

MOST_NAMES: Final = 10
"""Names in one part that are looked up: more would be a nuisance, and do not fit what is kept."""

LONGEST_NAME: Final = 100
LONGEST_TAG: Final = 64
"""Graphemes; and 640 bytes (app.bsky.richtext.facet#tag)."""

_MARK: Final = regex.compile(
    rf"(?<![{WORD}@/.])@(?P<name>(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.)+"
    r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)(?![a-z0-9-])"
    rf"|(?<![{WORD}&/])[#＃](?P<tag>[{WORD}]{{1,200}})",
    regex.IGNORECASE,
)


@dataclass(frozen=True, slots=True, repr=False)
class Mark:
    """Bytes ``start`` to ``end`` of the text are a link (``to`` is its URI), a tag (without ``#``)
    or a name (a handle, whose account is asked for when it is sent)."""

    start: int
    end: int
    kind: Literal["link", "tag", "name"]
    to: str


def shown(text: str, *, names: bool) -> tuple[str, tuple[Mark, ...]]:
    """The text with its addresses shortened, and its marks. ``names``: tags and names too."""
    said: list[str] = []
    marks: list[Mark] = []
    at = bytes_before = 0
    for address in addresses(text):
        plain = text[at : address.start]
        marks += _named(plain, bytes_before) if names else ()
        bytes_before += len(plain.encode())
        end = bytes_before + len(address.shown.encode())
        marks.append(Mark(bytes_before, end, "link", address.uri))
        said += [plain, address.shown]
        at, bytes_before = address.end, end
    marks += _named(text[at:], bytes_before) if names else ()
    return "".join([*said, text[at:]]), _bounded(marks)


def _named(plain: str, before: int) -> Iterator[Mark]:
    for found in _MARK.finditer(plain):
        start = before + len(plain[: found.start()].encode())
        end = start + len(found[0].encode())
        if found["name"] and len(found["name"]) <= LONGEST_NAME:
            yield Mark(start, end, "name", found["name"].lower())
        elif found["tag"] and _is_tag(found["tag"]):
            yield Mark(start, end, "tag", found["tag"])


def _is_tag(tag: str) -> bool:
    """A number alone is none (as the platform's own reader has it)."""
    return not tag.isdigit() and units(tag, "graphemes") <= LONGEST_TAG and len(tag.encode()) <= 640


def _bounded(marks: list[Mark]) -> tuple[Mark, ...]:
    names = [mark for mark in marks if mark.kind == "name"][:MOST_NAMES]
    return tuple(mark for mark in marks if mark.kind != "name" or mark in names)
