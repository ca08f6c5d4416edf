"""``relay login``: tried before it is put in place, and the old one stays when it is no good."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trio
from click.testing import CliRunner, Result

from relay.cli import going_out
from relay.cli.going_out import health_of
from relay.cli.init import init
from relay.cli.login import MAX_BYTES, SHORTEST_KEY, NotGood, NotReached, login
from relay.config import Destination, load
from relay.errors import OutwordError
from relay.model import Health
from relay.plugins import mistakes
from relay.ports import Answer, NotSent
from relay.testing import recorder as faults
from relay.testing.fediverse import fediverse

SETTINGS = """
[http]
url = "https://news.example.org"
[channels.news]
[transports.phone]
kind = "sms"
gateway = "android"
secret_file = "secrets/phone"
channel = "news"
[transports.mail]
kind = "smtp"
listen = "127.0.0.1:0"
channel = "news"
addresses = ["post@example.org"]
[destinations.hook]
bridge = "webhook"
url = "https://hook.example.org/in"
token_file = "secrets/hook"
[destinations.two]
bridge = "webhook"
url = "https://hook.example.org/in"
token_file = "secrets/two-token"
secret_file = "secrets/two-key"
"""
OLD = b"the old one\n"


@pytest.fixture
def node(tmp_path: Path) -> Path:
    (tmp_path / "relay.toml").write_text(SETTINGS)
    (tmp_path / "secrets").mkdir(mode=0o700)
    (tmp_path / "secrets/hook").touch(mode=0o600)
    (tmp_path / "secrets/hook").write_bytes(OLD)
    return tmp_path


def run(node: Path, *words: str, stdin: bytes = b"") -> Result:
    words = (*words, "-c", str(node / "relay.toml"))
    return CliRunner().invoke(login, words, input=stdin)


class Asking:
    """A bridge whose platform answers with one status; 0: it is not there."""

    status = 200
    seen: list[bytes]

    def __init__(self, path: str, http: Any) -> None:
        self._secret = Path(path).read_bytes()
        self._http = http

    async def check(self) -> Health:
        Asking.seen.append(self._secret)
        try:
            answer = await self._http.request("GET", "https://hook.example.org/me")
        except NotSent:
            return Health("", "cannot connect")
        return Health("account 1", "" if answer.status == 200 else f"answered {answer.status}")


class Platform:
    """``Http`` that answers as ``Asking`` says."""

    async def request(self, *_: Any, **__: Any) -> Answer:
        if Asking.status == 0:
            raise NotSent("no connection")
        return Answer(Asking.status)

    async def __aenter__(self) -> Platform:
        return self

    async def __aexit__(self, *_: object) -> None:
        return


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> type[Asking]:
    Asking.seen, Asking.status = [], 200
    monkeypatch.setattr(going_out, "way_out", lambda *_, **__: Platform())

    def plan(one: Destination, **_: Any) -> Any:
        made = partial(Asking, one.rest["token_file"])
        return SimpleNamespace(hosts=frozenset(), made=lambda http, clock: made(http))

    monkeypatch.setattr(going_out, "plan", plan)
    return Asking


def test_a_good_secret_is_put_in_place(node: Path, platform: type[Asking]) -> None:
    done = run(node, "hook", "--json", stdin=b"  the new one \nnot this\n")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["account"], said["node"]) == ("account 1", "none")
    assert platform.seen == [b"the new one"]
    file = node / "secrets/hook"
    assert file.read_bytes() == b"the new one\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert "the new one" not in done.output
    assert [one.name for one in file.parent.iterdir()] == ["hook"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, NotGood), (403, NotGood), (404, NotGood), (0, NotReached), (429, NotReached),
     (500, NotReached), (503, NotReached), (408, NotReached)],
)  # fmt: skip
def test_the_old_secret_stays_when_the_new_one_is_no_good(
    node: Path, platform: type[Asking], status: int, kind: type[OutwordError]
) -> None:
    platform.status = status
    done = run(node, "hook", stdin=b"the new one\n")
    assert type(done.exception) is kind
    assert "the new one" not in str(done.exception) + done.output
    assert (node / "secrets/hook").read_bytes() == OLD
    assert [one.name for one in (node / "secrets").iterdir()] == ["hook"]
    assert (NotGood.exit_code, NotReached.exit_code) == (65, 69)


@pytest.mark.parametrize(
    ("status", "there", "words"),
    [
        (401, True, "the old secret stays"),
        (401, False, "nothing was put in place"),
        (0, False, "nothing was put in place; --unchecked puts it in place all the same"),
    ],
)
def test_it_says_what_is_in_force_and_what_can_be_done(
    node: Path, platform: type[Asking], status: int, there: bool, words: str
) -> None:
    if not there:
        (node / "secrets/hook").unlink()
    platform.status = status
    assert str(run(node, "hook", stdin=b"the new one\n").exception).endswith(f"; {words}")


def test_unchecked_asks_nobody(node: Path, platform: type[Asking]) -> None:
    platform.status = 401
    assert run(node, "hook", "--unchecked", stdin=b"the new one\n").exit_code == 0
    assert platform.seen == []
    assert (node / "secrets/hook").read_bytes() == b"the new one\n"


@pytest.mark.parametrize(
    "stdin", [b"", b"\n", b"a\x00b\n", b"\xff\xfe\n", b"x" * (MAX_BYTES + 1) + b"\n"]
)
def test_what_can_be_no_secret_is_refused(node: Path, platform: type[Asking], stdin: bytes) -> None:
    assert isinstance(run(node, "hook", stdin=stdin).exception, NotGood)
    assert (node / "secrets/hook").read_bytes() == OLD


def test_the_longest_secret_is_taken(node: Path, platform: type[Asking]) -> None:
    assert run(node, "hook", stdin=b"x" * MAX_BYTES + b"\n").exit_code == 0
    assert platform.seen == [b"x" * MAX_BYTES]


def test_a_webhook_asks_nobody_and_says_what_is_wrong_with_its_file(node: Path) -> None:
    assert run(node, "hook", stdin=b"token\n").exit_code == 0
    done = run(node, "two", "--setting", "secret_file", stdin=b"whsec_%%%\n")
    assert isinstance(done.exception, NotGood)
    assert not (node / "secrets/two-key").exists()


def test_one_of_several_secrets_is_named(node: Path) -> None:
    done = run(node, "two", stdin=b"token\n")
    assert done.exit_code == 2 and "secret_file" in done.output
    assert run(node, "two", "--setting", "nothing", stdin=b"x\n").exit_code == 2
    done = run(node, "two", "--setting", "token_file", "--unchecked", stdin=b"token\n")
    assert done.exit_code == 0
    assert (node / "secrets/two-token").read_bytes() == b"token\n"


@pytest.mark.parametrize("name", ["mail", "page", "nothing"])
def test_what_has_no_secret_is_told_with_what_has(node: Path, name: str) -> None:
    done = run(node, name, stdin=b"x\n")
    assert done.exit_code == 2 and "hook, phone, two" in done.output


# ---------------------------------------------------------------- gateways


@pytest.mark.parametrize(("words", "stdin"), [(("--new",), b"ignored\n"), ((), b""), ((), b"\n")])
def test_a_key_is_made_and_shown_once(node: Path, words: tuple[str, ...], stdin: bytes) -> None:
    done = run(node, "phone", *words, stdin=stdin)
    assert done.exit_code == 0, done.output
    key = (node / "secrets/phone").read_text().strip()
    assert len(key) == 64 and done.stdout.count(key) == 1
    assert "https://news.example.org/in/phone" in done.stdout
    assert run(node, "phone", "--new", "--json").exit_code == 0
    assert (node / "secrets/phone").read_text().strip() != key


def test_a_key_of_the_app_is_taken_and_not_shown(node: Path) -> None:
    done = run(node, "phone", stdin=b"k" * SHORTEST_KEY + b"\n")
    assert done.exit_code == 0 and "kkkk" not in done.output
    short = run(node, "phone", stdin=b"k" * (SHORTEST_KEY - 1) + b"\n")
    assert isinstance(short.exception, NotGood)
    assert (node / "secrets/phone").read_bytes() == b"k" * SHORTEST_KEY + b"\n"


def test_only_the_key_of_a_gateway_is_made_here(node: Path) -> None:
    assert run(node, "hook", "--new").exit_code == 2


# ---------------------------------------------------------------- trying


async def test_a_token_is_tried_at_its_server(tmp_path: Path) -> None:
    async with fediverse() as platform:
        made = CliRunner().invoke(init, [str(tmp_path / "n"), "--mastodon", platform.base])
        assert made.exit_code == 0 and "relay login mastodon" in made.stdout

        async def put(token: str, *words: str) -> Result:
            line = token.encode() + b"\n"
            return await trio.to_thread.run_sync(
                lambda: run(tmp_path / "n", "mastodon", *words, stdin=line)
            )

        good = await put(platform.token, "--json")
        assert good.exit_code == 0, good.exception
        assert json.loads(good.stdout)["account"].endswith(platform.account)
        load(tmp_path / "n/relay.toml", mistakes)
        wrong = await put("another token")
        assert isinstance(wrong.exception, NotGood)
        platform.closed = faults.maintenance()
        away = await put(platform.token)
        assert isinstance(away.exception, NotReached)
    gone = await put(platform.token)
    assert isinstance(gone.exception, NotReached)
    assert (tmp_path / "n/secrets/mastodon").read_text().strip() == platform.token


def planned(monkeypatch: pytest.MonkeyPatch, made: Any) -> None:
    """A bridge of ours that is made so."""
    one = SimpleNamespace(hosts=frozenset(), made=made)
    monkeypatch.setattr(going_out, "plan", lambda *_, **__: one)


@pytest.mark.parametrize(
    ("raised", "said"),
    [(RuntimeError("token 12345"), "its bridge failed: runtimeerror"),
     (OutwordError("our words"), "our words")],
)  # fmt: skip
async def test_what_a_bridge_raises_is_not_quoted(
    node: Path, monkeypatch: pytest.MonkeyPatch, raised: Exception, said: str
) -> None:
    def fails(*_: object) -> None:
        raise raised

    planned(monkeypatch, fails)
    settings = load(node / "relay.toml")
    looked = await health_of("hook", settings.destinations["hook"], settings)
    assert (looked.health.trouble, looked.reached) == (said, True)


async def test_a_platform_that_hangs_is_given_up(
    node: Path, monkeypatch: pytest.MonkeyPatch, autojump_clock: object
) -> None:
    planned(monkeypatch, lambda *_: SimpleNamespace(check=trio.sleep_forever))
    settings = load(node / "relay.toml")
    looked = await health_of("hook", settings.destinations["hook"], settings)
    assert "30 s" in looked.health.trouble
