"""The settings of two nodes in docs/operate.md are taken as they stand there."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from relay.config import load
from relay.wire.linkkeys import identity_text, link_key_of
from relay.wire.primitives import signing_public

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs/operate.md").read_text("utf-8")
PART = TEXT.partition("\n## Two countries, step by step\n")[2].partition("\n## Backup\n")[0]
BLOCKS = [textwrap.dedent(one) for one in re.findall(r" *```toml\n(.*?)```", PART, re.S)]
NORTH, SOUTH, PEER, MAIL, SHARE = BLOCKS


def filled(written: str) -> str:
    """With the keys of the other node in the place of dots."""
    link = link_key_of(b"\x01" * 32).written
    identity = identity_text(signing_public(b"\x02" * 32))
    return written.replace('link = "..."', f'link = "{link}"').replace(
        'identity = "..."', f'identity = "{identity}"'
    )


@pytest.mark.parametrize(
    ("role", "written"),
    [
        ("exit", NORTH + PEER),
        ("entry", SOUTH),
        ("entry", SOUTH + MAIL),
        ("entry", SOUTH + SHARE),
        ("exit", NORTH + PEER + re.sub(r"(?m)^after .*\n", "", MAIL).replace("north", "south")),
    ],
)
def test_what_the_page_says_of_two_countries_is_taken(
    tmp_path: Path, role: str, written: str
) -> None:
    (tmp_path / "secrets").mkdir()
    for name in ("mailbox", "post"):
        (tmp_path / "secrets" / name).touch(mode=0o600)
        (tmp_path / "secrets" / name).write_text("x" * 16)
    file = tmp_path / "relay.toml"
    file.write_text(filled(written).replace("/srv/share", str(tmp_path / "share")))
    settings = load(file)
    assert settings.node.role == role
    assert list(settings.peers) == ["north" if role == "entry" else "south"]
    assert settings.links
