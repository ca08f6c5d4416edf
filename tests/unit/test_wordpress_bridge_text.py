"""What a blog's post is made of: HTML that can do nothing, titles, directions."""

from __future__ import annotations

import pytest
from wordpress_parts import DATE, PNG, post

from bridges.kit import markup
from bridges.kit.matching import same, text_of
from bridges.press import drafts
from bridges.press.composing import Style, composed
from relay.model import Media, Post

STYLE = Style(mentions=False, categories=(), tags=(), comments="")
PERSIAN = "می‌خواهیم بدانند که اینجاییم 👩‍👩‍👧‍👦 🇮🇷. "


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\ntwo", "<p>one<br>two</p>"),
        ("one\n\n \n two", "<p>one</p><p>two</p>"),
        ("<b>&\"'", "<p>&lt;b&gt;&amp;&quot;&#x27;</p>"),
        ("[gallery]", "<p>&#91;gallery&#93;</p>"),
        (
            "http://nowhere and ftp://a.example/",
            "<p>http&#58;//nowhere and ftp&#58;//a.example/</p>",
        ),
        ("https://a@b.example/", "<p>https&#58;//a@b.example/</p>"),
        ("", ""),
    ],
)
def test_a_text_becomes_paragraphs_and_nothing_else(text, html):
    assert markup.html_of(text) == html


@pytest.mark.parametrize(
    ("text", "address", "rest"),
    [
        ("see https://a.example/b?c=1&d=2.", "https://a.example/b?c=1&amp;d=2", "."),
        ("(https://a.example/b_(c))", "https://a.example/b_(c)", ")"),
        ("«https://a.example/»", "https://a.example/", "»"),
        ("https://a.example/x،", "https://a.example/x", "،"),
        ("https://a.example/\u202egnp", "https://a.example/", "\u202egnp"),
        ('https://a.example/"onclick="x', "https://a.example/", "&quot;onclick=&quot;x"),
        ("https://a.example/[x]", "https://a.example/&#91;x&#93;", ""),
    ],
)
def test_an_address_leads_where_it_says(text, address, rest):
    html = markup.html_of(text)
    assert f'<a href="{address}" rel="{markup.REL}">{address}</a>{rest}</p>' in html


def test_an_address_without_end_costs_no_time():
    html = markup.html_of("https://a.example/" + ")" * 500_000)
    assert "<a " not in html


@pytest.mark.parametrize("text", ["https://a@b.example/x", "https://b.example/" + "x" * 2100])
def test_an_address_that_leads_nowhere_is_not_fetched_by_the_blog(text):
    html = markup.html_of(text)
    assert "://" not in html and text_of(html).strip() == text


def test_a_comment_of_accents_alone_costs_no_time():
    text = markup.read("<p>e" + "\u0301\u0316" * 250_000 + "</p>")
    assert text.startswith("é") and len(text) < 40


@pytest.mark.parametrize(
    ("text", "language", "way"),
    [
        ("hello", "fa", "rtl"),
        ("سلام", "en", "ltr"),
        ("12 «سلام» hello", "", "rtl"),
        ("12 hello سلام", "", "ltr"),
        ("12", "", "ltr"),
    ],
)
def test_which_way_a_text_runs(text, language, way):
    assert markup.direction(text, language) == way


def test_the_element_says_way_and_language():
    assert markup.within("x", "rtl", "fa", id="r-1") == '<div id="r-1" dir="rtl" lang="fa">x</div>'
    assert markup.within("x", "ltr", "") == '<div dir="ltr">x</div>'


def test_a_title_is_the_posts_own_or_the_beginning_of_its_text():
    assert markup.headline("A\ntitle", "text") == "A title"
    assert markup.headline("", "\nfirst  line\nsecond") == "first line"
    long = markup.headline("", PERSIAN * 20)
    assert len(long) <= 80 and long.endswith("…")


def test_a_long_persian_text_stands_there_whole():
    text = (PERSIAN * 30 + "\n\n") * 100
    draft = composed(Post(b"s" * 32, text, "", "fa", DATE), STYLE)
    assert same(text_of(draft.content), text)
    assert draft.direction == "rtl" and draft.language == "fa"
    assert len(draft.excerpt) <= 240 and len(draft.title) <= 80


def test_names_and_tags_are_plain_words_unless_the_operator_wants_them():
    said = composed(post("@somebody@a.example #tag", "#title"), STYLE)
    assert "@\u2060somebody" in said.content and "#\u2060tag" in said.content
    assert said.title == "#\u2060title"
    loud = Style(mentions=True, categories=(), tags=(), comments="")
    assert "\u2060" not in composed(post("@somebody #tag"), loud).content


def test_pictures_without_a_word_stand_under_what_they_show_or_their_day():
    assert composed(post("", "", "en", PNG), STYLE).title == "a roof at night"
    bare = Media("image/png", b"\x89PNG")
    assert composed(post("", "", "en", bare), STYLE).title == "2026-11-18"


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (post(" \u202e\n"), "nothing is left"),
        (post("x" * 200_001), "longer"),
        (post("x", "", "en", Media("image/svg+xml", b"x")), "this type"),
        (post("x", "", "en", Media("image/png", b"")), "empty"),
        (post("x", "", "en", *[PNG] * 21), "more media"),
    ],
)
def test_what_a_blog_would_not_have_is_refused_in_whole(one, why):
    draft = composed(one, STYLE)
    assert why in draft.refuse and draft.content == "" and draft.media == ()


def test_a_draft_thaws_as_it_was_frozen():
    style = Style(mentions=False, categories=(3, 4), tags=(5,), comments="open")
    draft = composed(post("hello", "title", "fa", PNG), style)
    assert drafts.thawed(drafts.frozen(draft)) == draft
    assert drafts.frozen(draft) == drafts.frozen(composed(post("hello", "title", "fa", PNG), style))
