"""Text and media in one entity, as a reader finds them again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.model import Message
from relay.reader.read import read
from relay.transports.entity import MOST_BYTES, MOST_MEDIA, entity, plain_type, within

PICTURE = ("image/jpeg", b"\xff\xd8\xff\x00picture\r\n--=_\n\xff\xd9")


def found(text: str, media: list[tuple[str, bytes]]) -> Message:
    said = read(entity(text, media), "multipart")
    assert isinstance(said, Message)
    return said


def test_a_reader_finds_the_text_and_each_medium_with_its_type() -> None:
    said = found("سلام، این عکس است", [PICTURE, ("video/mp4", b"film")])
    assert said.text == "سلام، این عکس است"
    assert [(one.type, one.content) for one in said.media] == [PICTURE, ("video/mp4", b"film")]


def test_a_picture_needs_no_word_beside_it() -> None:
    said = found("", [PICTURE])
    assert said.text == "" and [one.content for one in said.media] == [PICTURE[1]]


def test_a_text_among_the_media_stays_a_medium() -> None:
    said = found("the text", [("text/plain", b"a note"), ("text/html", b"<p>a page")])
    assert said.text == "the text"
    assert [one.content for one in said.media] == [b"a note", b"<p>a page"]


@given(
    st.text(st.characters(codec="utf-8"), max_size=200),
    st.lists(st.binary(max_size=300), min_size=1, max_size=9),
)
def test_whatever_is_in_them_no_medium_touches_another(text: str, media: list[bytes]) -> None:
    pictures = [b"\x89" + one for one in media]  # a blank one is no medium to a reader
    said = found(text, [("image/png", one) for one in pictures])
    assert [one.content for one in said.media] == pictures


def test_the_same_content_makes_the_same_bytes() -> None:
    assert entity("text", [PICTURE]) == entity("text", [PICTURE])


def test_half_a_surrogate_pair_is_no_reason_to_lose_the_rest() -> None:
    assert found("a\ud83d b \ud83d\ude00", []).text == "a\ufffd b 😀"


@pytest.mark.parametrize(
    ("written", "type_"),
    [
        ("Image/JPEG; name=whose.jpg", "image/jpeg"),
        ("image/png\r\nX-Evil: 1", "application/octet-stream"),
        ("multipart/mixed", "application/octet-stream"),
        ("message/rfc822", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("image", "application/octet-stream"),
        ("image/é", "application/octet-stream"),
    ],
)
def test_a_type_is_one_or_none(written: str, type_: str) -> None:
    assert plain_type(written) == type_
    assert found("x", [(written, b"x")]).media[0].type == type_


def test_what_does_not_fit_is_left_out_and_the_rest_is_not() -> None:
    large = ("video/mp4", bytes(MOST_BYTES))
    assert within("text", [large, PICTURE]) == (PICTURE,)
    with pytest.raises(ValueError, match="more than"):
        entity("text", [large])


def test_an_entity_that_just_fits_is_within_its_limit() -> None:
    at_most = MOST_BYTES * 3 // 4 * 76 // 77
    media = within("text", [("video/mp4", bytes(at_most - 2000))])
    assert len(media) == 1 and MOST_BYTES - 4000 < len(entity("text", media)) <= MOST_BYTES


def test_one_medium_too_many_is_left_out() -> None:
    assert len(within("", [PICTURE] * (MOST_MEDIA + 1))) == MOST_MEDIA
    assert len(found("", [PICTURE] * MOST_MEDIA).media) == MOST_MEDIA
