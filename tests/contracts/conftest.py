"""Which of the many cases of the contract suites run each time.

Every fault that a platform may have, at every call that publishes, is some hundred journeys for
each way to use a bridge. By default the first way of each file goes through every second of them;
all of them, and the other ways, are for the slow run. A plug-in author's suite is not touched by
this.
"""

from __future__ import annotations

import pytest

from relay.testing.platform_contract import PlatformContract

LONG = "test_however_the_platform_fails_a_post_stands_there_once_or_is_held"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Before the slow ones are deselected."""
    if "not slow" in config.getoption("-m"):
        PlatformContract.each = 2
    first: dict[object, str] = {}
    for item in items:
        ways = item.parent.name if item.name == LONG and item.parent is not None else ""
        if ways and first.setdefault(item.path, ways) != ways:
            item.add_marker(pytest.mark.slow)
