"""One part as it is kept between ``prepare`` and the last try at it: the whole signed event.

And what one try leaves to the next: whether the media are up, and which relays have the event.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from bridges.kit import parts
from bridges.relays.events import Event
from relay.ports import Media


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """``after`` is the id of the event it answers, "" for the first. ``refuse`` says why there is
    nothing to send."""

    event: Event | None
    after: str = ""
    media: tuple[Media, ...] = ()
    refuse: str = ""


def frozen(draft: Draft) -> bytes:
    """Equal drafts give equal bytes."""
    event = draft.event.shown() if draft.event else None
    said = {"event": event, "after": draft.after, "refuse": draft.refuse}
    return parts.frozen(said, draft.media)


def thawed(payload: bytes) -> Draft:
    """The draft again. Raises ValueError for what is none of this version."""
    said, media = parts.thawed(payload)
    return Draft(_event(said["event"]), said["after"], media, said["refuse"])


def _event(shown: dict[str, Any] | None) -> Event | None:
    if shown is None:
        return None
    tags = tuple(tuple(tag) for tag in shown["tags"])
    of, at, kind, content = (shown[name] for name in ("pubkey", "created_at", "kind", "content"))
    return Event(of, at, kind, tags, content, shown["id"], shown["sig"])


@dataclass(frozen=True, slots=True)
class Progress:
    """``uploaded``: the media are where the text says. ``taken``: the addresses of the relays that
    have the event."""

    uploaded: bool = False
    taken: frozenset[str] = frozenset()

    def with_taken(self, addresses: Iterable[str]) -> Progress:
        """The same, and these have it too."""
        return replace(self, taken=self.taken | frozenset(addresses))

    def written(self) -> bytes:
        """For ``keep``: under 4 KiB, since all addresses together are (see the settings)."""
        return json.dumps([self.uploaded, sorted(self.taken)]).encode()


def kept(written: bytes) -> Progress:
    """What an earlier try kept; nothing, if it is empty. Raises ValueError for anything else."""
    if not written:
        return Progress()
    uploaded, taken = json.loads(written)
    return Progress(bool(uploaded), frozenset(map(str, taken)))
