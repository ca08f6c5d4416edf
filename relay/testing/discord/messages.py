"""Messages of a stand-in, their numbers, and how they stand in answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from relay.model import Instant

EPOCH_MS: Final = 1_420_070_400_000
"""Where Discord's numbers begin: 2015."""

REPLY: Final = 19
MENTION: Final = re.compile(r"@(everyone|here)|<@(&?)!?(\d+)>")


@dataclass(frozen=True, slots=True, repr=False)
class Medium:
    """One file of a message. ``alt``: its description."""

    id: str
    type: str
    content: bytes
    name: str
    alt: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """One message. ``by``: its author as an answer shows it; ``webhook``: the webhook that it came
    through. ``pinged``: who was notified of it: ``everyone``, numbers of people and roles."""

    id: str
    channel: str
    text: str
    by: Mapping[str, Any]
    media: tuple[Medium, ...] = ()
    parent: str | None = None
    webhook: str | None = None
    nonce: str | int | None = None
    flags: int = 0
    embeds: tuple[Mapping[str, Any], ...] = ()
    pinged: frozenset[str] = frozenset()
    created: Instant = 0
    edited: Instant | None = None


def snowflake(now: Instant, number: int = 0) -> int:
    """The first number of a second, or one that follows it."""
    return (now * 1000 - EPOCH_MS << 22) + number


def pinged(text: str, allowed: Mapping[str, Any] | None) -> frozenset[str]:
    """Whom a text notifies, if it may notify those; None: it may notify all."""
    found: set[str] = set()
    for everyone, role, id in MENTION.findall(text):
        kind = "everyone" if everyone else "roles" if role else "users"
        if allowed is None or kind in (allowed.get("parse") or []):
            found.add(id or "everyone")
        elif id and id in (allowed.get(kind) or []):
            found.add(id)
    return frozenset(found)


def author(id: str, name: str, *, bot: bool = False) -> dict[str, Any]:
    """A user, a bot or a webhook."""
    made: dict[str, Any] = {
        "id": id,
        "username": name,
        "avatar": None,
        "discriminator": "0000",
        "public_flags": 0,
        "flags": 0,
        "global_name": None,
        "primary_guild": None,
    }
    return made | ({"bot": True} if bot else {})


def shown(one: Message, base: str, *, nonce: bool) -> dict[str, Any]:
    """A message as an answer has it; ``nonce``: with that."""
    made: dict[str, Any] = {
        "type": REPLY if one.parent else 0,
        "content": one.text,
        "mentions": [],
        "mention_roles": [],
        "attachments": [_medium(each, one.channel, base) for each in one.media],
        "embeds": list(one.embeds),
        "timestamp": _iso(one.created),
        "edited_timestamp": None if one.edited is None else _iso(one.edited),
        "flags": one.flags,
        "components": [],
        "id": one.id,
        "channel_id": one.channel,
        "author": dict(one.by),
        "pinned": False,
        "mention_everyone": "everyone" in one.pinged,
        "tts": False,
    }
    if one.webhook:
        made["webhook_id"] = one.webhook
    if nonce and one.nonce is not None:
        made["nonce"] = one.nonce
    if one.parent:
        made["message_reference"] = {
            "type": 0,
            "message_id": one.parent,
            "channel_id": one.channel,
        }
    return made


def _medium(one: Medium, channel: str, base: str) -> dict[str, Any]:
    url = f"{base}/attachments/{channel}/{one.id}/{one.name}"
    made: dict[str, Any] = {
        "id": one.id,
        "filename": one.name,
        "size": len(one.content),
        "url": url,
        "proxy_url": url,
        "content_type": one.type,
    }
    return made | ({"description": one.alt} if one.alt else {})


def _iso(at: Instant) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000000+00:00")
