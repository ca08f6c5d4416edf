"""Which hosts each bridge may reach: no more than its platform's documents and its section name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import AnyUrl, BaseModel

from relay.bridging import MOST_HOSTS, NoHosts, hosts_of
from relay.plugins import bridges
from relay.plugins.found import candidates
from relay.reach.hosts import allowed

GOOGLE = "oauth2.googleapis.com"
NEEDED: dict[str, dict[str, Any]] = {
    "blogger": {"blog": "1"},
    "bluesky": {"handle": "us.example"},
    "email": {"server": "Mail.Example.org", "sender": "a@example.org", "to": ["b@example.net"]},
    "feed": {"folder": "/srv/public", "url": "https://news.example.org"},
    "folder": {"folder": "/srv/box"},
    "mastodon": {"server": "https://Mastodon.Example", "content_warning": "example.net"},
    "matrix": {"homeserver": "https://matrix.example.org", "room": "!a:example.net"},
    "nostr": {"relays": ["wss://one.example/x", "wss://two.example:8443"]},
    "peertube": {"server": "https://peertube.example", "user": "us"},
    "telegram": {"chat": "@news"},
    "webhook": {"url": "https://alarm.example.org/in"},
    "wordpress": {"site": "https://blog.example/news", "user": "us"},
}
HOSTS: dict[str, set[str]] = {
    "apprise": set(),
    "blogger": {"blogger.googleapis.com", GOOGLE},
    "bluesky": {"bsky.social", "*.host.bsky.network"},
    "discord": {"discord.com"},
    "email": {"mail.example.org"},
    "facebook": {"graph.facebook.com"},
    "feed": set(),
    "folder": set(),
    "mastodon": {"mastodon.example"},
    "matrix": {"matrix.example.org"},
    "nostr": {"one.example", "two.example"},
    "peertube": {"peertube.example"},
    "slack": {"hooks.slack.com"},
    "telegram": {"api.telegram.org"},
    "webhook": {"alarm.example.org"},
    "wordpress": {"blog.example"},
    "x": {"api.x.com"},
    "youtube": {"www.googleapis.com", GOOGLE},
}
ONE_OF = {"discord": "webhook_file", "matrix": "token_file", "slack": "webhook_file"}
ADDRESSES = {
    "discord": "https://discord.com/api/webhooks/1/word",
    "slack": "https://hooks.slack.com/services/T1/B1/word",
}


def section(folder: Path, name: str, **more: object) -> Any:
    """The settings of a bridge, with what it needs and secret files."""
    cls = candidates(name)[0].load()
    table = {**NEEDED.get(name, {}), **more}
    for key, field in cls.Settings.model_fields.items():
        wanted = field.is_required() or key == ONE_OF.get(name)
        if key.endswith("_file") and wanted and key not in table:
            (folder / key).touch(mode=0o600)
            (folder / key).write_text(ADDRESSES.get(name, "secret"))
            table[key] = str(folder / key)
    return cls, cls.Settings.model_validate(table)


def test_the_table_has_every_bridge_of_ours() -> None:
    assert HOSTS.keys() == {one.name for one in bridges() if one.ours}


@pytest.mark.parametrize("name", HOSTS)
def test_a_bridge_of_ours_says_itself_which_hosts_it_reaches(tmp_path: Path, name: str) -> None:
    cls, settings = section(tmp_path, name)
    assert hasattr(cls, "hosts")
    assert hosts_of(cls, settings) == HOSTS[name]


@pytest.mark.parametrize(
    ("name", "more", "hosts"),
    [
        ("telegram", {"public_page": True}, {"api.telegram.org", "t.me"}),
        ("bluesky", {"service": "https://pds.example"}, {"pds.example"}),
        ("nostr", {"relays": ["wss://r.example"], "blossom": ["https://m.example"]},
         {"r.example", "m.example"}),
        ("x", {"api": "http://127.0.0.1:1"}, {"127.0.0.1"}),
    ],
)  # fmt: skip
def test_what_settings_add_is_reached_and_no_more(
    tmp_path: Path, name: str, more: dict[str, Any], hosts: set[str]
) -> None:
    assert hosts_of(*section(tmp_path, name, **more)) == hosts


def test_a_bot_of_slack_brings_files_to_their_own_host(tmp_path: Path) -> None:
    token = tmp_path / "token"
    cls = candidates("slack")[0].load()
    settings = cls.Settings(token_file=str(token), channel="C123")
    assert hosts_of(cls, settings) == {"slack.com", "files.slack.com"}


# ---------------------------------------------------------------- a bridge that does not say it


class Inner(BaseModel):
    relay: str = "wss://[2001:DB8::1]:8443/x"
    port: int = 465


class Strange(BaseModel):
    url: str = "https://API.example.org:8443/v1?x=https://not.example"
    web: AnyUrl = AnyUrl("https://web.example.org/")
    server: str = "mail.example.org"
    near: str = "localhost:8080"
    address: str = "203.0.113.7"
    more: dict[str, list[Inner]] = {"a": [Inner()]}
    broken: str = "http://[::1"
    token_file: str = "/srv/secrets/token.example"
    sender: str = "news@example.net"
    text: str = "look at example.com, all of you"
    word: str = "public"
    many: int = 7


class Says:
    def __init__(self, said: object) -> None:
        self._said = said

    def hosts(self, settings: object) -> object:
        return self._said


def test_without_a_word_of_its_class_it_reaches_what_its_settings_name() -> None:
    assert hosts_of(object, Strange()) == {
        "api.example.org",
        "web.example.org",
        "mail.example.org",
        "localhost",
        "203.0.113.7",
        "2001:db8::1",
    }


def test_a_class_says_names_addresses_and_what_lies_below_a_name() -> None:
    said = ["API.example.org", "*.cdn.example.org", "127.0.0.1", "::1", "localhost"]
    assert hosts_of(Says(said), None) == {one.lower() for one in said}


@pytest.mark.parametrize(
    "said",
    [
        "api.example.org",
        7,
        ["https://api.example.org"],
        ["api.example.org:443"],
        ["*"],
        ["*.org"],
        ["a.*.org"],
        [""],
        [7],
        [f"h{n}.example" for n in range(MOST_HOSTS + 1)],
    ],
)
def test_what_are_no_hosts_is_said_and_never_quoted(said: object) -> None:
    with pytest.raises(NoHosts) as raised:
        hosts_of(Says(said), None)
    assert "api" not in str(raised.value)


@pytest.mark.parametrize(
    ("host", "there"),
    [
        ("api.example.org", True),
        ("example.org", False),
        ("a.cdn.example.org", True),
        ("a.b.cdn.example.org", True),
        ("cdn.example.org", False),
        ("acdn.example.org", False),
        ("cdn.example.org.evil.example", False),
        ("", False),
    ],
)
def test_below_a_name_is_every_name_under_it_and_not_itself(host: str, there: bool) -> None:
    assert allowed(host, {"api.example.org", "*.cdn.example.org"}) is there
