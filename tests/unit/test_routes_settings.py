"""[routes.*] and what goes by them: what is refused, with which remedy, and what is warned of."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.config import Settings, load, warnings
from relay.errors import SettingsError

HEAD = """
[channels.news]
destinations = ["page", "box"]
[destinations.box]
bridge = "folder"
folder = "box"
"""
TOR = '[routes.tor]\nproxy = "socks5://127.0.0.1:9050"\n'
SECRET = "hunter2-of-the-operator"


def settings(folder: Path, more: str) -> Settings:
    (folder / "relay.toml").write_text(HEAD + more)
    return load(folder / "relay.toml")


def mistakes(folder: Path, more: str) -> dict[str, str]:
    with pytest.raises(SettingsError) as raised:
        settings(folder, more)
    assert SECRET not in str(raised.value)
    return {one.key: f"{one.what}; {one.remedy}" for one in raised.value.mistakes}


@pytest.mark.parametrize(
    "proxy",
    [
        "socks5://127.0.0.1:9050",
        "socks5h://localhost:9050",
        "http://proxy.example.org:3128",
        "http://[::1]:3128/",
    ],
)
def test_a_proxy_of_each_kind_is_taken(tmp_path: Path, proxy: str) -> None:
    made = settings(tmp_path, f'routes = ["direct", "out"]\n[routes.out]\nproxy = "{proxy}"\n')
    assert made.routes["out"].proxy == proxy
    assert made.destinations["box"].routes == ("direct", "out")


@pytest.mark.parametrize(
    ("proxy", "remedy"),
    [
        ("127.0.0.1:9050", "socks5://HOST:PORT"),
        ("https://127.0.0.1:9050", "socks5://HOST:PORT"),
        ("socks4://127.0.0.1:9050", "socks5://HOST:PORT"),
        ("socks5://127.0.0.1", "its port as well"),
        ("socks5://127.0.0.1:0", "its port as well"),
        ("socks5://127.0.0.1:99999", "socks5://HOST:PORT"),
        (f"http://user:{SECRET}@127.0.0.1:3128", "`password_file`"),
        (f"socks5://{SECRET}@127.0.0.1:9050", "`user`"),
        (f"http://127.0.0.1:3128/{SECRET}", "no more than"),
        ("http://127.0.0.1:3128/?x=1", "no more than"),
        ("http://:3128", "a name or an address"),
        ("http://a b:3128", "a name or an address"),
        ("http://[::1:3128", "socks5://HOST:PORT"),
    ],
)
def test_a_proxy_that_is_none_is_told_with_its_remedy(
    tmp_path: Path, proxy: str, remedy: str
) -> None:
    found = mistakes(tmp_path, f'routes = ["out"]\n[routes.out]\nproxy = "{proxy}"\n')
    assert list(found) == ["routes.out.proxy"]  # and not that the destination names no route
    assert remedy in found["routes.out.proxy"]


@pytest.mark.parametrize(
    ("more", "key", "words"),
    [
        ('routes = ["tro"]\n' + TOR, "destinations.box.routes", "names no route"),
        ('routes = ["tor", "direct", "tor"]\n' + TOR, "destinations.box.routes", "twice"),
        ("routes = []\n", "destinations.box.routes", "at least one"),
        ("[routes.tor]\n", "routes.tor.proxy", "is missing"),
        (TOR.replace("tor]", "direct]"), "routes.direct.proxy", "another name"),
        ('[routes.direct]\nuser = "me"\npassword_file = "p"\n', "routes.direct.user", "no proxy"),
        (TOR + 'password_file = "secrets/tor"\n', "routes.tor.password_file", "has no user"),
        (TOR + 'user = "me"\n', "routes.tor.user", "has no password_file"),
        (TOR + 'user = "a:b"\npassword_file = "p"\n', "routes.tor.user", "has a sign"),
        (TOR + f'user = "{"é" * 128}"\npassword_file = "p"\n', "routes.tor.user", "too long"),
        (TOR + 'probe = "2h"\n', "routes.tor.probe", 'at most "1h"'),
        (TOR.replace("tor]", "page]"), "routes.page", "used twice"),
        (TOR.replace("tor]", "box]"), "routes.box", "used twice"),
        ('[destinations.direct]\nbridge = "folder"\n', "destinations.direct", "used twice"),
        ("[channels.direct]\n", "channels.direct", "used twice"),
        (f'pins = ["{SECRET}"]\n', "destinations.box.pins.0", "44 signs of base64"),
        (f'pins = ["sha256/{"A" * 42}B="]\n', "destinations.box.pins.0", "44 signs of base64"),
        ('ca_file = 7\n', "destinations.box.ca_file", "a text"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_routes_is_told_with_its_remedy(
    tmp_path: Path, more: str, key: str, words: str
) -> None:
    found = mistakes(tmp_path, more)
    assert list(found) == [key] and words in found[key]


def test_the_way_without_a_proxy_need_not_be_written_and_may_be(tmp_path: Path) -> None:
    assert settings(tmp_path, "").destinations["box"].routes == ("direct",)
    made = settings(tmp_path, 'routes = ["direct"]\n[routes.direct]\nprobe = "10s"\n')
    assert made.routes["direct"].probe == 10


def test_a_pin_is_a_hash_of_a_public_key(tmp_path: Path) -> None:
    pin = f"sha256/{'A' * 43}="
    assert settings(tmp_path, f'pins = ["{pin}"]\n').destinations["box"].pins == (pin,)


@pytest.mark.parametrize(
    ("host", "warned"),
    [("127.0.0.1", False), ("localhost", False), ("[::1]", False), ("proxy.example.org", True)],
)
def test_a_proxy_on_another_machine_is_warned_of(tmp_path: Path, host: str, warned: bool) -> None:
    made = settings(tmp_path, f'[routes.out]\nproxy = "http://{host}:3128"\n')
    assert ("routes.out.proxy" in dict(warnings(made))) is warned
