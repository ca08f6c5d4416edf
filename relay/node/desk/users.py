"""Who may use the desk, as the operator says at the terminal: added, with which roles, removed.

Nobody is given a passphrase: a user gets a link, good once and for a day, and chooses one there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from secrets import token_urlsafe
from typing import Final

from relay.errors import Asked
from relay.model import Instant, hour_of
from relay.node.desk.userfile import MOST_USERS, User, UserFile
from relay.ports import Clock
from relay.rules.rights import ROLES
from relay.wire import primitives
from relay.wire.primitives import KEY

LINK_S: Final = 86400
"""Seconds for which a link is good."""

HANDLE: Final = re.compile(r"[a-z0-9_-]{1,32}", re.ASCII)

NOT_NAMES: Final = frozenset({"terminal", "desk", "relay", "nobody"})
"""Handles of nobody: the first is that of the command line."""


class Users:
    """The users of one node. ``changed`` is told of everybody whose rights are not what they were,
    so that nothing goes on under the old ones."""

    def __init__(self, file: UserFile, clock: Clock, changed: Callable[[str], None]) -> None:
        self._file = file
        self._clock = clock
        self._changed = changed

    @property
    def all(self) -> Sequence[User]:
        """Everybody. Raises Asked."""
        return tuple(self._file.users.values())

    async def add(self, handle: str, roles: Collection[object]) -> str:
        """Add a user, durably; gives the secret of their link. Raises Asked."""
        if not HANDLE.fullmatch(handle) or handle in NOT_NAMES:
            raise Asked("a user's name has 1 to 32 of a-z, 0-9, _ and -, and is none of ours")
        given, now = _roles(roles), self._clock.now()
        async with self._file.turn:
            if handle in self._file.users:
                raise Asked("there is a user of that name: `relay users link` gives a new link")
            if len(self._file.users) >= MOST_USERS:
                raise Asked(f"there are {MOST_USERS} users already: remove some")
            link, digest = _link()
            await self._file.put(User(handle, given, hour_of(now), digest, now))
        return link

    async def link(self, handle: str) -> str:
        """A new link, for who has lost the passphrase or the telephone. From now on nothing else
        lets them in. Raises Asked."""
        async with self._file.turn:
            old = self._file.user(handle)
            link, digest = _link()
            await self._file.put(
                User(
                    handle,
                    old.roles,
                    old.since,
                    digest,
                    self._clock.now(),
                    language=old.language,
                    sound=old.sound,
                    notify=old.notify,
                )
            )
        self._changed(handle)
        return link

    async def change(self, handle: str, roles: Collection[object]) -> None:
        """Give a user these roles and no others; they sign in anew. Raises Asked."""
        given = _roles(roles)
        async with self._file.turn:
            await self._file.put(replace(self._file.user(handle), roles=given))
        self._changed(handle)

    async def remove(self, handle: str) -> None:
        """Know a user no more. Raises Asked."""
        async with self._file.turn:
            await self._file.remove(handle)
        self._changed(handle)

    async def prefer(
        self, handle: str, language: str | None, sound: bool | None, notify: bool | None
    ) -> None:
        """How a user likes the desk; None: as it is. Raises Asked."""
        async with self._file.turn:
            user = self._file.user(handle)
            await self._file.note(
                replace(
                    user,
                    language=user.language if language is None else _language(language),
                    sound=user.sound if sound is None else sound,
                    notify=user.notify if notify is None else notify,
                )
            )


def is_good(user: User, now: Instant) -> bool:
    """Whether a user's link still lets them in. A clock that was set back does not make it last."""
    return bool(user.link) and abs(now - user.linked) < LINK_S


def digest_of(link: str) -> bytes:
    """What is kept of a link."""
    return primitives.digest(link.encode(errors="replace"))


def _link() -> tuple[str, bytes]:
    link = token_urlsafe(KEY)
    return link, digest_of(link)


def _roles(said: Collection[object]) -> tuple[str, ...]:
    given = tuple(role for role in ROLES if role in said)
    if not given or len(given) != len(set(map(str, said))):
        raise Asked(f"a user has one or more of these roles: {', '.join(ROLES)}")
    return given


def _language(said: str) -> str:
    if not re.fullmatch(r"[a-z]{0,8}", said):
        raise Asked("that is no language")
    return said
