"""The users of a desk as they lie in ``keys/users``, sealed under a key of ``exit.key``.

Of a passphrase, of a link and of a browser only what cannot be turned back is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from secrets import token_bytes
from typing import Final, Protocol

import trio

from relay.errors import Asked, Damaged, OutwordError
from relay.model import Instant
from relay.wire import primitives
from relay.wire.custody import keep, reveal
from relay.wire.epochs import StorageKey
from relay.wire.keys import SALT, ExitKeys
from relay.wire.pack import pack, unpack
from relay.wire.primitives import Argon2
from relay.wire.totp import make_secret

COST: Final = Argon2(19 * 1024, 2, 1)
"""What one look at a passphrase costs: the least that OWASP's Password Storage Cheat Sheet allows.
More would not fit beside a core of 35 MiB on a small machine, and there is a second factor."""

MOST_USERS: Final = 200
MOST_DEVICES: Final = 8
MOST_USED: Final = 64
"""Codes that are known to be used: as many as are good at a time, however often a clock is set
back."""

_ID: Final = b"users\x00\x00\x00"
_MAGIC: Final = b"OUTWU1\n"


class Kept(Protocol):
    """A file that is read and replaced whole."""

    def load(self) -> bytes | None: ...
    def save(self, content: bytes) -> None: ...


@dataclass(frozen=True, slots=True, repr=False)
class User:
    """``mark``: what became of the passphrase; empty until its owner has joined. ``link``: the
    digest of the link that lets them join, made at ``linked``; empty once it was used. ``used``:
    steps whose codes were used, newest last. ``devices``: digests of what their browsers keep,
    newest last. ``since``: the hour in which they were added."""

    handle: str
    roles: tuple[str, ...]
    since: Instant
    link: bytes
    linked: Instant
    secret: bytes = field(default_factory=make_secret)
    salt: bytes = field(default_factory=lambda: token_bytes(SALT))
    cost: Argon2 = COST
    mark: bytes = b""
    used: tuple[int, ...] = ()
    devices: tuple[bytes, ...] = ()
    language: str = ""
    sound: bool = False
    notify: bool = False

    @property
    def joined(self) -> bool:
        """Whether they have a passphrase."""
        return bool(self.mark)

    def with_code_used(self, step: int) -> User:
        """The same, after a code."""
        return replace(self, used=(*self.used, step)[-MOST_USED:])

    def with_device(self, digest: bytes) -> User:
        """The same, with another browser."""
        return replace(self, devices=(*self.devices, digest)[-MOST_DEVICES:])


@dataclass(frozen=True, slots=True, repr=False)
class Register:
    """All users, in the order in which they were added."""

    users: tuple[User, ...] = ()


class UserFile:
    """The users of one node, in memory and in the file. What cannot be opened has no users, and
    nothing is written in its place. Raises what ``kept`` raises."""

    def __init__(self, kept: Kept, keys: ExitKeys) -> None:
        self._kept = kept
        secret = primitives.derive(keys.desk_secret, b"outword/1/users")
        self._key = StorageKey(_ID, secret)
        self._users: dict[str, User] | None = {}
        self.turn = trio.Lock()
        """Held by who reads, changes and saves."""
        try:
            content = kept.load()
            if content is not None:
                self._users = {one.handle: one for one in self._read(content).users}
        except OutwordError:
            self._users = None

    def _read(self, content: bytes) -> Register:
        if not content.startswith(_MAGIC):
            raise Damaged
        register = unpack(Register, reveal(content[len(_MAGIC) :], (self._key,), bind=_MAGIC))
        if not all(one.cost.bounded() for one in register.users):
            raise Damaged
        return register

    @property
    def opened(self) -> bool:
        """Whether it is known who the users are."""
        return self._users is not None

    @property
    def users(self) -> dict[str, User]:
        """All of them by their handles; not to be changed. Raises Asked."""
        if self._users is None:
            raise Asked(
                "keys/users cannot be opened with this exit.key: restore it from your backup, or "
                "remove it, start again and add everybody anew"
            )
        return self._users

    def user(self, handle: str) -> User:
        """One of them. Raises Asked."""
        found = self.users.get(handle)
        if found is None:
            raise Asked("there is no user of that name: see `relay users list`")
        return found

    async def put(self, user: User) -> None:
        """Keep a user, in place of what is known of them. Raises Asked: then nothing is changed."""
        await self._save({**self.users, user.handle: user})

    async def note(self, user: User) -> None:
        """The same for what happens by the way: where it cannot be written, since the disk is full,
        it holds for as long as this process. Somebody must be able to sign in and stop a thing."""
        users = {**self.users, user.handle: user}
        self._users = users
        try:
            await self._write(users.values())
        except OSError:
            return

    async def remove(self, handle: str) -> None:
        """Know a user no more. Raises Asked."""
        self.user(handle)
        await self._save({name: one for name, one in self.users.items() if name != handle})

    async def _save(self, users: dict[str, User]) -> None:
        try:
            await self._write(users.values())
        except OSError:
            raise Asked("keys/users cannot be written: nothing was changed") from None
        self._users = users

    async def _write(self, users: Iterable[User]) -> None:
        content = _MAGIC + keep(pack(Register(tuple(users))), self._key, bind=_MAGIC)
        await trio.to_thread.run_sync(self._kept.save, content)
