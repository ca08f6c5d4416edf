"""What a request to the Bot API says, and what is wrong with it.

Parameters come as query, form, JSON or multipart, in which all but JSON are strings: what is no
text is then written as JSON (core.telegram.org/bots/api, "Making requests"). A file comes under the
name of its parameter, or under any name that ``attach://`` refers to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from relay.testing.fediverse.forms import File, Unclear, said
from relay.testing.loopback import Request
from relay.testing.shapes import Flaw, Listed, Record, Shape, Tagged, from_json, from_text
from relay.testing.telegram.says import No
from relay.testing.telegram.tables import METHODS

ATTACHED: Final = "attach://"
FILES: Final = ("photo", "video", "audio", "document", "thumbnail", "cover")

MISSING: Final = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "photo": "there is no photo in the request",
    "video": "there is no video in the request",
    "audio": "there is no audio in the request",
    "document": "there is no document in the request",
    "media": 'parameter "media" is required',
    "user_id": "invalid user_id specified",
}


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """A request that fits its method."""

    method: str
    values: Mapping[str, Any]
    files: Mapping[str, File]

    def __getitem__(self, name: str) -> Any:
        """A parameter, or None."""
        return self.values.get(name)


def asked(method: str, request: Request) -> Asked:
    """Read a request. Raises No."""
    table = METHODS[method]
    shapes = {**table.need, **table.may}
    try:
        json_sent = request.headers.get("content-type", "").startswith("application/json")
        values = _object(request.body) if json_sent else {}
        bare = Request(request.method, request.target, {}, b"") if json_sent else request
        form = said(bare)
    except (Unclear, ValueError, RecursionError):
        raise No(400, "can't parse the request") from None
    values = {name: _unpacked(shapes.get(name), one) for name, one in values.items()}
    for name, written in form.values.items():
        values[name] = from_text(shapes.get(name), written[-1])
    for name in form.files:
        if name in shapes and name in FILES:
            values.setdefault(name, ATTACHED + name)
    for flaw in table.flaws(values):
        raise _no(flaw)
    _all_used(values, form.files)
    return Asked(method, values, form.files)


def _object(body: bytes) -> dict[str, Any]:
    read = json.loads(body or b"{}")
    if not isinstance(read, dict):
        raise ValueError("not an object")
    return read


def _unpacked(shape: Shape | None, value: Any) -> Any:
    """A value of a JSON body: a list or an object may also be a string that holds one."""
    if isinstance(value, str) and isinstance(shape, Listed | Record | Tagged):
        return from_json(value)
    return value


def _no(flaw: Flaw) -> No:
    """The words for what is wrong first."""
    top = flaw.at[0] if flaw.at else ""
    if len(flaw.at) > 1 and "entities" in flaw.name:
        words = "Unsupported type specified" if flaw.rule == "choice" else _told(flaw)
        return No(400, f"can't parse MessageEntity: {words}")
    if top == "media" and len(flaw.at) > 1:
        return No(400, f"can't parse InputMedia: {_told(flaw)}")
    if len(flaw.at) == 1 and flaw.rule in ("missing", "least") and top in MISSING:
        return No(400, MISSING[str(top)])
    if flaw.name.endswith("parse_mode"):
        return No(400, "unsupported parse_mode")
    return No(400, _told(flaw))


def _told(flaw: Flaw) -> str:
    if flaw.rule == "missing":
        return f'Can\'t find field "{flaw.at[-1]}"'
    if flaw.rule == "type":
        return f'Field "{flaw.name}" must be of type {str(flaw.limit).capitalize()}'
    if flaw.rule == "unknown":
        return f'Field "{flaw.name}" is not one that this stand-in knows'
    return f'Field "{flaw.name}" is not valid: {flaw.rule} {flaw.limit}'


def _all_used(values: Mapping[str, Any], files: Mapping[str, File]) -> None:
    """Refuse a file that nothing refers to: it would silently not be posted. Raises No."""
    inside = json.dumps(dict(values))
    for name in files:
        if json.dumps(ATTACHED + name) not in inside:
            raise No(400, f'file "{name}" belongs to nothing')
