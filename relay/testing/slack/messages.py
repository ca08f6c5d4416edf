"""Messages and files of a stand-in, and how they stand in answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from relay.model import Instant

TEAM: Final = "T0RELAY0001"


@dataclass(frozen=True, slots=True, repr=False)
class Medium:
    """One file. ``ready``: from when on it can be shown, None before it was uploaded."""

    id: str
    type: str
    content: bytes
    name: str
    alt: str = ""
    size: int = 0
    ready: Instant | None = None
    done: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """One message. ``id``: its ``ts``; ``parent``: that of the message it is a reply to. ``kept``
    is the text as listings have it, ``text`` as people see it, ``called`` whom it notified."""

    id: str
    channel: str
    text: str
    kept: str
    by: str
    bot: str = ""
    media: tuple[Medium, ...] = ()
    files: bool = False
    parent: str | None = None
    broadcast: bool = False
    called: frozenset[str] = frozenset()
    blocks: Sequence[Mapping[str, Any]] = ()
    metadata: Mapping[str, Any] | None = None
    created: Instant = 0
    edited: Instant | None = None


def shown(one: Message, replies: Sequence[Message], base: str, *, metadata: bool) -> dict[str, Any]:
    """A message as an answer has it; ``metadata``: with all of that."""
    made: dict[str, Any] = {"type": "message", "user": one.by, "ts": one.id, "text": one.kept}
    made["team"] = TEAM
    if one.bot:
        made |= {"bot_id": one.bot, "app_id": "A0RELAY0001"}
    if one.broadcast:
        made["subtype"] = "thread_broadcast"
    if one.blocks:
        made["blocks"] = list(one.blocks)
    if one.files:
        made |= {"files": [file(each, base) for each in one.media], "upload": False}
    if one.parent:
        made["thread_ts"] = one.parent
    if replies:
        made |= {
            "thread_ts": one.id,
            "reply_count": len(replies),
            "reply_users_count": len({each.by for each in replies}),
            "latest_reply": replies[-1].id,
        }
    if one.edited is not None:
        made["edited"] = {"user": one.by, "ts": f"{one.edited}.000000"}
    if metadata and one.metadata is not None:
        made["metadata"] = one.metadata
    return made


def file(one: Medium, base: str) -> dict[str, Any]:
    """A file as an answer has it."""
    made: dict[str, Any] = {
        "id": one.id,
        "name": one.name,
        "title": one.name,
        "mimetype": one.type,
        "size": one.size,
        "mode": "hosted",
        "url_private": f"{base}/files-pri/{TEAM}-{one.id}/{one.name}",
    }
    return made | ({"alt_txt": one.alt} if one.alt else {})
