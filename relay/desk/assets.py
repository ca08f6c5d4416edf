"""What pages load besides themselves: a style and a script, which lie in the package."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

KINDS: Final = {
    "desk.css": "text/css; charset=utf-8",
    "desk.js": "text/javascript; charset=utf-8",
}


@cache
def asset(name: str) -> bytes:
    """The content of one of KINDS."""
    return files("relay.desk").joinpath(f"static/{name}").read_bytes()


@cache
def version(name: str) -> str:
    """What stands behind its name in a page, so that a new one is loaded anew."""
    return sha256(asset(name)).hexdigest()[:12]
