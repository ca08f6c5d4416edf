"""The bridge "blogger" against the public stand-in, by both readings of what is not documented.

The stand-in and the bridge were written from the same documents by people who did not see each
other's work: where they differ, one of them misread.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from stands import blogger as stands

from bridges.blogger import Blogger
from relay.model import Health
from relay.reach.http import HttpOut
from relay.testing.blogger import blogger
from relay.testing.journey import VirtualClock
from relay.testing.platform_contract import PlatformContract
from relay.testing.stand import NOW, secret


class TestBlogger(PlatformContract):
    bridge_class = Blogger
    stand = staticmethod(stands.stand)


@pytest.mark.slow  # a second manner of the same platform
class TestCautious(PlatformContract):
    bridge_class = Blogger
    stand = staticmethod(stands.cautious)


async def test_an_operator_is_led_to_the_secret_file(tmp_path):
    clock = VirtualClock(NOW)
    async with blogger(clock=clock) as platform, HttpOut(None) as http:
        settings = Blogger.Settings(**stands.settings_of(platform, str(tmp_path / "token")))

        async def ask(question: str, hidden: bool) -> str:
            if "client ID" in question:
                return platform.client_id
            if "client secret" in question:
                return platform.client_secret
            opened = next(word for word in question.split() if word.startswith("http://"))
            led = await http.request("GET", opened)
            return led.headers["location"]

        made = await Blogger.login(settings, http, clock, ask)
        assert not isinstance(made, str), made
        secret(tmp_path, "token", made["token_file"])
        clock.at += 5 * 3600  # no access token of that time is good any more
        health = await Blogger(settings, http, clock).check()
        assert health == Health(f"blogger {platform.blog}")
        assert urlsplit(settings.authorize).path == "/o/oauth2/v2/auth"
