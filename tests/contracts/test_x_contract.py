"""The bridge "x" against the public stand-in, with four keys and with a token that is renewed.

The stand-in and the bridge were written from the same documents by people who did not see each
other's work: where they differ, one of them misread.
"""

from __future__ import annotations

from stands import x as stands

from bridges.x import X
from relay.testing.platform_contract import PlatformContract


class TestWithFourKeys(PlatformContract):
    bridge_class = X
    stand = staticmethod(stands.stand)


class TestWithAToken(PlatformContract):
    bridge_class = X
    stand = staticmethod(stands.with_a_token)
