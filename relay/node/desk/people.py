"""Everybody's orders on their way to what carries them out: who gives them, and whether they may.

From the desk nothing gets through without a session and a right, but signing in. What carries an
order out finds in it, as ``by``, the handle of whoever gave it; nothing else that claims to be one
gets that far. What changes something is written down first. ``quiet`` in an order says that nobody
did anything, a page asks by itself: it does not keep a session from ending.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, Protocol

import trio

from relay.config import Settings
from relay.config.sections import DeskAt
from relay.errors import Asked, OutwordError
from relay.keyfiles import Kept
from relay.node.desk.audit import Audit
from relay.node.desk.noted import ids_of, said_of
from relay.node.desk.proofs import Proofs
from relay.node.desk.service import SIGNED_OUT
from relay.node.desk.sessions import Session, Sessions
from relay.node.desk.signing_in import SigningIn
from relay.node.desk.throttle import Budget, Rate, Throttle
from relay.node.desk.user_orders import UserOrders
from relay.node.desk.userfile import COST, UserFile
from relay.node.desk.users import Users
from relay.ports import Clock, Spool
from relay.rules.rights import RIGHTS, TERMINAL, Right, may, word_of
from relay.wire.keys import ExitKeys
from relay.wire.primitives import Argon2

Answer = Mapping[str, Any]
Answers = Callable[[Mapping[str, Any]], AsyncGenerator[Answer, None]]

USERS: Final = "users"
"""The file of the users, beside exit.key and sealed under it."""

AUDIT: Final = "audit"
"""The folder in ``data`` of what they did."""

MAY_NOT: Final = "you may not do that: it is for other roles"
LOCKED: Final = "the relay is locked: its operator has to run `relay unlock` first"

DEEDS: Final = Rate(600, 0.1)
"""Of one person: nobody clicks so often. What takes over the desk must not fill the disk with what
it did in their name; it waits, since nothing is worth more than that what was done stands there."""

LOOK_S: Final = 600.0
"""Seconds from one look at what is over to the next."""

_OURS: Final = frozenset({"session", "by", "as", "quiet"})
"""Keys that no order has any more when it is carried out; but ``by``, which is then ours."""

_LOOKS: Final = Right(frozenset(), deed=False)
"""What the terminal alone may order, and changes nothing that is written down: ``unlock``."""


class Node(Protocol):
    """What this needs of the core."""

    settings: Settings

    @property
    def clock(self) -> Clock: ...
    @property
    def spool(self) -> Spool: ...


@dataclass(frozen=True, slots=True)
class _Opened:
    """What there is once ``exit.key`` is open."""

    file: UserFile
    users: UserOrders
    way_in: SigningIn


class People:
    """Everybody who gives orders to one node."""

    def __init__(
        self, core: Node, answers: Answers, frozen: Callable[[], bool], cost: Argon2 = COST
    ) -> None:
        """``answers`` carries orders out. ``frozen``: the time is in doubt. ``cost``: of a look at
        a passphrase."""
        self._settings, self._clock = core.settings, core.clock
        self._answers, self._cost = answers, cost
        desk = core.settings.desk or DeskAt.model_validate({})
        self.sessions = Sessions(desk.idle, desk.longest)
        self.audit = Audit(
            core.settings.data / AUDIT, core.spool, core.clock, int(desk.keep_audit), frozen
        )
        self._deeds = Budget(DEEDS)
        self._parts: _Opened | None = None
        self._unlocked = trio.Event()

    def unlock(self, keys: ExitKeys) -> None:
        """From now on users can come in."""
        if self._parts is not None:
            return
        self.audit.unlock(keys)
        file = UserFile(Kept(self._settings.keys / USERS), keys)
        users = Users(file, self._clock, self.sessions.end_all_of)
        proofs = Proofs(file, self._clock, self._cost)
        self._parts = _Opened(
            file,
            UserOrders(users, self._clock, self.sessions),
            SigningIn(proofs, self.sessions, Throttle(), self.audit),
        )
        self._unlocked.set()

    @property
    def _opened(self) -> _Opened:
        if self._parts is None:
            raise Asked(LOCKED)
        return self._parts

    @property
    def unread(self) -> bool:
        """Whether the file of the users cannot be opened."""
        return self._parts is not None and not self._parts.file.opened

    def some_may(self, word: str) -> bool:
        """Whether anybody who is signed in may give such an order: else there is nobody whom the
        desk would need to tell."""
        return may(self.sessions.roles(), word)

    async def run(self) -> None:
        """Take up the audit once ``exit.key`` is open, and let go of what is over."""
        await self._unlocked.wait()
        while True:
            await self.look()
            await trio.sleep(LOOK_S)

    async def look(self) -> None:
        """One look at what is over, and at what is to be written down now and then."""
        self.sessions.forget_ended()
        with contextlib.suppress(Asked):  # as whoever does something next is told
            await self.audit.open()
            await self._opened.way_in.count()
        await self.audit.purge()

    # ------------------------------------------------------------ from the desk

    async def answers(self, order: Mapping[str, Any]) -> AsyncGenerator[Answer, None]:
        """Carry out an order of the desk. Raises Asked."""
        match order.get("do"):
            case "sign-in":
                entered = await self._opened.way_in.sign_in(order)
                session = self._session(entered)
                yield {**entered, **self._opened.users.who(session)}
            case "locked":
                yield {"locked": self._parts is None}
            case "joining":
                yield self._opened.way_in.joining(order)
            case "join":
                yield await self._opened.way_in.join(order)
            case _:
                async with aclosing(self._in_session(order)) as told:
                    async for answer in told:
                        yield answer

    async def _in_session(self, order: Mapping[str, Any]) -> AsyncGenerator[Answer, None]:
        session, word = self._session(order), word_of(order)
        if not may(session.roles, word):
            raise Asked(MAY_NOT)
        if RIGHTS[word].deed:
            await self._in_time(session)
        match order:
            case {"do": "who"}:
                yield self._opened.users.who(session)
            case {"do": "sign-out", "session": said}:
                self.sessions.end(said)
                if order.get("everywhere") is True:
                    self.sessions.end_all_of(session.handle)
                await self.audit.write(session.handle, "sign-out", (), said_of(order), anyway=True)
                yield {}
            case {"do": "prefer"}:
                yield await self._opened.users.prefer(session, order)
            case _:
                async with aclosing(self._done(order, session.handle)) as told:
                    async for answer in told:
                        if not self.sessions.is_alive(session):
                            raise Asked(SIGNED_OUT)
                        yield answer

    async def _in_time(self, session: Session) -> None:
        """Wait until this person may do one thing more. Raises Asked."""
        wait_s = self._deeds.wait_s(session.handle)
        self._deeds.take(session.handle)
        await trio.sleep(wait_s)
        if not self.sessions.is_alive(session):
            raise Asked(SIGNED_OUT)

    def _session(self, order: Mapping[str, Any]) -> Session:
        session = self.sessions.of(order.get("session"), used=not order.get("quiet"))
        if session is None:
            raise Asked(SIGNED_OUT)
        return session

    # ------------------------------------------------------------ from the terminal

    async def terminal(self, order: Mapping[str, Any]) -> AsyncGenerator[Answer, None]:
        """Carry out an order of the command line: in the name of the terminal, or of a user who
        shows in ``as`` that they are there. Raises Asked."""
        handle = TERMINAL
        if "as" in order:
            user = await self._opened.way_in.at_terminal(order["as"])
            if not may(user.roles, word_of(order)):
                raise Asked(MAY_NOT)
            handle = user.handle
        async with aclosing(self._done(order, handle)) as told:
            async for answer in told:
                yield answer

    # ------------------------------------------------------------ for both

    def _is_one_of_us(self, to: object) -> None:
        """What is given to somebody is given to a user; the empty handle is nobody. Raises
        Asked."""
        if isinstance(to, str) and to and to not in self._opened.file.users:
            raise Asked("there is nobody of that name here")

    async def _done(self, order: Mapping[str, Any], handle: str) -> AsyncGenerator[Answer, None]:
        """Write down what is to be done, and do it."""
        word = word_of(order)
        right = RIGHTS.get(word, _LOOKS)
        if right.deed:
            await self.audit.write(handle, word, ids_of(order), said_of(order), anyway=right.anyway)
        try:
            if word == "assign":
                self._is_one_of_us(order.get("to"))
            async with aclosing(self._carried_out(_inner(order, handle))) as told:
                async for answer in told:
                    yield answer
        except Exception as error:
            if right.deed:
                became = "not done" if isinstance(error, OutwordError) else "failed"
                await self.audit.write(handle, f"{word}: {became}", ids_of(order), anyway=True)
            raise

    async def _carried_out(self, order: Mapping[str, Any]) -> AsyncGenerator[Answer, None]:
        match order:
            case {"do": "users"}:
                yield await self._opened.users.answer(order)
            case {"do": "audit"}:
                before, limit = order.get("before"), order.get("limit")
                for answer in await self._opened.users.entries(self.audit, before, limit):
                    yield answer
            case _:
                async with aclosing(self._answers(order)) as told:
                    async for answer in told:
                        yield answer


def _inner(order: Mapping[str, Any], handle: str) -> Mapping[str, Any]:
    return {**{key: value for key, value in order.items() if key not in _OURS}, "by": handle}
