"""The bridge "nostr" against the public stand-in of a relay, in the manners of three of them.

The stand-in and the bridge were written from the same documents by people who did not see each
other's work: where they differ, one of them misread.
"""

from __future__ import annotations

import pytest
from stands import nostr as stands

from bridges.nostr import Nostr
from relay.testing.platform_contract import PlatformContract


class OnNostr(PlatformContract):
    bridge_class = Nostr
    patience_s = 0.15

    @pytest.mark.parametrize("how", ["revoke", "broke", "suspend"])
    def test_an_account_that_is_refused_stops_and_loses_nothing(self, how: str) -> None:
        """That it is refused is only learnt by posting: a relay has no log-in to ask with."""

        async def run() -> None:
            async with self._there() as there:
                there.before_sending(getattr(there.stand.platform, how))
                row, _ = await there.taken([])
                assert row.state == "stopped", (row.state, row.why)
                assert there.stand.platform.texts == []

        self._run(run)


class TestStrfry(OnNostr):
    stand = staticmethod(stands.stand)


@pytest.mark.slow  # a second manner of the same platform
class TestRustNostr(OnNostr):
    stand = staticmethod(stands.rust_nostr)


@pytest.mark.slow  # a second manner of the same platform
class TestNostrRelay(OnNostr):
    stand = staticmethod(stands.nostr_py)


@pytest.mark.parametrize("stand", [stands.upgrades, stands.uploads])
def test_however_a_front_or_a_media_server_fails_a_post_stands_there_once(stand) -> None:
    suite = type("Suite", (OnNostr,), {"stand": staticmethod(stand)})()
    suite.test_however_the_platform_fails_a_post_stands_there_once_or_is_held()
