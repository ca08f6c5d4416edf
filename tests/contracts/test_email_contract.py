"""The bridge "email" against the public stand-in of a submission server, in both kinds of TLS.

The stand-in and the bridge were written from the same documents by people who did not see each
other's work: where they differ, one of them misread.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from stands import email_list as stands

from bridges.email_list import EmailList
from relay.reach.http import HttpOut
from relay.testing.journey import VirtualClock
from relay.testing.platform_contract import NOW, ROOMY_S, PlatformContract, _There


class OnMail(PlatformContract):
    bridge_class = EmailList
    patience_s = 0.15

    @asynccontextmanager
    async def _there(self, patience_s: float = ROOMY_S) -> AsyncIterator[_There]:
        """With the server's own authority: there is no mail without TLS."""
        clock = VirtualClock(NOW)
        with TemporaryDirectory() as folder:
            async with type(self).stand(clock, Path(folder)) as stand:
                trusted = ssl.create_default_context(cafile=stand.platform.certificate)
                async with HttpOut(None, tls=trusted) as http:
                    yield _There(self.bridge_class, stand, http, clock, patience_s)

    @pytest.mark.parametrize("late_s", [60])
    def test_a_listing_that_lags_doubles_nothing(self, late_s: int) -> None:
        """There is no listing that could."""


class TestStartTls(OnMail):
    stand = staticmethod(stands.stand)


class TestTlsAtOnce(OnMail):
    stand = staticmethod(stands.under_tls)
