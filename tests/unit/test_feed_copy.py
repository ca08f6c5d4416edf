"""The copy that is passed on by hand: what is in it, when it is made, and what a check finds."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import shutil
import subprocess
import zipfile
from html import unescape
from pathlib import Path

import pytest
import trio
from click.testing import CliRunner
from signed_page import DATE, HOUR, KEY, WORDS, Public, id_of, signed, uuid_of

from bridges.page import copies
from relay.cli.verify import verify
from relay.errors import Damaged
from relay.model import Media
from relay.testing.bridge_contract import TEXTS
from relay.wire.copied import STYLES, verify_copy

ROOF = Media("image/png", b"a roof", 'a roof "at night" & <stars>', width=30, height=40)
FILM = Media("video/mp4", b"a film", "a street", b"its poster", 1280, 720, 3671)
VOICE = Media("audio/mp4", b"a voice", "", seconds=9)


async def a_copy(tmp_path: Path, **settings: str) -> Public:
    """A page full of what is hard to carry, and its copy."""
    public = Public(tmp_path, **settings)
    texts = (*TEXTS.values(), "one\r\ntwo\rthree\n\n", "  \n]]> &amp; </main>\n<footer>\n")
    posts = [
        signed(f"{n}", text, title="<b> & 'x'" if n % 2 else "", date=DATE + n * 9 * HOUR)
        for n, text in enumerate(texts)
    ]
    await public.fill([*posts, signed("gone", "smoke"), signed("later", "a part")])
    await public.post(signed("media", media=(ROOF, FILM, VOICE), language="und"))
    await public.correct(signed("later", "the whole", revision=2))
    await public.state("gone")
    await public.feed.check()
    return public


@pytest.mark.parametrize("language", ["en", "fa", "tr"])
async def test_a_copy_holds_every_item_and_is_as_it_was_signed(
    tmp_path: Path, language: str
) -> None:
    public = await a_copy(tmp_path, language=language, title='News <b> & "x"')
    items = len(list((public.folder / "items").glob("*.html")))
    document = (public.folder / "copy.html").read_bytes()
    for given in (KEY, WORDS):
        verified = verify_copy(document, given)
        assert (verified.count, verified.faults, len(verified.media)) == (items, (), 4)
    assert b"smoke" not in document and id_of("gone") not in verified.ids


def test_a_copy_needs_no_server_no_script_and_no_network(copy: str) -> None:
    tags = set(re.findall(r"<([a-z0-9]+)[ >]", copy))
    assert not tags & {"script", "link", "iframe", "form", "object", "base"}
    addresses = re.findall(r'(?:src|href|poster)="([^"]*)"', copy)
    assert all(re.match("media/[0-9a-f]{64}|#d-", one) for one in addresses)


SPOTS = (
    ("the whole", "the hole"),
    ('<div class="text" dir="auto">', '<div class="text" dir="auto"><b>new</b>'),
    ("<main>\n", "<main>\n<article><p>What nobody signed</p></article>\n"),
    ("</main>", "<p>What nobody signed</p></main>"),
    ("</footer>", "<p>What nobody signed</p></footer>"),
    ("<h1", "<img src=https://evil.example/><h1"),
    (":focus-visible{", "article{display:none}:focus-visible{"),
    ("default-src 'none'", "default-src *"),
    ('datetime="2026-11-18T11', 'datetime="2026-11-17T11'),
    ("media/", "https://evil.example/media/"),
    ('alt="a roof', 'alt="a wall'),
    ("relay verify --key jinal", "relay verify --key jinam"),
    ("✎", ""),
    ('<pre id="withdrawn" dir="ltr">{', '<pre id="withdrawn" dir="ltr"> {x'),
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One copy, for all that is written into it."""
    made = trio.run(a_copy, tmp_path_factory.mktemp("copy")).read("copy.html")
    assert verify_copy(made.encode(), KEY).faults == ()
    return made


@pytest.mark.parametrize(("written", "changed"), SPOTS, ids=[f"{n}" for n in range(len(SPOTS))])
def test_whatever_is_written_into_a_copy_is_found(copy: str, written: str, changed: str) -> None:
    assert written in copy
    forged = copy.replace(written, changed, 1).encode()
    with contextlib.suppress(Damaged):
        assert verify_copy(forged, KEY).faults


def test_an_item_taken_out_of_a_copy_leaves_a_good_one(copy: str) -> None:
    """As of a feed: that something is missing nobody can tell."""
    [article] = re.findall(f'<article id="{uuid_of("later")}".*?</article>\n', copy, re.DOTALL)
    assert verify_copy(copy.replace(article, "").encode(), KEY).faults == ()


async def test_an_item_put_twice_or_one_that_was_withdrawn_is_a_fault(tmp_path: Path) -> None:
    public = await a_copy(tmp_path)
    before = public.read("copy.html")
    [article] = re.findall(f'<article id="{uuid_of("later")}".*?</article>\n', before, re.DOTALL)
    assert verify_copy(before.replace(article, article * 2).encode(), KEY).faults
    await public.withdraw("gone", "later")
    after = public.read("copy.html")
    assert "the whole" not in after
    first = after.index("<article")
    forged = after[:first] + article + after[first:]
    assert any("withdrawn" in one for one in verify_copy(forged.encode(), KEY).faults)


def test_another_key_finds_nothing_good_in_it(copy: str) -> None:
    verified = verify_copy(copy.encode(), bytes(32))
    assert len([one for one in verified.faults if one.startswith("item")]) == verified.count


@pytest.mark.parametrize("document", [b"<!doctype html>", b"<!doctype html>\xff", b"{}", b""])
def test_what_is_no_copy_is_said_to_be_none(document: bytes) -> None:
    with pytest.raises(Damaged):
        verify_copy(document, KEY)


def test_the_style_sheet_of_a_copy_is_one_that_a_check_knows() -> None:
    style = (Path(copies.__file__).parent / "copy.css").read_bytes()
    assert hashlib.sha256(style).hexdigest() in STYLES


@pytest.mark.parametrize("name", ["copy.css", "style.css"])
def test_what_is_printed_is_dark_on_white(name: str) -> None:
    """Printers leave backgrounds out, and pale letters would stand on white paper."""
    style = (Path(copies.__file__).parent / name).read_text(encoding="utf-8")
    assert re.findall(r"@media ?(.*)\(prefers-color-scheme: ?dark", style) == ["screen and "]


# ---------------------------------------------------------------- when it is made


async def test_without_a_key_of_the_page_there_is_no_copy_and_nothing_offers_one(
    tmp_path: Path,
) -> None:
    public = Public(tmp_path)
    await public.post(signed("one"))
    assert "copy.html" not in public.content() and "copy.html" not in public.read("index.html")
    await public.state()
    assert 'href="copy.html" download' in public.read("index.html")


async def test_it_is_made_once_an_hour_and_by_the_check_that_follows(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(signed("one"))
    await public.state()
    await public.post(signed("two"))
    assert id_of("two") not in verify_copy(public.read("copy.html").encode(), KEY).ids
    await public.feed.check()
    assert id_of("two") in verify_copy(public.read("copy.html").encode(), KEY).ids
    await public.post(signed("three"), signed("four", date=DATE + HOUR))
    assert verify_copy(public.read("copy.html").encode(), KEY).count == 4
    assert (public.folder / "copy.html").stat().st_mtime == DATE + HOUR


async def test_what_is_taken_back_or_hidden_is_out_of_it_at_once(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(signed("one", "smoke"), signed("two", "fire"), signed("three"))
    await public.state()
    await public.feed.remove(id_of("one"))
    assert "smoke" not in public.read("copy.html")
    await public.correct(signed("two", "heat", revision=2, hides=True))
    assert "fire" not in public.read("copy.html") and "heat" in public.read("copy.html")


async def test_it_is_the_same_wherever_it_is_made(tmp_path: Path) -> None:
    public = await a_copy(tmp_path)
    before = public.content()
    for name in ("copy.html", "copy-media.zip"):
        (public.folder / name).unlink()
    await Public(tmp_path).feed.check()
    after = public.content()
    assert after["copy.html"] == before["copy.html"]
    assert after["copy-media.zip"] == before["copy-media.zip"]


async def test_it_is_bounded_and_holds_the_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "MOST_BYTES", 20_000)
    public = Public(tmp_path)
    await public.fill([signed(f"{n}") for n in range(60)])
    await public.state()
    verified = verify_copy(public.read("copy.html").encode(), KEY)
    assert 10 < verified.count < 60 and verified.ids[0] == id_of("59") and not verified.faults


# ---------------------------------------------------------------- what goes with it


async def test_the_media_of_a_copy_are_in_one_file_beside_it(tmp_path: Path) -> None:
    public = await a_copy(tmp_path)
    packed = zipfile.ZipFile(io.BytesIO(public.content()["copy-media.zip"]))
    assert {packed.read(name) for name in packed.namelist()} == {
        one for media in (ROOF, FILM, VOICE) for one in (media.content, media.poster) if one
    }
    assert {entry.date_time[4:] for entry in packed.infolist()} == {(0, 0)}  # hours, no finer
    await public.withdraw("gone", "media")
    assert "copy-media.zip" not in public.content()


async def test_media_without_room_stay_out_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "MOST_MEDIA_BYTES", 10)
    public = Public(tmp_path)
    await public.post(signed("one", media=(ROOF,)), signed("two", media=(VOICE,)))
    await public.state()
    packed = zipfile.ZipFile(io.BytesIO(public.content()["copy-media.zip"]))
    assert [packed.read(name) for name in packed.namelist()] == [b"a voice"]


def told(path: Path, *more: str) -> tuple[int, str]:
    """How ``relay verify`` ends, and what it says."""
    ended = CliRunner().invoke(verify, [str(path), "--key", WORDS, *more])
    return getattr(ended.exception, "exit_code", ended.exit_code), ended.output


async def test_relay_verify_checks_a_copy_with_its_media_from_a_stick(tmp_path: Path) -> None:
    public = await a_copy(tmp_path)
    stick = tmp_path / "stick"
    stick.mkdir()
    shutil.copy(public.folder / "copy.html", stick)
    code, said = told(stick / "copy.html")
    assert code == 0 and "not looked at: 4" in said
    shutil.copy(public.folder / "copy-media.zip", stick)
    code, said = told(stick / "copy.html")
    assert code == 0 and "good: 4 files of pictures" in said
    made = bytearray((stick / "copy-media.zip").read_bytes())
    made[made.index(b"a roof")] ^= 1
    (stick / "copy-media.zip").write_bytes(made)
    assert told(stick / "copy.html")[0] != 0
    with zipfile.ZipFile(stick / "copy-media.zip", "w") as packed:
        packed.writestr(zipfile.ZipFile(public.folder / "copy-media.zip").namelist()[0], b"other")
    code, said = told(stick / "copy.html")
    assert code == 65 and "it is not what was signed" in said


@pytest.mark.parametrize("name", ["copy.html", "../copy.html", "media/../a", "twice"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
async def test_a_file_beside_a_copy_that_would_unpack_something_else_is_refused(
    tmp_path: Path, name: str
) -> None:
    public = Public(tmp_path)
    await public.post(signed("media", media=(ROOF,)))
    await public.state()
    path = public.folder / "copy.html"
    assert told(path) == (0, told(path)[1]) and "copy-media.zip" in public.read("index.html")
    with zipfile.ZipFile(public.folder / "copy-media.zip", "a") as packed:
        packed.writestr(packed.namelist()[0] if name == "twice" else name, b"a roof")
    ended = CliRunner().invoke(verify, [str(path), "--key", WORDS])
    assert ended.exit_code and "do not unpack it" in ended.output


async def test_what_overlaps_in_the_file_beside_a_copy_is_not_looked_at(tmp_path: Path) -> None:
    """A thousand names for one gigabyte would keep whoever checks it busy for ever."""
    public = Public(tmp_path)
    await public.post(signed("media", media=(ROOF, FILM)))
    await public.state()
    path = public.folder / "copy-media.zip"
    made = zipfile.ZipFile(path, "a")
    for one in made.infolist():
        one.file_size = one.compress_size = 10_000
    made._didModify = True  # type: ignore[attr-defined]
    made.close()
    ended = CliRunner().invoke(verify, [str(public.folder / "copy.html"), "--key", WORDS])
    assert ended.exit_code and "it is damaged" in ended.output


async def test_of_a_copy_it_is_said_how_old_it_is_and_how_old_its_list(tmp_path: Path) -> None:
    """An older one is as good as a newer one: only who looks at the day can tell."""
    public = Public(tmp_path)
    await public.state()
    await public.post(signed("one", date=DATE + 50 * HOUR))
    path = public.folder / "copy.html"
    code, said = told(path)
    assert code == 0 and "nothing newer than 2026-11-20" in said and "is of 2026-11-18" in said
    made = json.loads(told(path, "--json")[1])
    assert (made["day"], made["listed"]) == ("2026-11-20", "2026-11-18")
    without = re.sub('(<pre id="withdrawn" dir="ltr">)[^<]*', r"\1", public.read("copy.html"))
    path.write_bytes(without.encode())
    code, said = told(path)
    assert code == 0 and "no list of what was withdrawn" in said


async def test_relay_verify_reads_the_list_of_what_was_withdrawn(tmp_path: Path) -> None:
    public = await a_copy(tmp_path)
    path = public.folder / "withdrawn.json"
    code, said = told(path)
    assert code == 0 and "good: 1 item withdrawn" in said and id_of("gone") in said
    code, said = told(path, "--json")
    made = json.loads(said)
    assert (made["good"], made["kind"], made["withdrawn"]) == (True, "withdrawn", [id_of("gone")])
    path.write_text(path.read_text().replace('"sig": "', '"sig": "A'))
    code, said = told(path)
    assert code == 65 and "not good" in said


async def test_a_feed_that_shows_what_its_own_list_names_is_not_good(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(signed("one"), signed("two"))
    entry = json.loads(public.read("feed.json"))["items"][0]
    await public.state("two")
    feed = json.loads(public.read("feed.json"))
    feed["items"].insert(0, entry)
    (public.folder / "feed.json").write_text(json.dumps(feed))
    code, said = told(public.folder / "feed.json")
    assert code == 65 and "it was withdrawn" in said


# ---------------------------------------------------------------- how it is explained


def typed(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What somebody sees who types these lines."""
    return subprocess.run(["sh", "-ec", script], cwd=folder, capture_output=True, text=True)


@pytest.mark.skipif(not all(map(shutil.which, ("openssl", "jq", "base64"))), reason="no OpenSSL")
async def test_the_commands_for_who_has_not_the_program_do_what_is_said_of_them(
    tmp_path: Path,
) -> None:
    public = Public(tmp_path, language="fa")
    await public.post(signed("one", "خبر"))
    await public.state()
    page = public.read("check/index.html")
    blocks = [unescape(one) for one in re.findall("<code>(.*?)</code>", page, re.DOTALL)]
    [script] = [one for one in blocks if "openssl" in one]
    (tmp_path / "item.json").write_text(public.read(f"items/{uuid_of('one')}.json"))
    ran = typed(script, tmp_path)
    assert "Signature Verified Successfully" in ran.stdout and "خبر" in ran.stdout
    said = (tmp_path / "item.json").read_text().replace('"signed": "e', '"signed": "f')
    (tmp_path / "item.json").write_text(said)
    ran = typed(script, tmp_path)
    assert ran.returncode != 0 and "Successfully" not in ran.stdout


@pytest.mark.parametrize("language", ["en", "fa", "ar"])
async def test_how_to_check_is_explained_with_the_words_of_the_key(
    tmp_path: Path, language: str
) -> None:
    public = Public(tmp_path, language=language)
    await public.state()
    page = public.read("check/index.html")
    for what in ("https://news.example.org/feed.json", "withdrawn.json", "copy.html"):
        assert re.search(f"relay verify --key {WORDS} [^<\n]*{what}", page)
    assert len(page.encode()) + len(public.read("style.css").encode()) < 20_000
