"""The bridge "discord" against the public stand-in, in a channel and in a thread of it.

The stand-in and the bridge were written from the same documents by people who did not see each
other's work: where they differ, one of them misread.
"""

from __future__ import annotations

import pytest
from stands import discord as stands

from bridges.discord import Discord
from relay.testing.platform_contract import PlatformContract


class TestInAChannel(PlatformContract):
    bridge_class = Discord
    stand = staticmethod(stands.stand)


@pytest.mark.slow  # a second manner of the same platform
class TestInAThread(PlatformContract):
    bridge_class = Discord
    stand = staticmethod(stands.in_a_thread)
