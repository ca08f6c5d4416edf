"""What the body of a request says, in the types of its table.

Facts: X's OpenAPI document 2.167: JSON everywhere, and for the two calls that carry a file
multipart too, where the file is a part; in JSON it is Base64.
"""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import replace
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from relay.testing.fediverse.forms import Unclear, said
from relay.testing.loopback import Request
from relay.testing.shapes import Flaw, Record, typed
from relay.testing.x import says
from relay.testing.x.says import No


def kind(request: Request) -> str:
    """The media type of a body, without its parameters."""
    header = Message()
    header["Content-Type"] = request.headers.get("content-type", "text/plain")
    return header.get_content_type()


def query(request: Request, table: Record) -> dict[str, Any]:
    """The query of a request. Raises No."""
    pairs = parse_qsl(urlsplit(request.target).query, keep_blank_values=True)
    return _fitting(typed(pairs, table), table)


def body(request: Request, table: Record) -> dict[str, Any]:
    """A body in JSON. Raises No."""
    if kind(request) != "application/json":
        raise No(says.invalid({"Content-Type": "must be application/json"}))
    try:
        return _fitting(json.loads(request.body), table)
    except (ValueError, RecursionError):
        raise No(says.invalid({"$": "the body is not JSON"})) from None


def upload(request: Request, table: Record) -> tuple[dict[str, Any], bytes]:
    """A body that carries a file: its fields, and the file. Raises No."""
    if kind(request) == "application/json":
        fields = body(request, table)
        try:
            return fields, b64decode(fields["media"], validate=True)
        except ValueError:
            raise No(says.invalid({"media": "must be Base64"})) from None
    if kind(request) != "multipart/form-data":
        raise No(says.invalid({"Content-Type": "must be multipart/form-data"}))
    try:
        parts = said(replace(request, target=request.path))
    except Unclear:
        raise No(says.invalid({"$": "the body is not multipart"})) from None
    pairs = [(name, value) for name, values in parts.values.items() for value in values]
    held = typed(pairs, table) | dict.fromkeys(parts.files, "")
    fields = _fitting(held, table)
    file = parts.files.get("media")
    if file is None:
        return fields, str(fields["media"]).encode()
    return fields, file.content


def form(request: Request) -> dict[str, str]:
    """A body that is a form, each name once. Raises No."""
    if kind(request) != "application/x-www-form-urlencoded":
        raise No(says.invalid({"Content-Type": "must be application/x-www-form-urlencoded"}))
    return dict(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True))


def _fitting(value: Any, table: Record) -> dict[str, Any]:
    flaws: list[Flaw] = list(table.flaws(value))
    if flaws:
        raise No(says.flawed(flaws))
    assert isinstance(value, dict)
    return value
