"""The bridge "email" against the public stand-in of a submission server, in both kinds of TLS.

The stand-in and the bridge were written from the same documents by people who did not see each
other's work: where they differ, one of them misread.
"""

from __future__ import annotations

import pytest
from stands import email_list as stands

from bridges.email_list import EmailList
from relay.testing.platform_contract import PlatformContract


class OnMail(PlatformContract):
    bridge_class = EmailList
    patience_s = 0.15

    @pytest.mark.parametrize("late_s", [60])
    def test_a_listing_that_lags_doubles_nothing(self, late_s: int) -> None:
        """There is no listing that could."""


class TestStartTls(OnMail):
    stand = staticmethod(stands.stand)


@pytest.mark.slow  # a second manner of the same platform
class TestTlsAtOnce(OnMail):
    stand = staticmethod(stands.under_tls)
