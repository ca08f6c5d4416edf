"""The bridge "x" against the public stand-in, with four keys and with a token that is renewed.

The stand-in and the bridge were written from the same documents by people who did not see each
other's work: where they differ, one of them misread.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from stands import x as stands

from bridges.x import X
from relay.model import Health, Media
from relay.reach.http import HttpOut
from relay.testing.dying import Fate
from relay.testing.journey import VirtualClock
from relay.testing.platform_contract import PlatformContract
from relay.testing.stand import NOW, secret
from relay.testing.x import x
from relay.testing.x.account import USER_READ

FILM = Media("video/mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(64), "people on a roof")


class TestWithFourKeys(PlatformContract):
    bridge_class = X
    stand = staticmethod(stands.stand)

    def test_where_x_allows_no_answers_the_whole_text_stands_there_numbered(self) -> None:
        async def run() -> None:
            async with self._there() as there:
                there.stand.platform.own_replies_allowed = False
                row, _ = await there.taken([])
                shown = there.stand.platform.public
                assert row.state == "posted", (row.state, row.why)
                assert len(shown) > 2 and {one.parent for one in shown} == {None}
                assert [f"({n}/{len(shown)})" in one.text for n, one in enumerate(shown, 1)]

        self._run(run)

    def test_what_a_post_is_said_to_cost_is_what_x_bills(self) -> None:
        async def run() -> None:
            for text in ("look: https://example.org", "it ended.They left", "سلام"):
                async with self._there() as there:
                    post = there.stand.post(text)
                    bridge, _ = there.build(Fate())
                    parts = await bridge.prepare(post)
                    await there.taken([], post)
                    posts = sum(part.price for part in parts)
                    assert there.stand.platform.spent == posts + USER_READ

        self._run(run)

    def test_a_film_is_described_and_waited_for(self) -> None:
        async def run() -> None:
            async with self._there() as there:
                there.stand.platform.media_takes_s = 30
                post = replace(there.stand.post("look"), media=(FILM,))
                row, _ = await there.taken([], post)
                assert row.state == "posted", (row.state, row.why)
                [one] = there.stand.platform.public
                assert [(medium.type, medium.alt) for medium in one.media] == [
                    ("video/mp4", FILM.alt)
                ]

        self._run(run)


@pytest.mark.slow  # a second manner of the same platform
class TestWithAToken(PlatformContract):
    bridge_class = X
    stand = staticmethod(stands.with_a_token)


async def test_a_browser_leads_to_a_token_that_works(tmp_path):
    clock = VirtualClock(NOW)
    async with x(clock=clock) as platform, HttpOut(None) as http:
        settings = X.Settings(
            api=platform.base,
            authorize=f"{platform.base}/i/oauth2/authorize",
            token_file=str(tmp_path / "keys"),
        )
        answers = ["2", platform.tokens.client_id, "", "https://127.0.0.1/back"]

        async def ask(question: str, hidden: bool) -> str:
            if answers:
                return answers.pop(0)
            agreed = await http.request("GET", question.split()[1])
            return agreed.headers["location"]

        made = await X.login(settings, http, clock, ask)
        assert not isinstance(made, str), made
        assert json.loads(made["token_file"])["refresh_token"] == platform.refresh_token
        secret(tmp_path, "keys", made["token_file"])
        clock.at += 3 * 3600
        assert await X(settings, http, clock).check() == Health(f"x {platform.account}")
