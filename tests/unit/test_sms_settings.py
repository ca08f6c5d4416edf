"""What relay.toml says of SMS gateways: what each needs, and what is told to its operator."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from relay.cli.login import login
from relay.cli.login_asked import may_make
from relay.cli.transports import _to_type
from relay.config import Settings, SmsIn, load
from relay.config.inward.sms import Gateway
from relay.errors import KeyFileError, SettingsError
from relay.journal import Journal
from relay.node.inward import BUILDERS, Opened, Opening
from relay.transports.gateways.table import GATEWAYS
from relay.transports.sms import Sms

HEAD = '[http]\nurl = "https://news.example.org"\n[channels.news]\n[transports.phone]\n'
KEYS: dict[str, str] = {
    "secret_file": '"secrets/phone"',
    "path_secret_file": '"secrets/path"',
    "account": '"AC1"',
    "number": '"+15550100123"',
    "answer_url": '"https://api.example.org/send"',
    "answer_secret_file": '"secrets/answers"',
}
EACH = pytest.mark.parametrize("gateway", GATEWAYS)


def settings(folder: Path, gateway: str, more: str = "", *, without: str = "") -> Settings:
    """A good section for this gateway, with what it needs and no more."""
    kind = GATEWAYS[gateway]
    keys = kind.needs + (kind.answers_need if "asked" in more else ())
    lines = [f"{key} = {KEYS[key]}" for key in dict.fromkeys(keys) if key != without]
    head = f'kind = "sms"\ngateway = "{gateway}"\nchannel = "news"\n'
    file = folder / "relay.toml"
    file.write_text(HEAD + head + "\n".join(lines) + f"\n{more}\n")
    (folder / "secrets").mkdir(exist_ok=True)
    for name in ("phone", "path", "answers"):
        (folder / "secrets" / name).write_text("x" * 32 + "\n")
        (folder / "secrets" / name).chmod(0o600)
    return load(file)


def mistakes(folder: Path, gateway: str, more: str = "", **how: str) -> dict[str, str]:
    with pytest.raises(SettingsError) as raised:
        settings(folder, gateway, more, **how)
    return {one.key: f"{one.what}: {one.remedy}" for one in raised.value.mistakes}


def section(made: Settings) -> SmsIn:
    at = made.transports["phone"]
    assert isinstance(at, SmsIn)
    return at


ASKED = 'answers = "asked"\nanswer_prefixes = ["+98912"]'


@EACH
def test_each_gateway_works_with_what_it_needs(gateway: str, tmp_path: Path) -> None:
    assert section(settings(tmp_path, gateway)).answers == "none"
    assert section(settings(tmp_path, gateway, ASKED)).answers == "asked"


@EACH
def test_each_thing_that_is_missing_is_named(gateway: str, tmp_path: Path) -> None:
    kind = GATEWAYS[gateway]
    for key in kind.needs:
        assert "is missing" in mistakes(tmp_path, gateway, without=key)[f"transports.phone.{key}"]
    for key in kind.answers_need:
        found = mistakes(tmp_path, gateway, ASKED, without=key)
        assert "is missing" in found[f"transports.phone.{key}"]


@EACH
def test_what_says_nothing_to_a_gateway_is_a_mistake(gateway: str, tmp_path: Path) -> None:
    kind = GATEWAYS[gateway]
    for key, value in (*KEYS.items(), ("remote", "true"), ("media_hosts", '["m.example.org"]')):
        free = key in ("path_secret_file", "number") or (key == "media_hosts" and kind.media_hosts)
        known = {*kind.needs, *kind.answers_need, *kind.takes}
        if free or key in known or (key == "answer_url" and kind.answer_url):
            continue
        found = mistakes(tmp_path, gateway, f"{key} = {value}")
        assert "says nothing to this gateway" in found[f"transports.phone.{key}"]


@pytest.mark.parametrize("gateway", [n for n, kind in GATEWAYS.items() if kind.signs_address])
def test_who_signs_the_address_needs_it(gateway: str, tmp_path: Path) -> None:
    settings(tmp_path, gateway)
    file = tmp_path / "relay.toml"
    file.write_text(file.read_text().replace('url = "https://news.example.org"\n', ""))
    with pytest.raises(SettingsError) as raised:
        load(file)
    assert [one.key for one in raised.value.mistakes] == ["http.url"]


@pytest.mark.parametrize("url", ["http://phone.example.org/message", "http://192.0.2.7:8080/m"])
def test_no_answer_goes_out_in_clear(url: str, tmp_path: Path) -> None:
    found = mistakes(tmp_path, "android", f'answer_url = "{url}"')
    assert "in clear" in found["transports.phone.answer_url"]
    settings(tmp_path, "android", 'answer_url = "http://127.0.0.1:8080/message"')


@EACH
def test_what_signs_nothing_is_called_unsafe(gateway: str, tmp_path: Path) -> None:
    said = dict(section(settings(tmp_path, gateway)).unsafe("transports.phone"))
    assert ("transports.phone.gateway" in said) is not GATEWAYS[gateway].signs


def test_kannel_from_elsewhere_is_called_unsafe(tmp_path: Path) -> None:
    said = dict(section(settings(tmp_path, "kannel", "remote = true")).unsafe("transports.phone"))
    assert "client certificates" in said["transports.phone.remote"]


@EACH
def test_the_operator_is_told_what_to_type_and_no_secret(gateway: str, tmp_path: Path) -> None:
    [line] = _to_type(settings(tmp_path, gateway))
    assert line.startswith(f"phone ({gateway}): POST https://news.example.org/in/phone")
    assert ("/THE-LINE-IN-secrets/path" in line) is ("path_secret_file" in GATEWAYS[gateway].needs)
    assert "x" * 32 not in line


def test_we_make_what_both_sides_are_told_and_no_token_of_a_provider(tmp_path: Path) -> None:
    made = {
        name: [key for key in KEYS if may_make(section(settings(tmp_path, name)), key)]
        for name in ("android", "twilio", "smssync", "kannel")
    }
    assert made == {
        "android": ["secret_file", "path_secret_file"],
        "twilio": ["path_secret_file"],
        "smssync": ["secret_file", "path_secret_file"],
        "kannel": ["path_secret_file"],
    }


def test_login_makes_the_secret_of_an_address_and_shows_it_once(tmp_path: Path) -> None:
    settings(tmp_path, "plivo")
    words = ["phone", "--new", "-c", str(tmp_path / "relay.toml"), "--setting"]
    done = CliRunner().invoke(login, [*words, "path_secret_file"])
    assert done.exit_code == 0, done.output
    made = (tmp_path / "secrets/path").read_text().strip()
    assert len(made) == 64 and f"POST https://news.example.org/in/phone/{made}: " in done.output
    refused = CliRunner().invoke(login, [*words, "secret_file"])
    assert refused.exit_code != 0 and "made elsewhere" in refused.output


def opened(made: Settings) -> Opened:
    told = dict.fromkeys(("turned_away", "service", "alive"), lambda: None)
    opening = Opening(
        "phone",
        made,
        clock=None,  # type: ignore[arg-type]
        journal=Journal("door"),
        node_secret=b"n" * 32,
        take_in=None,  # type: ignore[arg-type]
        faring=lambda state, why: None,
        **told,  # type: ignore[arg-type]
    )
    return BUILDERS["sms"](made.transports["phone"], opening)


@EACH
def test_a_door_opens_each_and_answers_only_where_it_may(gateway: str, tmp_path: Path) -> None:
    quiet = opened(settings(tmp_path, gateway))
    assert isinstance(quiet.inlet, Sms) and quiet.answer is None and quiet.run is None
    assert quiet.inlet.methods == set(GATEWAYS[gateway].methods)
    assert opened(settings(tmp_path, gateway, ASKED)).answer is not None


@pytest.mark.parametrize("secret", ["", "short", "has/a/slash/in/its/middle", "é" * 20, "a b" * 9])
def test_a_secret_that_cannot_end_an_address_opens_nothing(secret: str, tmp_path: Path) -> None:
    made = settings(tmp_path, "kannel")
    (tmp_path / "secrets/path").write_text(secret)
    with pytest.raises(KeyFileError, match="relay login"):
        opened(made)


def test_every_word_of_the_settings_is_a_gateway() -> None:
    assert set(Gateway.__args__) == set(GATEWAYS)
