"""A mailbox at a provider, read by IMAP: a way in without DNS, without port 25, without a server.

What is there is fetched every ``every_s``, each time on a new connection: no connection to keep
alive through a filter. Where the server offers to tell when a mail comes (IDLE, RFC 2177), the
connection is kept, the mail wakes us, and the server is asked anew every ``idle_s``; a connection
that breaks meanwhile is no trouble, and the next one is not made sooner than ``every_s`` after the
last look. What was not told is found at the next look all the same.

A mail is removed from the folder only after it is durable with us; whatever else becomes of it, it
stays where it is. Flags that anybody sets by reading the mailbox (``\\Seen``) are never believed. A
mailbox that is down is waited for, longer each time; the board says how it is, and no other way in
notices.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from threading import Timer
from typing import Final, Literal

from relay.errors import Damaged, KeyFileError, OutwordError
from relay.mailing.imap.apart import Apart
from relay.mailing.imap.session import Session, Where
from relay.mailing.imap.trouble import Trouble
from relay.model import Arrival, Verdict
from relay.ports import Clock, TakeIn
from relay.reach.routes import DIRECT, Routes
from relay.transports.imap import marks as marking
from relay.transports.imap.fetch import Fares, Fetch
from relay.transports.imap.head import is_bounce, return_path_of, sender_of
from relay.transports.imap.marks import Marks, Store
from relay.transports.imap.wake import Wake
from relay.transports.limits import MailboxLimits
from relay.transports.opened import once
from relay.transports.trust import NOTHING, Trust

__all__ = ["Mailbox", "Where", "check", "wait_s"]

LONGEST_S: Final = 900.0
"""Seconds between two tries at a mailbox that is down, at most; ``every`` if that is longer."""


class Mailbox:
    """``ports.Transport`` that fetches from one folder, for one channel.

    ``password`` is called at each connection, so that a new one is used without a restart; it may
    raise KeyFileError. ``where_key`` names host, user and folder by a keyed hash, in ``store``.
    ``existing`` says what becomes of mails that lie there before the first start. ``faring`` is
    told the state of the board and why; ``turned_away`` is called once for each mail that is left.
    ``idle_s``: how long a server that can is waited on at a time; None: none is. ``trust`` says of
    a mail what its sender's domain does, and whether it may be answered. ``routes``: the ways to
    the provider.
    """

    def __init__(
        self,
        name: str,
        where: Where,
        channel: str,
        *,
        password: Callable[[], bytes],
        store: Store,
        where_key: str,
        clock: Clock,
        faring: Callable[[str, str], None],
        turned_away: Callable[[], None],
        address: str = "",
        every_s: float = 60.0,
        idle_s: float | None = None,
        existing: Literal["leave", "take"] = "leave",
        limits: MailboxLimits | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        trust: Trust | None = None,
        routes: Routes = DIRECT,
    ) -> None:
        self._name = name
        self._where = where
        self._channel = channel
        self._password = password
        self._store = store
        self._where_key = where_key
        self._clock = clock
        self._faring = faring
        self._turned_away = turned_away
        self._address = address.lower().encode()
        self._every_s = every_s
        self._idle_s = idle_s
        self._trust = trust
        self._routes = routes
        self._looked_at = 0.0
        self._existing = existing
        self._limits = limits or MailboxLimits()
        self._pause = pause
        self._marks: Marks | None = None
        self._said: tuple[str, str] = ("", "")
        self._said_at = 0.0

    def session(self) -> Session:
        """A connection to the folder, not yet open, by the same routes as all others."""
        return Session(self._where, self._limits.silent_s, self._routes)

    # ------------------------------------------------------------ round after round

    async def run(self, take_in: TakeIn, ready: Callable[[str], None]) -> None:
        """Fetch until cancelled. It is ready once it has had its first look at the folder, or
        knows that it cannot; and after ``ready_s`` in any case."""
        opened = once(lambda: ready(f"{self._where.host}:{self._where.port}"))
        timer = asyncio.get_running_loop().call_later(self._limits.ready_s, opened)
        failures = 0
        try:
            while True:
                try:
                    fares = await self._round(take_in, opened)
                except Trouble as trouble:
                    failures += 1
                    opened()
                    self._say(trouble.state, trouble.why)
                else:
                    failures = 0
                    self._say(*fares)
                await self._pause(self._rest_s(failures))
        finally:
            timer.cancel()

    def _rest_s(self, failures: int) -> float:
        """Seconds until the next connection: of what is waited for, some may have passed."""
        passed = 0.0 if failures else asyncio.get_running_loop().time() - self._looked_at
        return max(0.0, wait_s(self._every_s, failures, random.random()) - passed)

    def _say(self, state: str, why: str) -> None:
        """Tell the board what changed; "works" is repeated now and then, as a sign of life."""
        now = asyncio.get_running_loop().time()
        again = state == "works" and now - self._said_at >= self._limits.alive_s
        if (state, why) == self._said and not again:
            return
        self._said, self._said_at = (state, why), now
        self._faring(state, why)

    async def _round(self, take_in: TakeIn, opened: Callable[[], None]) -> Fares:
        """One connection: take what is there, and what comes. Gives how the mailbox fares.

        Raises Trouble, whatever went wrong."""
        try:
            password = self._password()
        except KeyFileError:
            why = "the password file cannot be used: put the password there, mode 0600"
            raise Trouble("login", why) from None
        try:
            return await self._connected(password, take_in, opened)
        except Trouble:
            raise
        except Damaged:
            why = f"keys/{self._name}.seen is damaged: see docs/ways-in.md before you remove it"
            raise Trouble("login", why) from None
        except (OutwordError, OSError):
            why = "the keys folder cannot be used: nothing is taken until it can be written"
            raise Trouble("blocked", why) from None
        except Exception:  # a fault of ours is no reason to close the other ways in
            why = "a fault of ours: please report it; it is tried again"
            raise Trouble("blocked", why) from None

    async def _connected(
        self, password: bytes, take_in: TakeIn, opened: Callable[[], None]
    ) -> Fares:
        limits = self._limits
        session = self.session()
        async with Apart(session) as apart:
            folder = await apart.do(limits.command_s, session.open, password)
            if self._marks is None:
                saved = await apart.do(limits.command_s, self._store.load)
                self._marks = None if saved is None else marking.read(saved)
            take = self._existing == "take"
            marks = marking.adopted(self._marks, folder, self._where_key, take=take)
            if marks is not self._marks:
                await apart.do(limits.command_s, self._store.save, marks.written())
                self._marks = marks
            opened()

            async def hand_over(uid: int, mail: bytes, doubtful: bool) -> Verdict:
                arrival = await self._arrival(marks.validity, uid, mail, doubtful)
                verdict = await take_in(arrival)
                if self._said[0] == "works":  # a round may be long: it lives
                    self._say("works", "")
                return verdict

            fetch = Fetch(
                apart,
                session,
                marks,
                save=self._store.save,
                hand_over=hand_over,
                turned_away=self._turned_away,
                clock=self._clock,
                limits=limits,
            )
            return await Wake(
                apart,
                session,
                fetch,
                marks,
                idle_s=self._idle_s,
                every_s=self._every_s,
                over_s=limits.command_s,
                lives_s=limits.connection_s,
                looking=self._looking,
                said=lambda fares: self._say(*fares),
                pause=self._pause,
            ).run()

    def _looking(self) -> None:
        self._looked_at = asyncio.get_running_loop().time()

    async def _arrival(self, validity: int, uid: int, mail: bytes, doubtful: bool) -> Arrival:
        """The same as of SMTP; what names this mail at its provider is a second repeat key."""
        at = self._where
        place = (at.host, str(at.port), at.user, at.folder, str(validity), str(uid))
        bounce = is_bounce(mail)
        flags = ("bounce",) * bounce + ("perhaps_repeat",) * doubtful
        trusted = NOTHING
        if self._trust is not None:
            trusted = await self._trust.of(mail, envelope=b"" if bounce else return_path_of(mail))
        return Arrival(
            transport=self._name,
            kind="mail",
            content=mail,
            channels=(self._channel,),
            sender=b"" if bounce else sender_of(mail),
            recipient=self._address,
            provider_id="\0".join(place).encode(),
            flags=flags + trusted.flags,
            way_back=trusted.way_back,
        )


def wait_s(every_s: float, failures: int, chance: float) -> float:
    """Seconds until the next round: ``every_s``, doubled with each failure in a row, up to
    LONGEST_S. After a failure somewhere in the upper half of that (``chance`` from 0 to 1), but
    never less than ``every_s``: an account may be locked by too many tries."""
    if not failures:
        return every_s
    step = min(max(LONGEST_S, every_s), every_s * 2.0 ** min(failures, 30))
    return max(every_s, step / 2 + chance * step / 2)


def check(where: Where, password: bytes, timeout_s: float = 20, routes: Routes = DIRECT) -> str:
    """Log in and open the folder, once, changing nothing; blocks for at most about ``timeout_s``
    seconds (and what the system takes to look up a name). Gives "", or what is wrong in our own
    words, with what to do about it."""
    return looked(where, password, timeout_s, routes)[0]


def looked(
    where: Where, password: bytes, timeout_s: float = 20, routes: Routes = DIRECT
) -> tuple[str, bool]:
    """As ``check``; and whether its server was there."""
    try:
        session = Session(where, timeout_s, routes)
    except ValueError:
        return "without TLS only a host that is this machine: set tls = true", False
    timer = Timer(timeout_s, session.abort)
    timer.daemon = True
    timer.start()
    try:
        session.open(password)
    except Trouble as trouble:
        late = "it does not answer in time: look at the network"
        return late if session.aborted else trouble.why, session.reached
    finally:
        session.close()
        timer.cancel()
    return "", True
