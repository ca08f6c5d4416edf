"""The bridge "peertube" against the public stand-in: as servers are today, as they were, one that
takes its time to make a film of what it got, and a film in several pieces.

The stand-in and the bridge were written from the same documents by people who did not see each
other's work: where they differ, one of them misread.
"""

from __future__ import annotations

import pytest
from stands import peertube as stands

from bridges.peertube import PeerTube
from relay.testing.platform_contract import PlatformContract


class TestPeerTube(PlatformContract):
    bridge_class = PeerTube
    stand = staticmethod(stands.stand)


@pytest.mark.slow  # a second manner of the same platform
class TestOlder(PlatformContract):
    bridge_class = PeerTube
    stand = staticmethod(stands.older)


@pytest.mark.slow  # a second manner of the same platform
class TestSlow(PlatformContract):
    bridge_class = PeerTube
    stand = staticmethod(stands.slow)


class _Long(PlatformContract):
    bridge_class = PeerTube
    stand = staticmethod(stands.long)


@pytest.mark.slow  # of many pieces, each of them a death
def test_a_film_in_pieces_stands_there_once_whenever_the_process_dies():
    _Long().test_the_process_may_die_at_any_step()
    _Long().test_the_process_may_die_again_and_again()
