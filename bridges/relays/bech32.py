"""Bech32 (BIP-173), in which Nostr writes keys and ids for people (NIP-19)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_SIGNS: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_SUM_SIGNS: Final = 6

MOST_CHARACTERS: Final = 5000
"""NIP-19 allows more than BIP-173's 90, and no more than this."""


def encoded(kind: str, content: bytes) -> str:
    """``content`` written with the prefix ``kind`` ("npub", "note")."""
    words = _regrouped(content, 8, 5, pad=True)
    checked = _polymod([*_spread(kind), *words, *[0] * _SUM_SIGNS]) ^ 1
    words += [checked >> 5 * (_SUM_SIGNS - 1 - at) & 31 for at in range(_SUM_SIGNS)]
    return f"{kind}1" + "".join(_SIGNS[word] for word in words)


def decoded(written: str) -> tuple[str, bytes]:
    """The prefix and the content. Raises ValueError, which never quotes it."""
    kind, one, said = written.lower().rpartition("1")
    if len(written) > MOST_CHARACTERS or written not in (written.lower(), written.upper()):
        raise ValueError("not bech32")
    if not kind or not one or len(said) < _SUM_SIGNS or not set(said) <= set(_SIGNS):
        raise ValueError("not bech32")
    words = [_SIGNS.index(sign) for sign in said]
    if _polymod([*_spread(kind), *words]) != 1:
        raise ValueError("bech32 with a sign that is wrong")
    return kind, bytes(_regrouped(words[:-_SUM_SIGNS], 5, 8, pad=False))


def _spread(kind: str) -> list[int]:
    return [ord(sign) >> 5 for sign in kind] + [0] + [ord(sign) & 31 for sign in kind]


def _polymod(words: Iterable[int]) -> int:
    checked = 1
    for word in words:
        top = checked >> 25
        checked = (checked & 0x1FFFFFF) << 5 ^ word
        for bit, part in enumerate(_GENERATOR):
            checked ^= part if top >> bit & 1 else 0
    return checked


def _regrouped(words: Iterable[int], of: int, to: int, *, pad: bool) -> list[int]:
    """Words of so many bits each as words of other many. Raises ValueError for bits left over."""
    made: list[int] = []
    held = bits = 0
    for word in words:
        held = held << of | word
        bits += of
        while bits >= to:
            bits -= to
            made.append(held >> bits & (1 << to) - 1)
        held &= (1 << bits) - 1
    if pad and bits:
        made.append(held << to - bits)
    elif not pad and (bits >= of or held):
        raise ValueError("bech32 that ends inside a byte")
    return made
