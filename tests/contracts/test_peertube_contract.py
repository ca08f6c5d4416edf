"""The PeerTube bridge before its stand-in: every fault, every death, and what its films show."""

from __future__ import annotations

from stands import peertube as stands

from bridges.peertube import PeerTube
from relay.testing.platform_contract import PlatformContract


class TestPeerTube(PlatformContract):
    bridge_class = PeerTube
    stand = staticmethod(stands.stand)


class TestOlder(PlatformContract):
    bridge_class = PeerTube
    stand = staticmethod(stands.older)


class TestSlow(PlatformContract):
    bridge_class = PeerTube
    stand = staticmethod(stands.slow)
