"""How two servers of one API differ: what they keep, how they count, how they say no.

Facts: Mastodon's documentation (docs.joinmastodon.org, entities Instance and methods statuses and
media), its ``status_length_validator.rb`` (grapheme clusters; a URL with a scheme is 23; a remote
mention is its name) and ``post_status_service.rb`` (a key is kept for 3600 s); GoToSocial's
``internal/processing/status/common.go`` (code points, nothing is discounted) and its lack of any
code that reads ``Idempotency-Key``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import regex

URL: Final = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?'()\[\]،؛؟«»]")
"""A web address in a text: simpler than a server's own rule, equal on what people write."""

REMOTE_MENTION: Final = re.compile(r"(?<![\w/])(@\w+)@[\w.-]+\w")


@dataclass(frozen=True, slots=True)
class Manners:
    """One kind of server. Lengths are in characters as the server counts them, sizes in bytes.

    ``keys_s``: how long an ``Idempotency-Key`` is remembered; 0: it is not even read. ``clusters``:
    it counts grapheme clusters and discounts URLs and remote mentions; otherwise code points.
    """

    software: str
    version: str
    keys_s: int
    clusters: bool
    characters: int
    url_characters: int
    media: int
    alt_characters: int
    image_bytes: int
    video_bytes: int

    def length(self, text: str) -> int:
        """The length of a text (content warning and status together) as this server counts it."""
        if not self.clusters:
            return len(text)
        text = REMOTE_MENTION.sub(r"\1", URL.sub("x" * self.url_characters, text))
        return len(regex.findall(r"\X", text))


MASTODON: Final = Manners(
    software="mastodon",
    version="4.5.3",
    keys_s=3600,
    clusters=True,
    characters=500,
    url_characters=23,
    media=4,
    alt_characters=1500,
    image_bytes=16 * 1024 * 1024,
    video_bytes=99 * 1024 * 1024,
)

GOTOSOCIAL: Final = Manners(
    software="gotosocial",
    version="0.20.2",
    keys_s=0,
    clusters=False,
    characters=5000,
    url_characters=25,  # what its instance document says, and what its counter does not do
    media=6,
    alt_characters=5000,
    image_bytes=40 * 1024 * 1024,
    video_bytes=40 * 1024 * 1024,
)
