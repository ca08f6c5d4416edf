"""People named in a text by their keys (NIP-21, NIP-27): hidden, or told that they are."""

from __future__ import annotations

from typing import Final

import regex

from bridges.kit.words import JOINER
from bridges.relays import bech32

_NAMED: Final = regex.compile(
    r"(?P<kind>npub1|nprofile1)(?P<more>[02-9ac-hj-np-z]{20,1000})", regex.IGNORECASE
)
_KEY_BYTES: Final = 32


def hidden(text: str) -> str:
    """The text with a sign that is not seen inside every such name, so that no client makes a
    person of it."""
    without: str = _NAMED.sub(lambda found: found["kind"] + JOINER + found["more"], text)
    return without


def called(text: str) -> list[str]:
    """The public keys (64 hex) of those that a text names, each once, in order."""
    found = (_key(name[0]) for name in _NAMED.finditer(text))
    return [*dict.fromkeys(key for key in found if key)]


def _key(name: str) -> str:
    try:
        kind, content = bech32.decoded(name)
    except ValueError:
        return ""
    if kind == "npub":
        return content.hex() if len(content) == _KEY_BYTES else ""
    return _special(content)


def _special(content: bytes) -> str:
    """What stands under type 0 in a row of type, length, value (NIP-19): the key of a profile."""
    while len(content) >= 2:
        type, size = content[0], content[1]
        if type == 0 and size == _KEY_BYTES == len(content[2 : 2 + size]):
            return content[2 : 2 + size].hex()
        content = content[2 + size :]
    return ""
