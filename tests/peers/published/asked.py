"""A request as it came to a stand-in, read: what was said, and in which place."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from relay.testing.loopback import Request

FORM, PARTS, JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"


@dataclass(frozen=True)
class Asked:
    """``type`` is the body's, "" if there is none. ``form`` has the fields of either kind of form;
    a file is bytes. ``json`` is what a JSON body says."""

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    type: str = ""
    form: Mapping[str, str | bytes] = field(default_factory=dict)
    json: Any = None

    @property
    def steps(self) -> list[str]:
        """The path, without its slashes."""
        return [unquote(step) for step in self.path.strip("/").split("/")]


def asked(request: Request) -> Asked:
    """Raises ValueError for a body that is not what its type says."""
    parts = urlsplit(request.target)
    query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    type, _, _ = request.headers.get("content-type", "").partition(";")
    form: dict[str, str | bytes] = {}
    said = None
    if type == JSON:
        said = json.loads(request.body)
    elif type == FORM:
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True))
    elif type == PARTS:
        form = _fields(request)
    return Asked(request.method, parts.path, query, type, form, said)


def _fields(request: Request) -> dict[str, str | bytes]:
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    whole = email.message_from_bytes(head + request.body, policy=email.policy.HTTP)
    found: dict[str, str | bytes] = {}
    for part in whole.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes) or name in found:
            raise ValueError("a part of the form has no name, or another's")
        found[name] = content if part.get_filename() else content.decode()
    return found


def fits(path: Sequence[str], template: str) -> bool:
    """Whether the steps are those of ``/a/{b}/c``."""
    wanted = template.strip("/").split("/")
    return len(wanted) == len(path) and all(
        ours and (theirs.startswith("{") or theirs == ours)
        for ours, theirs in zip(path, wanted, strict=True)
    )
