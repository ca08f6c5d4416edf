"""What relay.toml says of a bot and of a form: what is wrong, and what is unsafe."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.config import Settings, load
from relay.errors import SettingsError

HTTP = '[http]\nurl = "{url}"\n'
BOT = '[transports.bot]\nkind = "telegram"\nchannel = "news"\ntoken_file = "secrets/bot"\n'
FORM = '[transports.form]\nkind = "form"\nchannel = "news"\n'


def settings(folder: Path, section: str, url: str = "https://news.example.org") -> Settings:
    file = folder / "relay.toml"
    file.write_text(f"{HTTP.format(url=url)}[channels.news]\n{section}")
    return load(file)


def mistakes(folder: Path, section: str, **how: str) -> dict[str, str]:
    with pytest.raises(SettingsError) as raised:
        settings(folder, section, **how)
    return {one.key: f"{one.what}: {one.remedy}" for one in raised.value.mistakes}


def unsafe(folder: Path, section: str) -> list[str]:
    made = settings(folder, section)
    return [key for name, at in made.transports.items() for key, _ in at.unsafe(name)]


@pytest.mark.parametrize("url", ["https://a.example", "https://a.example:8443", "https://[::1]:88"])
def test_telegram_calls_at_some_ports(tmp_path: Path, url: str) -> None:
    settings(tmp_path, BOT + 'mode = "webhook"\n', url)


@pytest.mark.parametrize("port", [8080, 444, 25])
def test_a_port_to_which_telegram_does_not_come_is_named(tmp_path: Path, port: int) -> None:
    hook = BOT + 'mode = "webhook"\n'
    found = mistakes(tmp_path, hook, url=f"https://news.example.org:{port}")
    assert "80, 88, 443, 8443" in found["http.url"] and "polling" in found["http.url"]
    own = hook + 'base_url = "https://api.example.org"\n'
    settings(tmp_path, own, url=f"https://news.example.org:{port}")


def test_a_webhook_needs_an_address_with_tls(tmp_path: Path) -> None:
    found = mistakes(tmp_path, BOT + 'mode = "webhook"\n', url="http://news.example.org")
    assert "transports.bot.mode" in found


@pytest.mark.parametrize("name", ["OutwordBot", "@OutwordBot", ""])
def test_a_bot_has_a_name(tmp_path: Path, name: str) -> None:
    settings(tmp_path, BOT + f'username = "{name}"\n')


@pytest.mark.parametrize(
    "name", ["https://t.me/OutwordBot", "Outword Bot", "@@bot", "b\u043et_bot"]
)
def test_what_is_no_name_of_a_bot_is_refused(tmp_path: Path, name: str) -> None:
    assert "transports.bot.username" in mistakes(tmp_path, BOT + f'username = "{name}"\n')


@pytest.mark.parametrize(
    "page",
    [
        "news.example.org/in/form",
        "javascript:alert(1)",
        "https://",
        "https://a b/",
        "https://[::1/",
    ],
)
def test_what_is_no_address_of_a_page_is_refused(tmp_path: Path, page: str) -> None:
    found = mistakes(tmp_path, FORM + f'shown = ["{page}"]\n')
    assert any(key.startswith("transports.form.shown") for key in found)


def test_a_page_that_is_read_on_its_way_is_unsafe_and_an_onion_is_none(tmp_path: Path) -> None:
    onion = f'"http://{"a" * 56}.onion/in/form", "https://news.example.org/in/form"'
    assert unsafe(tmp_path, FORM + f"shown = [{onion}]\n") == []
    for page in ("http://news.example.org/in/form", "HTTP://news.example.org/x.onion/"):
        assert unsafe(tmp_path, FORM + f'shown = ["{page}"]\n') == ["form.shown"]


def test_nothing_puts_off_the_answers_of_a_form(tmp_path: Path) -> None:
    found = mistakes(tmp_path, FORM + 'answers_every = "10m"\n')
    assert "answers_every" in next(iter(found))
