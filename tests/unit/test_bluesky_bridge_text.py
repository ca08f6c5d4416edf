"""What Bluesky makes of a text: its keys, its links and marks, its parts and its pictures."""

from __future__ import annotations

import pytest
import regex
from bluesky_bridge_parts import DID, MP4, NOW, PNG, Scripted, a_bridge, post_of

from bridges.atproto import drafts
from bridges.atproto.facets import Mark, shown
from bridges.atproto.keys import Place, place_of, record_key
from bridges.atproto.links import addresses
from bridges.kit.sizes import size_of
from relay.model import Media

FAMILY = "👩‍👩‍👧‍👦"


def number(key: str) -> int:
    made = 0
    for sign in key:
        made = made << 5 | "234567abcdefghijklmnopqrstuvwxyz".index(sign)
    return made


# ---------------------------------------------------------------- keys and refs


def test_a_key_is_a_tid_of_the_time_just_before_the_hour():
    key = record_key(bytes(32), NOW, 0)
    assert regex.fullmatch("[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}", key)
    moment = (number(key) >> 10) / 1_000_000
    assert NOW - 2148 <= moment <= NOW


def test_keys_of_one_thread_are_distinct_and_sort_in_its_order():
    keys = [record_key(bytes(32), NOW, index) for index in range(40)]
    assert sorted(set(keys)) == keys


def test_keys_of_one_hour_differ_from_post_to_post_and_are_the_same_each_time():
    keys = [record_key(bytes([n]) * 32, NOW, 0) for n in range(256)]
    assert len(set(keys)) == 256
    assert keys == [record_key(bytes([n]) * 32, NOW, 0) for n in range(256)]


@pytest.mark.parametrize(
    "ref",
    [
        "",
        "3ke6kg3wk22xh",
        f"at://{DID}/app.bsky.feed.post/",
        f"at://{DID}/app.bsky.feed.like/3ke6kg3wk22xh",
        f"at://{DID}/app.bsky.feed.post/3ke6kg3wk22xh/more",
        f"at://{DID}/app.bsky.feed.post/zke6kg3wk22xh",
        "at://us.example/app.bsky.feed.post/3ke6kg3wk22xh",
        "at://did:plc:/app.bsky.feed.post/3ke6kg3wk22xh",
        f"at://did:plc:{'x' * 300}/app.bsky.feed.post/3ke6kg3wk22xh",
        None,
    ],
)
def test_what_is_no_posts_address_is_no_ref(ref):
    assert place_of(ref) is None


def test_a_ref_is_the_address_of_the_post():
    ref = str(Place(DID, "3ke6kg3wk22xh"))
    assert ref == f"at://{DID}/app.bsky.feed.post/3ke6kg3wk22xh"
    assert place_of(ref) == Place(DID, "3ke6kg3wk22xh")


# ---------------------------------------------------------------- links


@pytest.mark.parametrize(
    ("text", "shows", "leads"),
    [
        ("https://example.org", "example.org", "https://example.org"),
        ("https://example.org/", "example.org", "https://example.org/"),
        ("HTTP://example.org:8080/a", "example.org:8080/a", "http://example.org:8080/a"),
        ("see https://example.org/a.", "example.org/a", "https://example.org/a"),
        ("«https://example.org/a»،", "example.org/a", "https://example.org/a"),
        ("(https://example.org/a_(b))", "example.org/a_(b)", "https://example.org/a_(b)"),
        ("https://example.org/a?x=1&y=%41#z", "example.org/a?x=1&y=%41#z", None),
        (
            "https://example.org/news/2026/11/18/the-lights-are-out",
            "example.org/news/2026/11/18/the…",
            None,
        ),
        (
            "https://fa.example.org/خبر",
            "fa.example.org/خبر",
            "https://fa.example.org/%D8%AE%D8%A8%D8%B1",
        ),
        ("https://bücher.example/x", "bücher.example/x", "https://xn--bcher-kva.example/x"),
        (
            "https://a-very-long-name-of-a-host-that-is-shown-whole.example.org/path/to",
            "a-very-long-name-of-a-host-that-is-shown-whole.example.org/path/to",
            None,
        ),
    ],
)
def test_an_address_is_shown_short_and_leads_to_the_whole(text, shows, leads):
    [found] = addresses(text)
    assert found.shown == shows
    assert found.uri == (leads or text)


@pytest.mark.parametrize(
    "text",
    [
        "https://bank.example@evil.example/",
        "https://",
        "https://localhost/x",
        "https://example.org:99999/",
        "https://[::1",
        "ftp://example.org",
        "gemini://example.org",
        "example.org",
        "https://" + "a" * 300 + ".org",
    ],
)
def test_what_could_deceive_or_leads_nowhere_stays_words(text):
    assert list(addresses(text)) == []
    assert shown(text, names=True)[0] == text


def test_a_mark_counts_bytes_of_the_text_that_is_shown():
    text, marks = shown("سلام 🇮🇷 https://example.org/a و https://example.net/b", names=False)
    assert text == "سلام 🇮🇷 example.org/a و example.net/b"
    assert [text.encode()[mark.start : mark.end].decode() for mark in marks] == [
        "example.org/a",
        "example.net/b",
    ]
    assert {mark.kind for mark in marks} == {"link"}


def test_names_and_tags_are_marked_only_where_they_are_wanted():
    text = "@us.example.org and #news, not a@b.example, #12, https://example.org/#x or @nobody"
    assert [mark.kind for mark in shown(text, names=False)[1]] == ["link"]
    said, marks = shown(text, names=True)
    seen = [(mark.kind, mark.to, said.encode()[mark.start : mark.end]) for mark in marks]
    assert ("name", "us.example.org", b"@us.example.org") in seen
    assert ("tag", "news", b"#news") in seen
    assert sorted(kind for kind, _, _ in seen) == ["link", "name", "tag"]


def test_of_many_names_the_first_ten_are_asked_for():
    marks = shown(" ".join(f"@n{n}.example" for n in range(30)), names=True)[1]
    assert len(marks) == 10


# ---------------------------------------------------------------- parts


async def texts_of(tmp_path, text, **more):
    parts = await a_bridge(tmp_path, Scripted()).prepare(post_of(text, **more))
    return [drafts.thawed(part.payload) for part in parts]


@pytest.mark.parametrize("repeats", [1, 4, 12, 40])
async def test_persian_with_emoji_fits_both_limits_and_is_cut_at_words(tmp_path, repeats):
    sentence = f"امشب برق نیست و می‌خواهیم همه بدانند که اینجاییم {FAMILY} 🇮🇷 و خوبیم. "
    made = await texts_of(tmp_path, sentence * repeats)
    for draft in made:
        assert len(regex.findall(r"\X", draft.text)) <= 300
        assert len(draft.text.encode()) <= 3000
    bare = " ".join(regex.sub(r"\n\(\d+/\d+\)$", "", draft.text) for draft in made)
    assert bare.split() == (sentence * repeats).split()


async def test_signs_of_many_bytes_are_cut_by_bytes(tmp_path):
    made = await texts_of(tmp_path, f"{FAMILY} " * 200)
    assert len(made) == 3
    assert all(len(draft.text.encode()) <= 3000 for draft in made)
    assert all(len(regex.findall(r"\X", draft.text)) <= 300 for draft in made)


async def test_298_graphemes_are_one_post_and_299_are_two(tmp_path):
    assert len(await texts_of(tmp_path, "ب" * 298)) == 1
    assert len(await texts_of(tmp_path, "ب" * 299)) == 2


async def test_an_address_counts_as_it_is_shown_and_is_never_cut(tmp_path):
    address = "https://example.org/" + "x" * 300
    [draft] = await texts_of(tmp_path, f"{'ب' * 250} {address}")
    assert [mark.to for mark in draft.marks] == [address]
    first, second = await texts_of(tmp_path, f"{'ب ' * 140}{address}")
    assert not first.marks and [mark.to for mark in second.marks] == [address]


async def test_what_follows_an_address_without_a_space_may_be_cut(tmp_path):
    made = await texts_of(tmp_path, 'https://example.org/"' + "x" * 700)
    assert len(made) == 3
    assert [mark.to for mark in made[0].marks] == ["https://example.org/"]


async def test_a_title_stands_above_and_the_language_is_said(tmp_path):
    [draft] = await texts_of(tmp_path, "متن", title="عنوان", language="fa-IR")
    assert (draft.text, draft.language) == ("عنوان\n\nمتن", "fa")


async def test_the_visible_time_is_the_hour_of_the_release(tmp_path):
    first, second, *_ = await texts_of(tmp_path, "word " * 200)
    assert first.created == "2026-11-18T11:00:00.000Z"
    assert second.created == "2026-11-18T11:00:00.001Z"


async def test_the_same_post_gives_the_same_bytes(tmp_path):
    text = "@us.example #news https://example.org " + "word " * 100
    post = post_of(text, media=[PNG, MP4])
    bridge = a_bridge(tmp_path, Scripted(), mentions="on")
    first, again = await bridge.prepare(post), await bridge.prepare(post)
    assert first == again
    assert len({part.key for part in first}) == len(first)


def test_a_draft_is_frozen_whole():
    draft = drafts.Draft(
        "3ke6kg3wk22xh", "now", "text", (Mark(0, 4, "tag", "x"),), "fa", True, (PNG,)
    )
    assert drafts.thawed(drafts.frozen(draft)) == draft
    assert "text" not in repr(draft)


# ---------------------------------------------------------------- pictures


async def test_four_pictures_go_together_and_a_film_alone(tmp_path):
    made = await texts_of(tmp_path, "look", media=[PNG] * 5 + [MP4] + [PNG])
    assert [len(draft.media) for draft in made] == [4, 1, 1, 1]
    assert [draft.text for draft in made] == ["look\n(1/4)", "(2/4)", "(3/4)", "(4/4)"]


@pytest.mark.parametrize(
    "medium",
    [
        Media("image/gif", b"GIF89a"),
        Media("audio/ogg", b"OggS"),
        Media("image/png", b""),
        Media("image/png", bytes(2_000_001)),
        Media("video/webm", b"x"),
    ],
)
async def test_a_medium_that_is_not_taken_refuses_the_whole_post(tmp_path, medium):
    [draft] = await texts_of(tmp_path, "look", media=[PNG, medium])
    assert draft.refuse and not draft.media


def jpeg(*segments: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(segments)


FRAME = b"\xff\xc2\x00\x11\x08\x01\x02\x03\x04\x03" + bytes(9)


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (PNG.content, (640, 480)),
        (jpeg(FRAME), (0x304, 0x102)),
        (jpeg(b"\xff\xe0\x00\x04ab", b"\xff\xff", FRAME[1:]), (0x304, 0x102)),
        (jpeg(b"\xff\xe0\x00\x00" * 3000), None),
        (jpeg(b"\xff\xc4\x00\x04ab"), None),
        (jpeg(), None),
        (b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + b"\x7f\x02\0\xdf\x01\0", (640, 480)),
        (b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x7f\xc2\x77\0" + bytes(5), (640, 480)),
        (b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0abc\x9d\x01\x2a\x80\x02\xe0\x01", (640, 480)),
        (b"RIFF\0\0\0\0WEBPVP8 ", None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"GIF89a", None),
        (b"", None),
    ],
)
def test_the_size_of_a_picture_is_read_from_its_first_bytes(content, size):
    assert size_of(content) == size
