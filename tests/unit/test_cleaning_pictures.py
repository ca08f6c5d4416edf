"""A picture is made anew from its pixels: upright, in its colours, and with nothing else."""

from __future__ import annotations

import random
from io import BytesIO

import media_parts as parts
import pytest
from media_parts import (
    MARK,
    PICTURES,
    UPRIGHT,
    corners_of,
    film,
    gif,
    heic,
    jpeg,
    mpo,
    picture,
    png,
)
from PIL import Image, ImageCms

from relay.cleaning import clean
from relay.model import Media, Unclean


def cleaned(content: bytes, alt: str = "") -> Media:
    made = clean(Media("application/octet-stream", content, alt))
    assert isinstance(made, Media), made
    return made


def opened(medium: Media) -> Image.Image:
    image = Image.open(BytesIO(medium.content))
    image.load()
    return image


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_stands_as_it_was_shown(kind: str, orientation: int) -> None:
    made = cleaned(PICTURES[kind](orientation))
    assert corners_of(made.content) == UPRIGHT
    assert (made.width, made.height) == opened(made).size == (parts.WIDTH, parts.HEIGHT)


def test_a_picture_of_tiles_is_put_together() -> None:
    made = cleaned(heic(6, picture(160, 128), tile=64))
    assert (made.width, made.height) == (160, 128) and corners_of(made.content) == UPRIGHT
    assert MARK.encode() not in made.content


@pytest.mark.parametrize("kind", PICTURES)
def test_nothing_of_a_file_is_left_but_its_pixels(kind: str) -> None:
    content = PICTURES[kind](6)
    assert MARK.encode() in content
    made = cleaned(content)
    assert MARK.encode() not in made.content
    assert set(opened(made).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"} | {
        "progressive",
        "progression",
    }
    assert len(made.content) < len(content)


def test_a_comment_in_a_gif_is_gone() -> None:
    made = cleaned(gif())
    assert made.type == "image/png" and MARK.encode() not in made.content


def test_a_jpeg_has_no_segment_that_it_does_not_need() -> None:
    made = cleaned(jpeg()).content
    found, at = [], 2
    while made[at + 1] != 0xDA:
        found.append(made[at + 1])
        at += 2 + int.from_bytes(made[at + 2 : at + 4], "big")
    assert set(found) <= {0xE0, 0xDB, 0xC2, 0xC4}  # JFIF, tables, frame
    assert found.count(0xE0) == 1 and made.count(b"\xff\xd8") == 1  # no thumbnail


def test_a_png_has_no_chunk_that_it_does_not_need() -> None:
    made = cleaned(png()).content
    found, at = [], 8
    while at < len(made):
        found.append(made[at + 4 : at + 8])
        at += 12 + int.from_bytes(made[at : at + 4], "big")
    assert set(found) == {b"IHDR", b"IDAT", b"IEND"} and at == len(made)


def test_the_film_behind_a_photograph_is_gone() -> None:
    made = cleaned(jpeg(trailer=film("mp4")))  # as telephones write a "motion photo"
    assert made.type == "image/jpeg" and b"ftyp" not in made.content


def test_the_second_picture_of_a_photograph_is_gone() -> None:
    made = cleaned(mpo())
    assert made.type == "image/jpeg" and made.content.count(b"\xff\xd8\xff") == 1
    assert corners_of(made.content) == UPRIGHT and MARK.encode() not in made.content


def test_the_words_for_a_picture_stay_with_it() -> None:
    assert cleaned(jpeg(), alt="A bridge").alt == "A bridge"


def test_the_same_picture_gives_the_same_bytes() -> None:
    assert cleaned(jpeg(3)).content == cleaned(jpeg(3)).content


def test_a_picture_of_a_screen_stays_sharp_and_a_photograph_becomes_a_jpeg() -> None:
    rough = Image.frombytes("RGB", (64, 48), random.Random(1).randbytes(64 * 48 * 3))
    assert cleaned(png()).type == "image/png"
    assert opened(cleaned(png())).getpixel((3, 3)) == picture().getpixel((3, 3))
    assert cleaned(saved(rough.resize((600, 400)), "PNG")).type == "image/jpeg"


def test_what_shows_through_stays_so_and_what_lies_under_nothing_is_gone() -> None:
    secret = picture().convert("RGBA")
    secret.putalpha(Image.new("L", secret.size, 0))  # all of it cut out, all of it still there
    secret.paste((9, 9, 9, 255), (0, 0, 20, 20))
    made = cleaned(saved(secret, "PNG"))
    assert made.type == "image/png"
    assert opened(made).getpixel((60, 40)) == (0, 0, 0, 0)
    assert opened(made).getpixel((5, 5)) == (9, 9, 9, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "YCbCr"])
def test_all_ways_to_write_colours_are_read(mode: str) -> None:
    form = "JPEG" if mode in ("CMYK", "YCbCr") else "PNG"
    if mode == "I;16":
        image = Image.frombytes(mode, (64, 48), b"\x34\x80" * (64 * 48))
    else:
        image = Image.new("RGB", (64, 48), (128, 128, 128)).convert(mode)
    made = opened(cleaned(saved(image, form)))
    assert made.mode == "RGB"
    red, green, blue = made.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    assert abs(red - 128) < 12 and abs(green - 128) < 12 and abs(blue - 128) < 12


def test_a_palette_with_a_transparent_colour_is_read() -> None:
    image = picture().quantize(8)
    made = cleaned(saved(image, "PNG", transparency=image.getpixel((3, 3))))
    assert opened(made).getpixel((3, 3)) == (0, 0, 0, 0)


def _wide() -> bytes:
    """A profile in which red and green stand in each other's place."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = made.index(b"rXYZ"), made.index(b"gXYZ")
    made[red : red + 4], made[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(made)


def test_colours_are_those_that_the_profile_means() -> None:
    green = saved(Image.new("RGB", (64, 48), (0, 255, 0)), "PNG", icc_profile=_wide())
    seen = opened(cleaned(green)).getpixel((9, 9))
    assert isinstance(seen, tuple) and seen[0] > 200 and seen[1] < 60


@pytest.mark.parametrize("profile", [b"none at all", parts.profile()[:200], b"\xff" * 3000])
def test_a_profile_that_is_none_is_left_out(profile: bytes) -> None:
    content = saved(picture(), "PNG", icc_profile=profile)
    assert corners_of(cleaned(content).content) == UPRIGHT


@pytest.mark.parametrize("left", [0, 3, 9, 30, 200, 600])
def test_exif_that_is_broken_breaks_no_picture(left: int) -> None:
    for broken in (parts.exif(1)[:left], parts.exif(1)[:left] + b"\xff" * 400):
        content = jpeg().replace(parts.exif(1), broken.ljust(len(parts.exif(1)), b"\xff"))
        assert corners_of(cleaned(content).content) == UPRIGHT


def test_of_pictures_that_move_the_first_is_taken() -> None:
    moves = [picture(), picture().rotate(180)]
    for form in ("PNG", "WEBP"):
        content = saved(moves[0], form, save_all=True, append_images=moves[1:], duration=100)
        assert corners_of(cleaned(content).content) == UPRIGHT


def test_a_large_picture_is_made_smaller() -> None:
    made = cleaned(saved(Image.new("RGB", (4400, 2200), (9, 90, 9)), "JPEG"))
    assert (made.width, made.height) == opened(made).size == (4096, 2048)


@pytest.mark.parametrize(
    ("width", "height", "why"),
    [
        (20_000, 20_000, "too large to open"),
        (8_000, 5_001, "too large to open"),
        (20_001, 8, "too large to open"),
        (1, 1, "nothing to see"),
        (600, 1, "nothing to see"),
    ],
)
def test_a_picture_of_no_sane_size_is_refused(width: int, height: int, why: str) -> None:
    content = parts.bomb_png(width, height)
    assert len(content) < 60_000
    refused = clean(Media("image/png", content))
    assert isinstance(refused, Unclean) and refused.why.startswith(why)


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("left", [0.2, 0.5, 0.8])
def test_a_picture_that_is_cut_off_is_refused(kind: str, left: float) -> None:
    content = saved(Image.effect_noise((200, 150), 60), PIL_NAMES[kind])
    refused = clean(Media("image/jpeg", content[: int(len(content) * left)]))
    assert refused == Unclean("damaged: it cannot be opened")


PIL_NAMES = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "avif": "AVIF", "heic": "HEIF"}


def test_a_jpeg_that_goes_over_its_pixels_again_and_again_is_refused() -> None:
    content = saved(picture(), "JPEG", progressive=True)
    start, end = content.rindex(b"\xff\xda"), content.rindex(b"\xff\xd9")
    content = content[:end] + content[start:end] * 100 + content[end:]
    assert clean(Media("image/jpeg", content)) == Unclean("too much work to open")


@pytest.mark.parametrize("behind", [b"PK\x03\x04word/", b"<html><script>", b"%PDF-1.7", b"MZ"])
def test_of_a_file_that_is_two_things_the_pixels_survive(behind: bytes) -> None:
    made = cleaned(jpeg() + behind)
    assert behind not in made.content and corners_of(made.content) == UPRIGHT
