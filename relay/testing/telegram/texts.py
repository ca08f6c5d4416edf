"""What becomes of a text: cleaned, measured in UTF-16 units, its entities checked and found.

From descriptions of TDLib's ``MessageEntity.cpp``: control characters become spaces; carriage
returns, U+2028 to U+202E and white space at both ends go; an entity counts in UTF-16 units of the
text as it was sent, and one that reaches beyond its end is refused with its offsets.
"""

from __future__ import annotations

import re
from typing import Any, Final

from relay.testing.telegram.says import No
from relay.testing.telegram.tables import MAX_CAPTION, MAX_TEXT, MAX_TEXT_BYTES

Entity = dict[str, Any]

GONE: Final = frozenset("\r") | {chr(code) for code in range(0x2028, 0x202F)}
FOUND: Final = (
    ("url", re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?'()\[\]،؛؟«»]")),
    ("hashtag", re.compile(r"(?<![\w&/#])#\w*[^\W\d]\w*")),
    ("mention", re.compile(r"(?<![\w/@])@[A-Za-z]\w{3,31}")),
)


def units(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def formatted(
    text: str, entities: list[Entity] | None, mode: str | None, *, caption: bool
) -> tuple[str, list[Entity]]:
    """A text as it will stand there, and its entities. Raises No."""
    if any("\ud800" <= one <= "\udfff" for one in text):
        raise No(400, "strings must be encoded in UTF-8")
    if len(text.encode()) > MAX_TEXT_BYTES:
        raise No(400, "text is too long")
    if mode is not None:
        raise No(400, "can't parse entities: this stand-in reads no markup")
    clean, moved = _clean(text)
    kept = [_checked(one, moved) for one in entities or []]
    stripped = clean.strip()
    before = units(clean[: len(clean) - len(clean.lstrip())])
    size = units(stripped)
    if size > (MAX_CAPTION if caption else MAX_TEXT):
        raise No(400, "message caption is too long" if caption else "message is too long")
    if not stripped and not caption:
        raise No(400, "text must be non-empty" if text else "message text is empty")
    shifted = [_shifted(one, before, size) for one in kept]
    given = [one for one in shifted if one["length"] > 0]
    return stripped, sorted(given + _found(stripped, given), key=lambda one: int(one["offset"]))


def _clean(text: str) -> tuple[str, list[int | None]]:
    """The cleaned text, and where each of its old UTF-16 offsets is now; None: inside a pair."""
    made: list[str] = []
    moved: list[int | None] = []
    at = 0
    for one in text:
        wide = ord(one) > 0xFFFF
        moved += [at, None] if wide else [at]
        if one not in GONE:
            made.append(" " if one < " " and one != "\n" else one)
            at += 2 if wide else 1
    return "".join(made), [*moved, at]


def _checked(entity: Entity, moved: list[int | None]) -> Entity:
    """An entity in the offsets of the cleaned text. Raises No."""
    offset, length = entity["offset"], entity["length"]
    end = offset + length
    if offset < 0 or length < 0:
        raise No(400, f"receive an entity with incorrect offset {offset} or length {length}")
    if offset >= len(moved):
        raise No(400, f"entity begins after the end of the text at UTF-16 offset {offset}")
    if end >= len(moved):
        words = f"entity beginning at UTF-16 offset {offset} ends after the end of the text"
        raise No(400, f"{words} at UTF-16 offset {end}")
    first, last = moved[offset], moved[end]
    if first is None:
        words = "entity begins in a middle of a UTF-16 symbol"
        raise No(400, f"{words} at UTF-16 offset {offset}")
    if last is None:
        words = f"entity beginning at UTF-16 offset {offset} ends in a middle of a UTF-16 symbol"
        raise No(400, f"{words} at UTF-16 offset {end}")
    return entity | {"offset": first, "length": last - first}


def _shifted(entity: Entity, before: int, size: int) -> Entity:
    """An entity after the white space at both ends is gone."""
    first = max(entity["offset"] - before, 0)
    last = min(entity["offset"] + entity["length"] - before, size)
    return entity | {"offset": first, "length": last - first}


def _found(text: str, given: list[Entity]) -> list[Entity]:
    """What Telegram finds by itself, where nothing was given."""
    taken = [(one["offset"], one["offset"] + one["length"]) for one in given]
    made: list[Entity] = []
    for kind, pattern in FOUND:
        for match in pattern.finditer(text):
            first, length = units(text[: match.start()]), units(match[0])
            if all(first >= end or first + length <= start for start, end in taken):
                taken.append((first, first + length))
                made.append({"type": kind, "offset": first, "length": length})
    return made
