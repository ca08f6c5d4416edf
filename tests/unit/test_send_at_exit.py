"""``relay send`` at an exit, which hears nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from relay.cli.send import HearsNobody, send
from relay.wire.linkkeys import link_key_of

SETTINGS = f"""
[node]
role = "exit"
[channels.news]
[peers.entry]
link = "{link_key_of(b"e" * 32).written}"
[links.tls]
kind = "https"
listen = "127.0.0.1:0"
"""


def test_nobody_sends_at_an_exit_and_hears_where(tmp_path: Path) -> None:
    file = tmp_path / "relay.toml"
    file.write_text(SETTINGS)
    with pytest.raises(HearsNobody, match="Send it at an entry"):
        CliRunner().invoke(send, ["-c", str(file)], input="a word", catch_exceptions=False)
    assert HearsNobody.exit_code == 78
