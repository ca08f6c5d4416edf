"""The bridge "facebook" against the public stand-in, with drafts and without.

The stand-in and the bridge were written from the same documents by people who did not see each
other's work: where they differ, one of them misread.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from stands import facebook as stands

from bridges.facebook import Facebook
from relay.model import Health, Media
from relay.reach.http import HttpOut
from relay.testing.facebook import facebook
from relay.testing.journey import VirtualClock
from relay.testing.platform_contract import PlatformContract
from relay.testing.stand import NOW, Stand, secret


class TestWithDrafts(PlatformContract):
    bridge_class = Facebook
    stand = staticmethod(stands.stand)


@pytest.mark.slow  # a second manner of the same platform
class TestAtOnce(PlatformContract):
    bridge_class = Facebook
    stand = staticmethod(stands.at_once)


FILM = Media("video/mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(64))


class TestFilms(PlatformContract):
    """A film is kept apart from posts: worked on first, then public."""

    bridge_class = Facebook

    @staticmethod
    @asynccontextmanager
    async def stand(clock, folder) -> AsyncIterator[Stand]:
        async with stands.stand(clock, folder) as made:
            video = f"/v26.0/{made.platform.page}/videos"
            publishing = (f"POST {video}", "POST /v26.0/5*")
            yield replace(made, publishing=publishing, media=lambda: [FILM], images=False, limit=0)

    def test_it_is_waited_for_while_facebook_works_on_it(self) -> None:
        async def run() -> None:
            async with self._there() as there:
                there.stand.platform.media_takes_s = 40
                row, _ = await there.taken([])
                assert row.state == "posted", (row.state, row.why)
                assert len(there.stand.platform.public) == 1

        self._run(run)


async def test_an_operator_is_led_to_the_token_of_the_page(tmp_path):
    clock = VirtualClock(NOW)
    async with facebook(clock=clock) as platform, HttpOut(None) as http:
        settings = Facebook.Settings(
            api=f"{platform.base}/v26.0",
            token_file=str(tmp_path / "token"),
            app_secret_file=str(tmp_path / "app"),
        )
        answers = [platform.app_id, platform.app_secret, platform.user_token]

        async def ask(question: str, hidden: bool) -> str:
            return answers.pop(0)

        made = await Facebook.login(settings, http, clock, ask)
        assert not isinstance(made, str), made
        for name, content in (("token", made["token_file"]), ("app", made["app_secret_file"])):
            secret(tmp_path, name, content)
        platform.proof_required = True
        clock.at += 90 * 86400  # the person's token is long gone
        assert await Facebook(settings, http, clock).check() == Health(f"facebook {platform.page}")


async def test_the_token_of_a_person_is_no_pages(tmp_path):
    clock = VirtualClock(NOW)
    async with facebook(clock=clock) as platform, HttpOut(None) as http:
        token = secret(tmp_path, "token", platform.user_token)
        settings = Facebook.Settings(api=f"{platform.base}/v26.0", token_file=token)
        assert "no Page's" in (await Facebook(settings, http, clock).check()).trouble
