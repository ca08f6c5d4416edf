"""Addresses of computers: IPv4 and IPv6, as logs and headers have them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from relay.rules.seen import Seen, Span

_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_FOUR: Final = re.compile(rf"(?<![\d.])(?:{_OCTET}\.){{3}}{_OCTET}(?![\d.]*\d)")
_SIX: Final = re.compile(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])")
_VERSION: Final = re.compile(r"(?:\bv|version|версия|نسخه)\W{0,2}\Z")
_LEAST: Final = 6  # characters of an IPv6 address that is worth a mark: "::" is punctuation


def machines(seen: Seen) -> Iterator[Span]:
    """Where they stand; numbers of versions are none."""
    text = seen.small
    if not seen.has_digits:
        return
    for found in _FOUR.finditer(text):
        if not _VERSION.search(text[max(0, found.start() - 12) : found.start()]):
            yield found.span()
    for found in _SIX.finditer(text):
        if len(found[0]) >= _LEAST and _is_six(found[0]):
            yield found.span()


def _is_six(written: str) -> bool:
    try:
        ipaddress.IPv6Address(written)
    except ValueError:
        return False
    return True
