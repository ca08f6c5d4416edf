"""What holds for every test: it leaves the process as it found it."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A case that is named after where something lies in memory has another name in each worker,
    and then none of them begins."""
    named = sorted({item.nodeid.partition("[")[0] for item in items if " at 0x" in item.nodeid})
    if named:
        raise pytest.UsageError(f"cases need names that stay the same: {', '.join(named)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, bool | None, bool | None]:
    """A command that is run in this process sets the umask to 077 (``relay.cli.main``), and what
    later tests write for other users could not be read by them."""
    before = os.umask(0o022)
    os.umask(before)
    try:
        return (yield)
    finally:
        os.umask(before)
