"""Finds what is ours in a mail, without understanding mails.

A mailbox is open to the world: what lies there may be spam, a picture, or made to break whoever
reads it. So nothing is parsed. An attachment of ours stands, in whatever MIME, after a blank line
as lines of base64, and its first bytes have a mark that nobody makes without both link keys. A
few places at the beginning of a mail are looked at, and all that is found there is yes or no.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from relay.errors import Damaged
from relay.links.mail.parcel import START, Veil
from relay.links.port import Peer
from relay.wire.linkkeys import LinkKey

HEAD_BYTES: Final = 32 * 1024
"""Bytes of a mail in which an attachment of ours begins, or what came back is named: headers of
large providers have 20 kB, and before the attachment a short text stands."""

MOST_PLACES: Final = 16
"""Places of a mail that are looked at; ours is the second or third."""

_LEAST: Final = -(-START // 3) * 4
"""Characters of base64 in which the mark lies."""

_PLACE = re.compile(rb"\n\r?\n(?=[A-Za-z0-9+/]{60})")
_BLANK = re.compile(rb"\n\r?\n")
_NAME = re.compile(rb"<([0-9a-f]{32})@")
_REPORT = re.compile(
    rb"^(?:return-path:[ \t]*<>|content-type:[ \t]*multipart/report\b)",
    re.IGNORECASE | re.MULTILINE,
)
_READ: Final = b"disposition-notification"
_ACTION = re.compile(rb"^action:[ \t]*(\w+)", re.IGNORECASE | re.MULTILINE)
_NOTHING: Final = b"\r\n \t"


@dataclass(frozen=True, slots=True, repr=False)
class Ours:
    """An attachment of that peer begins there."""

    peer: Peer
    at: int


@dataclass(frozen=True, slots=True)
class CameBack:
    """A mail server says that a mail of ours did not arrive."""


class Finding:
    """Looks for attachments of these peers, and for what came back of our mails to them."""

    def __init__(self, own: LinkKey, peers: Collection[Peer]) -> None:
        self._from = [(peer, Veil(peer.key, own)) for peer in peers]
        self._to = [Veil(own, peer.key) for peer in peers]

    def look(self, head: bytes) -> Ours | CameBack | None:
        """What a mail is that begins like that (HEAD_BYTES, or all of it); None: none of ours."""
        for at, start in _places(head):
            for peer, veil in self._from:
                if veil.is_over(start):
                    return Ours(peer, at)
        return CameBack() if self._came_back(head) else None

    def _came_back(self, head: bytes) -> bool:
        """A report of RFC 3464, or whatever else was sent from nobody's address, and quotes the
        name or the attachment of a mail of ours: some providers give mails other names. That it
        was read, or comes later, is no failure."""
        blank = _BLANK.search(head)
        top = head[: blank.end()] if blank else head
        body = head[len(top) :]
        if not _REPORT.search(top) or _READ in top.lower():
            return False
        actions = {one.lower() for one in _ACTION.findall(body)}
        if actions and b"failed" not in actions:
            return False
        names = (bytes.fromhex(found[1].decode()) for found in _NAME.finditer(body))
        if any(veil.is_name(name) for name in islice(names, 64) for veil in self._to):
            return True
        return any(veil.is_over(start) for _, start in _places(head) for veil in self._to)


def attached(mail: bytes, at: int) -> bytes:
    """The attachment that begins there, to the line of dashes that ends it (RFC 2046 section
    5.1.1). Raises Damaged."""
    end = mail.find(b"\n-", at)
    lines = mail[at : end if end >= 0 else len(mail)]
    try:
        return base64.b64decode(lines.translate(None, _NOTHING), validate=True)
    except binascii.Error:
        raise Damaged from None


def _places(head: bytes) -> Iterator[tuple[int, bytes]]:
    """Where lines of base64 begin, and the first bytes of what they say."""
    for found in islice(_PLACE.finditer(head), MOST_PLACES):
        at = found.end()
        yield at, base64.b64decode(head[at : at + _LEAST])[:START]
