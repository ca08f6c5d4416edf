"""The page's item: its signed bytes, the key as words, and the check of a whole document.

An item is canonical JSON (UTF-8, keys sorted, no blanks) of v, id, date, key, language, text, title
and titled, of revision and updated where the text was corrected, of hides where what it said before
is not to be shown any more, and of media where it has any.
``key`` is the page key it is signed with, so that eight words are enough to check it. What is shown
of an item anywhere must be equal to what was signed: ``verify_document`` holds a JSON Feed, an Atom
feed or an item's file against the page key, item by item.

The bytes that are signed are those of RFC 8785 (JSON Canonicalization Scheme), so that one item has
one spelling, and no two readers can see different things in it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from relay.errors import Damaged
from relay.model import Instant, Media, hour_of
from relay.wire import primitives
from relay.wire.documents import Attached, Shown, items_shown
from relay.wire.itemmedia import ItemMedium, read_media, said_of, titles

VERSION = 1
TITLE_LENGTH = 60
"""Characters of the title an untitled item is shown under."""

FIRST_LATER = 2
"""The revision of an item that was corrected once; a first text does not say that it is one."""

MOST_REVISIONS = 1000
"""No item is corrected so often: an SMS has 255 segments at most."""

MAX_BYTES = 32 * 1024 * 1024
"""Bytes of the largest document that is looked at."""

_ELSEWHERE = re.compile(r"https?://[^?#\\\s]+|[^?#\\\s:]+")
"""An address of a file on some copy of the page: of the web or relative, and nothing that a browser
runs or reads as something else."""

_CONSONANTS = "bdfghjklmnprstvz"
_VOWELS = "aiou"


@dataclass(frozen=True, slots=True, repr=False)
class Item:
    """What was signed. ``date`` is RFC 3339, the hour of the release; ``title`` is never empty;
    ``key`` is the page key in base64. ``revision`` counts the texts it has had: of two items with
    one id the later one holds. ``updated`` is the hour in which a later one was released, empty for
    a first text. ``hides``: no text that it had before may be shown."""

    id: str
    date: str
    title: str
    titled: bool
    text: str
    language: str
    key: str
    revision: int = 1
    updated: str = ""
    media: tuple[ItemMedium, ...] = ()
    hides: bool = False


@dataclass(frozen=True, slots=True)
class Verified:
    """How many items a document has, what is wrong with which of them (from 1), and the media of
    those with which nothing is, posters too: names below the page's folder, each with its SHA-256
    (hex). Whether the files are those is for who has them to see. ``ids`` are those of the items
    that are good. Of a copy ``day`` is the newest that any good signature in it names, and
    ``listed`` the day of its list of what was withdrawn, empty for none."""

    count: int
    faults: tuple[str, ...]
    media: tuple[tuple[str, str], ...] = ()
    ids: tuple[str, ...] = ()
    day: str = ""
    listed: str = ""


def make_item(
    id: str,
    text: str,
    title: str,
    language: str,
    date: Instant,
    page_seed: bytes,
    revision: int = 1,
    updated: Instant = 0,
    media: Sequence[Media] = (),
    hides: bool = False,
) -> bytes:
    """The bytes to sign for an item, with the key of ``page_seed``; dates are cut to their hours.
    A first text has neither ``revision`` nor ``updated`` in it, and one alone no ``media``, so that
    it has one spelling. ``media`` are cleaned; their digests are made here. ``hides``: what it said
    before this revision is not to be shown any more; of a first text that says nothing.

    Raises ValueError for text that is no UTF-8 (a lone surrogate), and for media of a type that no
    cleaner makes."""
    item: dict[str, object] = {
        "v": VERSION,
        "id": id,
        "date": _hour(date),
        "title": title or shown_title(text),
        "titled": bool(title),
        "text": text,
        "language": language,
        "key": base64.b64encode(primitives.signing_public(page_seed)).decode(),
    }
    if revision > 1:
        item |= {"revision": revision, "updated": _hour(updated or date)}
        item |= {"hides": True} if hides else {}
    if media:
        item["media"] = said_of(media)
    return canonical(item)


def _hour(at: Instant) -> str:
    return datetime.fromtimestamp(hour_of(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def shown_title(text: str) -> str:
    """The title of an item without one: the first line of its text that is not blank, cut at 60
    characters; "…" for a text without letters, since a title is never empty."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "…")
    return first if len(first) <= TITLE_LENGTH else first[: TITLE_LENGTH - 1].rstrip() + "…"


def canonical(value: dict[str, Any]) -> bytes:
    """As in RFC 8785, for maps and lists of text, true, false and small whole numbers, whose keys
    are ASCII."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sign_item(item: bytes, page_seed: bytes) -> bytes:
    """The signature of an item's bytes under the page key."""
    return primitives.sign(page_seed, b"outword/1/item" + item)


def read_item(item: bytes) -> Item:
    """The item in its bytes, which have one spelling only. Raises Damaged."""
    try:
        made = json.loads(item)
        if canonical(made) != item or made.pop("v") != VERSION:
            raise Damaged
        later, updated = made.get("revision", FIRST_LATER), made.get("updated", "-")
        if "media" in made:
            made["media"] = read_media(made["media"])
        read = Item(**made)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Damaged from None
    texts = (read.id, read.date, read.title, read.text, read.language, read.key)
    if not all(isinstance(one, str) for one in texts) or not isinstance(read.titled, bool):
        raise Damaged
    if type(later) is not int or not FIRST_LATER <= later <= MOST_REVISIONS:
        raise Damaged
    if not isinstance(updated, str) or not updated or ("revision" in made) != ("updated" in made):
        raise Damaged
    if "hides" in made and (made["hides"] is not True or "revision" not in made):
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


def are_key_words(written: str) -> bool:
    """Whether these can be the words of some key; they may be parted by blanks as well."""
    words = _words(written)
    letters = (_CONSONANTS, _VOWELS, _CONSONANTS, _VOWELS, _CONSONANTS)
    return len(words) == 8 and all(
        len(word) == 5 and all(one in some for one, some in zip(word, letters, strict=True))
        for word in words
    )


def _words(written: str) -> list[str]:
    return written.lower().replace("-", " ").split()


# ---------------------------------------------------------------- verify


def verify_document(document: bytes, key: bytes | str) -> Verified:
    """Check every item of a feed.json, feed.xml or item file.

    ``key`` is the page key (32 bytes), or its words. Raises Damaged for what is none of these.
    """
    if len(document) > MAX_BYTES:
        raise Damaged
    faults: list[str] = []
    media: dict[str, str] = {}
    ids: list[str] = []
    count = 0
    for count, shown in enumerate(items_shown(document), 1):
        ended = checked(shown, key)
        if isinstance(ended, str):
            faults.append(f"item {count}: {ended}")
            continue
        ids.append(ended.id)
        for one in ended.media:
            media |= {one.name: one.sha256}
            if one.poster:
                media |= {one.poster_name: one.poster}
    return Verified(count, tuple(faults), tuple(media.items()), tuple(ids))


def checked(shown: Shown, key: bytes | str) -> Item | str:
    """The item as it was signed, or what is wrong with what is shown of it."""
    try:
        signed = base64.b64decode(shown.signed, validate=True)
        sig = base64.b64decode(shown.sig, validate=True)
        item = read_item(signed)
        with_key = base64.b64decode(item.key, validate=True)
    except (binascii.Error, ValueError, Damaged):
        return "its signature cannot be read"
    if not is_key(key, with_key) or not primitives.signed(
        with_key, b"outword/1/item" + signed, sig
    ):
        return "it is not signed with this key"
    if shown.more:
        return "it shows what was not signed"
    for field, value in shown.fields:
        if value != _wanted(item, field) and not (field == "language" and _nameless(item, value)):
            return f"its {'title' if field == 'heading' else field} is not what was signed"
    if shown.media is not None and not _are_those(item.media, shown.media):
        return "its media are not what was signed"
    return item


def _are_those(media: Sequence[ItemMedium], shown: Sequence[Attached]) -> bool:
    """Whether these are shown, in their order. Where they lie is not signed (a copy of the page
    lies elsewhere), only their names are."""
    called = titles(media)
    return len(shown) == len(media) and all(
        (at.type, at.size, at.title) == (one.type, one.size, title)
        and at.seconds in (None, one.seconds)
        and f"/{at.address}".endswith(f"/{one.name}")
        and _ELSEWHERE.fullmatch(at.address)
        for one, at, title in zip(media, shown, called, strict=True)
    )


def is_key(key: bytes | str, with_key: bytes) -> bool:
    """Whether that key, given as 32 bytes or as its words, is the one something is signed with."""
    if isinstance(key, bytes):
        return primitives.same(key, with_key)
    return _words(key_words(with_key)) == _words(key)


def _nameless(item: Item, value: str | None) -> bool:
    """Whether a language that was not known is rightly shown as none."""
    return item.language in ("", "und") and not value


def _wanted(item: Item, field: str) -> str | None:
    match field:
        case "title":
            return item.title if item.titled else None
        case "heading":
            return item.title
        case "updated":  # Atom wants it of each entry
            return item.updated or item.date
        case "modified":
            return item.updated or None
        case _:
            value: str = getattr(item, field)
            return value
