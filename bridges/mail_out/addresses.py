"""Addresses of mail, as plain as every server takes them (RFC 5321, 4.1.2, without quoting)."""

from __future__ import annotations

from typing import Final

import regex

MOST_CHARACTERS: Final = 254
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = regex.compile(
    rf"(?P<local>[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]+)*)"
    rf"@(?P<domain>{_LABEL}(?:\.{_LABEL})+)"
)


def address(written: str) -> str:
    """``written``, if it is a plain address: name@host.example. Raises ValueError."""
    found = _ADDRESS.fullmatch(written)
    if not found or len(written) > MOST_CHARACTERS or len(found["local"]) > 64:
        raise ValueError("write a plain address: news@example.org (a foreign domain as xn--...)")
    return written


def domain(written: str) -> str:
    """What stands after the @, in lower case."""
    return written.rpartition("@")[2].lower()


def unsubscribing(way: str) -> str:
    """``way``, if people can leave by it: https://... or mailto:name@host; "" is none. Raises
    ValueError."""
    if not way:
        return way
    if way.startswith("mailto:"):
        address(way.removeprefix("mailto:").partition("?")[0])
    elif not way.startswith("https://"):
        raise ValueError("write https://... or mailto:...")
    if not (way.isascii() and way.isprintable()) or set(way) & set(" <>,") or len(way) > 500:
        raise ValueError("write it without blanks, commas and angle brackets")
    return way
