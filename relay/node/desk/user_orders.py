"""Orders about users, and about what they did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from relay.errors import Asked
from relay.node.desk.audit import Audit
from relay.node.desk.service import SIGNED_OUT
from relay.node.desk.sessions import Session, Sessions
from relay.node.desk.userfile import User
from relay.node.desk.users import LINK_S, Users, is_good
from relay.ports import Clock

Answer = Mapping[str, Any]

PAGE: Final = 100
MOST: Final = 1000
"""Entries of the audit in one answer, if nothing is said of it; and at most."""


class UserOrders:
    """Carries out what is asked about users of one node."""

    def __init__(self, users: Users, clock: Clock, sessions: Sessions) -> None:
        self._users = users
        self._clock = clock
        self._sessions = sessions

    def who(self, session: Session) -> Answer:
        """Whose session it is, and how they like the desk. Raises Asked."""
        user = next((one for one in self._users.all if one.handle == session.handle), None)
        if user is None:
            raise Asked(SIGNED_OUT)
        return {
            "handle": user.handle,
            "roles": sorted(session.roles),
            "language": user.language,
            "sound": user.sound,
            "notify": user.notify,
            "ends": self._clock.now() + int(self._sessions.left_s(session)),
        }

    async def prefer(self, session: Session, order: Mapping[str, Any]) -> Answer:
        """How whoever has this session likes the desk from now on. Raises Asked."""
        language, sound, notify = (order.get(key) for key in ("language", "sound", "notify"))
        await self._users.prefer(
            session.handle,
            language if isinstance(language, str) else None,
            sound if isinstance(sound, bool) else None,
            notify if isinstance(notify, bool) else None,
        )
        return self.who(session)

    async def answer(self, order: Mapping[str, Any]) -> Answer:
        """Add a user, give a new link or other roles, remove one; or name them all. Raises
        Asked."""
        match order:
            case {"add": str() as handle, "roles": [*roles]}:
                return self._linked(handle, await self._users.add(handle, roles))
            case {"link": str() as handle}:
                return self._linked(handle, await self._users.link(handle))
            case {"change": str() as handle, "roles": [*roles]}:
                await self._users.change(handle, roles)
                return self._of(handle)
            case {"remove": str() as handle}:
                await self._users.remove(handle)
                return {"handle": handle, "removed": True}
            case {"add": _} | {"link": _} | {"change": _} | {"remove": _}:
                raise Asked("this version knows no such order about users")
        return {"users": [self._line(one) for one in self._users.all]}

    def _linked(self, handle: str, link: str) -> Answer:
        return {**self._of(handle), "link": link, "until": self._clock.now() + LINK_S}

    def _of(self, handle: str) -> Answer:
        return next(self._line(one) for one in self._users.all if one.handle == handle)

    def _line(self, user: User) -> Answer:
        return {
            "handle": user.handle,
            "roles": list(user.roles),
            "joined": user.joined,
            "invited": is_good(user, self._clock.now()),
            "since": user.since,
        }

    async def entries(self, audit: Audit, before: object, limit: object) -> Sequence[Answer]:
        """What was done, newest first. Raises Asked."""
        first = before if type(before) is int and before > 0 else 1 << 62
        most = limit if type(limit) is int and 0 < limit <= MOST else PAGE
        return [
            {
                "n": one.n,
                "hour": one.hour,
                "handle": one.handle,
                "deed": one.deed,
                "ids": list(one.ids),
                "said": one.said,
            }
            for one in await audit.read(first, most)
        ]
