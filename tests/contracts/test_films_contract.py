"""Every fault and every death again, with a film as a cleaner makes it in each post.

Where a film takes several requests (X), or is worked on for a while (Mastodon), a picture does not.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from stands import bluesky, discord, mastodon, nostr, telegram, wordpress, x

from bridges.bluesky import Bluesky
from bridges.discord import Discord
from bridges.mastodon import Mastodon
from bridges.nostr import Nostr
from bridges.telegram import Telegram
from bridges.wordpress import WordPress
from bridges.x import X
from relay.testing.made import film
from relay.testing.platform_contract import PlatformContract


def with_a_film(bridge, stand, *publishing):
    """The suite, where each post has a film and no picture."""

    class Filmed(PlatformContract):
        bridge_class = bridge

        @staticmethod
        @asynccontextmanager
        async def stand(clock, folder):
            async with stand(clock, folder) as made:
                spoiled = publishing or made.publishing
                yield replace(
                    made, media=lambda: (film(),), images=False, limit=0, publishing=spoiled
                )

    return Filmed()


UPLOAD = "POST /2/media/upload"


@pytest.mark.parametrize(
    ("bridge", "stand", "publishing"),
    [
        (X, x.stand, ("POST /2/tweets", f"{UPLOAD}/initialize", f"{UPLOAD}/*")),
        # The ways of these are those of a picture, nearly.
        pytest.param(Mastodon, mastodon.stand, (), marks=pytest.mark.slow),
        pytest.param(Bluesky, bluesky.stand, (), marks=pytest.mark.slow),
        pytest.param(Telegram, telegram.probed, ("POST *sendVideo",), marks=pytest.mark.slow),
        pytest.param(Nostr, nostr.stand, (), marks=pytest.mark.slow),
        pytest.param(WordPress, wordpress.stand, (), marks=pytest.mark.slow),
        pytest.param(Discord, discord.stand, (), marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize(
    "what",
    [
        pytest.param(
            "test_however_the_platform_fails_a_post_stands_there_once_or_is_held",
            marks=pytest.mark.slow,
        ),
        "test_the_process_may_die_at_any_step",
        "test_the_process_may_die_again_and_again",
    ],
)
def test_a_film_stands_there_once_or_is_held(bridge, stand, publishing, what):
    getattr(with_a_film(bridge, stand, *publishing), what)()
