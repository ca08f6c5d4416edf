"""``relay login`` of a way in: a secret that can be none is refused, a bot's token is tried."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from relay.cli.login import NotGood, NotReached, login
from relay.config import load
from relay.errors import OutwordError
from relay.plugins import mistakes
from relay.testing.aside import Aside, aside
from relay.testing.telegram import People, people

SETTINGS = """
[http]
url = "https://news.example.org"
[channels.news]
[transports.bot]
kind = "telegram"
token_file = "secrets/bot"
channel = "news"
base_url = "{base}"
[transports.line]
kind = "smpp"
host = "smsc.example.org"
user = "relay"
password_file = "secrets/line"
channel = "news"
[transports.short]
kind = "sms"
gateway = "africastalking"
path_secret_file = "secrets/short"
channel = "news"
"""


@pytest.fixture(scope="module")
def chats() -> Iterator[Aside[People]]:
    with aside(people) as one:
        yield one


def node(folder: Path, base: str = "http://127.0.0.1:9") -> Path:
    (folder / "relay.toml").write_text(SETTINGS.format(base=base))
    return folder


def run(at: Path, *words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(login, (*words, "-c", str(at / "relay.toml")), input=f"{stdin}\n")


def refused(done: Result, kind: type[OutwordError]) -> str:
    assert isinstance(done.exception, kind), done.output
    return str(done.exception)


def test_a_token_that_telegram_knows_is_put_in_place_with_the_bots_name(
    tmp_path: Path, chats: Aside[People]
) -> None:
    base, token = chats.ask(lambda one: (one.base, one.token))
    done = run(node(tmp_path, base), "bot", "--json", stdin=token)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["account"] == "@relay_bot"
    assert (tmp_path / "secrets/bot").read_text() == f"{token}\n"
    assert token not in done.output


@pytest.mark.parametrize(("name", "fine"), [("Relay_Bot", True), ("relayed_bot", False)])
def test_people_are_told_of_the_bot_whose_token_it_is(
    tmp_path: Path, chats: Aside[People], name: str, fine: bool
) -> None:
    base, token = chats.ask(lambda one: (one.base, one.token))
    file = node(tmp_path, base) / "relay.toml"
    line = "[transports.line]"
    file.write_text(file.read_text().replace(line, f'username = "{name}"\n{line}'))
    done = run(tmp_path, "bot", stdin=token)
    assert (done.exit_code == 0) == fine
    if not fine:
        assert "of @relay_bot, and `username` says another" in refused(done, NotGood)


@pytest.mark.parametrize("token", ["5000000001:AAwrong", "no token at all", "توکن"])
def test_a_token_that_telegram_does_not_know_is_not(
    tmp_path: Path, chats: Aside[People], token: str
) -> None:
    base = chats.ask(lambda one: one.base)
    said = refused(run(node(tmp_path, base), "bot", stdin=token), NotGood)
    assert said == "Telegram knows no bot of this token; nothing was put in place"
    assert not (tmp_path / "secrets/bot").exists()


def test_where_telegram_is_not_there_a_token_may_be_put_in_unchecked(tmp_path: Path) -> None:
    said = refused(run(node(tmp_path), "bot", stdin="5000000001:AAnew"), NotReached)
    assert "cannot be reached" in said and "--unchecked" in said
    assert run(tmp_path, "bot", "--unchecked", stdin="5000000001:AAnew").exit_code == 0
    assert (tmp_path / "secrets/bot").exists()


@pytest.mark.parametrize(
    ("name", "secret", "says"),
    [
        ("line", "ninechars", "at most 8 plain letters"),
        ("line", "گذرواژه", "at most 8 plain letters"),
        ("short", "fifteen-chars-0", "16 to 200"),
        ("short", "a/path/of-sixteen", "16 to 200"),
    ],
)
def test_what_can_be_no_such_secret_is_refused_and_found_in_its_file(
    tmp_path: Path, name: str, secret: str, says: str
) -> None:
    said = refused(run(node(tmp_path), name, stdin=secret), NotGood)
    assert says in said and "nothing was put in place" in said and secret not in said
    (tmp_path / "secrets").mkdir(mode=0o700, exist_ok=True)
    (tmp_path / f"secrets/{name}").touch(mode=0o600)
    (tmp_path / f"secrets/{name}").write_text(secret)
    found = {one.key: one for one in mistakes(load(tmp_path / "relay.toml"))}
    [one] = [one for key, one in found.items() if key.startswith(f"transports.{name}.")]
    assert says in one.what and f"relay login {name}" in one.remedy and secret not in one.what
