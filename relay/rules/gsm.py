"""The alphabets of SMS: the GSM 7-bit default alphabet and UCS-2 (3GPP TS 23.038, section 6.2).

A text whose characters all stand in the default alphabet travels as septets, those of the extension
table as two (an escape and another); one other character, and the whole text is UCS-2, which in
practice is UTF-16BE. A message has 140 octets of user data; a segment of a longer one gives up six
of them for its header (3GPP TS 23.040, section 9.2.3.24.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

DEFAULT: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet; the place of a character is its septet. 0x1B is the escape."""

EXTENSION: Final = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
"""What a septet means after the escape."""

ESCAPE: Final = 0x1B

MOST_UCS2: Final = 134
"""UCS-2 units of an answer of ours: two segments."""

MOST_GSM: Final = 160
"""Septets of an answer of ours: one message."""

_SEPTETS: Final = {
    char: bytes([value]) for value, char in enumerate(DEFAULT) if value != ESCAPE
} | {char: bytes([ESCAPE, value]) for value, char in EXTENSION.items()}
_DAMAGED: Final = "\ufffd"

Alphabet = Literal["gsm", "ucs2"]
"""The kinds of content of an SMS: septets, one an octet; UTF-16BE."""

_ALONE: Final[dict[Alphabet, int]] = {"gsm": 160, "ucs2": 140}
_SEGMENT: Final[dict[Alphabet, int]] = {"gsm": 153, "ucs2": 134}
"""Septets, or octets, of a message and of a segment with a reference of 8 bits."""


@dataclass(frozen=True, slots=True)
class Size:
    """How a text would travel: its alphabet, its units (septets, or UTF-16 units) and in how many
    segments (0 for no text)."""

    alphabet: Alphabet
    units: int
    segments: int


def encoded(text: str) -> tuple[Alphabet, bytes]:
    """The content of an SMS with this text: septets, one an octet, where they suffice; else
    UTF-16BE, with lone surrogates as U+FFFD."""
    if all(char in _SEPTETS for char in text):
        return "gsm", b"".join(_SEPTETS[char] for char in text)
    return "ucs2", text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace").encode(
        "utf-16-be"
    )


def segments(text: str) -> tuple[Alphabet, tuple[bytes, ...]]:
    """The contents of the segments in which a text travels; no character is split over two."""
    alphabet, content = encoded(text)
    if len(content) <= _ALONE[alphabet]:
        return alphabet, (content,) if content else ()
    return alphabet, tuple(_cut(content, alphabet))


def size(text: str) -> Size:
    """How a text would travel."""
    alphabet, parts = segments(text)
    octets = sum(map(len, parts))
    return Size(alphabet, octets if alphabet == "gsm" else octets // 2, len(parts))


def units(text: str) -> int:
    """Septets of a text that the default alphabet has, else its UTF-16 units."""
    return size(text).units


def fits(text: str) -> bool:
    """Whether it is short enough for an answer: 160 septets, or 134 units of UCS-2."""
    measured = size(text)
    return measured.units <= (MOST_GSM if measured.alphabet == "gsm" else MOST_UCS2)


def decoded(content: bytes, kind: Alphabet) -> str:
    """The text of the content of an SMS, or of segments joined before. Never raises: what is no
    septet, half a character or half a pair becomes U+FFFD. An escape before a septet that the
    extension table lacks is passed over, as the standard says."""
    if kind == "ucs2":
        return content.decode("utf-16-be", "replace")
    return "".join(_characters(content))


def _characters(content: bytes) -> Iterator[str]:
    escaped = False
    for value in content:
        if escaped:
            escaped = value == ESCAPE  # two escapes in a row mean nothing yet: a later table
            if not escaped:
                yield EXTENSION.get(value) or _plain(value)
        elif value == ESCAPE:
            escaped = True
        else:
            yield _plain(value)
    if escaped:
        yield _DAMAGED


def _plain(value: int) -> str:
    return DEFAULT[value] if value < len(DEFAULT) else _DAMAGED


def _cut(content: bytes, alphabet: Alphabet) -> Iterator[bytes]:
    at, most = 0, _SEGMENT[alphabet]
    while at < len(content):
        end = at + most
        if end < len(content) and _splits(content, end, alphabet):
            end -= 1 if alphabet == "gsm" else 2
        yield content[at:end]
        at = end


def _splits(content: bytes, at: int, alphabet: Alphabet) -> bool:
    """Whether a cut there parts an escape from its septet, or a surrogate from its other half."""
    if alphabet == "gsm":
        return content[at - 1] == ESCAPE
    return 0xD8 <= content[at - 2] <= 0xDB
