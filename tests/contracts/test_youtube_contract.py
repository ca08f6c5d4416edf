"""The bridge "youtube" against the public stand-in, and its journeys where films take minutes to be
read, where uploads are forgotten at once, and where the same file is taken once only.

The stand-in and the bridge were written from the same documents by people who did not see each
other's work: where they differ, one of them misread.
"""

from __future__ import annotations

import json

import pytest
from stands import youtube as stands

from bridges.youtube import SCOPES, YouTube
from relay.model import Health
from relay.reach.http import HttpOut
from relay.testing.journey import VirtualClock
from relay.testing.platform_contract import PlatformContract
from relay.testing.stand import NOW, secret
from relay.testing.youtube import youtube


class TestYouTube(PlatformContract):
    bridge_class = YouTube
    stand = staticmethod(stands.stand)


class _Slow(PlatformContract):
    bridge_class = YouTube
    stand = staticmethod(stands.slow)


class _Forgetful(PlatformContract):
    bridge_class = YouTube
    stand = staticmethod(stands.forgetful)


class _Strict(PlatformContract):
    bridge_class = YouTube
    stand = staticmethod(stands.strict)


class _Long(PlatformContract):
    bridge_class = YouTube
    stand = staticmethod(stands.long)


@pytest.mark.parametrize(
    "kind", [_Slow, _Forgetful, _Strict, pytest.param(_Long, marks=pytest.mark.slow)]
)
def test_a_film_stands_there_once_whenever_the_process_dies(kind):
    kind().test_the_process_may_die_at_any_step()
    kind().test_the_process_may_die_again_and_again()


@pytest.mark.parametrize("kind", [_Slow, _Forgetful, _Strict])
@pytest.mark.parametrize("late_s", [60, 300])
def test_a_film_stands_there_once_where_the_list_of_uploads_lags(kind, late_s):
    kind().test_a_listing_that_lags_doubles_nothing(late_s)


@pytest.mark.slow  # by default the first way goes through all faults: see conftest.py
@pytest.mark.parametrize("kind", [_Forgetful, _Strict])
def test_a_film_stands_there_once_however_youtube_fails(kind):
    kind().test_however_the_platform_fails_a_post_stands_there_once_or_is_held()


async def test_a_browser_leads_to_a_token_that_works(tmp_path):
    clock = VirtualClock(NOW)
    async with youtube(clock=clock) as platform, HttpOut(None) as http:
        settings = YouTube.Settings(
            api=platform.base,
            token_url=f"{platform.base}/token",
            authorize=f"{platform.base}/o/oauth2/v2/auth",
            token_file=str(tmp_path / "client"),
        )
        answers = [platform.client_id, platform.client_secret]

        async def ask(question: str, hidden: bool) -> str:
            if answers:
                return answers.pop(0)
            agreed = await http.request("GET", question.split()[1])
            return agreed.headers["location"]

        made = await YouTube.login(settings, http, clock, ask)
        assert not isinstance(made, str), made
        assert json.loads(made["token_file"])["refresh_token"] == platform.refresh_token
        secret(tmp_path, "client", made["token_file"])
        health = await YouTube(settings, http, clock).check()
        assert health == Health(f"youtube {platform.account}")
        assert len(SCOPES) == 1
