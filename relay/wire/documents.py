"""What a feed.json, feed.xml or item file shows of each item, and by which proof.

Nothing here knows a key: ``relay.wire.item`` compares what is shown with what was signed. So a
document is read as feed readers may read it, and whatever one of them could show instead of a
signed field (an element, an attribute, markup, the first of two equal keys) is found here.

JSON Feed 1.1 (jsonfeed.org/version/1.1), Atom (RFC 4287). No document type is read, so no entity is
expanded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree

from relay.errors import Damaged

ATOM: Final = "{http://www.w3.org/2005/Atom}"
SIGNED: Final = "{urn:outword:1}signed"
WITHDRAWN: Final = "{urn:outword:1}withdrawn"
_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"

DEEPEST: Final = 8
"""Levels of elements: ours have three. Of 32 MiB of open tags a tree would take a gigabyte."""

MOST_ELEMENTS: Final = 20_000
"""Elements of a feed: ours have 50 entries of eight."""

_OF_ITEM: Final = frozenset(
    {
        "id",
        "url",
        "title",
        "content_text",
        "date_published",
        "date_modified",
        "language",
        "attachments",
        "_outword",
    }
)
_OF_ATTACHMENT: Final = frozenset(
    {"url", "mime_type", "title", "size_in_bytes", "duration_in_seconds"}
)
_OF_ENTRY: Final = {
    f"{ATOM}id": frozenset[str](),
    f"{ATOM}title": frozenset({"type"}),
    f"{ATOM}published": frozenset[str](),
    f"{ATOM}updated": frozenset[str](),
    f"{ATOM}content": frozenset({"type"}),
    SIGNED: frozenset({"sig"}),
}
"""The elements of an entry beside its links, each once, with the attributes each may have."""

_OF_ENCLOSURE: Final = frozenset({"rel", "href", "type", "length", "title"})
_SIZE: Final = re.compile(r"[1-9][0-9]{0,9}")


@dataclass(frozen=True, slots=True, repr=False)
class Attached:
    """A medium as a document shows it: its address, type, bytes, length and title. ``seconds`` is
    None where that kind of document does not say it, and ``title`` where there is none."""

    address: str
    type: str
    size: int
    seconds: int | None
    title: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """An item as a document shows it: what was signed, and every field it stands in.

    ``signed`` and ``sig`` are base64. ``media`` is None where nothing is shown but what was signed
    (the file of an item). ``more``: it has a field beside those, or markup in one, that a feed
    reader may show instead.
    """

    signed: str
    sig: str
    fields: tuple[tuple[str, str | None], ...]
    more: bool = False
    media: tuple[Attached, ...] | None = None


def items_shown(document: bytes) -> Iterator[Shown]:
    """Every item of a document. Raises Damaged for what is none of ours."""
    start = document.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"{":
        yield from _in_json(document)
    elif start == b"<":
        yield from _in_atom(document)
    else:
        raise Damaged("that is no feed.json, feed.xml or item file")


def list_shown(document: bytes) -> tuple[str, str] | None:
    """The signed list of what was withdrawn that a feed carries, and its signature, in base64; None
    where it carries none. Raises Damaged."""
    if document.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        proof = _read_json(document).get("_outword")
        listed = proof.get("withdrawn") if isinstance(proof, dict) else None
        if not isinstance(listed, dict):
            return None
        return _text(listed, "signed"), _text(listed, "sig")
    found = _read_atom(document).find(WITHDRAWN)
    return None if found is None else ((found.text or "").strip(), found.get("sig", ""))


# ---------------------------------------------------------------- JSON


def _read_json(document: bytes) -> dict[str, Any]:
    try:
        read = json.loads(document, object_pairs_hook=no_duplicates)
    except (ValueError, RecursionError):
        raise Damaged("that is no JSON") from None
    return read if isinstance(read, dict) else {}


def _in_json(document: bytes) -> Iterator[Shown]:
    read = _read_json(document)
    if read.keys() == {"signed", "sig"}:
        yield Shown(_text(read, "signed"), _text(read, "sig"), ())
        return
    items = read.get("items")
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        raise Damaged("that is no JSON Feed")
    for item in items:
        proof = item.get("_outword")
        proof = proof if isinstance(proof, dict) else {}
        fields = (
            ("id", _text(item, "id")),
            ("text", _text(item, "content_text")),
            ("date", _text(item, "date_published")),
            ("modified", item.get("date_modified")),
            ("language", _text(item, "language")),
            ("title", item.get("title")),
        )
        attached = [_attachment(one) for one in _listed(item)]
        media = tuple(one for one in attached if one is not None)
        more = not item.keys() <= _OF_ITEM or len(media) != len(attached)
        yield Shown(_text(proof, "signed"), _text(proof, "sig"), fields, more, media)


def _listed(item: dict[str, Any]) -> list[Any]:
    """The attachments of an item; what is no list of some is one that is none."""
    if "attachments" not in item:
        return []
    listed = item["attachments"]
    return listed if isinstance(listed, list) and listed else [None]


def _attachment(one: Any) -> Attached | None:
    """JSON Feed 1.1, "Attachments". None for what is none, or says more than is compared."""
    if not isinstance(one, dict) or not one.keys() <= _OF_ATTACHMENT:
        return None
    numbers = [one.get("size_in_bytes"), one.get("duration_in_seconds", 0)]
    if any(type(number) is not int for number in numbers):
        return None
    title = one.get("title")
    if not isinstance(title, str | None):
        return None
    return Attached(_text(one, "url"), _text(one, "mime_type"), numbers[0], numbers[1], title)


def no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two equal keys one reader shows the first and another the last (RFC 8259 section 4)."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError
    return made


def _text(table: dict[str, Any], key: str) -> str:
    value = table.get(key, "")
    return value if isinstance(value, str) else ""


# ---------------------------------------------------------------- Atom


class _Tree(ElementTree.TreeBuilder):
    """Builds a small tree; raises Damaged at the first thing that none of our feeds has."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._elements = 0

    def start(self, tag: Any, attrs: Any, /) -> Any:
        self._depth += 1
        self._elements += 1
        if self._depth > DEEPEST or self._elements > MOST_ELEMENTS:
            raise Damaged("that has more in it than any feed of ours")
        return super().start(tag, attrs)

    def end(self, tag: Any, /) -> Any:
        self._depth -= 1
        return super().end(tag)

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        raise Damaged("a feed of ours declares no entities")

    def pi(self, target: str, text: str | None = None) -> Any:
        raise Damaged("a feed of ours names no style sheet")


def _read_atom(document: bytes) -> ElementTree.Element:
    if b"\0" in document:  # UTF-16: ours is UTF-8, and one reading is enough
        raise Damaged("a feed of ours is UTF-8")
    try:
        feed = ElementTree.fromstring(document, ElementTree.XMLParser(target=_Tree()))
    except (ElementTree.ParseError, ValueError, LookupError):  # the last two: an odd encoding
        what = "neither JSON nor a feed: give feed.json, the file of an item, or send/ways.json"
        raise Damaged(f"that is {what}") from None
    if feed.tag != f"{ATOM}feed":
        raise Damaged("that is no Atom feed")
    return feed


def _in_atom(document: bytes) -> Iterator[Shown]:
    feed = _read_atom(document)
    for entry in feed.iter(f"{ATOM}entry"):
        proof = entry.find(SIGNED)
        fields = (
            ("id", entry.findtext(f"{ATOM}id", "")),
            ("text", entry.findtext(f"{ATOM}content", "")),
            ("date", entry.findtext(f"{ATOM}published", "")),
            ("updated", entry.findtext(f"{ATOM}updated", "")),
            ("language", entry.get(_XML_LANG, "")),
            ("heading", entry.findtext(f"{ATOM}title", "")),
        )
        signed = (proof.text or "").strip() if proof is not None else ""
        sig = proof.get("sig", "") if proof is not None else ""
        links = [one for one in entry.findall(f"{ATOM}link") if one.get("rel") == "enclosure"]
        enclosed = [_enclosure(one) for one in links]
        media = tuple(one for one in enclosed if one is not None)
        more = _more(entry) or len(media) != len(enclosed)
        yield Shown(signed, sig, fields, more, media)


def _enclosure(link: ElementTree.Element) -> Attached | None:
    """RFC 4287 section 4.2.7. None for what says more than is compared."""
    size = link.get("length", "")
    if not set(link.keys()) <= _OF_ENCLOSURE or not _SIZE.fullmatch(size):
        return None
    return Attached(link.get("href", ""), link.get("type", ""), int(size), None, link.get("title"))


def _more(entry: ElementTree.Element) -> bool:
    """Whether an entry has an element, an attribute or markup beside what is compared."""
    links = entry.findall(f"{ATOM}link")
    others = [child for child in entry if child.tag != f"{ATOM}link"]
    names = [child.tag for child in others]
    return (
        len(set(names)) != len(names)
        or not set(names) <= _OF_ENTRY.keys()
        or not set(entry.keys()) <= {_XML_LANG}
        or any(len(child) for child in entry)
        or any(child.get("type", "text") != "text" for child in others)
        or any(set(child.keys()) - _OF_ENTRY[child.tag] for child in others)
        or any(link.get("rel", "alternate") not in ("alternate", "enclosure") for link in links)
    )
