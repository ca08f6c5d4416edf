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


async def since(api: Api, cursor: bytes, now: Instant) -> Replied | Later | Stopped:
    """The answers after a cursor; with b"" none, and the cursor that stands for now."""
    mark = _mark_of(cursor)
    account = await api.account()
    if not isinstance(account, Account):
        return account
    seen = await _read_back(api, mark, now)
    if not isinstance(seen, list):
        return seen
    if mark is None:
        return Replied((), _cursor(max((_mark(one) for one in seen), default=("", ""))))
    new = sorted((one for one in seen if _mark(one) > mark), key=_mark)[:MOST]
    ours = (_reply_of(one, account.did) for one in new)
    last = _mark(new[-1]) if new else mark
    return Replied(tuple(one for one in ours if one), _cursor(last))


async def _read_back(
    api: Api, mark: Mark | None, now: Instant
) -> list[Mapping[str, Any]] | Later | Stopped:
    seen: list[Mapping[str, Any]] = []
    older = ""
    for _ in range(1 if mark is None else MOST_PAGES):
        params = [("limit", str(PAGE)), ("reasons", "reply")]
        answer = await api.query(
            "app.bsky.notification.listNotifications",
            params + ([("cursor", older)] if older else []),
        )
        page = _page(answer)
        if page is None:
            outcome = answers.harmless(answer, now)
            return outcome if isinstance(outcome, Later | Stopped) else Later(outcome.why)
        notices, following = page
        seen += notices
        whole = mark is not None and any(_mark(one) <= mark for one in notices)
        if whole or not following or following == older:
            break
        older = following
    return seen


def _page(answer: object) -> tuple[list[Mapping[str, Any]], str] | None:
    said = kit.json_object(answer) if isinstance(answer, Answer) and answer.status == 200 else None
    listed = said.get("notifications") if said else None
    if said is None or not isinstance(listed, list):
        return None
    notices = [one for one in listed if isinstance(one, Mapping) and all(_mark(one))]
    following = said.get("cursor")
    return notices, following if isinstance(following, str) and len(following) <= 500 else ""


def _mark(notice: Mapping[str, Any]) -> Mark:
    """When it was listed (to the second or finer, so that the times sort as they are written), and
    what tells two of one moment apart: the hash of its address, which is kept and names nobody."""
    when, uri = notice.get("indexedAt"), notice.get("uri")
    if not isinstance(when, str) or not isinstance(uri, str) or _instant(when) is None:
        return "", ""
    plain = datetime.fromisoformat(when).astimezone(UTC).isoformat(timespec="microseconds")
    return plain, hashlib.sha256(uri.encode()).hexdigest()[:32]


def _reply_of(notice: Mapping[str, Any], did: str) -> Reply | None:
    """The answer, if it is one to a post of this account and has words."""
    record = notice.get("record")
    if notice.get("reason") != "reply" or not isinstance(record, Mapping):
        return None
    reply, text, cid = record.get("reply"), record.get("text"), notice.get("cid")
    parent = reply.get("parent") if isinstance(reply, Mapping) else None
    to = place_of(parent.get("uri")) if isinstance(parent, Mapping) else None
    if to is None or to.did != did or not isinstance(text, str) or not text:
        return None
    if not isinstance(cid, str) or not kit.is_ref(cid):
        return None
    return Reply(cid, str(to), text[:LONGEST], _instant(str(notice["indexedAt"])))


def _instant(said: str) -> Instant | None:
    try:
        when = datetime.fromisoformat(said)
    except ValueError:
        return None
    return int(when.timestamp()) if when.tzinfo else None


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
