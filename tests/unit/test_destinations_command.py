"""``relay destinations``: an account tried, a test post that is taken back, answers read."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import trio
from click.testing import CliRunner, Result
from strangers import modules, offered

from relay.cli.common import NotBuilt
from relay.cli.destinations import destinations
from relay.testing import recorder as faults
from relay.testing.fediverse import Fediverse, fediverse
from relay.testing.telegram import telegram

SETTINGS = """
[channels.news]
[destinations.there]
bridge = "mastodon"
server = "{server}"
token_file = "token"
[destinations.box]
bridge = "folder"
folder = "box"
[destinations.bird]
bridge = "bird"
"""

BOT = """
[destinations.bot]
bridge = "telegram"
token_file = "bot"
chat = "{chat}"
api = "{api}"
replies = {replies}
"""

BIRD = """
import json
from pathlib import Path
from pydantic import BaseModel
from relay.ports import Absent, Found, Health, Later, Once, Part, Posted, Replied, Reply
from relay.ports import Stopped, Unknown, Unsure

HOW = Path(__file__).with_name("how.json")
(HOW.parent / "imported").touch()


class Bird:
    api = 1

    class Settings(BaseModel):
        pass

    def __init__(self, settings, http, clock):
        self.once, self.at_once = Once("lookup"), 1
        self._how = json.loads(HOW.read_text())
        if self._how.get("starts") is False:
            raise RuntimeError("a token of somebody")

    async def prepare(self, post):
        return [Part("key", 0, 1, post.text.encode())] if self._how.get("prepares", True) else []

    async def send(self, attempt, keep):
        ends = {"unsure": Unsure("cut off"), "later": Later("asleep")}
        return ends.get(self._how.get("ends"), Posted("1"))

    async def find(self, attempt):
        finds = {"absent": Absent(True), "early": Absent(False), "unknown": Unknown("no listing")}
        return finds.get(self._how.get("finds"), Found("1"))

    async def check(self):
        return Health("", "moulting") if self._how.get("sick") else Health("a bird")

    async def replies(self, cursor):
        if cursor == b"later":
            return Later("asleep")
        if cursor == b"stopped":
            return Stopped("moulting", "wait")
        if cursor == b"raises":
            raise RuntimeError("what somebody wrote")
        if cursor == b"nonsense":
            return Replied((Reply(1, 2, 3),), "text")
        if cursor:
            return Replied((), cursor)
        said = "we are well,\\n\\u202eand \\x1b[31mhere"
        return Replied((Reply("9", "1", said, 1_795_000_123),), b"up to 9")
"""


@pytest.fixture
def bird(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A third party's bridge that behaves as ``how.json`` says."""
    folder = offered(modules(tmp_path / "strangers", bird=BIRD), "birds", {"bird": "bird:Bird"})
    (folder / "how.json").write_text("{}")
    (tmp_path / "relay.toml").write_text(SETTINGS.format(server="https://there.example"))
    (tmp_path / "box").mkdir()
    monkeypatch.syspath_prepend(folder)
    yield folder
    sys.modules.pop("bird", None)


def how(bird: Path, **said: object) -> None:
    (bird / "how.json").write_text(json.dumps(said))


def run(folder: Path, *words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(destinations, [*words, "-c", str(folder / "relay.toml")], input=stdin)


def made(folder: Path, platform: Fediverse, token: str = "") -> None:
    (folder / "relay.toml").write_text(SETTINGS.format(server=platform.base))
    (folder / "token").touch(0o600, exist_ok=True)
    (folder / "token").write_text(token or platform.token)


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Fediverse]:
    async with fediverse() as there:
        made(tmp_path, there)
        yield there


async def looked(folder: Path, *words: str) -> Result:
    return await trio.to_thread.run_sync(lambda: run(folder, "test", "there", *words))


def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True)


# ---------------------------------------------------------------- test


async def test_a_good_account_is_named(tmp_path: Path, platform: Fediverse) -> None:
    done = await looked(tmp_path, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["good"], told["reached"], told["steps"]) == (True, True, [])
    assert platform.account in told["account"]
    assert "the account can post" in (await looked(tmp_path)).stdout
    assert platform.texts == []


async def test_refused_and_unreachable_are_told_apart(tmp_path: Path, platform: Fediverse) -> None:
    made(tmp_path, platform, "another-token")
    refused = await looked(tmp_path, "--post")
    assert (refused.exit_code, "another-token" in refused.output) == (65, False)
    platform.closed = faults.maintenance()
    assert (await looked(tmp_path)).exit_code == 69
    platform.refuse()
    away = await looked(tmp_path, "--json")
    assert (away.exit_code, json.loads(away.stdout)["reached"]) == (69, False)


async def test_a_test_post_is_shown_looked_up_and_taken_back(
    tmp_path: Path, platform: Fediverse
) -> None:
    done = await looked(tmp_path, "--post", "--json")
    assert done.exit_code == 0, done.output
    steps = json.loads(done.stdout)["steps"]
    assert [(one["step"], one["outcome"]) for one in steps] == [
        ("post", "posted"),
        ("find", "found"),
        ("remove", "removed"),
    ]
    assert steps[0]["url"].startswith("http")
    assert platform.texts == []
    [posted] = [one for one in platform.requests if one.line == "POST /api/v1/statuses"]
    assert b"Test " in posted.body and b"This is no message" in posted.body
    lines = (await looked(tmp_path, "--post")).stdout.splitlines()
    assert [line.split()[1] for line in lines] == ["the", "posted:", "looked", "taken"]


async def test_what_cannot_be_taken_back_is_named(tmp_path: Path, platform: Fediverse) -> None:
    platform.script(*[faults.maintenance()] * 3, on="DELETE *")
    done = await looked(tmp_path, "--post")
    assert done.exit_code == 69 and "it stays, so remove it there by hand" in done.stdout


async def test_a_post_whose_answer_is_lost_is_found_and_taken_back(
    tmp_path: Path, platform: Fediverse
) -> None:
    platform.script(faults.cut(), on="POST /api/v1/statuses")
    done = await looked(tmp_path, "--post", "--json")
    steps = [(one["step"], one["outcome"]) for one in json.loads(done.stdout)["steps"]]
    assert steps == [("post", "unsure"), ("find", "found"), ("remove", "removed")]
    assert platform.texts == [] and done.exit_code == 69


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        ({"finds": "absent"}, 65, "after a doubt it would be posted twice"),
        ({"finds": "early"}, 0, "not seen; listings may lag"),
        ({"finds": "unknown"}, 0, "nobody can tell: no listing"),
        ({"ends": "later"}, 69, "not now: asleep"),
        ({"prepares": False}, 65, "could not prepare"),
        ({}, 0, "remove it there by hand"),
        ({"sick": True}, 65, "moulting"),
        ({"starts": False}, 65, "its bridge failed: runtimeerror"),
    ],
)
def test_each_step_says_how_it_went(
    tmp_path: Path, bird: Path, said: dict[str, object], status: int, words: str
) -> None:
    how(bird, **said)
    done = run(tmp_path, "test", "bird", "--post")
    assert (done.exit_code, words in done.stdout) == (status, True), done.output
    assert "somebody" not in done.output
    assert "package birds 1.0" in done.stderr


@pytest.mark.parametrize(
    ("words", "stdin", "asked", "posted"),
    [((), "n\n", True, False), ((), "y\n", True, True), (("--yes",), "", False, True)],
)
def test_on_a_terminal_it_asks_before_it_posts(
    tmp_path: Path,
    bird: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    stdin: str,
    asked: bool,
    posted: bool,
) -> None:
    terminal(monkeypatch)
    done = run(tmp_path, "test", "bird", "--post", *words, stdin=stdin)
    assert done.exit_code == 0
    assert ("Post it?" in done.stderr) == asked
    assert ("posted: 1" in done.stdout, "nothing was posted" in done.stdout) == (posted, not posted)


def test_where_no_way_leads_there_it_says_what_is_wrong_with_each(tmp_path: Path) -> None:
    hook = '[channels.news]\n[destinations.hook]\nbridge = "webhook"\nurl = "http://127.0.0.1:1/"\n'
    (tmp_path / "relay.toml").write_text(hook)
    done = run(tmp_path, "test", "hook", "--post")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (
        69,
        "hook: by its routes: direct: refused",
    )
    assert (
        json.loads(run(tmp_path, "test", "hook", "--post", "--json").stdout)["routes"]
        == "direct: refused"
    )


def test_a_post_to_the_page_is_refused_by_name(tmp_path: Path, bird: Path) -> None:
    done = run(tmp_path, "test", "page", "--post")
    assert isinstance(done.exception, NotBuilt) and "page" in str(done.exception)


@pytest.mark.parametrize("command", ["test", "replies"])
def test_a_destination_that_is_not_there_is_told_with_those_that_are(
    tmp_path: Path, bird: Path, command: str
) -> None:
    done = run(tmp_path, command, "nowhere")
    assert done.exit_code == 2 and "bird, box, page, there" in done.output
    assert not (bird / "imported").exists()


# ---------------------------------------------------------------- replies


def test_replies_are_printed_and_the_cursor_asks_for_what_comes_later(
    tmp_path: Path, bird: Path
) -> None:
    told = json.loads(run(tmp_path, "replies", "bird", "--json").stdout)
    [one] = told["replies"]
    assert (one["ref"], one["to"], one["date"]) == ("9", "1", 1_795_000_123 // 3600 * 3600)
    assert one["text"] == "we are well,\nand [31mhere"
    done = run(tmp_path, "replies", "bird", "--after", told["cursor"])
    assert "There are no replies after that." in done.stdout
    assert f"--after {told['cursor']}" in done.stdout


def test_what_people_wrote_cannot_turn_a_terminal_around(tmp_path: Path, bird: Path) -> None:
    said = run(tmp_path, "replies", "bird").stdout
    assert "we are well, and [31mhere" in said
    assert "\u202e" not in said and "\x1b" not in said


@pytest.mark.parametrize(
    ("cursor", "status", "words"),
    [
        ("bGF0ZXI", 69, "not now: asleep"),
        ("c3RvcHBlZA", 65, "stopped: moulting: wait"),
        ("cmFpc2Vz", 69, "its bridge failed: runtimeerror"),
        ("bm9uc2Vuc2U", 69, "no replies that we know"),
    ],
)
def test_no_answer_is_said_in_our_words(
    tmp_path: Path, bird: Path, cursor: str, status: int, words: str
) -> None:
    done = run(tmp_path, "replies", "bird", "--after", cursor)
    assert getattr(done.exception, "exit_code", 0) == status
    assert words in str(done.exception) and "somebody" not in str(done.exception)


@pytest.mark.parametrize("cursor", ["&", "a", "A" * 6000])
def test_what_is_no_cursor_is_refused(tmp_path: Path, bird: Path, cursor: str) -> None:
    assert run(tmp_path, "replies", "bird", "--after", cursor).exit_code == 2


def test_a_bridge_without_replies_is_refused_by_name(tmp_path: Path, bird: Path) -> None:
    done = run(tmp_path, "replies", "box")
    assert isinstance(done.exception, NotBuilt)
    assert "box" in str(done.exception) and "folder" in str(done.exception)


async def test_a_bridge_of_which_the_settings_say_whether_it_reads_answers_is_asked_itself(
    tmp_path: Path,
) -> None:
    async with telegram() as there:
        (tmp_path / "bot").touch(0o600)
        (tmp_path / "bot").write_text(there.token)
        for replies, status in (("false", 78), ("true", 0)):
            written = BOT.format(chat=there.channel, api=there.base, replies=replies)
            (tmp_path / "relay.toml").write_text(written)
            done = await trio.to_thread.run_sync(run, tmp_path, "replies", "bot")
            assert getattr(done.exception, "exit_code", 0) == status, done.output


def test_an_account_that_is_refused_has_no_replies_to_show(tmp_path: Path, bird: Path) -> None:
    how(bird, sick=True)
    done = run(tmp_path, "replies", "bird")
    assert getattr(done.exception, "exit_code", 0) == 65 and "moulting" in str(done.exception)
