"""The room of one destination, and what there is ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from bridges import kit
from bridges.rooms import answers
from bridges.rooms.access import Login
from bridges.rooms.api import CLIENT, Api, in_room
from bridges.rooms.drafts import Draft
from bridges.rooms.events import MESSAGE, is_event, root_of
from relay.ports import Answer, Attempt, Later, Refused, Stopped

NO_REF: Final = "this is no message of this account"
GONE: Final = "it is gone from the room"
BEFORE_GONE: Final = "the part before it is gone from the room"


@dataclass(frozen=True, slots=True, repr=False)
class There:
    """Who we are, and the room's id."""

    login: Login
    room: str

    def shown_at(self, web: str, event: str) -> str:
        """Where people see an event; ``via`` names a server that is in the room
        ("matrix.to navigation")."""
        room, id = (quote(one, safe="!$:") for one in (self.room, event))
        via = quote(self.login.user.partition(":")[2], safe=":[]")
        return f"{web}/#/{room}/{id}?via={via}"


class Room:
    """One room, named by its id (``!...``) or by an address that leads to it (``#...``)."""

    def __init__(self, api: Api, named: str) -> None:
        self._api = api
        self._named = named
        self.id = named if named.startswith("!") else ""  #: "" until it was asked for

    async def there(self) -> There | Later | Stopped:
        """Who we are, and where. An address is asked for once: a room does not change its id."""
        login = await self._api.login()
        if not isinstance(login, Login):
            return login
        if not self.id:
            answer = await self._api.read(f"{CLIENT}/directory/room/{quote(self._named, safe='')}")
            said = kit.json_object(answer) if isinstance(answer, Answer) else None
            id = said.get("room_id") if said else None
            if not isinstance(id, str) or not id.startswith("!") or not _plain(id):
                outcome = answers.harmless(answer, self._api.now())
                return Later(outcome.why) if isinstance(outcome, Refused) else outcome
            self.id = id
        return There(login, self.id)

    async def root(
        self, room: str, draft: Draft, attempt: Attempt
    ) -> str | Later | Refused | Stopped | None:
        """The first part, for one that stands in its thread: what the part before names. None for
        the first."""
        after = attempt.after
        if after is None or not draft.thread or attempt.part.index < 2:
            return after
        answer = await self._api.read(in_room(room, "event", after))
        said = kit.json_object(answer) if isinstance(answer, Answer) else None
        if isinstance(answer, Answer) and said is not None and answer.status == 200:
            content = said.get("content")
            return root_of(content, after) if content else Refused(BEFORE_GONE)
        if isinstance(answer, Answer) and answers.is_absent(answer):
            return Refused(BEFORE_GONE)
        return answers.harmless(answer, self._api.now())

    async def ours(self, ref: str) -> There | Later | Refused | Stopped:
        """The place, if the event is a message of this account: one with more rights in the room
        could take back what others wrote."""
        if not is_event(ref):
            return Refused(NO_REF)
        there = await self.there()
        if not isinstance(there, There):
            return there
        answer = await self._api.read(in_room(there.room, "event", ref))
        said = kit.json_object(answer) if isinstance(answer, Answer) else None
        if isinstance(answer, Answer) and answers.is_absent(answer):
            return await self._gone(there)
        if said is None or "sender" not in said:
            return answers.harmless(answer, self._api.now())
        if said["sender"] != there.login.user or said.get("type") != MESSAGE:
            return Refused(NO_REF)
        return there if said.get("content") else Refused(GONE)

    async def _gone(self, there: There) -> Later | Refused | Stopped:
        """ "Not found" is also said to one who may not see it: who is in the room sees its own."""
        answer = await self._api.read(f"{CLIENT}/joined_rooms")
        said = kit.json_object(answer) if isinstance(answer, Answer) else None
        joined = said.get("joined_rooms") if said else None
        if not isinstance(joined, list):
            return answers.harmless(answer, self._api.now())
        if there.room not in joined:
            return Stopped("the account is not in the room", answers.JOIN)
        return Refused(GONE)


def _plain(id: str) -> bool:
    return len(id) <= 255 and id.isascii() and id.isprintable() and " " not in id
