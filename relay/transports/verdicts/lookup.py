"""What is asked of the DNS for a verdict, as plain values: between a door and its child."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

Kind = Literal["TXT", "A", "AAAA", "MX", "PTR"]

KINDS: Final[frozenset[str]] = frozenset(("TXT", "A", "AAAA", "MX", "PTR"))

Record = list[bytes] | str | tuple[int, str]
"""TXT: its strings; A, AAAA: an address; PTR: a name; MX: preference and name."""

Look = Callable[[str, str], list[Record]]
"""The records of a name and a kind, none where there are none. Raises NoAnswer."""

MOST_RECORDS: Final = 32
"""Records of one answer; SPF looks at no more than ten (RFC 7208 section 4.6.4)."""

MOST_TXT: Final = 4096
"""Bytes of one TXT record."""

MOST_ASKED: Final = 60
"""Names asked for one mail: SPF's ten terms with ten names each would be more, and no honest domain
comes near."""


class NoAnswer(Exception):
    """Nobody answered in time, or with an error: another time it may be otherwise."""


def joined(record: Record) -> bytes:
    """A TXT record as one string (RFC 7208 section 3.3)."""
    return b"".join(record) if isinstance(record, list) else b""
