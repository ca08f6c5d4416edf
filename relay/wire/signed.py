"""The file of a statement that is signed with the page key: its bytes, and the signature of them.

::

    {"kind": ..., "signed": base64, "sig": base64}

The outer ``kind`` is for readers; the one in what is signed counts.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from relay.wire.documents import no_duplicates


def signed_file(kind: str, document: bytes, signature: bytes) -> bytes:
    """The file of a statement of that kind."""
    signed, sig = base64.b64encode(document).decode(), base64.b64encode(signature).decode()
    return json.dumps({"kind": kind, "signed": signed, "sig": sig}).encode() + b"\n"


def opened_file(kind: str, file: bytes, most: int) -> dict[str, Any] | None:
    """What is in a file that says of itself that it is of that kind, whether it is good or not;
    None for any other, and for one of more than ``most`` bytes."""
    if len(file) > most:
        return None
    try:
        read = json.loads(file, object_pairs_hook=no_duplicates)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) and read.get("kind") == kind else None
