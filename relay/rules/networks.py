"""The network that a sender belongs to, as far as it says anything of a flood.

The domain of a mail, the country and operator of a telephone, the network of who filled in the
form.

A network is bytes that only a door makes and no disk sees; what is kept is a tag of it
(``relay.wire.names.network_tag``). What an editor types is made into the same bytes.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

OPERATOR: Final = 3
"""Digits after the country that say which operator it is, in most numbering plans."""

_SHORTEST: Final = 8
"""Digits of a number with its country: what is shorter is a short code, and no person's."""

_LONGEST: Final = 15
"""ITU-T E.164, 6.1."""

_LONG_DOMAIN: Final = 253
_DOMAIN: Final = re.compile(rb"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?")
_BETWEEN: Final = re.compile(r"[\s().-]")
_OF_ONE: Final = frozenset("17")
_OF_TWO: Final = frozenset(
    map(str, (20, 27, *range(30, 35), 36, 39, 40, 41, *range(43, 50), *range(51, 59)))
) | frozenset(map(str, (*range(60, 67), 81, 82, 84, 86, *range(90, 96), 98)))
"""Country codes by their length (ITU-T E.164, list of assigned codes); all others have three
digits."""


def network_of_mail(sender: bytes) -> bytes:
    """That of a mail address; empty for what is none."""
    _, at, domain = sender.rpartition(b"@")
    return _of_domain(domain.decode(errors="replace")) if at else b""


def network_of_phone(sender: bytes) -> bytes:
    """That of a telephone number with its country; empty for a name, a short code, or a number
    without it."""
    digits = _digits(sender.decode(errors="replace"))
    return _of_digits(digits) if _SHORTEST <= len(digits) <= _LONGEST else b""


def network_of_client(network: bytes) -> bytes:
    """That of a client by its address, as a transport tells it; empty for none."""
    return b"net:" + network if network else b""


def network_typed(text: str) -> bytes:
    """What an editor means who types a telephone prefix ("+98912") or a mail domain; empty for
    anything else."""
    text = text.strip()
    if digits := _digits(text):
        return _of_digits(digits) if len(digits) <= _LONGEST else b""
    domain = text.rpartition("@")[2]
    return _of_domain(domain) if "." in domain.strip(".") else b""


def _digits(text: str) -> str:
    """The digits of a number in its international form, of whatever script; empty for any other."""
    plain = _BETWEEN.sub("", text).removeprefix("+")
    if not plain or any(unicodedata.digit(sign, None) is None for sign in plain):
        return ""
    return "".join(str(unicodedata.digit(sign)) for sign in plain).removeprefix("00")


def _of_digits(digits: str) -> bytes:
    size = 1 if digits[:1] in _OF_ONE else 2 if digits[:2] in _OF_TWO else 3
    if digits[:1] in ("", "0") or len(digits) < size + OPERATOR:
        return b""
    return b"tel:" + digits[: size + OPERATOR].encode()


def _of_domain(domain: str) -> bytes:
    plain = unicodedata.normalize("NFKC", domain).strip().rstrip(".").lower()
    if not 0 < len(plain) <= _LONG_DOMAIN:
        return b""
    try:
        spelt = plain.encode("ascii") if plain.isascii() else plain.encode("idna")
    except UnicodeError:
        return b""
    return b"mail:" + spelt if _DOMAIN.fullmatch(spelt) else b""
