"""The canary of one door: it writes to its own ways in, when the core says so.

What it writes says nothing of anybody out there, so it is no sign of life: a phone that is off
stays silent on the board, however often its webhook is tried from here.
"""

from __future__ import annotations

import asyncio
import socket
from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import Any, Final

from relay.config.inward import ImapIn, LmtpIn, SmsIn, SmtpIn, WayIn
from relay.config.inward.mail import ByAddress
from relay.keyfiles import read_line
from relay.mailing.imap.session import Session
from relay.node.inward.opening import Opened, Opening
from relay.node.inward.sms import account_of, path_secret_of
from relay.serving.certificate import Certificate
from relay.transports.canary import Unheard, Write, drawn
from relay.transports.canary.end import End, end_of
from relay.wire import frames

MOST_WRITERS: Final = 64
"""Of those that were said to write lately: a queue may be late in taking what they wrote."""

Say = Callable[[object], None]


class Trying:
    """``say`` takes a frame to the core."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._writes: dict[str, Write] = {}
        self._under_way: Counter[str] = Counter()
        self._writers: deque[str] = deque(maxlen=MOST_WRITERS)
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, name: str, write: Write | None) -> None:
        """How this transport is written to; None: it is not."""
        if write is not None:
            self._writes[name] = write

    def begin(self, frame: frames.TryWay) -> None:
        """Write, and tell the core what came of it."""
        task = asyncio.get_running_loop().create_task(self._written(frame))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _written(self, frame: frames.TryWay) -> None:
        write = self._writes.get(frame.transport)
        why = "the door has no such way in" if write is None else ""
        if write is not None:
            note = drawn(frame.line)
            self._writers.append(note.who)
            self._under_way[frame.transport] += 1
            try:
                await write(note)
            except Unheard as unheard:
                why = unheard.why
            except Exception:  # a fault of ours must not end the door; its words may quote the line
                why = "a fault of ours: please report it"
            finally:
                self._under_way[frame.transport] -= 1
        self._say(frames.TriedWay(frame.n, why))

    def wrote(self, transport: str, sender: bytes = b"") -> bool:
        """Whether what comes there now may be of our own writing, and says nothing of others."""
        if self._under_way[transport]:
            return True
        said = sender.decode("utf-8", "replace")
        return any(one in said for one in self._writers)

    def unless(self, transport: str, alive: Callable[[], None]) -> Callable[[], None]:
        """To be called for a sign of life: it is one unless it is ours."""

        def lives() -> None:
            if not self.wrote(transport):
                alive()

        return lives


# ---------------------------------------------------------------- by kind


def http_end(sock: socket.socket | None, certificate: Certificate | None) -> End | None:
    """That of ``[http]``; None without it. ``certificate``: what it shows, if it speaks TLS."""
    return None if sock is None else end_of(sock, _shown(certificate))


def writing(at: Any, opening: Opening, opened: Opened, web: End | None) -> Write | None:
    """How a transport is written to; None where it is not to be tried, or cannot be."""
    canary = opening.settings.canary
    if canary is None or opening.name not in canary.transports:
        return None
    if opened.session is not None:
        return _laid(at, opening, opened.session)
    make = _WRITERS.get(at.kind)
    return None if make is None else make(at, opening, web)


def _mails(at: ByAddress, opening: Opening, web: End | None) -> Write:
    from relay.transports.canary.mail import Letters

    hello: Any = "LHLO" if isinstance(at, LmtpIn) else "EHLO"
    shown = _shown(opening.certificate) if isinstance(at, SmtpIn) else None
    if opening.sock is not None:
        end = end_of(opening.sock, shown)
    else:
        end = End(path=opening.at(at.socket) if isinstance(at, LmtpIn) else None)
    return Letters(end, address_in(at.channels()), hello, opening.clock.now)


def address_in(addresses: Mapping[str, str]) -> str:
    """One that is written out; else any of a domain."""
    plain = [one for one in addresses if not one.startswith("*@")]
    return plain[0] if plain else next(iter(addresses)).replace("*@", "canary@", 1)


def _laid(at: ImapIn, opening: Opening, session: Callable[[], Session]) -> Write:
    from relay.transports.canary.box import Laid

    return Laid(
        session,
        lambda: read_line(opening.at(at.password_file)),
        next(iter(at.own_addresses()), "canary@localhost"),
        opening.clock.now,
    )


def _rows(at: Any, opening: Opening, web: End | None) -> Write:
    from relay.transports.canary.box import Rows
    from relay.transports.gammu.database import Database

    return Rows(Database(opening.at(at.database), at.phone), opening.clock.now)


def _texts(at: SmsIn, opening: Opening, web: End | None) -> Write:
    from relay.transports.canary.sms import Texts

    assert web is not None
    secret = path_secret_of(at.path_secret_file, opening)
    account = account_of(at, opening)
    return Texts(web, at.gateway, account, secret, at.number, opening.clock.now)


def _forms(at: WayIn, opening: Opening, web: End | None) -> Write:
    from relay.transports.canary.form import Forms

    assert web is not None
    return Forms(web, opening.name)


_WRITERS: Final[Mapping[str, Callable[[Any, Opening, End | None], Write]]] = {
    "smtp": _mails,
    "lmtp": _mails,
    "sms": _texts,
    "form": _forms,
    "gammu": _rows,
}
"""Imported only where there is a canary: most nodes have none, or not of every kind."""


def _shown(certificate: Certificate | None) -> Callable[[], bytes] | None:
    if certificate is None:
        return None
    return lambda: certificate.shown.fingerprint if certificate.shown is not None else b""
