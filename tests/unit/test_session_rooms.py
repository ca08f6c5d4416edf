"""The folder of a session: granted to its outlet by itself, and made whatever was there before."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.config import Settings, load
from relay.node.granted import granted_to, make_sessions
from relay.plugins.sessions import make_room, session_of

FILE = """
[node]
name = "n1"
[channels.news]
destinations = ["bird", "hook"]
[destinations.bird]
bridge = "bluesky"
handle = "us.example.org"
password_file = "secrets/bird"
[destinations.hook]
bridge = "webhook"
url = "https://hook.example.org/in"
token_file = "secrets/hook"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "secrets").mkdir(mode=0o700)
    (tmp_path / "relay.toml").write_text(FILE)
    return load(tmp_path / "relay.toml")


def test_an_outlet_writes_the_folder_of_its_session_and_nothing_beside_it(
    settings: Settings, tmp_path: Path
) -> None:
    granted = granted_to("outlet", settings, {"bird": settings.destinations["bird"]})
    assert granted.grants.writes == (tmp_path / "secrets/bird.session",)
    assert not granted.grants.replaces and tmp_path / "secrets" not in granted.grants.reads
    assert tmp_path / "secrets/bird.session" in granted.placed


def test_one_that_keeps_no_session_has_no_such_folder(settings: Settings, tmp_path: Path) -> None:
    hook = settings.destinations["hook"]
    assert session_of(hook, settings) is None
    make_sessions(settings.destinations, settings)
    assert [one.name for one in (tmp_path / "secrets").iterdir()] == ["bird.session"]
    assert (tmp_path / "secrets/bird.session").stat().st_mode & 0o777 == 0o700


def test_what_lies_there_stays(settings: Settings, tmp_path: Path) -> None:
    held = tmp_path / "secrets/bird.session/held"
    make_sessions(settings.destinations, settings)
    held.write_bytes(b"a pair")
    make_sessions(settings.destinations, settings)
    assert held.read_bytes() == b"a pair"


@pytest.mark.parametrize("step", ["nothing", "mkdir", "moved"])
def test_a_session_of_the_version_before_is_not_lost_whenever_we_die(
    tmp_path: Path, step: str
) -> None:
    room, new = tmp_path / "bird.session", tmp_path / ".bird.session.room"
    room.write_bytes(b"a pair")
    if step != "nothing":
        new.mkdir()
    if step == "moved":
        room.rename(new / "held")
    make_room(room)
    assert (room / "held").read_bytes() == b"a pair"
    assert [one.name for one in tmp_path.iterdir()] == ["bird.session"]
