"""A film is made anew from its pictures and its sound, and a sound from its samples."""

from __future__ import annotations

from io import BytesIO

import av
import pytest
from media_parts import MARK, UPRIGHT, corners_of, film, gif, picture, sound, trimmed
from PIL import Image

from relay.cleaning import clean
from relay.model import Fits, Media, Unclean

FORMS = {
    "mov": dict(form="mov"),
    "mp4": dict(form="mp4"),
    "3gp": dict(form="3gp", codec="h263", sound="libopencore_amrnb", image=picture(176, 144)),
    "mkv": dict(form="matroska"),
    "webm": dict(form="webm", codec="libvpx", sound="libopus"),
    "vp9": dict(form="webm", codec="libvpx-vp9", sound="libopus"),
    "mjpeg": dict(form="mov", codec="mjpeg", pixels="yuvj422p", sound="alac"),
    "avi": dict(form="avi", codec="mpeg4", sound="libmp3lame"),
    "hevc": dict(form="mp4", codec="libx265", pixels="yuv420p10le"),
}

SOUNDS = {
    "mp3": dict(form="mp3", codec="libmp3lame", cover=True),
    "voice note": dict(form="ogg", codec="libopus"),
    "m4a": dict(form="ipod", codec="aac"),
    "aac": dict(form="adts", codec="aac"),
    "wav": dict(form="wav", codec="pcm_s16le"),
    "flac": dict(form="flac", codec="flac", cover=True),
    "amr": dict(form="amr", codec="libopencore_amrnb"),
    "stereo": dict(form="mp3", codec="libmp3lame", channels=2),
}


def cleaned(content: bytes) -> Media:
    made = clean(Media("application/octet-stream", content, "words"))
    assert isinstance(made, Media), made
    assert made.alt == "words"
    return made


def pictures_of(content: bytes) -> list[tuple[float, Image.Image]]:
    with av.open(BytesIO(content)) as container:
        return [(frame.time, frame.to_image()) for frame in container.decode(video=0)]


def sound_of(content: bytes) -> list[tuple[float, bytes]]:
    """Each piece of sound: when it begins, and its samples."""
    with av.open(BytesIO(content)) as container:
        return [(one.time, bytes(one.planes[0])) for one in container.decode(audio=0)]


def length_of(content: bytes) -> float:
    with av.open(BytesIO(content)) as container:
        assert container.duration is not None
        return container.duration / 1_000_000


@pytest.mark.parametrize("form", FORMS)
def test_a_film_becomes_an_mp4_that_every_telephone_plays(form: str) -> None:
    content = film(**FORMS[form])
    assert form == "hevc" or MARK.encode() in content
    made = cleaned(content)
    assert made.type == "video/mp4" and made.seconds == 1
    assert MARK.encode() not in made.content and b"x264" not in made.content
    assert made.content.index(b"moov") < made.content.index(b"mdat")  # it plays while it comes
    with av.open(BytesIO(made.content)) as container:
        assert [one.codec_context.name for one in container.streams] == ["h264", "aac"]
        video = container.streams.video[0].codec_context
        assert (video.pix_fmt, video.profile) == ("yuv420p", "Main")
        assert (made.width, made.height) == (video.width, video.height)
    shown = [image for _, image in pictures_of(made.content)]
    assert len(shown) == 5 and all(corners_of(image) == UPRIGHT for image in shown)
    assert corners_of(made.poster) == UPRIGHT
    assert abs(length_of(made.content) - 0.5) < 0.1


@pytest.mark.parametrize("form", SOUNDS)
def test_a_sound_becomes_an_m4a(form: str) -> None:
    content = sound(**SOUNDS[form])
    made = cleaned(content)
    assert (made.type, made.seconds, made.poster) == ("audio/mp4", 1, b"")
    assert MARK.encode() not in made.content and b"Lavc" not in made.content
    assert abs(length_of(made.content) - 0.5) < 0.1
    with av.open(BytesIO(made.content)) as container:
        assert [one.codec_context.name for one in container.streams] == ["aac"]
        channels = container.streams.audio[0].codec_context.channels
        assert channels == (2 if form == "stereo" else 1)
    loud = [samples for _, samples in sound_of(made.content) if any(samples)]
    assert len(loud) > 5


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_film_stands_as_it_was_shown(rotation: int) -> None:
    lies = picture().rotate(-rotation, expand=True)  # a player turns it back, against the clock
    made = cleaned(film("mp4", image=lies, rotation=rotation))
    assert (made.width, made.height) == picture().size
    assert all(corners_of(image) == UPRIGHT for _, image in pictures_of(made.content))
    with av.open(BytesIO(made.content)) as container:
        assert next(container.decode(video=0)).rotation == 0


def test_a_film_of_oneself_is_no_longer_mirrored() -> None:
    lies = picture().transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    made = cleaned(film("mp4", image=lies, mirrored=True))
    assert all(corners_of(image) == UPRIGHT for _, image in pictures_of(made.content))


def test_odd_sides_become_even_and_long_ones_shorter() -> None:
    odd = cleaned(film("matroska", codec="mjpeg", pixels="yuvj444p", image=picture(67, 49)))
    assert (odd.width, odd.height) == (66, 48)
    wide = cleaned(film("mp4", image=picture(1920, 640), seconds=0.1))
    assert (wide.width, wide.height) == (1280, 426)


def test_sixty_pictures_a_second_become_thirty_and_odd_times_stay() -> None:
    fast = pictures_of(cleaned(film("mp4", pictures_s=60)).content)
    assert 14 <= len(fast) <= 17
    odd = pictures_of(cleaned(film("mp4", times=[0.0, 0.04, 0.3, 0.36, 0.5])).content)
    assert [round(at, 2) for at, _ in odd] == [0.0, 0.04, 0.3, 0.36, 0.5]


def test_sound_that_begins_late_stays_with_its_pictures() -> None:
    made = cleaned(film("matroska", seconds=1.0, sound_after_s=0.5)).content
    begins = next(at for at, samples in sound_of(made) if max(samples[3::4]) > 0x3A)
    assert abs(begins - 0.5) < 0.06


def test_a_gif_that_moves_becomes_a_film() -> None:
    made = cleaned(gif(pictures=4))
    assert made.type == "video/mp4"
    shown = pictures_of(made.content)
    assert len(shown) == 4 and abs(length_of(made.content) - 0.4) < 0.1
    assert [corners_of(image)[0] for _, image in shown] == [
        corners_of(picture().rotate(90 * turn))[0] for turn in range(4)
    ]


def test_the_poster_is_no_black_picture_if_there_is_another() -> None:
    """Many films begin black."""
    begins_black = film("mp4", seconds=2.0, dark_s=1.0, sound="")
    assert corners_of(cleaned(begins_black).poster) == UPRIGHT
    black = film("mp4", image=Image.new("RGB", (64, 48)), sound="")
    assert cleaned(black).poster.startswith(b"\xff\xd8\xff")  # better than none


def test_what_was_cut_off_in_a_telephone_is_gone() -> None:
    whole = film("mp4", seconds=2.0, dark_s=1.0, sound="", extras=False)
    made = cleaned(trimmed(whole, 1.2, 0.5)).content  # pictures come 0.2 s late in it
    assert abs(length_of(made) - 0.5) < 0.1
    shown = [image for _, image in pictures_of(made)]
    assert shown and all(corners_of(image) == UPRIGHT for image in shown)


def test_the_same_film_gives_the_same_bytes() -> None:
    content = film("mov")
    assert cleaned(content).content == cleaned(content).content


def test_a_film_that_is_too_long_is_refused_and_not_cut() -> None:
    long = film("mp4", times=[0.0, 300.0, 600.9], sound="", extras=False)
    assert clean(Media("video/mp4", long)) == Unclean("too long: more than 600 seconds")
    just = film("mp4", times=[0.0, 300.0, 599.8], sound="", extras=False)
    assert cleaned(just).seconds == Fits().film_seconds


def test_bright_colours_of_ten_bits_become_usual_ones() -> None:
    content = film(
        "mp4", codec="libx265", pixels="yuv420p10le", sound="", extras=False, bright=True
    )
    with av.open(BytesIO(content)) as container:
        assert next(container.decode(video=0)).color_trc == 18
    made = cleaned(content)
    with av.open(BytesIO(made.content)) as container:
        frame = next(container.decode(video=0))
        assert (frame.format.name, frame.colorspace) == ("yuv420p", 1)
    assert corners_of(made.poster) == UPRIGHT


def test_pictures_without_sound_and_sound_with_a_cover_are_what_they_are() -> None:
    silent = cleaned(film("mp4", sound=""))
    with av.open(BytesIO(silent.content)) as container:
        assert [one.type for one in container.streams] == ["video"]
    assert cleaned(sound("mp3", cover=True)).type == "audio/mp4"


def test_a_film_that_names_other_files_opens_none() -> None:
    """A track may lie elsewhere (ISO/IEC 14496-12 section 8.7.2): nothing is fetched."""
    content = film("mov", extras=False)
    at = content.rindex(b"url \0\0\0\x01")
    elsewhere = content[: at + 4] + b"\0\0\0\0" + content[at + 8 :]
    made = clean(Media("video/quicktime", elsewhere))
    assert isinstance(made, Media | Unclean)
