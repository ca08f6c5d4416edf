"""What was answered to our posts: app.bsky.notification.listNotifications, newest first.

The server's own cursor leads back in time only, so ours is a mark: when the last answer that we
gave was listed, and its address. A reply goes by the hash of its record, which names nobody; its
address begins with the account that wrote it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from bridges import kit
from bridges.atproto import answers
from bridges.atproto.access import Account
from bridges.atproto.api import Api
from bridges.atproto.keys import place_of
from relay.ports import Answer, Instant, Later, Replied, Reply, Stopped

PAGE: Final = 50
"""Notices a request: each has a profile in it, and an answer may have 1 MiB."""

MOST_PAGES: Final = 20
"""So far back it is read at a time: of more than 1,000 new answers the oldest are passed over."""

MOST: Final = 100
LONGEST: Final = 3000
"""Characters of an answer; a post has 300 graphemes at most, and 3,000 bytes."""

Mark = tuple[str, str]
"""When a notice was listed, in UTC to the microsecond, so that the times sort as they are written;
and what tells two of one moment apart: the hash of its address, which is kept and names nobody."""

Notice = tuple[Mark, Reply | None]
"""Its mark, and the reply that it is about, if it is one to a post of ours and has words."""


async def since(api: Api, cursor: bytes, now: Instant) -> Replied | Later | Stopped:
    """The answers after a cursor; with b"" none, and the cursor that stands for now."""
    mark = _mark_of(cursor)
    account = await api.account()
    if not isinstance(account, Account):
        return account
    seen = await _read_back(api, account.did, mark, now)
    if not isinstance(seen, list):
        return seen
    if mark is None:
        return Replied((), _cursor(max((one for one, _ in seen), default=("", ""))))
    new = sorted({one: reply for one, reply in seen if one > mark}.items())[:MOST]
    last = new[-1][0] if new else mark
    return Replied(tuple(reply for _, reply in new if reply), _cursor(last))


async def _read_back(
    api: Api, did: str, mark: Mark | None, now: Instant
) -> list[Notice] | Later | Stopped:
    seen: list[Notice] = []
    older = ""
    for _ in range(1 if mark is None else MOST_PAGES):
        params = [("limit", str(PAGE)), ("reasons", "reply")]
        answer = await api.query(
            "app.bsky.notification.listNotifications",
            params + ([("cursor", older)] if older else []),
        )
        page = _page(answer, did)
        if page is None:
            outcome = answers.harmless(answer, now)
            return outcome if isinstance(outcome, Later | Stopped) else Later(outcome.why)
        notices, following = page
        seen += notices
        whole = mark is not None and any(one <= mark for one, _ in notices)
        if whole or not following or following == older:
            break
        older = following
    return seen


def _page(answer: object, did: str) -> tuple[list[Notice], str] | None:
    said = kit.json_object(answer) if isinstance(answer, Answer) and answer.status == 200 else None
    listed = said.get("notifications") if said else None
    if said is None or not isinstance(listed, list):
        return None
    notices = (_notice(one, did) for one in listed if isinstance(one, Mapping))
    following = said.get("cursor")
    older = following if isinstance(following, str) and len(following) <= 500 else ""
    return [one for one in notices if one], older


def _notice(said: Mapping[str, Any], did: str) -> Notice | None:
    when, uri = _moment(said.get("indexedAt")), said.get("uri")
    if when is None or not isinstance(uri, str):
        return None
    mark = when.isoformat(timespec="microseconds"), hashlib.sha256(uri.encode()).hexdigest()[:32]
    return mark, _reply_of(said, did, int(when.timestamp()))


def _reply_of(notice: Mapping[str, Any], did: str, date: Instant) -> Reply | None:
    record, cid = notice.get("record"), notice.get("cid")
    if notice.get("reason") != "reply" or not isinstance(record, Mapping) or not kit.is_ref(cid):
        return None
    reply, text = record.get("reply"), record.get("text")
    parent = reply.get("parent") if isinstance(reply, Mapping) else None
    to = place_of(parent.get("uri")) if isinstance(parent, Mapping) else None
    if to is None or to.did != did or not isinstance(text, str) or not text:
        return None
    return Reply(str(cid), str(to), text[:LONGEST], date)


def _moment(said: object) -> datetime | None:
    try:
        when = datetime.fromisoformat(said) if isinstance(said, str) else None
        return when.astimezone(UTC) if when is not None and when.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _cursor(mark: Mark) -> bytes:
    return json.dumps(mark).encode()


def _mark_of(cursor: bytes) -> Mark | None:
    """None: from now on. What is no cursor of ours is the same."""
    try:
        said: Sequence[Any] = json.loads(cursor)
    except ValueError:
        return None
    if isinstance(said, list) and len(said) == 2 and all(isinstance(one, str) for one in said):
        return said[0], said[1]
    return None
