"""How often a JPEG goes over its pixels: each time costs as much as decoding it once."""

from __future__ import annotations

import re
from typing import Final

_MARKER: Final = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])")
"""One that has a length (ITU-T T.81 table B.1), or the end. Inside of a scan a byte FF is always
marked as data (section B.1.1.5); what else stands before a marker is passed over, as decoders
do."""

_END: Final = 0xD9
_SCAN: Final = 0xDA


def scans(content: bytes) -> int:
    """The number of scans of the first picture in these bytes. What stands in a segment (a small
    picture, a comment) is not read: no scan and no end is seen in it."""
    found, at = 0, 0
    while (marker := _MARKER.search(content, at)) and marker[1][0] != _END:
        at = marker.end()
        found += marker[1][0] == _SCAN
        at += max(2, int.from_bytes(content[at : at + 2], "big"))
    return found
