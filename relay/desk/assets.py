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
def path_of(name: str) -> str:
    """Its address: what is in it stands in its name, so that it may be kept for ever, and a new one
    is loaded anew."""
    stem, _, ending = name.partition(".")
    return f"/static/{stem}.{sha256(asset(name)).hexdigest()[:12]}.{ending}"
