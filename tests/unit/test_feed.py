"""What people and feed readers see of the page."""

from __future__ import annotations

import base64
import itertools
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import feedparser
import jsonschema
import pydantic
import pytest

from bridges.feed import Feed
from bridges.page.site import RIGHT_TO_LEFT
from bridges.page.text import paragraphs
from relay.model import Attempt, Found, Posted, Refused
from relay.testing.bridge_contract import DATE, TEXTS, FixedClock, a_post

ATOM = "{http://www.w3.org/2005/Atom}"
SIGNED = "{urn:outword:1}signed"

# Written from https://www.jsonfeed.org/version/1.1/: what must be there, and of which type.
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": {"type": "string"},
        "home_page_url": {"type": "string", "pattern": "^https?://"},
        "feed_url": {"type": "string", "pattern": "^https?://"},
        "next_url": {"type": "string", "pattern": "^https?://"},
        "language": {"type": "string", "pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"},
        "items": {
            "type": "array",
            "maxItems": 50,
            "items": {
                "type": "object",
                "required": ["id", "url", "content_text", "date_published", "_outword"],
                "properties": {
                    "id": {"type": "string", "pattern": "^urn:uuid:[0-9a-f-]{36}$"},
                    "url": {"type": "string", "pattern": "^https?://"},
                    "title": {"type": "string", "minLength": 1},
                    "content_text": {"type": "string"},
                    "date_published": {
                        "type": "string",
                        "pattern": r"^\d{4}-\d\d-\d\dT\d\d:00:00Z$",
                    },
                    "language": {"type": "string", "minLength": 2},
                    "_outword": {
                        "type": "object",
                        "required": ["signed", "sig"],
                        "additionalProperties": {"type": "string"},
                    },
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}


class Public:
    """A page in a folder, and what it holds."""

    def __init__(self, folder, **settings):
        self.folder = folder / "public"
        made = {"folder": str(self.folder), "url": "https://news.example.org/", **settings}
        self.feed = Feed(Feed.Settings(**made), None, FixedClock())

    async def post(self, *posts):
        ended = []
        for post in posts:
            [part] = await self.feed.prepare(post)
            ended.append(await self.feed.send(Attempt(part, 1, DATE), None))
        return ended

    def read(self, name):
        return (self.folder / name).read_text(encoding="utf-8")

    def json(self, name="feed.json"):
        return json.loads(self.read(name))

    def atom(self, name="feed.xml"):
        return ET.fromstring(self.read(name))


@pytest.fixture
def public(tmp_path):
    return Public(tmp_path)


EVERY = [
    a_post(TEXTS["persian"], title="عنوان & <b>", language="fa"),
    a_post(TEXTS["markup"], title="<script>alert(1)</script>"),
    a_post(TEXTS["direction"], language="und"),
    a_post("one\r\ntwo\rthree \t four\n\n\nfive  "),
    a_post(TEXTS["emoji"], language="zh-Hant"),
    a_post("]]> &amp; &lt;"),
]


async def test_the_json_feed_is_one_by_its_specification(public):
    await public.post(*EVERY)
    made = public.json()
    jsonschema.validate(made, JSON_FEED)
    assert made["home_page_url"] == "https://news.example.org/"
    assert made["feed_url"] == "https://news.example.org/feed.json"
    assert "next_url" not in made


async def test_the_json_feed_holds_each_text_exactly_newest_first(public):
    await public.post(*EVERY)
    items = public.json()["items"]
    assert [item["content_text"] for item in items] == [post.text for post in reversed(EVERY)]
    assert [item.get("title") for item in items] == [p.title or None for p in reversed(EVERY)]
    assert [item.get("language") for item in items] == ["en", "zh-Hant", "en", None, "en", "fa"]
    for item, post in zip(items, reversed(EVERY), strict=True):
        assert base64.b64decode(item["_outword"]["signed"]) == post.item
        assert base64.b64decode(item["_outword"]["sig"]) == post.signature
        assert item["id"] == json.loads(post.item)["id"]
        assert item["url"] == f"https://news.example.org/items/{item['id'][9:]}.html"


async def test_the_atom_feed_holds_each_text_exactly_newest_first(public):
    await public.post(*EVERY)
    feed = public.atom()
    entries = feed.findall(ATOM + "entry")
    assert [e.findtext(ATOM + "content") for e in entries] == [p.text for p in reversed(EVERY)]
    for entry, post in zip(entries, reversed(EVERY), strict=True):
        signed = entry.find(SIGNED)
        assert base64.b64decode(signed.text) == post.item
        assert base64.b64decode(signed.get("sig")) == post.signature
        shown = json.loads(post.item)
        assert entry.findtext(ATOM + "id") == shown["id"]
        assert entry.findtext(ATOM + "title") == shown["title"]
        assert entry.findtext(ATOM + "updated") == entry.findtext(ATOM + "published")
        assert entry.findtext(ATOM + "updated") == shown["date"]
        assert entry.find(ATOM + "content").get("type") == "text"
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    assert [entry.get(lang) for entry in entries] == ["en", "zh-Hant", "en", None, "en", "fa"]


async def test_a_feed_reader_finds_nothing_wrong_with_the_atom_feed(public):
    await public.post(*EVERY)
    for content in (public.read("feed.xml"), public.read("feed.xml").encode()):
        parsed = feedparser.parse(content)
        assert not parsed.bozo and parsed.version == "atom10"
        assert len(parsed.entries) == len(EVERY)
        assert parsed.feed.title == parsed.feed.author == "News"
        links = {link.rel: link.href for link in parsed.feed.links}
        assert links["self"] == "https://news.example.org/feed.xml"
        assert all(entry.link.startswith("https://news.example.org/") for entry in parsed.entries)


async def test_an_empty_page_is_whole_before_the_first_post(public):
    assert (await public.feed.check()).trouble == ""
    jsonschema.validate(public.json(), JSON_FEED)
    assert not feedparser.parse(public.read("feed.xml")).bozo
    assert "Nothing has been posted" in public.read("index.html")
    assert (public.folder / "style.css").exists()


async def test_without_an_address_links_are_relative(tmp_path):
    public = Public(tmp_path, url="")
    await public.post(EVERY[0])
    assert public.json()["items"][0]["url"].startswith("items/")
    assert "home_page_url" not in public.json()
    assert not feedparser.parse(public.read("feed.xml")).bozo


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff"])
async def test_a_character_that_no_feed_can_carry_is_refused_and_nothing_written(public, character):
    [outcome] = await public.post(a_post(f"a{character}b"))
    assert outcome == Refused("a character that no feed can carry")
    assert not list(public.folder.glob("items/*.json"))


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": None},
        {"id": "urn:uuid:../../../../etc/passwd"},
        {"id": "urn:uuid:00000000-0000-4000-8000-00000000000G"},
        {"id": "00000000-0000-4000-8000-000000000000"},
        {"id": 7},
        {"date": "yesterday"},
        {"date": "2026-13-45T00:00:00Z"},
        {"text": None},
        {"text": "\ud800"},
        {"titled": ...},
    ],
)
async def test_what_is_no_item_is_refused_and_nothing_written(public, change):
    shown = json.loads(EVERY[0].item) | change
    signed = json.dumps({k: v for k, v in shown.items() if v is not ...}).encode()
    [part] = await public.feed.prepare(type(EVERY[0])(b"s" * 32, "", "", "", 0, signed, b""))
    assert isinstance(await public.feed.send(Attempt(part, 1, DATE), None), Refused)
    assert not public.folder.exists()


async def test_a_post_without_an_item_is_refused(public):
    [part] = await public.feed.prepare(type(EVERY[0])(b"s" * 32, "text", "", "en", DATE))
    assert isinstance(await public.feed.send(Attempt(part, 1, DATE), None), Refused)


async def test_posted_and_found_say_where_people_see_it(public):
    [outcome] = await public.post(EVERY[0])
    [part] = await public.feed.prepare(EVERY[0])
    found = await public.feed.find(Attempt(part, 1, DATE))
    assert isinstance(outcome, Posted) and outcome.url.endswith(".html")
    assert found == Found(outcome.ref, outcome.url)
    assert (public.folder / outcome.url.removeprefix("https://news.example.org/")).exists()


# ---------------------------------------------------------------- HTML


class Tags(HTMLParser):
    """Every element with its attributes, and all text."""

    def __init__(self, content):
        super().__init__()
        self.tags, self.text, self.open = [], "", []
        self.feed(content)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


async def test_nothing_a_person_wrote_becomes_markup(public):
    await public.post(*EVERY)
    pages = [public.read("index.html")]
    pages += [path.read_text() for path in public.folder.glob("items/*.html")]
    assert len(pages) == 1 + len(EVERY)
    for page in map(Tags, pages):
        assert page.open == []
        assert not {"script", "img", "b", "iframe", "style"} & {tag for tag, _ in page.tags}
        assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    index = Tags(pages[0]).text
    assert TEXTS["markup"] in index and "{{7*7}}" in index and "49" not in index


async def test_no_page_can_run_or_load_anything_but_its_style(public):
    await public.post(EVERY[0])
    for name in ("index.html", next(public.folder.glob("items/*.html")).relative_to(public.folder)):
        page = Tags(public.read(name))
        policy = [m["content"] for m in page.all("meta") if "http-equiv" in m]
        assert len(policy) == 1 and policy[0].startswith("default-src 'none'; style-src 'self';")
        assert not [attrs for _, attrs in page.tags if "src" in attrs or "style" in attrs]
        sheets = [link["href"] for link in page.all("link") if link["rel"] == "stylesheet"]
        assert sheets in (["style.css"], ["../style.css"])
    assert "url(" not in public.read("style.css") and "@import" not in public.read("style.css")


async def test_each_item_has_its_language_and_each_paragraph_its_direction(public):
    await public.post(*EVERY)
    page = Tags(public.read("index.html"))
    langs = [article.get("lang") for article in page.all("article")]
    assert langs == ["en", "zh-Hant", "en", None, "en", "fa"]
    assert {attrs["dir"] for attrs in page.all("p") if "class" not in attrs and "dir" in attrs} == {
        "auto"
    }


async def test_an_override_of_direction_stays_in_the_feeds_and_off_the_page(public):
    await public.post(a_post("exe.\u202egnp", title="a \u202eb \u2067c"))
    for path in public.folder.rglob("*.html"):
        assert "\u202e" not in path.read_text()
    assert "\u2067" not in re.search("<title>(.*)</title>", public.read("index.html"))[1]
    assert "\u202e" in public.json()["items"][0]["content_text"]


@pytest.mark.parametrize("language", sorted({"en", "fa", "ar", "he", "ur", "tr", "fa-IR"}))
async def test_the_page_itself_runs_as_its_language_does(tmp_path, language):
    public = Public(tmp_path, language=language, title="عنوان")
    await public.post(EVERY[0])
    [html] = Tags(public.read("index.html")).all("html")
    rtl = language[:2] in RIGHT_TO_LEFT
    assert html == {"lang": language, "dir": "rtl" if rtl else "ltr"}


async def test_the_page_has_landmarks_headings_in_order_and_both_feeds(public):
    await public.post(*EVERY)
    page = Tags(public.read("index.html"))
    for landmark in ("header", "main", "footer"):
        assert len(page.all(landmark)) == 1
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and all(b - a <= 1 for a, b in itertools.pairwise(levels))
    hrefs = {a["href"] for a in page.all("a")}
    assert {"feed.xml", "feed.json", "#news"} <= hrefs
    inside = {h for h in hrefs if not h.startswith(("http", "#"))}
    assert all((public.folder / href).exists() for href in inside)
    assert "signed" in page.text


async def test_nothing_names_the_product(public):
    await public.post(*EVERY)
    for path in public.folder.rglob("*"):
        if path.is_file():
            said = path.read_text().lower()
            said = said.replace('"_outword"', "").replace("urn:outword:1", "")
            assert "outword" not in said and "relay" not in said


LINKS = {
    "see https://a.example/x.": ["https://a.example/x"],
    "(https://a.example/x)": ["https://a.example/x"],
    "https://a.example/x_(y)": ["https://a.example/x_(y)"],
    "https://a.example/?a=1&b=2!": ["https://a.example/?a=1&b=2"],
    "را در https://a.example/fa، ببینید": ["https://a.example/fa"],
    "HTTP://A.example": ["HTTP://A.example"],
    "https://a.example/1 https://b.example/2": ["https://a.example/1", "https://b.example/2"],
    'https://a.example/"onclick="x': ["https://a.example/"],
    "https://good.example@evil.example/": [],
    "https://exаmple.org/": [],  # a Cyrillic letter
    "javascript:alert(1) data:text/html,x ftp://a.example/": [],
    "https:// https://: http://[": [],
    "https://a.example:99x/": [],
    "(https://a.example/x_(y))).": ["https://a.example/x_(y)"],
    "https://a.example/" + "])" * 30_000: ["https://a.example/"],
}


@pytest.mark.parametrize(("text", "expected"), LINKS.items(), ids=range(len(LINKS)))
def test_addresses_become_links_that_name_where_they_lead(text, expected):
    page = Tags(str(paragraphs(text)))
    links = page.all("a")
    assert [link["href"] for link in links] == expected
    assert all(link["rel"] == "nofollow noopener noreferrer" for link in links)
    assert page.text == text


def test_blank_lines_part_paragraphs_and_line_ends_stay():
    assert str(paragraphs("a\nb\n\n \nc")) == ('<p dir="auto">a<br>\nb</p>\n<p dir="auto">c</p>')


@pytest.mark.parametrize(
    "settings",
    [{"title": ""}, {"title": "a\nb"}, {"url": "ftp://a"}, {"language": "f a"}, {"x": 1}],
)
def test_settings_that_cannot_be(settings):
    with pytest.raises(pydantic.ValidationError):
        Feed.Settings.model_validate({"folder": "/tmp/x"} | settings)
