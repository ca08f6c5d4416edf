"""The core: that it lives is seen also while it opens a large spool."""

from __future__ import annotations

import os
import time
from io import StringIO
from pathlib import Path

import pytest

from relay.clock import SteadyClock, SystemClock
from relay.config import parse
from relay.errors import SpoolBroken
from relay.journal import Journal
from relay.node import core, life
from relay.node.child import Pulse
from relay.node.making import make_keys
from relay.node.pipes import pair
from relay.spool.sqlite import SqliteSpool


def test_a_core_beats_while_its_spool_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object, **__: object) -> SqliteSpool:
        time.sleep(0.3)
        raise SpoolBroken

    monkeypatch.setattr(SqliteSpool, "open", slow)
    monkeypatch.setattr(life, "BEAT_S", 0.05)
    settings = parse({"channels": {"news": {}}}, tmp_path / "relay.toml")
    journal = Journal("core", StringIO())
    make_keys(settings, SystemClock(), journal)
    ours, theirs = pair()
    read, write = os.pipe()
    assert core.main(theirs, Pulse(write), journal, SteadyClock(), settings) == 74
    assert len(os.read(read, 100)) >= 3
    for end in (ours, theirs):
        end.close()
    for fd in (read, write):
        os.close(fd)
