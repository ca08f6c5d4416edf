"""DMARC's word as the operator's own provider wrote it: Authentication-Results (RFC 8601).

Anybody can write that field. So only the topmost of the provider's own name counts, all others are
as if they were not there; and a provider must take out those of its name that came with a mail
(section 5). A mail with several senders, or whose sender is not the one that was judged
(``header.from``, RFC 7489 section 11.2), is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import authres

from relay.transports.imap.head import MOST, author_of
from relay.transports.trust import Said

MOST_FIELD: Final = 8 * 1024
"""Bytes of one Authentication-Results; providers write one kilobyte or two."""

_END = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(
    rb"^(authentication-results[ \t]*:(?:[^\n]*\n?)(?:[ \t][^\n]*\n?)*)",
    re.IGNORECASE | re.MULTILINE,
)
_ID = re.compile(r"[^\s;()]+")


class Provided:
    """A judge that repeats what the provider of that name has written."""

    def __init__(self, authserv_id: str) -> None:
        self._authserv_id = authserv_id

    async def __aenter__(self) -> Provided:
        return self

    async def __aexit__(self, *why: object) -> None:
        pass

    async def __call__(self, mail: bytes, envelope: bytes, client: str) -> Said:
        """What stands in the mail."""
        return said_by(self._authserv_id, mail)


def said_by(authserv_id: str, mail: bytes) -> Said:
    """What the topmost field of that name says; "none" where it says nothing that is clear."""
    for field in _fields(mail):
        named = _ID.match(field.partition(":")[2].strip())
        # as bytes: str.lower makes ASCII of a few letters that are none
        if named is None or named[0].strip('"').encode().lower() != authserv_id.encode().lower():
            continue
        domain = author_of(mail).rpartition(b"@")[2].decode("utf-8", "replace")
        return _verdict(field, domain) if domain and len(field) <= MOST_FIELD else "none"
    return "none"


def _fields(mail: bytes) -> Iterator[str]:
    """Every Authentication-Results of the top header block, from the top, unfolded."""
    block = mail[:MOST]
    end = _END.search(block)
    for found in _FIELD.finditer(block[: end.start() + 1] if end else block):
        yield " ".join(found[1].decode("utf-8", "replace").split())


def _verdict(field: str, domain: str) -> Said:
    """What the one result of DMARC in it is, if it is about this domain."""
    try:
        parsed: Any = authres.AuthenticationResultsHeader.parse(field)
        results = [one for one in parsed.results if one.method.lower() == "dmarc"]
    except Exception:  # whatever stands there, it is no verdict that we could read
        return "none"
    if len(results) != 1:
        return "none"
    [only] = results
    judged = next((p.value for p in only.properties if (p.type, p.name) == ("header", "from")), "")
    if str(judged).rpartition("@")[2].lower().rstrip(".") != domain:
        return "none"  # of another sender, or nobody knows of which
    said: dict[str, Said] = {"pass": "pass", "fail": "fail"}
    return said.get(str(only.result).lower(), "none")
