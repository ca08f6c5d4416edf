"""Addresses of content and keys of time, as the network writes them.

A blob's CID is the real one: version 1, codec raw, SHA-256 of the bytes, base 32. A record's is of
the same form (codec dag-cbor), but its hash is that of the record as JSON with sorted names, not as
CBOR: the same record has always the same one, and any other record has another.

A TID is 53 bits of microseconds since 1970 and 10 bits of a clock's number, in base 32 that sorts
(atproto.com/specs/tid).
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any, Final

RAW: Final = 0x55
DAG_CBOR: Final = 0x71
SORTS: Final = "234567abcdefghijklmnopqrstuvwxyz"


def cid_of_blob(content: bytes) -> str:
    """The address of a file."""
    return _cid(RAW, content)


def cid_of_record(record: Any) -> str:
    """The address of a record."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return _cid(DAG_CBOR, text.encode())


def _cid(codec: int, content: bytes) -> str:
    """Multibase b, CID version 1, multihash SHA-256 of 32 bytes."""
    made = bytes((1, codec, 0x12, 32)) + hashlib.sha256(content).digest()
    return "b" + base64.b32encode(made).decode().lower().rstrip("=")


def tid(microseconds: int, clock: int = 0) -> str:
    """A key that sorts by time."""
    number = (microseconds & (1 << 53) - 1) << 10 | clock & 1023
    return "".join(SORTS[number >> 5 * place & 31] for place in range(12, -1, -1))
