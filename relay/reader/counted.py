"""The standard library's MIME parser, which stops counting at our limits instead of at its own.

``email`` has none: 2,000 nested multiparts end in a RecursionError, 100,000 empty parts take
seconds, and one ``Content-Type`` of a megabyte takes minutes. The parser asks each part about
itself before it goes on, and here the parts say no: one is counted, with its depth, when it is hung
into another and before it is read, its headers when they are found, so that nothing beyond a limit
is ever parsed. A mail inside a mail is not opened at all; it stays a medium of that type.
"""

from __future__ import annotations

import re
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32, compat32
from functools import partial
from typing import Any, Final

MAX_BYTES: Final = 16 * 1024 * 1024
"""Bytes of one content: the largest envelope there is (docs/wire.md)."""

MAX_LINES: Final = 300_000
"""Lines of one content. 16 MiB of base64 in the lines RFC 2045 allows are 220,000; the same bytes
as lines of one letter would be eight million, and each costs the parser a microsecond or two."""

MAX_HEADER_BYTES: Final = 64 * 1024
"""Bytes of all header fields, those of the parts included. A stripped mail has a few hundred."""

MAX_FIELD_BYTES: Final = 4 * 1024
"""Bytes of a field with parameters, which take the parser time by the square of their length."""

MAX_PARTS: Final = 64
"""Parts, containers included: a mail with fifty pictures has some fifty-five."""

MAX_DEPTH: Final = 8
"""Containers around a part. What mail programs make ends at four: signed, mixed, related,
alternative."""


class TooMuch(Exception):
    """This is more than we read. Made of our own words, with no value of the content."""


class Counted(Message):
    """One part of a mail. The parser builds it, and meets the limits of the whole mail in it."""

    def __init__(self, mail: _Mail, policy: Compat32) -> None:
        super().__init__(policy)
        self._mail = mail
        self._depth = 0

    def attach(self, payload: Any) -> None:
        """Called by the parser before it reads a part of this one."""
        self._mail.parts += 1
        if self._mail.parts > MAX_PARTS:
            raise TooMuch("too many parts")
        payload._depth = self._depth + 1
        if payload._depth > MAX_DEPTH:
            raise TooMuch("parts too deep in parts")
        super().attach(payload)

    def set_raw(self, name: str, value: str) -> None:
        """Called by the parser for each field, before it asks for any of them."""
        self._mail.header_bytes += len(name) + len(value) + 3
        if self._mail.header_bytes > MAX_HEADER_BYTES:
            raise TooMuch("too many headers")
        if name.lower() in ("content-type", "content-disposition") and len(value) > MAX_FIELD_BYTES:
            raise TooMuch("a header too long")
        super().set_raw(name, value)

    def get_content_maintype(self) -> str:
        """As always, but a mail in a mail is none: the parser would open it."""
        kind = super().get_content_maintype()
        return "application" if kind == "message" else kind

    def get_content_type(self) -> str:
        """As always, but a delivery report is not cut at each of its empty lines."""
        kind = super().get_content_type()
        return "application/octet-stream" if kind.startswith("message/") else kind

    def get_boundary(self, failobj: Any = None) -> Any:
        """As always, but as the bytes that it is: by RFC 2231 it may name a charset, and Python
        would import a module of that name."""
        named = self.get_param("boundary")
        if named is None:
            return failobj
        return str(named[2] if isinstance(named, tuple) else named).rstrip()

    def true_type(self) -> str:
        """What the part says it is."""
        return super().get_content_type()


class _Mail:
    """What is counted over all parts, the whole being the first."""

    parts = 1
    header_bytes = 0


def parse(content: bytes) -> Counted:
    """The parts of a mail. Raises TooMuch. Lines end with LF afterwards, whatever they ended with.

    ``content`` may have no header block: it then begins with an empty line, or at once with text.
    """
    if len(content) > MAX_BYTES:
        raise TooMuch("too large")
    # The parser takes a bare CR for the end of a line; so do we, before anything is counted.
    content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if content.count(b"\n") > MAX_LINES:
        raise TooMuch("too many lines")
    content = _with_headers(content)
    mail = _Mail()
    make: Any = partial(Counted, mail)  # the parser calls it with its policy
    made: Any = BytesParser(make, policy=compat32).parsebytes(content)
    assert isinstance(made, Counted)
    return made


_KEPT: Final = rb"(subject|mime-version|content-[!-9;-~]{1,40})[ \t]*:"
_FIRST: Final = re.compile(_KEPT, re.I)
_EACH: Final = re.compile(rb"^" + _KEPT, re.I | re.M)


def _with_headers(content: bytes) -> bytes:
    """The content with a header block that the parser takes for one.

    Without a first field that an entry keeps there is none: "Note: ..." begins a text. White space
    before a colon (RFC 5322 section 4.5) is taken out; the parser would end the block there.
    """
    if not _FIRST.match(content):
        return content if content.startswith(b"\n") else b"\n" + content
    head, empty, body = content.partition(b"\n\n")
    return _EACH.sub(rb"\1:", head) + empty + body
