"""``relay bridges``: what is installed, a new one that is green, one tried with secrets masked."""

from __future__ import annotations

import json
import os
import pkgutil
import re
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import trio
from click.shell_completion import BashComplete
from click.testing import CliRunner, Result
from strangers import modules, offered

from relay.cli import relay
from relay.cli.bridges import bridges
from relay.cli.bridges.mask import MASK, Mask
from relay.cli.bridges.new import FILES
from relay.errors import CannotMake, OutwordError
from relay.plugins import Unusable
from relay.testing import recorder as faults
from relay.testing.fediverse import Fediverse, fediverse

ROOT = Path(__file__).parent.parent.parent

BIRD = """
from pathlib import Path
from pydantic import BaseModel, ConfigDict
from relay.ports import Absent, Health, Later, Once, Part, Posted, Refused, Stopped, Unsure

(Path(__file__).parent / "imported").touch()


class Bird:
    api = 1
    bills = "USD"

    class Settings(BaseModel):
        model_config = ConfigDict(extra="forbid")
        url: str = ""
        token_file: str = ""
        ends: str = "posted"
        count: int = 0

    def __init__(self, settings, http, clock):
        self.once, self.at_once = Once("lookup"), 1
        self._http, self._settings = http, settings

    def measure(self, text):
        return 2 * len(text)

    async def prepare(self, post):
        if self._settings.ends == "unprepared":
            raise ValueError(post.text)
        if self._settings.ends == "asking":
            await self._http.request("GET", self._settings.url)
        return [Part(f"key {n}", n, 2, b"%s %d" % (post.text.encode(), n), 15) for n in (0, 1)]

    async def send(self, attempt, keep):
        if self._settings.ends == "raises":
            raise ValueError(attempt.part.payload.decode())
        ends = {"posted": Posted(f"ref {attempt.part.index}"), "refused": Refused("too loud")}
        ends |= {"later": Later("asleep", 1_800_000_000), "stopped": Stopped("moulting", "wait")}
        return ends[self._settings.ends]

    async def find(self, attempt):
        return Absent(True)

    async def check(self):
        return Health("a bird")
"""


@pytest.fixture
def strangers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A third party's package, installed."""
    folder = offered(modules(tmp_path / "strangers", bird=BIRD), "birds", {"bird": "bird:Bird"})
    monkeypatch.syspath_prepend(folder)
    yield folder
    sys.modules.pop("bird", None)


def run(*words: str, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(bridges, words, input=stdin)


def lines(done: Result) -> dict[str, dict[str, object]]:
    assert done.exit_code == 0, done.output
    return {one["name"]: one for one in map(json.loads, done.stdout.splitlines())}


# ---------------------------------------------------------------- the list


def test_ours_say_how_they_were_tested_and_what_repeating_rests_on() -> None:
    listed = lines(run("--json", "-c", "/nowhere/relay.toml"))
    assert {"feed", "folder", "mastodon", "webhook"} <= set(listed)
    for one in listed.values():
        if one["ours"]:
            assert one["tested"] in ("real server", "schema-checked", "by description only")
            assert one["again"] and one["package"] == "outword" and one["used_by"] is None


def test_a_third_partys_is_listed_and_not_imported(strangers: Path) -> None:
    bird = lines(run("--json"))["bird"]
    assert (bird["package"], bird["version"], bird["ours"]) == ("birds", "1.0", False)
    assert (bird["tested"], bird["again"]) == ("by its author", "")
    assert "by its author" in run().stdout
    assert not (strangers / "imported").exists()


def test_it_says_which_of_them_the_settings_use(tmp_path: Path) -> None:
    file = tmp_path / "relay.toml"
    file.write_text('[channels.news]\n[destinations.box]\nbridge = "folder"\nfolder = "b"\n')
    listed = lines(run("--json", "-c", str(file)))
    assert (listed["folder"]["used_by"], listed["webhook"]["used_by"]) == (["box"], [])
    assert listed["feed"]["used_by"] == ["page"]
    assert "used by" in run("-c", str(file)).stdout


def test_settings_with_mistakes_are_no_obstacle(tmp_path: Path) -> None:
    file = tmp_path / "relay.toml"
    file.write_text("[[[")
    done = run("--json", "-c", str(file))
    assert lines(done)["folder"]["used_by"] is None
    assert "relay check" in done.stderr


def test_of_two_with_one_name_both_are_listed_and_none_is_used(
    strangers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(offered(tmp_path / "more", "wings", {"bird": "wings:Wing"}))
    listed = [json.loads(line) for line in run("--json").stdout.splitlines()]
    twice = [one for one in listed if one["name"] == "bird"]
    assert [one["package"] for one in twice] == ["birds", "wings"]
    assert all(one["hidden"] for one in twice)
    assert isinstance(run("try", "bird", stdin="x").exception, Unusable)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["bridges"], {"new", "try"}),
        (["destinations"], {"test", "replies"}),
        (["destinations", "test", "there"], set()),
    ],
)
def test_a_shell_completes_what_follows(typed: list[str], offered: set[str]) -> None:
    completing = BashComplete(relay, {}, "relay", "_RELAY_COMPLETE")
    assert {one.value for one in completing.get_completions(typed, "")} == offered
    options = {one.value for one in completing.get_completions([*typed], "--")}
    assert "--json" in options or typed == ["destinations"]


# ---------------------------------------------------------------- a new one


def run_its_tests(tmp_path: Path, *words: str) -> str:
    """Make a bridge, and run its tests as its author would, without us on the path otherwise."""
    folder = tmp_path / "made"
    assert run("new", "carrier-pigeon", str(folder)).exit_code == 0
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(
        [*tests, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def test_a_new_bridge_is_green_as_it_is(tmp_path: Path) -> None:
    said = run_its_tests(tmp_path, "-k", "not again_and_again and not however")
    passed = re.search(r"(\d+) passed", said)
    assert passed and int(passed[1]) > 80 and "skipped" not in said


@pytest.mark.slow
def test_a_new_bridge_is_green_whatever_happens(tmp_path: Path) -> None:
    assert "deselected" not in run_its_tests(tmp_path)


def test_a_new_bridge_is_whole_and_can_be_read_by_whoever_installs_it(tmp_path: Path) -> None:
    os.umask(0o077)
    done = run("new", "carrier-pigeon", str(tmp_path / "made"), "--json")
    told = json.loads(done.stdout)
    files = {str(p.relative_to(told["folder"])) for p in Path(told["folder"]).rglob("*.*")}
    assert files == set(told["files"]) and len(files) == len(FILES)
    assert {(tmp_path / "made" / one).stat().st_mode & 0o777 for one in files} == {0o644}
    assert (tmp_path / "made/tests").stat().st_mode & 0o777 == 0o755
    project = tomllib.loads((tmp_path / "made/pyproject.toml").read_text())
    assert project["project"]["entry-points"]["relay.bridges"] == {
        "carrier-pigeon": "outword_carrier_pigeon:CarrierPigeonBridge"
    }
    written = "".join((tmp_path / "made" / one).read_text() for one in files)
    assert "${" not in written and "$module" not in written


@pytest.mark.parametrize(
    "name", ["", "Pigeon", "2birds", "a b", "../x", "é", "a--b", "a" * 33, "folder", "-x"]
)
def test_a_name_that_no_bridge_can_have_is_refused(tmp_path: Path, name: str) -> None:
    done = run("new", "--", name, str(tmp_path / "made"))
    assert done.exit_code == 2  # 64 where `relay` itself is called
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("name", ["none", "part", "json", "class", "a" * 32])
def test_a_name_that_python_uses_is_no_harm(tmp_path: Path, name: str) -> None:
    assert run("new", name, str(tmp_path / "made")).exit_code == 0
    compile((tmp_path / f"made/outword_{name}.py").read_text(), "made", "exec")


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    done = run("new", "pigeon", str(tmp_path))
    assert isinstance(done.exception, CannotMake) and done.exception.exit_code == 73
    assert [one.name for one in tmp_path.iterdir()] == ["README.md"]
    assert run("new", "pigeon", str(tmp_path / "README.md")).exit_code == 1
    (tmp_path / "there").mkdir()
    assert run("new", "pigeon", str(tmp_path / "there")).exit_code == 0


def test_a_full_disk_leaves_nothing_half_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fchmod", full)
    done = run("new", "pigeon", str(tmp_path / "made/here"))
    assert isinstance(done.exception, CannotMake) and "nothing was made" in str(done.exception)
    assert not (tmp_path / "made/here").exists()


AUTHORS = (ROOT / "docs/write-a-bridge.md").read_text()


def test_the_page_for_authors_shows_code_that_can_be_read() -> None:
    blocks = re.findall(r"```python\n(.*?)```", AUTHORS, re.S)
    assert len(blocks) >= 7
    for block in blocks:
        lines = "".join(f"    {line}\n" for line in textwrap.dedent(block).splitlines())
        compile(f"async def _():\n{lines}", "write-a-bridge.md", "exec")


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"\b(?:kit(?:\.\w+)+|relay\.\w+(?:\.\w+)+)\b", AUTHORS)))
)
def test_what_the_page_for_authors_names_exists(name: str) -> None:
    assert pkgutil.resolve_name(name.replace("kit", "bridges.kit", 1) if name[0] == "k" else name)


# ---------------------------------------------------------------- one tried


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    (tmp_path / "token").touch(0o600)
    return tmp_path / "token"


def put(secret: Path, token: str) -> None:
    secret.write_text(token)


@pytest.fixture
async def platform(secret: Path) -> AsyncIterator[Fediverse]:
    async with fediverse() as made:
        put(secret, made.token)
        yield made


async def tried(*words: str, stdin: str = "we are well") -> Result:
    return await trio.to_thread.run_sync(lambda: run("try", *words, stdin=stdin))


def at(platform: Fediverse, secret: Path, *words: str) -> tuple[str, ...]:
    given = ("--set", f"server={platform.base}", "--secret", f"token_file={secret}")
    return ("mastodon", "--text", "-", *given, *words)


async def test_without_send_it_is_split_and_nothing_is_posted(
    platform: Fediverse, secret: Path
) -> None:
    done = await tried(*at(platform, secret), stdin="All of it. " * 100)
    assert done.exit_code == 0, done.output
    assert "part 1 of 3" in done.stdout and "part 3 of 3" in done.stdout
    assert platform.texts == []
    assert {one.method for one in platform.requests} == {"GET"}


async def test_with_send_all_that_is_said_is_shown_and_no_secret(
    platform: Fediverse, secret: Path
) -> None:
    done = await tried(*at(platform, secret, "--send"))
    assert done.exit_code == 0, done.output
    assert platform.texts == ["we are well"]
    assert "> POST" in done.stdout and "< 200" in done.stdout and "posted: http" in done.stdout
    keys = [one.headers.get("idempotency-key", "") for one in platform.requests]
    for hidden in (platform.token, *filter(None, keys)):
        assert hidden not in done.output
    assert f"authorization: {MASK}" in done.stdout


async def test_as_json_each_request_each_part_and_each_end(
    platform: Fediverse, secret: Path
) -> None:
    done = await tried(*at(platform, secret, "--send", "--json"))
    told = json.loads(done.stdout)
    assert [one["outcome"] for one in told["sent"]] == ["posted"]
    assert told["sent"][0]["url"].startswith("http")
    [part] = told["parts"]
    assert (part["text"], part["characters"]) == ("we are well", 11)
    assert {"GET", "POST"} == {one["method"] for one in told["exchanges"]}
    assert platform.token not in done.stdout


async def test_a_doubtful_end_says_what_a_node_would_do(platform: Fediverse, secret: Path) -> None:
    platform.script(faults.cut(), on="POST /api/v1/statuses")
    done = await tried(*at(platform, secret, "--send"))
    assert done.exit_code == 69
    assert "unsure:" in done.stdout and "no whole answer came" in done.stdout
    assert "It may be public." in done.stdout


async def test_an_account_that_is_refused_is_not_posted_to(
    platform: Fediverse, secret: Path
) -> None:
    put(secret, "another-token-of-nobody")
    done = await tried(*at(platform, secret, "--send"))
    assert done.exit_code == 65 and platform.texts == []
    assert "another-token" not in done.output
    assert "The account cannot be used" in done.stdout
    platform.refuse()
    done = await tried(*at(platform, secret, "--send"))
    assert done.exit_code == 69 and "The platform could not be asked" in done.stdout


def test_what_is_missing_is_told_with_the_way_to_give_it() -> None:
    done = run("try", "telegram", stdin="we are well")
    assert getattr(done.exception, "exit_code", 0) == 65
    assert "token_file is missing" in str(done.exception) and "--secret" in str(done.exception)


def test_a_destination_of_the_settings_is_tried_as_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "relay.toml"
    file.write_text('[channels.news]\n[destinations.box]\nbridge = "folder"\nfolder = "posts"\n')
    (tmp_path / "posts").mkdir()
    words = ("try", "box", "-c", str(file))
    assert run(*words, stdin="we are well").exit_code == 0
    assert list((tmp_path / "posts").iterdir()) == []
    assert run(*words, "--send", stdin="we are well").exit_code == 0
    [post] = (tmp_path / "posts").iterdir()
    assert json.loads(post.read_text())["text"] == "we are well"
    (tmp_path / "other").mkdir()
    assert run(*words, "--set", "folder=other", "--send", stdin="again").exit_code == 0
    assert len(list((tmp_path / "other").iterdir())) == 1


def test_a_third_partys_code_is_announced_before_it_runs(strangers: Path) -> None:
    done = run("try", "bird", "--set", "count=3", stdin="we are well")
    assert done.exit_code == 0, done.output
    assert "package birds 1.0" in done.stderr and "in this process" in done.stderr
    assert (strangers / "imported").exists()
    assert "part 2 of 2: 13 bytes, 13 characters, counts 26, costs 0.015 USD" in done.stdout


@pytest.mark.parametrize(
    ("ends", "status", "words"),
    [
        ("refused", 65, "refused: too loud"),
        ("stopped", 65, "stopped: moulting: wait"),
        ("later", 69, "not now: asleep, not before 08:00 UTC"),
        ("raises", 69, "unsure: its bridge failed while sending"),
    ],
)
def test_how_it_ended_is_said_and_the_first_end_is_the_last(
    strangers: Path, ends: str, status: int, words: str
) -> None:
    done = run("try", "bird", "--send", "--set", f"ends={ends}", stdin="we are well")
    assert done.exit_code == status, done.output
    assert f"part 1 of 2: {words}" in done.stdout and done.stdout.count("part 2 of 2") == 1


@pytest.mark.parametrize("ends", ["unprepared", "asking"])
def test_a_text_that_is_not_prepared_is_told_and_not_quoted(strangers: Path, ends: str) -> None:
    done = run("try", "bird", "--set", f"ends={ends}", stdin="our secret plan")
    assert isinstance(done.exception, OutwordError) and done.exception.exit_code == 65
    assert "our secret plan" not in done.output + str(done.exception)
    assert ("without --send" in str(done.exception)) == (ends == "asking")


@pytest.mark.parametrize(
    "words",
    [
        ("folder", "--text", "hello"),
        ("folder", "--set", "folder"),
        ("folder", "--set", "bridge=webhook"),
        ("folder", "--secret", "token=x"),
        ("folder", "--secret", "token_file=/nowhere/at/all"),
        ("feed", "--send", "--set", "folder=x"),
    ],
)
def test_what_cannot_be_meant_is_refused(words: tuple[str, ...]) -> None:
    assert run("try", *words, stdin="x").exit_code == 2


def test_no_text_and_no_such_bridge_are_refused() -> None:
    assert run("try", "folder", stdin=" \n").exit_code == 2
    assert run("try", "folder", stdin=b"\xff\xfe").exit_code == 1
    assert isinstance(run("try", "no-such", stdin="x").exception, Unusable)


# ---------------------------------------------------------------- the mask

SECRET = "s3cret/of=the+account&é"


@pytest.fixture
def mask() -> Mask:
    made = Mask()
    made.learn(f"api_key = {SECRET}\nsecond = another-secret\n".encode())
    return made


@pytest.mark.parametrize(
    "said",
    [
        SECRET,
        f"before {SECRET}, after",
        "s3cret%2Fof%3Dthe%2Baccount%26%C3%A9",
        "s3cret/of=the+account&amp;é",
        "czNjcmV0L29mPXRoZSthY2NvdW50JsOp",
        "AGJpcmQAYW5vdGhlci1zZWNyZXQ=",
        '{"a": "s3cret/of=the+account&\\u00e9"}',
    ],
)
def test_what_came_from_a_file_is_masked_in_every_form(mask: Mask, said: str) -> None:
    for shown in (mask.text(said), mask.body(said.encode(), "text/plain")):
        assert MASK in shown
        assert "s3cret" not in shown and "czNj" not in shown and "AGJpcm" not in shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/bot123456:AAbbCCddEEffGGhhIIjjKKll/send", "https://a.example/***/send"),
        ("https://a.example/x?access_token=abc&n=1", "https://a.example/x?access_token=***&n=1"),
        ("https://me:pass@a.example/x#y", "https://***@a.example/x#***"),
        ("https://a.example/hooks/a1B2c3D4e5F6g7H8i9J0k1L2m3", "https://a.example/hooks/***"),
        ("https://a.example/api/v1/statuses/109", "https://a.example/api/v1/statuses/109"),
    ],
)
def test_an_address_shows_no_token(url: str, shown: str) -> None:
    assert Mask().url(url) == shown


def test_a_token_that_an_answer_gives_is_masked_from_then_on() -> None:
    mask = Mask()
    answer = b'{"accessJwt": "the-access-of-a-session", "did": "did:plc:7", "author": "we"}'
    shown = mask.body(answer, "application/json")
    assert json.loads(shown) == {"accessJwt": MASK, "did": "did:plc:7", "author": "we"}
    assert mask.text("x the-access-of-a-session x") == f"x {MASK} x"


def test_forms_and_headers_are_masked_by_their_names() -> None:
    mask = Mask()
    form = mask.body(b"grant_type=refresh&refresh_token=abc", "application/x-www-form-urlencoded")
    assert form == f"grant_type=refresh&refresh_token={MASK}"
    parts = b'--b\r\nContent-Disposition: form-data; name="access_token"\r\n\r\nabc\r\n--b--\r\n'
    assert "abc" not in mask.body(parts, "multipart/form-data; boundary=b")
    headers = {"Authorization": "x", "Set-Cookie": "x", "Idempotency-Key": "x", "Accept": "x"}
    masked = mask.headers(headers)
    assert masked == {name: MASK for name in headers} | {"Accept": "x"}


def test_what_is_no_text_is_told_by_its_size() -> None:
    assert Mask().body(b"\xff\xd8\xff", "image/jpeg") == "(3 bytes)"


def test_a_secret_in_bytes_is_masked_as_it_is_written() -> None:
    mask = Mask()
    mask.learn(b"\xff\xfe\xfd\xfc\xfb\xfa")
    assert mask.text("key=fffefdfcfbfa //79/Pv6") == f"key={MASK} {MASK}"


@pytest.mark.parametrize("early", [["--json"], ["-c", "other.toml"]])
def test_an_option_in_a_place_where_it_would_be_lost_is_refused(
    tmp_path: Path, early: list[str]
) -> None:
    done = CliRunner().invoke(bridges, [*early, "new", "pigeon", str(tmp_path / "new")])
    assert done.exit_code != 0 and "after `relay bridges new`" in done.output
    assert not (tmp_path / "new").exists()
