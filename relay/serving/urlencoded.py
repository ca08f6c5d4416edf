"""application/x-www-form-urlencoded, read in little time and memory. Pure, hostile input.

As the URL standard has it (url.spec.whatwg.org, section 5.1). The standard library's own makes an
object of every byte that is escaped: 256 KiB of "%" held up a whole door for a quarter of a second,
before anybody had shown who they are.
"""

from __future__ import annotations

import re
from typing import Final, Literal

Pairs = list[tuple[str, str]]
"""Names and values in their order."""

_OCTET: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
_OCTETS: Final = [bytes([octet]) for octet in range(256)]


def pairs_in(body: bytes, most: int, errors: Literal["strict", "replace"] = "strict") -> Pairs:
    """The fields of a form. Raises ValueError for what is not ASCII, for more than ``most`` fields,
    and, if that is an error, for what is no UTF-8."""
    if not body.isascii() or body.count(b"&") >= most:
        raise ValueError("no form, or one too large")
    fields = (one.partition(b"=") for one in body.split(b"&") if one)
    return [(_text(name, errors), _text(value, errors)) for name, _, value in fields]


def _text(written: bytes, errors: str) -> str:
    octets = _OCTET.sub(lambda found: _OCTETS[int(found[1], 16)], written.replace(b"+", b" "))
    return octets.decode("utf-8", errors)
