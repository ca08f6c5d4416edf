"""The bridge "apprise" with the real library, before a receiver of its ``json://``."""

from __future__ import annotations

from stands import apprise as stands

from bridges.by_apprise import ByApprise
from relay.testing.dying import Fate
from relay.testing.platform_contract import PlatformContract


class Mortal(ByApprise):
    """Dies where the suite wants it: before the library is called, and when it has come back.

    Other bridges die in the way out that they are given, which this one does not use."""

    def __init__(self, settings, http, clock) -> None:
        super().__init__(settings, http, clock)
        self._fate = getattr(http, "fate", Fate())

    async def send(self, attempt, keep):
        self._fate.moment()
        outcome = await super().send(attempt, keep)
        self._fate.moment()
        return outcome


class TestByApprise(PlatformContract):
    bridge_class = Mortal
    stand = staticmethod(stands.stand)
