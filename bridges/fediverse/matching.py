"""Whether a status in the account's own list is the part we tried to post.

Media ids decide where there are any. A text is compared as far as every server leaves it alone:
markup off, addresses and the hosts of mentions aside (servers shorten them), unseen signs out,
white space as one blank.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any, Final

import regex

from bridges.fediverse.drafts import Draft
from relay.ports import Instant

BEFORE_S: Final = 120
"""How much earlier than our first try a status may be dated: clocks differ."""

_ADDRESS: Final = regex.compile(r"[a-z]{2,9}://\S+", regex.IGNORECASE)
_MENTION: Final = regex.compile(r"(@[\w.-]*+(?<=\w))@[\w.-]*\w")
_UNSEEN: Final = regex.compile("[\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe0f\ufeff]")
_TAG: Final = regex.compile(r"<(?P<name>/?[a-zA-Z][a-zA-Z0-9]*+)(?P<more>[^<>]*+)>")
_HREF: Final = regex.compile(r"""\bhref\s*+=\s*+["']?(?P<url>[^"'\s]*+)""", regex.IGNORECASE)
_PLACE: Final = " \ufffc "


def digest(text: str) -> bytes:
    """SHA-256 of what a text is when all that servers change is out of it."""
    plain = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    bare = _MENTION.sub(r"\1", _ADDRESS.sub(_PLACE, plain))
    return hashlib.sha256(" ".join(bare.split()).encode()).digest()


def text_of(html: str) -> str:
    """The text of a status's ``content``: line ends for ``<br>`` and ``</p>``, addresses whole.

    A link that does not show its whole address ("example.org/a…") says where it leads. Read in one
    pass: html.parser needs the square of what a hostile server may send for one that is broken.
    """
    text: list[str] = []
    leads_to = ""
    begins = at = 0
    for tag in _TAG.finditer(html):
        text.append(unescape(html[at : tag.start()]))
        at = tag.end()
        name = tag["name"].lower()
        if name == "br":
            text.append("\n")
        elif name == "/p":
            text.append("\n\n")
        elif name == "a":
            said = _HREF.search(tag["more"])
            leads_to = unescape(said["url"]) if said else ""
            begins = len(text)
        elif name == "/a" and leads_to:
            if "…" in "".join(text[begins:]) and "…" not in leads_to:
                text[begins:] = ["".join(leads_to.split())]
            leads_to = ""
    return "".join([*text, unescape(html[at:])])


def created(status: Mapping[str, Any]) -> Instant | None:
    """When the server says it was made (RFC 3339), in whole seconds."""
    said = status.get("created_at")
    try:
        when = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    if when is None:
        return None
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())


class Wanted:
    """One part that is looked for. ``since`` is by the server's clock; ``media`` are the ids that
    were uploaded for it, ``after`` the status it answers. ``others`` are ids that are known to be
    other parts, whatever they say: two messages may have the same words."""

    def __init__(
        self,
        draft: Draft,
        *,
        since: Instant,
        after: str | None,
        media: tuple[str, ...],
        others: frozenset[str] = frozenset(),
    ) -> None:
        self._draft = draft
        self._since = since
        self._after = after
        self._media = media
        self._others = others
        self._digest = digest(draft.text)
        self._longest = 3 * len(draft.text) + 1000

    def is_older(self, status: Mapping[str, Any]) -> bool:
        """Whether it was there before our first try. What has no date is not."""
        made = created(status)
        return made is not None and made < self._since

    def matches(self, status: Mapping[str, Any]) -> bool:
        """Whether this status is the part."""
        if self.is_older(status) or status.get("reblog") or not self._answers(status):
            return False
        if str(status.get("id", "")) in self._others:
            return False
        attached = _ids(status.get("media_attachments"))
        if self._media:
            return bool(attached & set(self._media))
        if len(attached) != len(self._draft.media) or not self._seen_by(status):
            return False
        content = status.get("content")
        if not isinstance(content, str):
            return False
        shown = text_of(content)
        # Servers make a text shorter, if anything; and putting a megabyte of accents into normal
        # form would take minutes.
        return len(shown) <= self._longest and digest(shown) == self._digest

    def _answers(self, status: Mapping[str, Any]) -> bool:
        parent = status.get("in_reply_to_id")
        return (None if parent is None else str(parent)) == self._after

    def _seen_by(self, status: Mapping[str, Any]) -> bool:
        """As it was asked for; or unlisted for public, which is what a limited account gets."""
        shown, asked = status.get("visibility"), self._draft.visibility
        return shown == asked or (shown, asked) == ("unlisted", "public")


def _ids(said: Any) -> set[str]:
    if not isinstance(said, list):
        return set()
    return {str(one.get("id")) for one in said if isinstance(one, Mapping)}
