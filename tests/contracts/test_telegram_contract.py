"""The bridge "telegram" against the public stand-in, in each way to look up what is in doubt.

The stand-in and the bridge were written from the same documents by people who did not see each
other's work: where they differ, one of them misread.
"""

from __future__ import annotations

import pytest
from stands import telegram as stands

from bridges.telegram import Telegram
from relay.testing.platform_contract import PlatformContract


class TestWithAProbe(PlatformContract):
    bridge_class = Telegram
    stand = staticmethod(stands.probed)


@pytest.mark.slow  # a second manner of the same platform
class TestWithThePublicPage(PlatformContract):
    bridge_class = Telegram
    stand = staticmethod(stands.read)


class TestWithNothingToLookWith(PlatformContract):
    bridge_class = Telegram
    stand = staticmethod(stands.blind)
