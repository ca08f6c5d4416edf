"""``send/``: where people may write, and how they tell that it is really us."""

from __future__ import annotations

import errno
import json
import os
import re
from html import unescape
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from bridges import kit
from bridges.feed import Feed
from bridges.page import ways as page_ways
from relay.model import Attempt, Posted
from relay.node.ways import KINDS
from relay.testing.bridge_contract import DATE, FixedClock, a_post
from relay.wire.item import key_words
from relay.wire.primitives import signing_public
from relay.wire.ways import MOST_SHOWN, MOST_WAYS, Way, make_ways, sign_ways, verify_ways
from relay.wire.withdrawn import make_withdrawn, sign_withdrawn

SEED = bytes(range(32))
KEY = signing_public(SEED)
MAIL = Way("mail", "post@example.org", ("mail-provider",))
SMS = Way("sms", "+15550100123", ("phone-company",))
DAY = DATE // 86400 * 86400


def a_page(folder, **settings):
    made = {"folder": str(folder / "public"), "url": "https://news.example.org", **settings}
    return Feed(Feed.Settings(**made), None, FixedClock())


def statement(*ways, made=DATE):
    document = make_ways(ways, made, SEED)
    return document, sign_ways(document, SEED)


async def shown(folder, *ways, **settings):
    feed = a_page(folder, **settings)
    assert (await feed.check()).trouble == ""
    assert await feed.ways(*statement(*ways)) == ""
    gone = make_withdrawn((), DATE, SEED)
    assert await feed.withdrawn(gone, sign_withdrawn(gone, SEED)) == ""
    return (folder / "public/send/index.html").read_text(encoding="utf-8")


class Elements(HTMLParser):
    """Each element with its attributes, and the text directly in an element that has a lang."""

    def __init__(self, html):
        super().__init__()
        self.all = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.all.append((tag, dict(attrs)))


def text_of(html):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


async def test_what_lies_there_is_what_was_signed_and_a_page_of_it(tmp_path):
    html = await shown(tmp_path, MAIL, SMS)
    send = tmp_path / "public/send"
    assert sorted(os.listdir(send)) == ["index.html", "ways.json"]
    verified = verify_ways((send / "ways.json").read_bytes(), key_words(KEY))
    assert verified.statement is not None and verified.statement.ways == (MAIL, SMS)
    assert html.index("post@example.org") < html.index("+15550100123")
    assert key_words(KEY) in text_of(html).replace("- ", "-")
    assert f"relay verify --key {key_words(KEY)} https://news.example.org/send/ways.json" in html
    assert "18 November 2026" in html


async def test_each_way_has_its_own_warning_and_none_of_another(tmp_path):
    sentences = page_ways.safety("en")[1]["warnings"]
    both = text_of(await shown(tmp_path, SMS, MAIL, Way("mail", "b@example.org", MAIL.warnings)))
    assert all(both.count(sentences[name]) == 1 for name in ("mail-provider", "phone-company"))
    only = text_of(await shown(tmp_path, MAIL))
    assert sentences["mail-provider"] in only
    assert sentences["phone-company"] not in only and "+1555" not in only


def test_every_warning_that_a_node_states_has_its_sentence():
    catalogue = json.loads(files("relay").joinpath("locales/safety.json").read_bytes())
    assert set(catalogue) == set(page_ways.CHECKED)
    named = {name for _, warnings in KINDS.values() for name in warnings}
    for sentences in catalogue.values():
        assert named <= set(sentences["warnings"])
        assert "anonym" not in json.dumps(sentences).lower()
        assert "delay and padding" in sentences["promise"]


def test_every_kind_that_a_node_states_has_its_words_in_every_language():
    words = json.loads((page_ways.files("bridges") / "page/words.json").read_bytes())
    for language in words.values():
        assert {kind for kind, _ in KINDS.values()} | {"other"} <= set(language["kinds"])
        assert set(language) == set(words["en"])


async def test_what_saves_most_stands_first_and_what_is_not_known_last(tmp_path):
    ways = (Way("pigeon", "tower"), SMS, Way("chat", "@x"), MAIL, Way("form", "https://x.example"))
    html = await shown(tmp_path, *ways)
    names = ("By a page", "By mail", "By chat", "By SMS", "Another way")
    places = [html.index(f">{name}<") for name in names]
    assert places == sorted(places)


async def test_without_a_way_the_page_says_so_and_still_shows_its_key(tmp_path):
    html = await shown(tmp_path)
    assert "names no way to write to us" in html
    assert key_words(KEY) in text_of(html).replace("- ", "-")
    assert "What to leave out" not in html


@pytest.mark.parametrize("language", ["fa", "ar", "fa-IR"])
async def test_from_right_to_left_the_safety_texts_are_english_and_marked(tmp_path, language):
    html = await shown(tmp_path, MAIL, SMS, language=language)
    words = json.loads((page_ways.files("bridges") / "page/words.json").read_bytes())[language[:2]]
    elements = Elements(html)
    assert ("html", {"lang": language, "dir": "rtl"}) in elements.all
    for text in (words["unchecked"], words["kinds"]["sms"], words["ours"], words["never"]):
        assert text in unescape(html)
    assert "By SMS" not in html
    sentences = page_ways.safety(language)
    assert sentences[0] == "en"
    warned = [sentences[1]["warnings"][name] for name in (*MAIL.warnings, *SMS.warnings)]
    for sentence in (*warned, sentences[1]["promise"]):
        before = html[: html.index(sentence)]
        assert 'lang="en" dir="ltr"' in before[before.rindex("<section") :]
    for way in ("post@example.org", "+15550100123"):
        assert re.search(rf'dir="ltr">{re.escape(way)}<', html)


async def test_in_english_nothing_is_marked_as_unchecked(tmp_path):
    assert "No named speaker" not in await shown(tmp_path, MAIL, language="en-GB")


async def test_in_a_language_without_words_of_ours_all_is_english_and_says_so(tmp_path):
    html = await shown(tmp_path, MAIL, language="uk")
    assert "No named speaker" in html and "By mail" in html


async def test_hostile_strings_are_text_and_nothing_else(tmp_path):
    hostile = '"><script>alert(1)</script>{{7*7}}&amp;@example.org'
    html = await shown(
        tmp_path, Way("mail", hostile), Way("x", "'onload='x"), title="<b>&\"'</b>{{7*7}}"
    )
    elements = Elements(html)
    assert hostile in unescape(html) and "49" not in html
    known = {"html", "head", "meta", "title", "link", "body", "a", "header", "main", "footer", "p"}
    known |= {"h1", "h2", "section", "div", "ul", "li", "br", "code", "time"}
    assert {tag for tag, _ in elements.all} == known
    assert not [a for _, attrs in elements.all for a in attrs if a.startswith("on")]


async def test_it_loads_its_style_sheet_and_nothing_else_and_runs_nothing(tmp_path):
    html = await shown(tmp_path, MAIL, SMS)
    assert "default-src 'none'; style-src 'self'" in html and "style=" not in html
    elements = Elements(html)
    loaded = [attrs["href"] for tag, attrs in elements.all if tag == "link" and
              attrs["rel"] in ("stylesheet", "icon")]  # fmt: skip
    assert loaded == ["data:,", "../style.css"]
    links = [attrs["href"] for tag, attrs in elements.all if tag == "a"]
    assert all(not re.match("[a-z]+:|//", link) for link in links)  # no mailto: and no sms: either
    folder = tmp_path / "public/send"
    for link in links:
        if not link.startswith("#"):
            assert (folder / link).is_file(), link


async def test_it_is_small_also_with_all_that_a_statement_holds(tmp_path):
    html = await shown(tmp_path, MAIL, SMS, language="fa")
    style = (tmp_path / "public/style.css").stat().st_size
    assert len(html.encode()) + style < 15 * 1024
    most = await shown(tmp_path, *[Way("mail", "x" * MOST_SHOWN, MAIL.warnings)] * MOST_WAYS)
    assert len(most.encode()) < 15 * 1024


async def test_a_new_statement_takes_the_place_of_the_old(tmp_path):
    feed = a_page(tmp_path)
    assert await feed.ways(*statement(SMS)) == ""
    assert await feed.ways(*statement(Way("sms", "+15550100999", SMS.warnings))) == ""
    for path in (tmp_path / "public").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"0100123" not in content, path
    assert b"+15550100999" in (tmp_path / "public/send/index.html").read_bytes()


async def test_the_index_links_to_it_once_it_is_there(tmp_path):
    feed = a_page(tmp_path)
    await feed.check()
    index = tmp_path / "public/index.html"
    assert "send/" not in index.read_text()
    await feed.ways(*statement(SMS))
    assert 'href="send/index.html"' in index.read_text()
    again = a_page(tmp_path)  # a node that is locked: nobody states the ways, the page stays
    await again.check()
    assert 'href="send/index.html"' in index.read_text()
    assert b"+15550100123" in (tmp_path / "public/send/index.html").read_bytes()


async def test_an_item_links_to_it(tmp_path):
    feed = a_page(tmp_path)
    await feed.ways(*statement(SMS))
    [part] = await feed.prepare(a_post())
    assert isinstance(await feed.send(Attempt(part, 1, DATE), None), Posted)
    [item] = (tmp_path / "public/items").glob("*.html")
    assert 'href="../send/index.html"' in item.read_text()


async def test_the_same_statement_writes_nothing(tmp_path, monkeypatch):
    feed = a_page(tmp_path)
    await feed.ways(*statement(SMS))
    written = []
    monkeypatch.setattr(kit, "write_file", lambda *a, **_: written.append(a[1]))
    assert await feed.ways(*statement(SMS)) == "" and written == []
    assert await feed.ways(*statement(SMS, made=DATE + 86400)) == ""
    assert written == ["ways.json", "index.html"]


async def test_what_a_power_cut_emptied_is_written_again(tmp_path):
    await shown(tmp_path, SMS)
    before = {path: path.read_bytes() for path in (tmp_path / "public/send").iterdir()}
    for path in before:
        path.write_bytes(b"")
    await shown(tmp_path, SMS)
    assert {path: path.read_bytes() for path in before} == before


async def test_no_time_is_finer_than_the_day(tmp_path):
    await shown(tmp_path, SMS)
    send = tmp_path / "public/send"
    assert {os.stat(path).st_mtime for path in (send, *send.iterdir())} == {DAY}
    assert os.stat(tmp_path / "public").st_mtime % 3600 == 0


async def test_others_may_read_it_whatever_our_umask_is(tmp_path):
    before = os.umask(0o077)
    try:
        await shown(tmp_path, SMS)
    finally:
        os.umask(before)
    send = tmp_path / "public/send"
    assert os.stat(send).st_mode & 0o777 == 0o755
    assert {os.stat(path).st_mode & 0o777 for path in send.iterdir()} == {0o644}


async def test_a_full_disk_is_said_and_the_old_page_stays(tmp_path, monkeypatch):
    html = await shown(tmp_path, SMS)

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "x")

    feed = a_page(tmp_path)
    await feed.check()
    monkeypatch.setattr(kit, "write_file", full)
    assert await feed.ways(*statement(MAIL)) == "no room on the disk"
    assert (tmp_path / "public/send/index.html").read_text() == html


@pytest.mark.parametrize(
    "changed",
    [{"v": 2}, {"kind": "item"}, {"day": "today"}, {"day": "2026-13-01"}, {"day": 7}, {"ways": 7},
     {"key": "?"}, {"ways": [{}]}, {"ways": [{"kind": 1, "shown": "x", "warnings": []}]}],
)  # fmt: skip
async def test_what_is_no_statement_is_not_shown(tmp_path, changed):
    feed = a_page(tmp_path)
    document = json.dumps(json.loads(statement(SMS)[0]) | changed).encode()
    assert "statement" in await feed.ways(document, bytes(64))
    assert not (tmp_path / "public/send").exists()


@pytest.mark.parametrize("document", [b"", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_no_statement(document):
    with pytest.raises(page_ways.NotWays):
        page_ways.read_ways(document, b"")


def test_a_statement_at_the_limit_is_taken_and_a_larger_one_is_not():
    document = statement(SMS)[0]
    padded = document + b" " * (page_ways.MOST_BYTES - len(document))
    assert page_ways.read_ways(padded, b"").day == "2026-11-18"
    with pytest.raises(page_ways.NotWays):
        page_ways.read_ways(padded + b" ", b"")
    largest = Way("k" * 32, "𐍈" * MOST_SHOWN, ("w" * 32,) * 8)
    assert page_ways.read_ways(*statement(*[largest] * MOST_WAYS)).day == "2026-11-18"


@pytest.mark.parametrize("n", range(20))
def test_its_words_of_a_key_are_those_of_the_relay(n):
    key = bytes([n]) * 32
    assert page_ways.key_words(key) == key_words(key)
