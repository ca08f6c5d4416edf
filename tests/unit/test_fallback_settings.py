"""[channels.NAME.fallback]: the chain as it is meant, and each mistake with its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.config import load
from relay.errors import SettingsError
from relay.plugins import destinations
from relay.rules.fallbacks import Step, steps_of

HOUR = 3600
BOUNDS = 'write at least "1s" and at most "30d"'

FILE = """
[http]
listen = "127.0.0.1:0"
[channels.news]
destinations = ["page", "mastodon"]
{more}
[channels.news.fallback]
{fallbacks}
[destinations.mastodon]
bridge = "folder"
folder = "mastodon"
[destinations.bluesky]
bridge = "folder"
folder = "bluesky"
[destinations.telegram]
bridge = "folder"
folder = "telegram"
[destinations.feed]
bridge = "feed"
folder = "feed"
"""


def written(tmp_path: Path, fallbacks: str, more: str = "") -> Path:
    file = tmp_path / "relay.toml"
    lines = fallbacks.replace("; ", "\n")
    file.write_text(FILE.format(fallbacks=lines, more=more))
    return file


def to(name: str, place: str, after: str = "30m") -> str:
    return f'{name} = {{ to = "{place}", after = "{after}" }}'


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("a", [Step("b", 10), Step("c", 30), Step("d", 60)]),
        ("c", [Step("d", 30)]),
        ("d", []),
        ("x", [Step("y", 1)]),
        ("self", []),
    ],
)
def test_the_steps_of_a_chain_add_up_and_end(name: str, steps: list[Step]) -> None:
    chain = {"a": ("b", 10), "b": ("c", 20), "c": ("d", 30), "x": ("y", 1), "y": ("x", 1)}
    assert list(steps_of({**chain, "self": ("self", 1)}, name)) == steps


def test_mastodon_else_bluesky_after_half_an_hour_page_always(tmp_path: Path) -> None:
    settings = load(written(tmp_path, to("mastodon", "bluesky")))
    assert settings.channels["news"].fallbacks == {"mastodon": ("bluesky", HOUR // 2)}
    assert destinations(settings).keys() == {"page", "mastodon", "bluesky"}


def test_a_chain_and_two_roads_to_one_place_are_good(tmp_path: Path) -> None:
    chain = "; ".join([to("mastodon", "bluesky"), to("bluesky", "telegram", "2d")])
    load(written(tmp_path, chain))
    roads = "; ".join([to("mastodon", "bluesky"), to("telegram", "bluesky")])
    file = written(tmp_path, roads)
    file.write_text(file.read_text().replace('"mastodon"]', '"mastodon", "telegram"]'))
    load(file)


@pytest.mark.parametrize(
    ("fallbacks", "key", "remedy"),
    [
        (to("mastodon", "mastodon"), "mastodon.to", "name another one"),
        (to("mastodon", "nowhere"), "mastodon.to", "add [destinations.NAME] or mend it"),
        (to("mastodon", "page"), "mastodon.to", "name another one, or take it out of destinations"),
        (to("page", "bluesky"), "page", "take it out"),
        (to("bluesky", "telegram"), "bluesky", "add it to destinations, or take it out"),
        (to("mastodon", "bluesky", "4d"), "mastodon.after", "make it shorter, or stale longer"),
        (
            "; ".join([to("mastodon", "bluesky", "2d"), to("bluesky", "telegram", "2d")]),
            "bluesky.after",
            "make it shorter, or stale longer",
        ),
        (
            to("mastodon", "bluesky", "31d"),
            "mastodon.after",
            'write at least "1s" and at most "30d"',
        ),
        ('mastodon = { to = "bluesky" }', "mastodon.after", "add it"),
        ('mastodon = "bluesky"', "mastodon", "it should be a table"),
    ],
    ids=[
        "itself",
        "no destination",
        "anyway",
        "page",
        "not posted to",
        "stale",
        "stale chain",
        "too long",
        "no time",
        "no table",
    ],
)
def test_a_mistake_is_refused_with_its_remedy(
    tmp_path: Path, fallbacks: str, key: str, remedy: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        load(written(tmp_path, fallbacks))
    found = [(one.key, one.remedy) for one in raised.value.mistakes]
    assert found == [(f"channels.news.fallback.{key}", remedy)]


@pytest.mark.parametrize(
    "fallbacks",
    [
        [to("mastodon", "bluesky"), to("bluesky", "mastodon")],
        [to("mastodon", "bluesky"), to("bluesky", "telegram"), to("telegram", "bluesky")],
    ],
    ids=["to its beginning", "behind it"],
)
def test_a_circle_is_refused_wherever_it_closes(tmp_path: Path, fallbacks: list[str]) -> None:
    with pytest.raises(SettingsError) as raised:
        load(written(tmp_path, "; ".join(fallbacks)))
    circle = [one for one in raised.value.mistakes if one.what == "goes in a circle"]
    assert len(circle) == len(raised.value.mistakes) == 2


def test_another_page_of_our_own_is_not_blocked_either(tmp_path: Path) -> None:
    file = written(tmp_path, to("feed", "bluesky"))
    file.write_text(file.read_text().replace('"mastodon"]', '"mastodon", "feed"]'))
    with pytest.raises(SettingsError) as raised:
        load(file)
    assert [one.key for one in raised.value.mistakes] == ["channels.news.fallback.feed"]


def test_where_nothing_grows_stale_no_time_is_too_long(tmp_path: Path) -> None:
    load(written(tmp_path, to("mastodon", "bluesky", "30d"), 'stale = "0s"'))


def test_what_the_public_may_read_so_gets_no_alarms(tmp_path: Path) -> None:
    file = written(tmp_path, to("mastodon", "bluesky"))
    file.write_text(file.read_text() + '[alarms]\nto = ["bluesky"]\n')
    with pytest.raises(SettingsError) as raised:
        load(file)
    assert [one.key for one in raised.value.mistakes] == ["alarms.to"]
