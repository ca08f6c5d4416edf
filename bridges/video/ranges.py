"""Which bytes of a film are meant: ``Content-Range`` in what is sent, ``Range`` in what comes back.

The protocol is Google's ("Resumable uploads", developers.google.com/youtube/v3/guides); PeerTube
speaks the same (node-uploadx, proto.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_RANGE: Final = re.compile(r"bytes=0-(-1|[0-9]{1,15})", re.ASCII)


def asking(size: int) -> str:
    """``Content-Range`` of a request that carries nothing and asks how much is there."""
    return f"bytes */{size}"


def of_piece(first: int, length: int, size: int) -> str:
    """``Content-Range`` of a piece that begins at byte ``first`` (from 0) of ``size``."""
    return f"bytes {first}-{first + length - 1}/{size}"


def reached(headers: Mapping[str, str]) -> int | None:
    """How many bytes are there, by the answer to either; None if it says that in no known way.

    Without a ``Range`` there are none; a PeerTube server that has none says "bytes=0--1".
    """
    said = headers.get("range", "").strip()
    if not said:
        return 0
    found = _RANGE.fullmatch(said)
    return int(found[1]) + 1 if found else None
