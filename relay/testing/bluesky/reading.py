"""What a request says: its method's parameters and body, each looked at before it is acted on."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from relay.model import Instant
from relay.testing.bluesky.calls import CALLS, Call
from relay.testing.bluesky.says import No, invalid, worded
from relay.testing.loopback import Request
from relay.testing.shapes import typed

PREFIX: Final = "/xrpc/"
JSON_BYTES: Final = 153_600
RECORD_BYTES: Final = 1_000_000
READERS: Final = "did:web:api.bsky.app#bsky_appview"
"""The service for readers, as the header ``atproto-proxy`` may name it."""


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """A call that is well-formed. ``token``: the one that was checked, if the call needs one."""

    id: str
    call: Call
    now: Instant
    params: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    raw: bytes = b""
    mime: str = ""
    token: str = ""


def called(request: Request) -> tuple[str, Call]:
    """Which method it is. Raises No."""
    id = request.path.removeprefix(PREFIX)
    if not request.path.startswith(PREFIX):
        raise No(404, "XRPCNotSupported", "XRPC Not Supported")
    if id not in CALLS:
        raise No(501, "MethodNotImplemented", "Method Not Implemented")
    call = CALLS[id]
    if request.method != call.method:
        raise invalid(f"Incorrect HTTP method ({request.method}) expected {call.method}")
    if request.headers.get("atproto-proxy", READERS) != READERS:
        raise invalid("could not resolve proxy did")
    return id, call


def params(request: Request, id: str) -> dict[str, Any]:
    """The query of a call; an empty value is none. Raises No."""
    shape = CALLS[id].params
    made = typed(parse_qsl(urlsplit(request.target).query), shape)
    for flaw in shape.flaws(made):
        raise invalid(f"Invalid {id} params: {worded(flaw)}")
    return made


def mime(request: Request) -> str:
    """The type of a body, without its parameters. Raises No."""
    header = Message()
    header["Content-Type"] = request.headers.get("content-type", "")
    if not request.headers.get("content-type"):
        raise invalid("Request encoding (Content-Type) required but not provided")
    return header.get_content_type()


def body(request: Request, id: str) -> dict[str, Any]:
    """The JSON of a call. Raises No."""
    shape = CALLS[id].body
    if shape is None:
        if request.body:
            raise invalid("A request body was provided when none was expected")
        return {}
    if mime(request) != "application/json":
        raise invalid(f"Wrong request encoding (Content-Type): {mime(request)}")
    if len(request.body) > (RECORD_BYTES if "record" in shape.need else JSON_BYTES):
        raise No(413, "PayloadTooLargeError", "request entity too large")
    try:
        made = json.loads(request.body.decode(), parse_constant=_none, parse_float=_none)
    except (ValueError, RecursionError):
        raise No(400, "SyntaxError", "The body is no JSON of the network") from None
    for flaw in shape.flaws(made):
        raise invalid(worded(flaw))
    assert isinstance(made, dict)
    return made


def _none(number: str) -> None:
    """The network's data model has no fractions (atproto.com/specs/data-model)."""
    raise ValueError("a fraction")
