"""Whether a status in the account's own list is the part we tried to post.

Media ids decide where there are any; else the text does, as ``kit.matching`` compares it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from bridges.fediverse.drafts import Draft
from bridges.kit.matching import same, text_of
from relay.ports import Instant

BEFORE_S: Final = 120
"""How much earlier than our first try a status may be dated: clocks differ."""


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
        return same(text_of(content), self._draft.text)

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
