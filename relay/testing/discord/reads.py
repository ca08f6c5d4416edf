"""What a call says: its address, and its body as JSON or as ``payload_json`` with files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from relay.testing.discord.says import No, invalid, misshapen, no
from relay.testing.discord.tables import (
    BODIES,
    MAX_FILE_BYTES,
    MAX_FILES,
    QUERIES,
    SETTABLE,
)
from relay.testing.fediverse.forms import File, Unclear, said
from relay.testing.loopback import Request
from relay.testing.shapes import Record

UPLOAD: Final = re.compile(r"files\[(\d{1,2})\]")
NOTHING: Final = Record()


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """A call that fits its shape. ``files``: by their number."""

    query: Mapping[str, str]
    body: Mapping[str, Any]
    files: Mapping[int, File]

    def true(self, name: str) -> bool:
        """Whether a parameter of the address says yes."""
        return self.query.get(name, "").lower() in ("true", "1")


def asked(call: str, request: Request) -> Asked:
    """Read a call. Raises No."""
    query = dict(parse_qsl(urlsplit(request.target).query, keep_blank_values=True))
    flaws = list(QUERIES.get(call, NOTHING).flaws(query))
    if flaws:
        raise misshapen(flaws)
    if call not in BODIES:
        return Asked(query, {}, {})
    body, files = _body(request)
    flaws = list(BODIES[call].flaws(body))
    if flaws:
        raise misshapen(flaws)
    _mentions(body)
    if (body.get("flags") or 0) & ~SETTABLE:
        raise invalid("flags", code="BASE_TYPE_CHOICES", words="Not all of these can be set.")
    return Asked(query, body, files)


def _body(request: Request) -> tuple[dict[str, Any], dict[int, File]]:
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        return _object(request.body), {}
    if not kind.startswith("multipart/form-data"):
        words = "Expected \"Content-Type\" header to be one of {'application/json'}."
        raise No(400, 50035, words)
    try:
        form = said(Request(request.method, request.path, request.headers, request.body))
    except Unclear:
        raise no(50035) from None
    for name in form.values:
        if name != "payload_json":
            raise invalid(name, code="UNKNOWN_FIELD", words="Only payload_json and files[n].")
    return _object(form.one("payload_json", "{}").encode()), _files(form.files)


def _files(found: Mapping[str, File]) -> dict[int, File]:
    """The files of a call by number. Raises No."""
    files: dict[int, File] = {}
    for name, file in found.items():
        match = UPLOAD.fullmatch(name)
        if match is None:
            raise invalid(name, code="UNKNOWN_FIELD", words="Only payload_json and files[n].")
        files[int(match[1])] = file
    if len(files) > MAX_FILES:
        raise no(30015)
    if any(len(file.content) > MAX_FILE_BYTES for file in files.values()):
        raise no(40005)
    return files


def _object(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        raise no(50109) from None
    if not isinstance(read, dict):
        raise no(50035)
    return read


def _mentions(body: Mapping[str, Any]) -> None:
    """A list of names and "all of them" exclude each other. Raises No."""
    allowed = body.get("allowed_mentions") or {}
    for kind in ("users", "roles"):
        if kind in (allowed.get("parse") or []) and allowed.get(kind):
            words = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            raise invalid(
                "allowed_mentions", code="MESSAGE_ALLOWED_MENTIONS_EXCLUSIVE", words=words
            )
