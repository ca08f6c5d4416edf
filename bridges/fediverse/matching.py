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
from html.parser import HTMLParser
from typing import Any, Final

import regex

from bridges.fediverse.drafts import Draft
from relay.ports import Instant

BEFORE_S: Final = 120
"""How much earlier than our first try a status may be dated: clocks differ."""

_ADDRESS: Final = regex.compile(r"[a-z]{2,9}://\S+", regex.IGNORECASE)
_MENTION: Final = regex.compile(r"(@[\w.-]*\w)@[\w.-]*\w")
_UNSEEN: Final = regex.compile("[\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe0f\ufeff]")
_PLACE: Final = " \ufffc "


def digest(text: str) -> bytes:
    """SHA-256 of what a text is when all that servers change is out of it."""
    plain = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    bare = _MENTION.sub(r"\1", _ADDRESS.sub(_PLACE, plain))
    return hashlib.sha256(" ".join(bare.split()).encode()).digest()


def text_of(html: str) -> str:
    """The text of a status's ``content``: line ends for ``<br>`` and ``</p>``, addresses whole."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join(reader.text)


class _Reader(HTMLParser):
    """A link that does not show its whole address ("example.org/a…") says where it leads."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._leads_to = ""
        self._begins = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.text.append("\n")
        elif tag == "a":
            self._leads_to = dict(attrs).get("href") or ""
            self._begins = len(self.text)

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self.text.append("\n\n")
        elif tag == "a" and self._leads_to:
            shown = "".join(self.text[self._begins :])
            if "…" in shown and "…" not in self._leads_to:
                self.text[self._begins :] = ["".join(self._leads_to.split())]
            self._leads_to = ""

    def handle_data(self, data: str) -> None:
        self.text.append(data)


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
    were uploaded for it, ``after`` the status it answers."""

    def __init__(
        self, draft: Draft, *, since: Instant, after: str | None, media: tuple[str, ...]
    ) -> None:
        self._draft = draft
        self._since = since
        self._after = after
        self._media = media
        self._digest = digest(draft.text)

    def is_older(self, status: Mapping[str, Any]) -> bool:
        """Whether it was there before our first try. What has no date is not."""
        made = created(status)
        return made is not None and made < self._since

    def matches(self, status: Mapping[str, Any]) -> bool:
        """Whether this status is the part."""
        if self.is_older(status) or status.get("reblog") or not self._answers(status):
            return False
        attached = _ids(status.get("media_attachments"))
        if self._media:
            return bool(attached & set(self._media))
        if len(attached) != len(self._draft.media) or not self._seen_by(status):
            return False
        content = status.get("content")
        return isinstance(content, str) and digest(text_of(content)) == self._digest

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
