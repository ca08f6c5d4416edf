"""Real servers, by others: `make test-peers` installs and runs them; nothing is skipped."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from running import SERVERS

HERE = Path(__file__).parent

# For `lives`: the processes that are killed here as they are there.
sys.path.append(str(HERE.parent / "crash"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in Path(item.fspath).parents:
            item.add_marker(pytest.mark.peers)


@pytest.fixture(scope="session", autouse=True)
def _installed() -> None:
    """Everything is there, or every test here fails with the remedy."""
    wanted = ("synapse", "nostr", "wordpress", "php", "schemas", "mail", "sms", "smsc")
    missing = [name for name in wanted if not (SERVERS / name / "whole").exists()]
    if missing:
        pytest.fail(f"not installed: {', '.join(missing)}; make test-peers does it", pytrace=False)
