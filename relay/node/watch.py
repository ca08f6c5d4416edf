"""Looks at the files of ``[tls]`` every minute, and says what became of them.

What renews a certificate writes new files and tells nobody; when it fails, it fails silently. So
new files are taken up without a signal, and a pair that cannot be used, or an end that is near, is
written into the journal and stands on the board beside each transport that shows the certificate.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from relay.journal import Event, Journal
from relay.ports import Clock
from relay.transports.certificate import BadCertificate, Certificate, days_left

LOOK_S: Final = 60.0
"""Seconds between two looks."""

Fares = Callable[[str, str], None]
"""Says of one transport a state of the board, and why."""


class Watch:
    """One certificate, and who is to hear of it: ``mail`` are the transports that show it."""

    def __init__(
        self,
        certificate: Certificate,
        journal: Journal,
        clock: Clock,
        mail: Sequence[Fares] = (),
        look_s: float = LOOK_S,
    ) -> None:
        self.certificate = certificate
        self._journal = journal
        self._clock = clock
        self._mail = mail
        self._look_s = look_s
        self._bad = ""
        self._shown = ""

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(self._look_s)
            self.look()

    def look(self) -> None:
        """Take up new files, and say what was not so at the last look."""
        had = self.certificate.mail is not None
        try:
            if self.certificate.look():
                self._bad = ""
                if had:
                    self._journal.say(Event.NEW_CERTIFICATE)
        except BadCertificate as error:
            self._bad = f"new files of [tls]: {error}"
            broken = Event.BAD_CERTIFICATE if had else Event.NO_CERTIFICATE
            self._journal.say(broken, why=f"{error.of}-{error.word}")
        why, event, facts = self._time()
        if self._bad:
            why, event = self._bad, None  # said above
        if why != self._shown:
            self._shown = why
            if event is not None:
                self._journal.say(event, **facts)
            self._put()

    def tell(self) -> None:
        """Say it to the board again: a transport that has just opened has nothing beside it."""
        if self._shown:
            self._put()

    def _put(self) -> None:
        for fares in self._mail:
            fares("works", self._shown)

    def _time(self) -> tuple[str, Event | None, dict[str, int | str]]:
        """What board and journal say of the certificate's time: nothing while all is well."""
        now, (begins, _) = self._clock.now(), self.certificate.valid
        left = days_left(self.certificate.valid, now)
        if self.certificate.mail is None or (left is None and now >= begins):
            return "", None, {}
        if now < begins:
            return "certificate: not valid yet", Event.CERTIFICATE_VOID, {"why": "not-yet"}
        assert left is not None
        if left < 0:
            return "certificate: has ended", Event.CERTIFICATE_VOID, {"why": "ended"}
        return f"certificate: ends in {left} days", Event.CERTIFICATE_ENDS, {"days": left}
