"""Texts that have a form in the protocol: identifiers, keys, times, languages.

Facts: atproto.com/specs (did, handle, nsid, record-key, tid, at-uri-scheme, data-model) and the
reference code's ``packages/syntax`` of 20 August 2026, whose strict forms these are.
"""

from __future__ import annotations

from typing import Final

from relay.testing.shapes import Text

TID: Final = "[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}"
RECORD_KEY: Final = r"(?!\.{1,2}$)[a-zA-Z0-9_~.:-]{1,512}"
CID: Final = "b[a-z2-7]{58}"
"""Version 1, SHA-256, base 32: what every record and blob of the network has."""

DID: Final = r"did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]"
HANDLE: Final = (
    r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+"
    r"[a-zA-Z](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
)
NSID: Final = (
    r"[a-zA-Z](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+\.[a-zA-Z][a-zA-Z0-9]{0,62}"
)
AT_URI: Final = rf"at://(?:{DID}|{HANDLE})(?:/{NSID}(?:/{RECORD_KEY})?)?"

_YEAR_TO_SECOND: Final = (
    r"(?!000)[0-9]{4}-(?:0[1-9]|1[012])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)"
)
DATETIME: Final = _YEAR_TO_SECOND + r"(?:\.[0-9]{1,20})?(?:Z|(?!-00:00)[+-][0-2][0-9]:[0-5][0-9])"
"""RFC 3339 with a capital T, seconds and a zone; ``-00:00`` is no zone."""

LANGUAGE: Final = (
    r"[a-z]{2,3}(?:-[A-Za-z]{3}){0,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"
)
"""A language tag (BCP 47) as people write one; extensions and private use are left out."""

URI: Final = r"\w+:(?://)?[^\s/]\S*"
MIME: Final = r"[a-z0-9.+-]+/[a-z0-9.+*-]+"

ACTOR: Final = Text(form=f"{DID}|{HANDLE}")


def form(pattern: str, most: int = 8192) -> Text:
    """A text of one of these forms."""
    return Text(form=pattern, most=most)
