"""What was cleaned is made to fit where it goes, and is never larger than asked."""

from __future__ import annotations

import random
from functools import cache
from io import BytesIO

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from media_parts import UPRIGHT, corners_of, film, picture, sound
from PIL import Image

from relay.cleaning import clean, fit
from relay.model import NO_MEDIA, Fits, Media, Unclean


@cache
def rough(mode: str = "RGB") -> Media:
    """A picture in which no pixel is like the next: the hardest to make small."""
    noise = random.Random(1).randbytes(200 * 150 * len(mode))
    out = BytesIO()
    Image.frombytes(mode, (200, 150), noise).save(out, "PNG")
    return cleaned(out.getvalue())


@cache
def bridge(seconds: float = 2.0) -> Media:
    noise = Image.frombytes("L", (320, 240), random.Random(1).randbytes(320 * 240))
    return cleaned(film("mp4", seconds=seconds, image=noise.convert("RGB")))


@cache
def hum() -> Media:
    return cleaned(sound("ogg", "libopus", seconds=4.0))


def cleaned(content: bytes) -> Media:
    made = clean(Media("", content, "A bridge"))
    assert isinstance(made, Media), made
    return made


@pytest.mark.parametrize("make", [rough, bridge, hum])
def test_what_fits_stays_the_same_object(make) -> None:
    assert fit(make(), Fits()) is make()


@given(st.integers(1, 40_000), st.integers(1, 300), st.sampled_from(["RGB", "RGBA"]))
@settings(max_examples=30, deadline=None)
def test_a_picture_is_never_larger_than_asked(most: int, side: int, mode: str) -> None:
    fits = Fits(image_bytes=most, image_side=side)
    made = fit(rough(mode), fits)
    if isinstance(made, Unclean):
        assert made.why == "it cannot be made small enough" and (most < 1200 or side < 8)
        return
    assert len(made.content) <= most and made.alt == "A bridge"
    shown = Image.open(BytesIO(made.content))
    shown.load()
    assert shown.size == (made.width, made.height) and max(shown.size) <= side


def test_a_picture_is_of_a_type_that_is_taken() -> None:
    seen_through = picture().convert("RGBA")
    seen_through.putpixel((3, 3), (0, 0, 0, 0))
    out = BytesIO()
    seen_through.save(out, "PNG")
    drawn = cleaned(out.getvalue())
    assert drawn.type == "image/png" and fit(drawn, Fits()) is drawn
    made = fit(drawn, Fits(image_types=()))
    assert isinstance(made, Media) and made.type == "image/jpeg"
    assert corners_of(made.content) == UPRIGHT


@given(st.integers(10_000, 200_000), st.integers(64, 400))
@settings(max_examples=6, deadline=None)
def test_a_film_is_never_larger_than_asked(most: int, side: int) -> None:
    made = fit(bridge(), Fits(film_bytes=most, film_side=side))
    assert isinstance(made, Media) and made.alt == "A bridge"
    assert len(made.content) <= most or made.type == "image/jpeg"
    if made.type == "video/mp4":
        assert max(made.width, made.height) <= side and made.seconds == 2
        with av.open(BytesIO(made.content)) as container:
            assert abs((container.duration or 0) / 1_000_000 - 2) < 0.1


@pytest.mark.parametrize("fits", [Fits(film_bytes=0), Fits(film_seconds=1), Fits(film_bytes=900)])
def test_a_film_that_is_not_taken_is_shown_by_a_picture_of_it(fits: Fits) -> None:
    made = fit(bridge(), fits)
    assert isinstance(made, Media)
    assert (made.type, made.content, made.alt) == ("image/jpeg", bridge().poster, "A bridge")
    assert (made.width, made.height, made.seconds) == (320, 240, 0)


@given(st.integers(6_000, 40_000))
@settings(max_examples=5, deadline=None)
def test_a_sound_is_never_larger_than_asked(most: int) -> None:
    made = fit(hum(), Fits(sound_bytes=most))
    assert isinstance(made, Unclean) or len(made.content) <= most
    assert isinstance(made, Media) or most < 12_000


def test_a_sound_that_is_not_taken_or_too_long_is_left_out() -> None:
    assert fit(hum(), Fits(sound_bytes=0)) == Unclean("no sounds are taken there")
    assert fit(hum(), Fits(sound_seconds=3)) == Unclean("too long: more than 3 seconds")


@pytest.mark.parametrize("make", [rough, bridge, hum])
def test_where_no_media_are_taken_nothing_fits(make) -> None:
    refused = fit(make(), NO_MEDIA)
    assert isinstance(refused, Unclean) and refused.why.endswith("are taken there")


def test_what_is_no_medium_of_ours_does_not_break_it() -> None:
    for kind in ("image/jpeg", "video/mp4", "audio/mp4"):
        broken = Media(kind, b"%PDF-1.7" * 99, width=9, height=9, seconds=9)
        assert isinstance(fit(broken, Fits(1, 1, (), 1, 99, 1, 1)), Unclean)


@pytest.mark.parametrize("type", ["image/jpeg", "video/mp4", "audio/mp4"])
def test_nothing_fits_nowhere(type: str) -> None:
    assert fit(Media(type, b"", width=9, height=9, seconds=1), Fits()) == Unclean("empty")
