"""What others wrote under our messages: answers, and what stands in threads of ours.

The room is read forwards from a token of the server's. Where the room ends a server gives no new
token, so the cursor also says what was seen since the last one, by hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import regex

from bridges import kit
from bridges.rooms import answers
from bridges.rooms.api import CLIENT, Api, in_room
from bridges.rooms.events import MESSAGE, is_event
from relay.ports import Answer, Instant, Later, Refused, Replied, Reply, Stopped

PAGE: Final = 100
MOST_PAGES: Final = 10
MOST_SEEN: Final = 200
"""Hashes of 12 characters that a cursor may have: 3 KiB with what is around them."""

LONGEST: Final = 20_000
MOST_REMEMBERED: Final = 1000
MOST_ASKED: Final = 100
"""Events in one call: whoever answers a thousand others must not keep it from coming to an end."""

END_OF_TIME_MS: Final = 253_402_300_800_000
"""The year 10000, where dates end."""

_QUOTED: Final = regex.compile(r"\A(?:> [^\n]*(?:\n|\Z))+\n?")
_WORDS: Final = frozenset({"m.text", "m.notice", "m.emote"})


@dataclass(slots=True)
class _Cursor:
    token: str
    seen: list[str] = field(default_factory=list)

    def written(self) -> bytes:
        return json.dumps([self.token, self.seen[-MOST_SEEN:]], separators=(",", ":")).encode()


class Talk:
    """Reads one room. It remembers which events are ours, since each is asked for once."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: dict[str, str] = {}  #: an event's id, and the message of ours it stands for
        self._asked = 0  #: events in this call

    async def since(self, room: str, user: str, cursor: bytes) -> Replied | Later | Stopped:
        """The answers after a cursor; with b"" none, and the cursor that stands for now."""
        at = _cursor(cursor)
        if at is None:
            return await self._from_now(room)
        given: list[Reply] = []
        self._asked = 0
        for _ in range(MOST_PAGES):
            page = await self._page(room, user, at.token)
            if not isinstance(page, tuple):
                return page
            events, following = page
            for event in events:
                if len(given) == PAGE or self._asked >= MOST_ASKED:
                    return Replied(tuple(given), at.written())
                mark = _mark(event)
                if mark in at.seen:
                    continue
                reply = await self._reply(room, user, event)
                if isinstance(reply, Later | Stopped):
                    return reply
                given += [reply] if reply else []
                at.seen.append(mark)
            if not following or following == at.token:
                break
            at = _Cursor(following)
        return Replied(tuple(given), at.written())

    async def _from_now(self, room: str) -> Replied | Later | Stopped:
        """A sync of nothing gives the token that stands for now."""
        none: dict[str, Any] = {"types": []}
        in_it = {"rooms": [room], "timeline": {"limit": 1}, "state": none, "ephemeral": none}
        filter = {"room": in_it, "presence": none, "account_data": none}
        answer = await self._api.read(
            f"{CLIENT}/sync", {"timeout": "0", "filter": json.dumps(filter)}
        )
        said = kit.json_object(answer) if isinstance(answer, Answer) else None
        token = said.get("next_batch") if said else None
        if isinstance(answer, Answer) and answer.status == 200 and _is_token(token):
            return Replied((), _Cursor(str(token)).written())
        return _waits(answers.harmless(answer, self._api.now()))

    async def _page(
        self, room: str, user: str, token: str
    ) -> tuple[list[Mapping[str, Any]], str] | Later | Stopped:
        filter = json.dumps({"types": [MESSAGE], "not_senders": [user]})
        params = {"dir": "f", "limit": str(PAGE), "from": token, "filter": filter}
        answer = await self._api.read(in_room(room, "messages"), params)
        said = kit.json_object(answer) if isinstance(answer, Answer) else None
        chunk = said.get("chunk") if said else None
        if said is None or not isinstance(chunk, list):
            return _waits(answers.harmless(answer, self._api.now()))
        following = said.get("end")
        events = [
            one for one in chunk if isinstance(one, Mapping) and is_event(one.get("event_id"))
        ]
        return events, str(following) if _is_token(following) else ""

    async def _reply(
        self, room: str, user: str, event: Mapping[str, Any]
    ) -> Reply | Later | Stopped | None:
        content = event.get("content")
        if event.get("sender") == user or not isinstance(content, Mapping):
            return None
        text = _text(content)
        if not text:
            return None
        for target in _targets(content):
            ours = await self._ours(room, user, target)
            if isinstance(ours, Later | Stopped):
                return ours
            if ours:
                return Reply(str(event["event_id"]), ours, text, _date(event))
        return None

    async def _ours(self, room: str, user: str, id: str) -> str | Later | Stopped:
        """The message of ours that an event is, or is an edit of; "" if it is somebody else's."""
        if id not in self._known:
            self._asked += 1
            answer = await self._api.read(in_room(room, "event", id))
            said = kit.json_object(answer) if isinstance(answer, Answer) else None
            if said is None or not isinstance(answer, Answer) or not _tells(answer):
                return _waits(answers.harmless(answer, self._api.now()))
            self._known[id] = _stands_for(said, id) if said.get("sender") == user else ""
            while len(self._known) > MOST_REMEMBERED:
                del self._known[next(iter(self._known))]
        return self._known[id]


def _tells(answer: Answer) -> bool:
    """Whether it shows an event, or says that we may not see it, or that there can be none: ours
    we may see, and whoever names any other to answer it must not hold up all that follows."""
    return answer.status in (200, 400, 403, 404)


def _waits(outcome: Later | Refused | Stopped) -> Later | Stopped:
    return Later(outcome.why) if isinstance(outcome, Refused) else outcome


def _stands_for(event: Mapping[str, Any], id: str) -> str:
    content = event.get("content")
    relates = content.get("m.relates_to") if isinstance(content, Mapping) else None
    if isinstance(relates, Mapping) and relates.get("rel_type") == "m.replace":
        edited = relates.get("event_id")
        return str(edited) if is_event(edited) else ""
    return id


def _targets(content: Mapping[str, Any]) -> list[str]:
    """What it may be an answer to, the closest first; nothing, for what changes another event."""
    relates = content.get("m.relates_to")
    if not isinstance(relates, Mapping) or relates.get("rel_type") not in (None, "m.thread"):
        return []
    named = relates.get("m.in_reply_to")
    answered = named.get("event_id") if isinstance(named, Mapping) else None
    root = relates.get("event_id")
    order = [root, answered] if relates.get("is_falling_back") is True else [answered, root]
    return [str(one) for one in dict.fromkeys(map(str, order)) if is_event(one)]


def _text(content: Mapping[str, Any]) -> str:
    """The words, without the quotation before them that older apps write ("Rich replies"): it
    names whom it quotes."""
    body, kind = content.get("body"), content.get("msgtype")
    if not isinstance(kind, str) or kind not in _WORDS or not isinstance(body, str):
        return ""
    plain: str = _QUOTED.sub("", body)
    return plain.strip()[:LONGEST]


def _date(event: Mapping[str, Any]) -> Instant | None:
    """When it was sent, as far as its own server's word may be a date: it may say any number."""
    when = event.get("origin_server_ts")
    return when // 1000 if type(when) is int and 0 <= when < END_OF_TIME_MS else None


def _mark(event: Mapping[str, Any]) -> str:
    return hashlib.sha256(str(event["event_id"]).encode()).hexdigest()[:12]


def _is_token(said: Any) -> bool:
    return isinstance(said, str) and 0 < len(said) <= 600


def _cursor(said: bytes) -> _Cursor | None:
    """None: from now on. What is no cursor of ours is the same."""
    try:
        made = json.loads(said)
    except ValueError:
        return None
    if not isinstance(made, list) or len(made) != 2 or not _is_token(made[0]):
        return None
    seen = made[1] if isinstance(made[1], list) else []
    return _Cursor(made[0], [one for one in seen if isinstance(one, str)])
