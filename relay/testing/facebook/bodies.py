"""What a request says, in the types of its table, whichever way it is written.

The Graph API takes parameters from the query, from a form, from multipart and from JSON alike.
What is not a plain value is JSON within the text, and a list may be written item by item:
``attached_media[0]={"media_fbid":"1"}`` (developers.facebook.com, "Page posts").
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from relay.testing.facebook import says
from relay.testing.facebook.says import No
from relay.testing.fediverse.forms import File, Unclear, said
from relay.testing.loopback import Request
from relay.testing.shapes import Flag, Listed, Number, Record, Shape, Whole

YES_OR_NO = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """The parameters of a request, and its files."""

    said: dict[str, Any]
    files: dict[str, File]


def raw(request: Request) -> Asked:
    """All parameters as they are written. Raises No."""
    made: dict[str, Any] = {}
    files: dict[str, File] = {}
    query = parse_qsl(urlsplit(request.target).query, keep_blank_values=True)
    header = Message()
    header["Content-Type"] = request.headers.get("content-type", "text/plain")
    kind = header.get_content_type()
    try:
        if kind == "application/x-www-form-urlencoded":
            query += parse_qsl(request.body.decode("ascii"), keep_blank_values=True)
        elif kind == "multipart/form-data":
            parts = said(replace(request, target=request.path))
            files = parts.files
            query += [(name, value) for name, all in parts.values.items() for value in all]
        elif kind == "application/json":
            made = json.loads(request.body or b"{}")
        elif request.body:
            raise No(says.error(1, "The content type of the body is not one that is taken"))
    except (ValueError, RecursionError, Unclear):
        raise No(says.wrong(f"The body is not {kind}")) from None
    if not isinstance(made, dict):
        raise No(says.wrong("The body is not an object"))
    for name, value in query:
        if name in made:
            raise No(says.wrong(f"The parameter {name} is there twice"))
        made[name] = value
    return Asked(made, files)


def fitting(asked: Asked, table: Record, files: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The parameters in the types of a table. Raises No."""
    shapes = {**table.need, **table.may}
    made: dict[str, Any] = {}
    for name, value in asked.said.items():
        whole, _, index = name.partition("[")
        shape = shapes.get(whole)
        if isinstance(shape, Listed) and re.fullmatch(r"[0-9]*\]", index):
            made.setdefault(whole, []).append(_read(value, shape.of))
        else:
            made[name] = _read(value, shape)
    if flaws := list(table.flaws(made)):
        raise No(says.flawed(flaws))
    if unknown := asked.files.keys() - files:
        raise No(says.wrong(f"Unknown parameter {min(unknown)}"))
    return made


def _read(value: Any, shape: Shape | None) -> Any:
    """A text in the type that is wanted; what does not convert stays, and is found by the table."""
    if not isinstance(value, str):
        return value
    if isinstance(shape, Flag):
        return YES_OR_NO.get(value, value)
    if isinstance(shape, Whole) and re.fullmatch("-?[0-9]{1,19}", value):
        return int(value)
    if isinstance(shape, Listed | Record | Number):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value
