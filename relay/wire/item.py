"""The page's item: its signed bytes, the key as words, and the check of a whole document.

An item is canonical JSON (UTF-8, keys sorted, no blanks) of v, id, date, key, language, text, title
and titled. ``key`` is the page key it is signed with, so that eight words are enough to check it.
What is shown of an item anywhere must be equal to what was signed: ``verify_document`` holds a JSON
Feed, an Atom feed or an item's file against the page key, item by item.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from relay.errors import Damaged
from relay.model import Instant
from relay.wire import primitives

VERSION = 1
TITLE_LENGTH = 60
"""Characters of the title an untitled item is shown under."""

MAX_BYTES = 32 * 1024 * 1024
"""Bytes of the largest document that is looked at."""

ATOM = "{http://www.w3.org/2005/Atom}"
SIGNED = "{urn:outword:1}signed"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_OF_ITEM = {"id", "url", "title", "content_text", "date_published", "language", "_outword"}
_TYPED = {f"{ATOM}title", f"{ATOM}content"}
_OF_ENTRY = {
    f"{ATOM}id": set[str](),
    f"{ATOM}title": {"type"},
    f"{ATOM}published": set[str](),
    f"{ATOM}updated": set[str](),
    f"{ATOM}content": {"type"},
    SIGNED: {"sig"},
}
"""The elements of an entry beside its links, each once, with the attributes each may have."""

_CONSONANTS = "bdfghjklmnprstvz"
_VOWELS = "aiou"


@dataclass(frozen=True, slots=True, repr=False)
class Item:
    """What was signed. ``date`` is RFC 3339, the hour of the release; ``title`` is never empty;
    ``key`` is the page key in base64."""

    id: str
    date: str
    title: str
    titled: bool
    text: str
    language: str
    key: str


@dataclass(frozen=True, slots=True)
class Verified:
    """How many items a document has, and what is wrong with which of them (from 1)."""

    count: int
    faults: tuple[str, ...]


def make_item(
    id: str, text: str, title: str, language: str, date: Instant, page_seed: bytes
) -> bytes:
    """The bytes to sign for an item, with the key of ``page_seed``."""
    item = {
        "v": VERSION,
        "id": id,
        "date": datetime.fromtimestamp(date, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "title": title or shown_title(text),
        "titled": bool(title),
        "text": text,
        "language": language,
        "key": base64.b64encode(primitives.signing_public(page_seed)).decode(),
    }
    return json.dumps(item, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def shown_title(text: str) -> str:
    """The title of an item without one: the first line of its text, cut at 60 characters."""
    first = text.strip().partition("\n")[0].strip()
    return first if len(first) <= TITLE_LENGTH else first[: TITLE_LENGTH - 1].rstrip() + "…"


def sign_item(item: bytes, page_seed: bytes) -> bytes:
    """The signature of an item's bytes under the page key."""
    return primitives.sign(page_seed, b"outword/1/item" + item)


def read_item(item: bytes) -> Item:
    """The item in its bytes. Raises Damaged."""
    try:
        made = json.loads(item)
        if made.pop("v") != VERSION:
            raise Damaged
        read = Item(**made)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Damaged from None
    texts = (read.id, read.date, read.title, read.text, read.language, read.key)
    if not all(isinstance(one, str) for one in texts) or not isinstance(read.titled, bool):
        raise Damaged
    return read


def key_words(page_public: bytes) -> str:
    """The page key as eight words that can be read over a telephone: 128 bits of its SHA-256.

    A word is 16 bits, two consonant-vowel pairs and a consonant (Wilkerson, "A Proposal for
    Proquints", arXiv:0901.4016).
    """
    bits = primitives.digest(page_public)[:16]
    return "-".join(_word(int.from_bytes(bits[at : at + 2], "big")) for at in range(0, 16, 2))


def _word(number: int) -> str:
    parts = ((12, _CONSONANTS), (10, _VOWELS), (6, _CONSONANTS), (4, _VOWELS), (0, _CONSONANTS))
    return "".join(letters[number >> shift & len(letters) - 1] for shift, letters in parts)


# ---------------------------------------------------------------- verify


def verify_document(document: bytes, key: bytes | str) -> Verified:
    """Check every item of a feed.json, feed.xml or item file.

    ``key`` is the page key (32 bytes), or its words. Raises Damaged for what is none of these.
    """
    if len(document) > MAX_BYTES:
        raise Damaged
    faults: list[str] = []
    count = 0
    for count, shown in enumerate(_shown(document), 1):
        fault = _fault(shown, key)
        if fault:
            faults.append(f"item {count}: {fault}")
    return Verified(count, tuple(faults))


@dataclass(frozen=True, slots=True, repr=False)
class _Shown:
    """An item as a document shows it: what was signed, and every field it stands in.

    ``more``: it has a field beside those, or markup in one, that a feed reader may show instead.
    """

    signed: str
    sig: str
    fields: tuple[tuple[str, str | None], ...]
    more: bool = False


def _shown(document: bytes) -> Iterator[_Shown]:
    start = document.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"{":
        yield from _in_json(document)
    elif start == b"<":
        yield from _in_atom(document)
    else:
        raise Damaged("that is no feed.json, feed.xml or item file")


def _in_json(document: bytes) -> Iterator[_Shown]:
    try:
        read = json.loads(document, object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError):
        raise Damaged("that is no JSON") from None
    if read.keys() == {"signed", "sig"}:
        yield _Shown(_text(read, "signed"), _text(read, "sig"), ())
        return
    items = read.get("items")
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        raise Damaged("that is no JSON Feed")
    for item in items:
        proof = item.get("_outword")
        proof = proof if isinstance(proof, dict) else {}
        shown = [
            ("id", _text(item, "id")),
            ("text", _text(item, "content_text")),
            ("date", _text(item, "date_published")),
            ("language", _text(item, "language")),
            ("title", item.get("title")),
        ]
        yield _Shown(
            _text(proof, "signed"), _text(proof, "sig"), tuple(shown), not item.keys() <= _OF_ITEM
        )


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two equal keys one reader shows the first and another the last (RFC 8259 section 4)."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError
    return made


def _text(table: Any, key: str) -> str:
    value = table.get(key, "")
    return value if isinstance(value, str) else ""


def _in_atom(document: bytes) -> Iterator[_Shown]:
    if b"\0" in document:  # UTF-16, in which a search for ASCII finds nothing
        raise Damaged("a feed of ours is UTF-8")
    if b"<!DOCTYPE" in document or b"<!ENTITY" in document:
        raise Damaged("a feed of ours declares no entities")
    try:
        feed = ElementTree.fromstring(document)
    except ElementTree.ParseError:
        raise Damaged("that is no XML") from None
    if feed.tag != f"{ATOM}feed":
        raise Damaged("that is no Atom feed")
    for entry in feed.iter(f"{ATOM}entry"):
        proof, content = entry.find(SIGNED), entry.find(f"{ATOM}content")
        language = entry.get(_XML_LANG, "")
        shown = [
            ("id", entry.findtext(f"{ATOM}id", "")),
            ("text", (content.text or "") if content is not None else ""),
            ("date", entry.findtext(f"{ATOM}published", "")),
            ("date", entry.findtext(f"{ATOM}updated", "")),
            ("language", language),
            ("heading", entry.findtext(f"{ATOM}title", "")),
        ]
        signed = (proof.text or "").strip() if proof is not None else ""
        yield _Shown(
            signed, proof.get("sig", "") if proof is not None else "", tuple(shown), _more(entry)
        )


def _more(entry: ElementTree.Element) -> bool:
    """Whether an entry has an element, an attribute or markup beside what is compared."""
    names = [child.tag for child in entry if child.tag != f"{ATOM}link"]
    return (
        len(set(names)) != len(names)
        or not set(names) <= _OF_ENTRY.keys()
        or any(len(child) for child in entry)
        or any(child.get("type", "text") != "text" for child in entry if child.tag in _TYPED)
        or any(
            set(child.keys()) - _OF_ENTRY[child.tag] for child in entry if child.tag in _OF_ENTRY
        )
    )


def _fault(shown: _Shown, key: bytes | str) -> str:
    try:
        signed = base64.b64decode(shown.signed, validate=True)
        sig = base64.b64decode(shown.sig, validate=True)
        item = read_item(signed)
        with_key = base64.b64decode(item.key, validate=True)
    except (binascii.Error, ValueError, Damaged):
        return "its signature cannot be read"
    if not _is(key, with_key) or not primitives.signed(with_key, b"outword/1/item" + signed, sig):
        return "it is not signed with this key"
    if shown.more:
        return "it shows what was not signed"
    for field, value in shown.fields:
        if value != _wanted(item, field) and not (field == "language" and _nameless(item, value)):
            return f"its {field} is not what was signed"
    return ""


def _is(key: bytes | str, with_key: bytes) -> bool:
    if isinstance(key, bytes):
        return primitives.same(key, with_key)
    return key_words(with_key).split("-") == key.lower().replace("-", " ").split()


def _nameless(item: Item, value: str | None) -> bool:
    """Whether a language that was not known is rightly shown as none."""
    return item.language in ("", "und") and not value


def _wanted(item: Item, field: str) -> str | None:
    match field:
        case "title":
            return item.title if item.titled else None
        case "heading":
            return item.title
        case _:
            value: str = getattr(item, field)
            return value
