"""What nobody sees in a text goes, unless a language needs it where it stands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.reader.text import clean
from relay.rules.danger import marks


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ("a\u202eb\u202cc", "abc"),
        ("a\u2066b", "ab"),
        ("a\u2069b", "ab"),
        ("a\u00adb\ufeffc", "abc"),
        ("a\x1b[31mb\x00c", "a[31mbc"),
        ("a\u2028b", "a\nb"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007f", "\U0001f3f4"),
        ("a\ufe0f\ufe0f\ufe0fb", "ab"),
        ("❤\ufe0f\ufe0f", "❤\ufe0f"),
        ("葛\U000e0100\U000e0101", "葛\U000e0100"),
        ("1\ufe0f and 1\ufe0f\u20e3", "1 and 1\ufe0f\u20e3"),
        ("سل\ufe0fام", "سلام"),
        ("a\u200e\u200eb\u200fc \u200ed", "abc d"),
        ("a\u2066b\u2069c", "abc"),
        ("سلام O\u200fK 1\u200f2", "سلام OK 12"),
        ("سل\u200fا\u200eم", "سلام"),
        ("\u200f\u200fسلام", "\u200fسلام"),
        ("a\u2060b\u034fc\u180ed\u200be\u2062f\u206ag", "abcdefg"),
        ("e\u034f\u0301", "\u00e9"),
        ("می\u2060روم", "میروم"),
        ("a\u17b4b\u180bc", "abc"),
        ("中\u200b文", "中文"),
        ("ไทย\u200b\u200bไทย", "ไทย\u200bไทย"),
        ("a\u00a0b\u2009c\u3000d\u202fe\u2003f", "a b c d e f"),
        ("Non\u00a0! 1\u202f000 «\u00a0oui\u00a0»", "Non ! 1 000 « oui »"),
        ("One.  Two. \u00a0Three.", "One. Two. Three."),
        ("\ufe0fa", "a"),
        ("x\U000e0100\U000e0101\U000e0102", "x"),
        ("\uac00\u3164\ub098\uffa0", "\uac00\ub098"),
        ("a\u115fb\u1160c", "abc"),
        ("a\u2800b\u2800\u2800", "ab"),
    ],
)
def test_what_has_nothing_to_do_where_it_stands_goes(given: str, left: str) -> None:
    assert clean(given) == left


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم",
        "क\u094d\u200dष",
        "👨\u200d👩\u200d👧 ❤\ufe0f 1\ufe0f\u20e3",
        "葛\U000e0100城",
        "\ud55c \u115f\u1161 \u1100\u1160",
        "\u2807\u2800\u2811",
        "\u200fסוף\u200f (ok)\u200e",
        "سلام \u2068English\u2069 سلام",
        "\u061c١-٢",
        "\u200fمن (ok)\u200f رفتم؛ ۱۲\u200f/\u200f۳",
        "إلى المدينة\u200f (2024)\u200f: ١٢٣",
        "L'été, « Noël » : où ça ? Jusqu'à 1 000 !",
        "မြန်မာ\u200bစာ\u200bGoogle \u1000\ufe00",
        "ไทย\u200bคำ\u2060 ភាសា\u200bខ្មែរ",
        "\u3000\u3000今天\u3000明天。",
        "山田\u3000太郎「\u3000」",
        "👩🏽\u200d❤\ufe0f\u200d👩🏻 🏳\ufe0f\u200d🌈 ☎\ufe0e ©\ufe0f ㊗\ufe0f",
        "\u1820\u180b\u182d\u180e\u1820 \u1820\u202f\u1820",
        "  a poem\n    of lines   and gaps",
    ],
)
def test_what_a_language_needs_stays_byte_for_byte(text: str) -> None:
    assert clean(text) == text


_SIGNS = st.sampled_from(
    ["a", " ", "\n", "\ufe0f", "\u2800", "\u2801", "\u1160", "\u115f", "\u1100", "\u1161", "\u3164",
     "\U000e0100", "\u200c", "e\u0301", "\u2066", "\u2069", "\u202e", "ا", "\u064e", "中", "\x00",
     "\u200e", "\u200f", "\u061c", "\u200b", "\u2060", "\u034f", "\u05b4", "1", "\u20e3", "❤", "ไ",
     "\u0e38", "\u3099", "\u17b4", "\u180b", "\u3000", "\u00a0", "\u180e", "\u1820", "\u202f",
     "\ufe00", "א"]
)  # fmt: skip


@given(st.lists(_SIGNS, max_size=24).map("".join) | st.text(max_size=100))
@settings(max_examples=400, deadline=None)
def test_a_clean_text_stays_as_it_is(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


@pytest.mark.parametrize(
    "unit",
    [
        "\u0301\u200eא",
        "א\u0301\u200f",
        "\u200b\u2060",
        "\u115f",
        "\u2800",
        "\ufe0f",
        "a\ufe0f\ufe0f",
        "\u115f\u1160a",
    ],
)
def test_many_of_them_cost_no_more_than_other_signs(unit: str) -> None:
    assert len(clean((unit * 20_000)[:20_000])) <= 20_000  # squares would take half a minute


@pytest.mark.parametrize(
    "text",
    [
        "c\u200bo\u200bp\u200by",
        "one co\u200cpy",
        "со\u200dобщение",
        "1\u200c2",
        "copy\u200c two",
        "\u200ccopy",
        "copy\u200d",
        "со\u200cобщ\u200cени\u200cе",
        "a\u200c\u200d\u200c\u200db",
    ],
)
def test_signs_that_tell_copies_apart_are_marked(text: str) -> None:
    assert {one.kind for one in marks(text)} == {"unseen"}


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم و نمی\u200cتوانم، کتاب\u200cهای ما",
        "ไทย\u200bคำ",
        "iPhone\u200cهای ما",
        "می\u200c خواهم \u200cها",
        "👨\u200d👩\u200d👧\u200d👦",
    ],
)
def test_joiners_where_they_belong_are_not(text: str) -> None:
    assert marks(text) == ()
