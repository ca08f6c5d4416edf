"""What a request says, whichever of the three ways it is written: form, JSON, multipart."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from relay.testing.loopback import Request


class Unclear(ValueError):
    """The body is not what its Content-Type says."""


@dataclass(frozen=True, slots=True, repr=False)
class File:
    """One file of a multipart body."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """The parameters of a request: query and body together. A list is written ``name[]`` in a
    form and is a list in JSON; here it is ``name`` with several values."""

    values: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)

    def one(self, name: str, otherwise: str = "") -> str:
        """The last value of a parameter."""
        return self.values[name][-1] if self.values.get(name) else otherwise

    def all(self, name: str) -> list[str]:
        """Every value of a parameter."""
        return self.values.get(name, [])

    def true(self, name: str) -> bool:
        """Whether a parameter says yes, as Rails reads one."""
        return self.one(name).lower() not in ("", "0", "f", "false", "off", "no")

    def add(self, name: str, value: Any) -> None:
        """One more value; JSON's null is none."""
        if isinstance(value, list):
            for one in value:
                self.add(name, one)
        elif value is not None:
            written = str(value).lower() if isinstance(value, bool) else str(value)
            self.values.setdefault(name.removesuffix("[]"), []).append(written)


def said(request: Request) -> Said:
    """Read a request. Raises Unclear."""
    made = Said()
    for name, value in parse_qsl(urlsplit(request.target).query, keep_blank_values=True):
        made.add(name, value)
    header = Message()
    header["Content-Type"] = request.headers.get("content-type", "text/plain")
    kind = header.get_content_type()
    try:
        if kind == "application/json":
            for name, value in _object(request.body).items():
                made.add(name, value)
        elif kind == "application/x-www-form-urlencoded":
            form = request.body.decode("ascii")
            for name, value in parse_qsl(form, keep_blank_values=True, errors="strict"):
                made.add(name, value)
        elif kind == "multipart/form-data":
            _multipart(request.body, str(header.get_param("boundary", "")), made)
    except (ValueError, RecursionError) as error:
        raise Unclear(f"the body is not {kind}") from error
    return made


def _object(body: bytes) -> dict[str, Any]:
    made = json.loads(body or b"{}")
    if not isinstance(made, dict):
        raise ValueError("not an object")
    return made


def _multipart(body: bytes, boundary: str, made: Said) -> None:
    """RFC 7578: parts between ``--boundary`` lines, the last of which ends with ``--``."""
    if not boundary:
        raise ValueError("no boundary")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise ValueError("it does not end")
    for piece in pieces[1:-1]:
        head, gap, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if not gap:
            raise ValueError("a part without an end of its headers")
        part = Message()
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(":")
            part[name.strip()] = value.strip()
        name = str(part.get_param("name", "", "content-disposition"))
        filename = part.get_param("filename", None, "content-disposition")
        if filename is None:
            made.add(name, content.decode())
        else:
            made.files[name] = File(str(filename), part.get_content_type(), content)
