"""What a request says: which call it is, its parameters and its body."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from relay.model import Instant
from relay.testing.loopback import Request
from relay.testing.matrix.calls import CALLS, PATHS, Call, Key
from relay.testing.matrix.says import No, bad_json, bad_param
from relay.testing.shapes import Record, typed

BODY_BYTES: Final = 200_000
"""A body of JSON that is larger is not even read; an event in it has a limit of its own."""

NUMBER: Final = 2**53
"""Whole numbers of canonical JSON are smaller than this, on both sides of zero."""


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """A call that is well-formed. ``path``: its variable parts, decoded. ``device``: whose token it
    had, if it needs one. ``type``: that of the bytes in ``raw``."""

    path: tuple[str, ...]
    now: Instant
    params: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    raw: bytes = b""
    type: str = ""
    device: str = ""


def called(request: Request) -> tuple[Key, tuple[str, ...]]:
    """Which call it is, and the variable parts of its path. Raises No."""
    found = [
        (method, path, match)
        for pattern, method, path in PATHS
        if (match := pattern.fullmatch(request.path))
    ]
    for method, path, match in found:
        if method == request.method:
            return (method, path), tuple(unquote(part) for part in match.groups())
    if found:
        raise No(405, "M_UNRECOGNIZED", "Unrecognized request")
    raise No(404, "M_UNRECOGNIZED", "Unrecognized request")


def params(request: Request, shape: Record) -> dict[str, Any]:
    """The query of a call. Raises No."""
    pairs = parse_qsl(urlsplit(request.target).query, keep_blank_values=True)
    made = typed(pairs, shape)
    for flaw in shape.flaws(made):
        raise bad_param(flaw)
    return made


def body(request: Request, call: Call) -> dict[str, Any]:
    """The JSON of a call. Raises No."""
    if call.body is None or (call.empty and not request.body):
        return {}
    if type_of(request) != "application/json":
        raise No(400, "M_NOT_JSON", "Content-Type is not application/json")
    if len(request.body) > BODY_BYTES:
        raise No(413, "M_TOO_LARGE", "Request too large")
    made = read(request.body.decode(errors="replace"))
    for flaw in call.body.flaws(made):
        raise bad_json(flaw)
    assert isinstance(made, dict)
    return made


def read(text: str) -> Any:
    """JSON with whole numbers only, none of them large. Raises No."""
    try:
        return json.loads(text, parse_float=_none, parse_constant=_none, parse_int=_small)
    except _NotCanonical:
        raise No(400, "M_BAD_JSON", "a number that canonical JSON does not have") from None
    except (ValueError, RecursionError):
        raise No(400, "M_NOT_JSON", "Content not JSON.") from None


def type_of(request: Request) -> str:
    """The type of a body without its parameters; bytes where it says nothing."""
    header = Message()
    header["Content-Type"] = request.headers.get("content-type") or "application/octet-stream"
    return header.get_content_type()


def call_of(key: Key) -> Call:
    """What a call takes."""
    return CALLS[key]


class _NotCanonical(Exception):
    """A number that does not belong."""


def _none(number: str) -> None:
    raise _NotCanonical


def _small(number: str) -> int:
    if len(number) > 17 or not -NUMBER < int(number) < NUMBER:
        raise _NotCanonical
    return int(number)
