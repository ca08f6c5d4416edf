"""The bridge "facebook" against the public stand-in, with drafts and without.

The stand-in and the bridge were written from the same documents by people who did not see each
other's work: where they differ, one of them misread.
"""

from __future__ import annotations

from stands import facebook as stands

from bridges.facebook import Facebook
from relay.testing.platform_contract import PlatformContract


class TestWithDrafts(PlatformContract):
    bridge_class = Facebook
    stand = staticmethod(stands.stand)


class TestAtOnce(PlatformContract):
    bridge_class = Facebook
    stand = staticmethod(stands.at_once)
