"""What becomes of a post for a video platform: which film, which title, which words."""

from __future__ import annotations

import pytest
from film_parts import FILM, PNG, post_of

from bridges import peertube, youtube
from bridges.kit.counting import units
from bridges.video import composing, drafts
from bridges.video.composing import composed
from relay.model import Media

PERSIAN = "امشب برق نیست و می‌خواهیم همه بدانند که اینجاییم 👩‍👩‍👧‍👦 🇮🇷 و خوبیم. "


def made(limits=peertube.LIMITS, *, mentions=False, film=True, **post):
    return composed(post_of(**post), limits, mentions=mentions, film=film)


@pytest.mark.parametrize(
    ("media", "why"),
    [
        ((), composing.NO_FILM),
        ((PNG,), composing.NO_FILM),
        ((FILM, PNG), composing.NOT_FILMS),
        ((FILM, FILM), composing.TOO_MANY),
        ((Media("video/x-flv", b"x"),), composing.NOT_TAKEN),
        ((Media("video/mp4", b""),), composing.EMPTY),
    ],
)
def test_a_post_without_exactly_one_film_is_refused_with_a_reason(media, why):
    assert made(media=media).refuse == why


def test_its_title_is_the_title_and_its_text_the_words_below():
    draft = made(title="A night", text="The lights are out.")
    assert (draft.title, draft.text) == ("A night", "The lights are out.")


def test_without_a_title_the_first_line_is_one_and_stays_in_the_text():
    draft = made(text="A night\n\nThe lights are out.")
    assert (draft.title, draft.text) == ("A night", "A night\n\nThe lights are out.")


def test_a_title_that_is_cut_stands_whole_above_the_text():
    title = "word " * 40
    draft = made(title=title, text="below")
    assert len(draft.title) <= 120 and draft.title.endswith("…")
    assert draft.text == f"{title.strip()}\n\nbelow"


def test_a_film_without_a_word_has_a_title_of_no_language():
    draft = made(text="")
    assert (draft.title, draft.text) == ("▶ …", "")
    assert made(youtube.LIMITS, text="").title == "▶"


def test_what_the_film_shows_follows_the_text_where_there_is_room():
    film = Media("video/mp4", b"x", "people on a roof")
    assert made(text="hello", media=(film,)).text == "hello\n\npeople on a roof"
    assert made(text="people on a roof, at night", media=(film,)).text.count("roof") == 1
    full = "x" * 10_000
    assert made(text=full, media=(film,)).text == full
    draft = made(text="", media=(film,))
    assert draft.title == draft.text == "people on a roof"


def test_what_is_shorter_than_the_server_takes_is_made_longer():
    draft = made(text="x")
    assert (draft.title, draft.text) == ("x …", "x …")


def test_youtube_is_spared_angle_brackets():
    draft = made(youtube.LIMITS, title="a <b> c", text="1 < 2")
    assert (draft.title, draft.text) == ("a ‹b› c", "1 ‹ 2")


@pytest.mark.parametrize("limits", [peertube.LIMITS, youtube.LIMITS])
def test_a_persian_text_fits_by_the_platforms_own_measure_or_is_refused(limits):
    fits = PERSIAN
    while units(fits + PERSIAN, limits.text_in) <= limits.text:
        fits += PERSIAN
    draft = made(limits, text=fits)
    assert not draft.refuse
    assert units(draft.text, limits.text_in) <= limits.text
    assert units(draft.title, limits.title_in) <= limits.title
    assert draft.title.endswith("…") and not draft.title.endswith("\u200d…")
    assert made(limits, text=fits + PERSIAN).refuse == composing.TOO_LONG


def test_names_and_tags_work_only_if_the_operator_says_so():
    assert made(text="@bob #news").text == "@\u2060bob #\u2060news"
    assert made(text="@bob #news", mentions=True).text == "@bob #news"


def test_for_other_words_no_film_is_needed_but_pictures_are_still_refused():
    assert made(film=False, media=()).text == "hello there"
    assert not made(film=False).refuse
    assert made(film=False, media=(PNG,)).refuse == composing.NO_FILM


def test_a_draft_is_frozen_and_is_itself_again():
    draft = made(title="A night", language="fa-IR")
    assert drafts.thawed(drafts.frozen(draft)) == draft
    assert drafts.frozen(draft) == drafts.frozen(made(title="A night", language="fa-IR"))
    assert "night" not in repr(draft)
