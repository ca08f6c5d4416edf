"""The Mastodon bridge before its stand-in: every fault, every death."""

from __future__ import annotations

from stands import mastodon

from bridges.mastodon import Mastodon
from relay.testing.platform_contract import PlatformContract


class TestMastodonOnItsStandIn(PlatformContract):
    bridge_class = Mastodon
    stand = staticmethod(mastodon.stand)


class TestGoToSocialOnItsStandIn(PlatformContract):
    bridge_class = Mastodon
    stand = staticmethod(mastodon.gotosocial)
