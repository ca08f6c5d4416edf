"""Looks at the files of ``[tls]`` every minute, and says what became of them.

What renews a certificate writes new files and tells nobody; when it fails, it fails silently. So
new files are taken up without a signal, and a pair that cannot be used, or an end that is near, is
written into the journal, and the core is told, for the board and the alarms.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from relay.journal import Event, Journal
from relay.ports import Clock
from relay.serving.certificate import BadCertificate, Certificate, days_left

LOOK_S: Final = 60.0
"""Seconds between two looks."""


class Watch:
    """One certificate. ``tell`` is told what is wrong with it, and "" when nothing is."""

    def __init__(
        self,
        certificate: Certificate,
        journal: Journal,
        clock: Clock,
        tell: Callable[[str], None],
        look_s: float = LOOK_S,
    ) -> None:
        self.certificate = certificate
        self._journal = journal
        self._clock = clock
        self._tell = tell
        self._look_s = look_s
        self._told: str | None = None

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(self._look_s)
            self._say(await asyncio.to_thread(self._read))

    def look(self) -> None:
        """Take up the files as they are now, and say what was not so at the last look."""
        self._say(self._read())

    def _read(self) -> tuple[bool, bool | BadCertificate]:
        """Whether there was a pair in force, and whether there is another now."""
        had = self.certificate.mail is not None
        try:
            return had, self.certificate.look()
        except BadCertificate as error:
            return had, error

    def _say(self, read: tuple[bool, bool | BadCertificate]) -> None:
        had, found = read
        if isinstance(found, BadCertificate):
            why = f"the files of [tls] cannot be used ({found.of} {found.word})"
            event = Event.BAD_CERTIFICATE if had else Event.NO_CERTIFICATE
            facts: dict[str, int | str] = {"why": f"{found.of}-{found.word}"}
        else:
            why, event, facts = self._time()
            if had and found:
                self._journal.say(Event.NEW_CERTIFICATE)
        if why != self._told:
            self._told = why
            self._tell(why)
            if why:
                self._journal.say(event, **facts)

    def _time(self) -> tuple[str, Event, dict[str, int | str]]:
        """What is to be said of the certificate's time: nothing while all is well."""
        shown, now = self.certificate.shown, self._clock.now()
        if shown is not None and now < shown.begins:
            return "the certificate is not valid yet", Event.CERTIFICATE_VOID, {"why": "not-yet"}
        left = None if shown is None else days_left(shown.ends, now)
        if left is None:
            return "", Event.NEW_CERTIFICATE, {}
        if left < 0:
            return "the certificate has ended", Event.CERTIFICATE_VOID, {"why": "ended"}
        return f"the certificate ends in {left} days", Event.CERTIFICATE_ENDS, {"days": left}
