"""The bridge "wordpress" against the public stand-in, with either kind of address.

The stand-in and the bridge were written from the same documents by people who did not see each
other's work: where they differ, one of them misread.
"""

from __future__ import annotations

import pytest
from stands import wordpress as stands

from bridges.wordpress import WordPress
from relay.testing.platform_contract import PlatformContract


class TestWordPress(PlatformContract):
    bridge_class = WordPress
    stand = staticmethod(stands.stand)


@pytest.mark.slow  # a second manner of the same platform
class TestWithoutRewriting(PlatformContract):
    """A blog whose web server rewrites no addresses: the API is behind ``/?rest_route=``."""

    bridge_class = WordPress
    stand = staticmethod(stands.plain)
