"""Words, counting and splitting: as the server counts, and nothing lost."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bridges.kit import splitting, words
from bridges.kit.counting import Counting, measure
from bridges.kit.splitting import split

MASTODON = Counting("graphemes", 23, discount=True)
GOTOSOCIAL = Counting("code points", 0, discount=False)
UNKNOWN = Counting("code points", 23, discount=False)
WAYS = [MASTODON, GOTOSOCIAL, UNKNOWN]

FAMILY = "👩‍👩‍👧‍👦"
LINK = "https://example.com/a/very/long/path?x=1"


@pytest.mark.parametrize(
    ("text", "mastodon", "gotosocial"),
    [
        (f"ببینید {LINK} @ali@mastodon.example", 35, 7 + 40 + 1 + 21),
        ("example.com/abc", 15, 15),
        ("می‌خواهم", 7, 8),
        (FAMILY, 1, 7),
        ("🇮🇷", 1, 2),
        ("e\u0301", 1, 2),
        ("https://a.io", 23, 12),  # shorter than 23, and counted 23
        (f"see ({LINK}).", 4 + 1 + 23 + 2, 47),
        ("@ali@mastodon.example", 4, 21),
        ("mail ali@mastodon.example", 25, 25),
        ("", 0, 0),
        ("a\nb\n\nc", 6, 6),
    ],
)
def test_a_text_is_as_long_as_the_server_says(text, mastodon, gotosocial):
    assert measure(text, MASTODON) == mastodon
    assert measure(text, GOTOSOCIAL) == gotosocial


@pytest.mark.parametrize(
    "text",
    [
        "https://localhost/" + "a" * 60,  # no host that all servers know
        "https://example.zzzz/" + "a" * 60,
        "x" + LINK,  # glued to a word: no address for some
        "gopher://example.com/" + "a" * 60,
        "https://10.0.0.1/" + "a" * 60,
    ],
)
def test_what_may_be_no_address_to_a_server_is_counted_in_full(text):
    assert measure(text, MASTODON) >= len(text)


def test_only_the_sure_part_of_an_address_is_taken_off():
    assert measure(LINK + "سلام", MASTODON) == 23 + 4
    assert measure(LINK + "(" + "a" * 50 + ")", MASTODON) == 23 + 52
    assert measure("https://a.zz", UNKNOWN) == 23


def test_a_name_of_another_server_counts_in_full_where_that_is_not_sure():
    assert measure("@ali@mastodon.example", UNKNOWN) == 21


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\x00b\x07c\x7f\x9b", "abc"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("tab\tstays", "tab\tstays"),
        ("می‌خواهم", "می‌خواهم"),
        ("e\u0301", "é"),
        ("look \u202egnp.exe\u202c here", "look gnp.exe here"),
        ("\u202bفارسی\u202c", "\u202bفارسی\u202c"),
        ("\u202bفارسی", "فارسی"),
        ("فارسی\u202c", "فارسی"),
        ("\u2067a\u202bb\u2069", "\u2067ab\u2069"),
        ("\u202ba\u2069b\u202c", "\u202bab\u202c"),
        ("\u202ba\nb\u202c", "a\nb"),
        ("\ud800x", "x"),
        ("  x  ", "x"),
    ],
)
def test_what_is_not_seen_is_taken_out_and_what_a_script_needs_stays(text, clean):
    assert words.clean(text) == clean


J = words.JOINER


@pytest.mark.parametrize(
    ("text", "quiet"),
    [
        ("@bob", f"@{J}bob"),
        ("@bob@host.example", f"@{J}bob@host.example"),
        ("(@bob)", f"(@{J}bob)"),
        ("/@bob", f"/@{J}bob"),
        ("#news", f"#{J}news"),
        ("＃news ＠bob", f"＃{J}news ＠{J}bob"),
        ("#مهسا_امینی", f"#{J}مهسا_امینی"),
        ("#\u200fخبر", f"#{J}\u200fخبر"),
        ("ali@example.org", "ali@example.org"),
        ("https://social.example/@bob#top", "https://social.example/@bob#top"),
        ("# heading, 5 @ 3", "# heading, 5 @ 3"),
        ("@@bob", f"@@{J}bob"),
        (f"@{J}bob", f"@{J}bob"),
    ],
)
def test_names_and_tags_are_plain_words_and_addresses_stay(text, quiet):
    assert words.quiet(text) == quiet
    assert words.quiet(quiet) == quiet


@pytest.mark.parametrize(
    ("title", "text", "whole"),
    [
        ("", "text", "text"),
        ("Title", "", "Title"),
        ("Title", "text", "Title\n\ntext"),
        ("Title", "Title: text", "Title: text"),
        ("Title", "Titles are", "Title\n\nTitles are"),
        ("Title", "Title", "Title"),
    ],
)
def test_a_title_is_the_first_paragraph_unless_the_text_begins_with_it(title, text, whole):
    assert words.headed(title, text) == whole


@pytest.mark.parametrize(
    ("tag", "language"),
    [("fa-IR", "fa"), ("en", "en"), ("ckb-Arab", "ckb"), ("und", ""), ("", ""), ("x-klingon", "")],
)
def test_a_language_is_given_as_servers_know_it(tag, language):
    assert words.language(tag) == language


# ---------------------------------------------------------------- splitting


def without_counter(part, n, of):
    body, mark, counter = part.rpartition("\n")
    if not mark:
        body, counter = "", part
    assert counter == f"({n}/{of})"
    return body


def bodies(parts):
    if len(parts) == 1:
        return parts
    return [without_counter(part, n, len(parts)) for n, part in enumerate(parts, 1)]


def squeezed(text):
    return "".join(text.split())


TEXTS = some.lists(
    some.one_of(
        some.text(max_size=30),
        some.sampled_from(
            [
                *("word ", "جمله. ", "سؤال؟ ", "ایستاده۔ ", "漢字。", "\n\n", "\n", "#tag", FAMILY),
                *(LINK, f" {LINK} ", "https://x.zz/" + "y" * 90, "@ali@mastodon.example "),
                "e" + "\u0301" * 80,
            ]
        ),
    ),
    max_size=60,
).map("".join)


@pytest.mark.parametrize("counting", WAYS)
@given(text=TEXTS, room=some.integers(60, 500))
def test_nothing_is_lost_the_order_is_kept_and_every_part_fits(counting, text, room):
    clean = words.clean(text)
    parts = split(clean, room, counting)
    assert all(measure(part, counting) <= room for part in parts)
    # White space at a cut may go, and a direction mark that a cut left without its other half.
    marks = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u2066\u2067\u2068\u2069"))
    assert squeezed("".join(bodies(parts)).translate(marks)) == squeezed(clean.translate(marks))


@given(text=TEXTS)
def test_no_grapheme_and_no_short_address_is_cut(text):
    clean = unicodedata.normalize("NFC", words.clean(text)).replace("https://x.zz/" + "y" * 90, "")
    parts = bodies(split(clean, 200, MASTODON))
    short = clean.split().count(LINK)  # several without a blank between are a long one, and cut
    assert sum(part.split().count(LINK) for part in parts) >= short
    assert sum(part.count(FAMILY) for part in parts) == clean.count(FAMILY)


def test_a_text_that_just_fits_is_one_part_and_one_more_is_two():
    assert split("a" * 100, 100, MASTODON) == ["a" * 100]
    assert len(split("a" * 101, 100, MASTODON)) == 2
    assert split("", 100, MASTODON) == [""]


def test_a_paragraph_goes_before_a_sentence_and_a_sentence_before_a_space():
    first, second = "One two. " * 6, "Three four. " * 8
    parts = bodies(split(f"{first.strip()}\n\n{second.strip()}", 100, MASTODON))
    assert parts[0] == first.strip()
    parts = bodies(split("Here it ends now and there. " * 6, 100, MASTODON))
    assert all(part.endswith(".") for part in parts)
    parts = bodies(split("word " * 40, 100, MASTODON))
    assert all(set(part.split()) == {"word"} for part in parts)


@pytest.mark.parametrize("stop", ["؟", "۔", "!", "…", ".»"])
def test_sentences_of_other_scripts_are_seen(stop):
    parts = bodies(split(f"این یک جمله است{stop} " * 10, 100, MASTODON))
    assert len(parts) > 1 and all(part.endswith(stop) for part in parts)


def test_a_script_without_spaces_is_cut_after_its_own_stops():
    parts = bodies(split("漢字漢字漢字漢字。" * 30, 100, MASTODON))
    assert all(part.endswith("。") for part in parts)


def test_counters_make_room_for_themselves():
    parts = split("word " * 4000, 100, MASTODON)
    assert len(parts) > 100
    assert parts[0].endswith(f"\n(1/{len(parts)})")
    assert all(measure(part, MASTODON) <= 100 for part in parts)
    nine = split("a" * 9 * 94, 100, MASTODON)
    assert len(nine) == 9
    assert len(split("a" * (9 * 94 + 1), 100, MASTODON)) == 10


def test_a_part_that_its_counter_makes_too_long_makes_all_parts_shorter(monkeypatch):
    def dearer(text, counting):  # as if a cut made something longer than it was within the whole
        return measure(text, counting) + 3 * (len(text) > 20)

    monkeypatch.setattr(splitting, "measure", dearer)
    parts = split("a" * 300, 100, MASTODON)
    assert max(measure(part, MASTODON) for part in parts) == 97
    assert "".join(bodies(parts)) == "a" * 300


def test_an_address_longer_than_a_post_is_cut_because_it_must_be():
    long = "https://example.org/" + "(a)" * 200
    parts = bodies(split(f"see {long} there", 200, MASTODON))
    assert squeezed("".join(parts)) == squeezed(f"see {long} there")


def test_there_are_as_many_parts_as_media_need():
    assert split("short", 100, MASTODON, at_least=3) == ["short\n(1/3)", "(2/3)", "(3/3)"]
    assert split("short", 100, MASTODON, at_least=1) == ["short"]
