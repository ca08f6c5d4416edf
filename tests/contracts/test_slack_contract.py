"""The bridge "slack" against the public stand-in, as a bot and through a webhook.

The stand-in and the bridge were written from the same documents by people who did not see each
other's work: where they differ, one of them misread.
"""

from __future__ import annotations

from stands import slack as stands

from bridges.slack import Slack
from relay.testing.platform_contract import PlatformContract


class TestABot(PlatformContract):
    bridge_class = Slack
    stand = staticmethod(stands.bot)


class TestAWebhook(PlatformContract):
    bridge_class = Slack
    stand = staticmethod(stands.webhook)
