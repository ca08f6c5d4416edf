"""Whether somebody is who they say: a passphrase and a code; or, to join, a link.

Whatever is wrong, the same work is done and the same is said: nobody learns who is a user, nor
which half was right. Argon2id runs for one at a time, so that no crowd fills the memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from secrets import token_bytes
from typing import Final

import trio

from relay.errors import Asked
from relay.node.desk.userfile import COST, User, UserFile
from relay.node.desk.users import digest_of, is_good
from relay.ports import Clock
from relay.rules import passphrase as passphrases
from relay.wire import primitives, totp
from relay.wire.keys import SALT
from relay.wire.primitives import KEY, Argon2

WRONG: Final = (
    "name, passphrase or code is not right: try the next code, and look at the phone's clock"
)
"""Said of whatever does not let somebody in, in the same words."""

NO_LINK: Final = "this link is not good any more: ask for a new one"


class Proofs:
    """Looks at what the users of one node show."""

    def __init__(self, file: UserFile, clock: Clock, cost: Argon2 = COST) -> None:
        self._file = file
        self._clock = clock
        self._cost = cost
        self._one_by_one = trio.CapacityLimiter(1)
        self._nobody = User("", (), 0, b"", 0, salt=token_bytes(SALT), cost=cost)

    # ------------------------------------------------------------ signing in

    async def proved(self, handle: str, passphrase: str, code: str) -> User:
        """Who has shown both; the code is used up. Raises Asked, and says WRONG whatever is."""
        mark = await self._stretched(self._joined(handle), passphrase)
        async with self._file.turn:
            user = self._joined(handle)  # it may have gone meanwhile
            step = totp.step_of(user.secret, code, self._clock.now(), user.used)
            if not primitives.same(user.mark, mark) or step is None:
                raise Asked(WRONG)
            user = user.with_code_used(step)
            await self._file.note(user)
            return user

    def _joined(self, handle: str) -> User:
        """The user of this handle; nobody, who costs the same, where there is none who can sign
        in."""
        user = self._file.users.get(handle)
        return user if user is not None and user.joined else self._nobody

    def named(self, handle: str) -> str:
        """A handle, if a user has it. What nobody has may be a passphrase in the wrong place."""
        return handle if handle in self._file.users else ""

    def has_device(self, handle: str, device: object) -> bytes:
        """The digest of what a user's browser has kept, if it is theirs; else empty."""
        digest = _digest_of(device)
        return next(
            (one for one in self._joined(handle).devices if primitives.same(one, digest)), b""
        )

    async def new_device(self, handle: str) -> str:
        """What a browser is to keep, in which a user has just signed in."""
        device = token_bytes(KEY).hex()
        async with self._file.turn:
            user = self._file.user(handle)
            await self._file.note(user.with_device(_digest_of(device)))
        return device

    # ------------------------------------------------------------ joining

    def joining(self, link: str) -> Mapping[str, object]:
        """What a link is good for, and the secret for the authenticator: the same until it was
        used. Raises Asked."""
        user = self._of_link(link)
        return {
            "handle": user.handle,
            "roles": list(user.roles),
            "secret": totp.shown(user.secret),
            "uri": totp.uri(user.secret, user.handle),
        }

    async def join(self, link: str, passphrase: str, code: str) -> str:
        """Give whoever has the link a passphrase; the link is used up. Gives their handle. Raises
        Asked: then it is still good."""
        user = self._of_link(link)
        fault = passphrases.fault(passphrase, user.handle)
        if fault:
            raise Asked(fault)
        mark = await self._stretched(replace(user, cost=self._cost), passphrase)
        async with self._file.turn:
            user = self._of_link(link)  # somebody else may have used it meanwhile
            step = totp.step_of(user.secret, code, self._clock.now(), ())
            if step is None:
                raise Asked("that is not the code that the authenticator shows now")
            joined = replace(user, mark=mark, cost=self._cost, link=b"")
            await self._file.put(joined.with_code_used(step))
        return user.handle

    def _of_link(self, link: str) -> User:
        digest, now = digest_of(link), self._clock.now()
        for user in self._file.users.values():
            if primitives.same(user.link, digest) and is_good(user, now):
                return user
        raise Asked(NO_LINK)

    async def _stretched(self, user: User, passphrase: str) -> bytes:
        return await trio.to_thread.run_sync(
            primitives.stretch,
            passphrases.normal(passphrase[: passphrases.MOST + 1]).encode(errors="replace"),
            user.salt,
            user.cost,
            limiter=self._one_by_one,
        )


def _digest_of(device: object) -> bytes:
    """What is kept of a browser's secret; of what can be none, something that nobody has."""
    return primitives.digest(str(device)[: 4 * KEY].encode(errors="replace"))
