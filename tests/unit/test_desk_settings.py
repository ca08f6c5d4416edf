"""[desk]: nobody is let near it by a slip of the pen."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from relay.config import load, warnings
from relay.config.sections import DeskAt
from relay.errors import SettingsError

ROOT = Path(__file__).parent.parent.parent
BEFORE = """
[http]
listen = "127.0.0.1:8080"
[channels.news]
[transports.phone]
kind = "sms"
gateway = "android"
secret_file = "secrets/phone"
channel = "news"
"""
TLS = '[tls]\ncertificate = "chain.pem"\nkey = "key.pem"\n'


def wrong(tmp_path: Path, text: str) -> list[str]:
    """The keys that have a mistake."""
    file = tmp_path / "relay.toml"
    file.write_text(text if "[channels.news]" in text else BEFORE + text)
    try:
        load(file)
    except SettingsError as error:
        return [one.key for one in error.mistakes]
    return []


def warned(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "relay.toml"
    file.write_text(text if "[channels.news]" in text else BEFORE + text)
    return [key for key, _ in warnings(load(file))]


def somebody(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "users").write_bytes(b"sealed")


def test_the_desk_is_for_this_machine_unless_something_else_is_written(tmp_path: Path) -> None:
    file = tmp_path / "relay.toml"
    file.write_text(BEFORE + "[desk]\n")
    desk = load(file).desk
    assert desk is not None
    assert desk.listen == ("127.0.0.1", 8081)


@pytest.mark.parametrize("address", ["0.0.0.0:81", "[::]:81", "8.8.8.8:81", "[2606:4700::1]:81"])
def test_no_desk_in_the_open_without_tls(tmp_path: Path, address: str) -> None:
    somebody(tmp_path)
    desk = f'[desk]\nlisten = "{address}"\nhosts = ["desk.example.org"]\n'
    assert wrong(tmp_path, desk) == ["desk.listen"]
    assert wrong(tmp_path, TLS + desk) == []


def test_no_desk_in_the_open_without_users(tmp_path: Path) -> None:
    desk = TLS + '[desk]\nlisten = "0.0.0.0:8443"\nhosts = ["desk.example.org"]\n'
    assert wrong(tmp_path, desk) == ["desk.listen"]
    somebody(tmp_path)
    assert wrong(tmp_path, desk) == []


@pytest.mark.parametrize("address", ["10.8.0.1:81", "[fd00::1]:81", "100.64.0.1:81"])
def test_a_desk_in_a_tunnel_is_warned_of(tmp_path: Path, address: str) -> None:
    somebody(tmp_path)
    desk = f'[desk]\nlisten = "{address}"\nhosts = ["10.8.0.1"]\n'
    assert wrong(tmp_path, desk) == []
    assert "desk.listen" in warned(tmp_path, desk)


def test_a_desk_behind_a_proxy_listens_to_nobody_else(tmp_path: Path) -> None:
    somebody(tmp_path)
    behind = 'hosts = ["desk.example.org"]\nbehind = ["127.0.0.1"]\n'
    assert wrong(tmp_path, f"[desk]\n{behind}") == []
    assert wrong(tmp_path, f'{TLS}[desk]\nlisten = "0.0.0.0:81"\n{behind}') == ["desk.listen"]


def test_a_desk_that_is_reached_from_elsewhere_names_its_hosts(tmp_path: Path) -> None:
    somebody(tmp_path)
    assert wrong(tmp_path, '[desk]\nbehind = ["127.0.0.1"]\n') == ["desk.hosts"]
    assert wrong(tmp_path, '[desk]\nlisten = "10.8.0.1:81"\n') == ["desk.hosts"]


@pytest.mark.parametrize(
    "host",
    [
        *("*", "*.example.org", "https://desk.example.org", "desk.example.org:443", "", "-x"),
        *("Desk.example.org", "a b", "desk.example.org\n", "desk_1", "x" * 300, "desk/"),
    ],
)
def test_what_is_no_name_of_a_host_is_a_mistake(tmp_path: Path, host: str) -> None:
    said = host.replace("\n", "\\n")
    assert wrong(tmp_path, f'[desk]\nhosts = ["{said}"]\n') == ["desk.hosts"]


def test_the_names_of_an_onion_service_and_of_addresses_are_hosts(tmp_path: Path) -> None:
    onion = f'"{"a" * 56}.onion"'
    assert wrong(tmp_path, f'[desk]\nhosts = [{onion}, "10.8.0.1", "[fd00::1]", "desk"]\n') == []
    assert "desk.hosts" in warned(tmp_path, f"{TLS}[desk]\nhosts = [{onion}]\n")


def test_the_desk_has_a_port_and_a_name_of_its_own(tmp_path: Path) -> None:
    assert wrong(tmp_path, '[desk]\nlisten = "127.0.0.1:8080"\n') == ["desk.listen"]
    assert wrong(tmp_path, BEFORE + "[desk]\n[channels.desk]\n") == ["channels.desk"]
    mail = (
        '[transports.mail]\nkind = "smtp"\nlisten = "127.0.0.1:8081"\nchannel = "news"\n'
        'addresses = ["post@example.org"]\n'
    )
    assert wrong(tmp_path, f"[desk]\n{mail}") == ["transports.mail.listen"]


@pytest.mark.parametrize(
    "line", ['idle = "13h"', 'longest = "1m"', 'outbox = "2h"', 'keep_audit = "1h"', 'key = "x"']
)
def test_a_value_out_of_its_range_is_a_mistake(tmp_path: Path, line: str) -> None:
    assert wrong(tmp_path, f"[desk]\n{line}\n") == [f"desk.{line.split()[0]}"]


def test_who_is_idle_for_longer_than_anybody_may_stay_is_a_mistake(tmp_path: Path) -> None:
    assert wrong(tmp_path, '[desk]\nidle = "2h"\nlongest = "1h"\n') == ["desk.idle"]


def test_two_persons_need_a_desk_to_meet_at(tmp_path: Path) -> None:
    channel = BEFORE.replace("[channels.news]", '[channels.news]\ntwo_persons = "all"')
    assert wrong(tmp_path, channel) == ["channels.news.two_persons"]
    assert wrong(tmp_path, channel + "[desk]\n") == []
    unread = channel.replace('"all"', '"all"\nreview = "none"')
    assert "channels.news.two_persons" in warned(tmp_path, unread + "[desk]\n")


def test_the_example_has_every_key_of_the_desk_with_its_default() -> None:
    written = tomllib.loads((ROOT / "relay.toml.example").read_text("utf-8"))
    assert written["desk"].keys() == DeskAt.model_fields.keys()
    assert DeskAt.model_validate(written["desk"]) == DeskAt.model_validate({})
    assert written["channels"]["news"]["two_persons"] == "none"
