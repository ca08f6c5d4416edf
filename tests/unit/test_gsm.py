"""The alphabets of SMS are counted and cut as phones do it, and read whatever came."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.rules.gsm import (
    DEFAULT,
    ESCAPE,
    EXTENSION,
    Size,
    decoded,
    encoded,
    fits,
    segments,
    size,
    units,
)

PERSIAN = "سلام، می‌روم به خانه"


def test_the_tables_have_the_characters_of_the_standard_in_their_places() -> None:
    assert len(DEFAULT) == 128 and len(set(DEFAULT)) == 128
    places = {0x00: "@", 0x02: "$", 0x0A: "\n", 0x0D: "\r", 0x10: "Δ", 0x11: "_", 0x1B: "\x1b"}
    places |= {0x1C: "Æ", 0x1F: "É", 0x20: " ", 0x24: "¤", 0x3F: "?", 0x40: "¡", 0x41: "A"}
    places |= {0x5A: "Z", 0x5B: "Ä", 0x5F: "§", 0x60: "¿", 0x61: "a", 0x7A: "z", 0x7F: "à"}
    assert {at: DEFAULT[at] for at in places} == places
    assert "".join(EXTENSION[at] for at in sorted(EXTENSION)) == "\f^{}\\[~]|€"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Size("gsm", 0, 0)),
        ("a" * 160, Size("gsm", 160, 1)),
        ("a" * 161, Size("gsm", 161, 2)),
        ("a" * 306, Size("gsm", 306, 2)),
        ("a" * 307, Size("gsm", 307, 3)),
        ("€" * 80, Size("gsm", 160, 1)),
        ("a" * 159 + "€", Size("gsm", 161, 2)),
        ("a" * 152 + "€" + "a" * 152, Size("gsm", 306, 3)),  # the pair does not fit the first
        ("`", Size("ucs2", 1, 1)),
        ("\x1b", Size("ucs2", 1, 1)),
        ("پ" * 70, Size("ucs2", 70, 1)),
        ("پ" * 71, Size("ucs2", 71, 2)),
        ("پ" * 134, Size("ucs2", 134, 2)),
        ("پ" * 135, Size("ucs2", 135, 3)),
        ("🕯" * 35, Size("ucs2", 70, 1)),
        ("پ" * 66 + "🕯" + "پ" * 66, Size("ucs2", 134, 3)),  # nor the two halves of one
    ],
)
def test_a_text_has_the_units_and_segments_of_its_alphabet(text: str, expected: Size) -> None:
    assert size(text) == expected
    assert units(text) == expected.units


@pytest.mark.parametrize(
    ("text", "is_short"),
    [("a" * 160, True), ("a" * 161, False), ("پ" * 134, True), ("پ" * 135, False), ("", True)],
)
def test_an_answer_fits_one_message_of_septets_or_two_of_ucs2(text: str, is_short: bool) -> None:
    assert fits(text) is is_short


@pytest.mark.parametrize(
    ("septets", "text"),
    [
        (b"\x00hi\x1b\x65\x0a", "@hi€\n"),
        (b"a\x1b", "a\ufffd"),  # its other half was lost
        (b"a\x1bz", "az"),  # no such character: that of the default table is shown
        (b"a\x1b\x1b\x65", "a€"),
        (b"a\x80\xff", "a\ufffd\ufffd"),
        (b"", ""),
    ],
)
def test_septets_are_read_as_the_standard_says(septets: bytes, text: str) -> None:
    assert decoded(septets, "gsm") == text


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (PERSIAN.encode("utf-16-be"), PERSIAN),
        ("🕯".encode("utf-16-be"), "🕯"),
        ("🕯".encode("utf-16-be")[:2], "\ufffd"),
        ("🕯".encode("utf-16-be")[2:], "\ufffd"),
        (b"\x06\x33\x06", "س\ufffd"),
        (b"\xd8\x3d\x06\x33", "\ufffdس"),
        (b"", ""),
    ],
)
def test_half_a_character_is_shown_as_damage(octets: bytes, text: str) -> None:
    assert decoded(octets, "ucs2") == text


@given(st.text())
def test_what_is_written_is_read_again(text: str) -> None:
    kind, content = encoded(text)
    again = decoded(content, kind)
    assert again == text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


@given(st.text(st.sampled_from("a€[\n")) | st.text(st.sampled_from("aپ🕯€")), st.integers(0, 200))
def test_segments_join_to_the_text_and_each_can_be_read_alone(text: str, more: int) -> None:
    text += "a" * more + text
    kind, parts = segments(text)
    assert b"".join(parts) == encoded(text)[1]
    assert "".join(decoded(part, kind) for part in parts) == text
    most = {"gsm": 160 if len(parts) == 1 else 153, "ucs2": 140 if len(parts) == 1 else 134}
    assert all(0 < len(part) <= most[kind] for part in parts)


@given(st.binary(), st.sampled_from(["gsm", "ucs2"]))
def test_no_octets_are_too_much_for_it(content: bytes, kind: str) -> None:
    assert "\x1b" not in decoded(content, "gsm")
    decoded(content, kind).encode("utf-8")


def test_an_escape_is_the_only_septet_without_a_character() -> None:
    assert decoded(bytes(range(128)), "gsm").replace("\ufffd", "") == "".join(
        char for at, char in enumerate(DEFAULT) if at != ESCAPE
    )
