"""What real telephones, recorders and programs write looks and sounds as it did, or is refused."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO

import av
import pytest
from av.video.frame import VideoFrame
from media_parts import UPRIGHT, corners_of, film, picture, sound
from PIL import Image, PngImagePlugin

from relay.cleaning import clean, fit
from relay.cleaning.others import FILM, SOUND, UNHEARD
from relay.model import Fits, Media, Unclean

GREEN = (30, 160, 30)


def _said(matrix: int, width: int = 64, height: int = 48) -> bytes:
    """A green film that says with which matrix its colours are written (ITU-T H.273 table 4)."""
    out = BytesIO()
    frame = VideoFrame.from_image(Image.new("RGB", (width, height), GREEN))
    green = frame.reformat(format="yuv420p", dst_colorspace=1 if matrix == 1 else 5)
    with av.open(out, "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.codec_context.colorspace = matrix
        for at in range(3):
            green.pts, green.time_base = at, Fraction(1, 10)
            container.mux(video.encode(green))
        container.mux(video.encode(None))
    return out.getvalue()


def _middle(image: Image.Image) -> tuple[int, ...]:
    seen = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    assert isinstance(seen, tuple)
    return seen


@pytest.mark.parametrize("matrix", [1, 5, 6])
def test_colours_of_a_film_stay_what_they_were(matrix: int) -> None:
    made = clean(Media("", _said(matrix)))
    assert isinstance(made, Media)
    with av.open(BytesIO(made.content)) as container:
        frame = next(container.decode(video=0))
        shown = frame.reformat(format="rgb24", src_colorspace=1 if matrix == 1 else 5)
        assert frame.colorspace == matrix
    for seen in (_middle(shown.to_image()), _middle(Image.open(BytesIO(made.poster)))):
        assert all(abs(a - b) < 9 for a, b in zip(seen, GREEN, strict=True)), seen


def test_a_film_that_is_not_opened_is_no_sound() -> None:
    """What is heard in it alone would be something else than what was sent."""
    assert clean(Media("", film("matroska", codec="ffv1", extras=False))) == Unclean(FILM)


def test_a_sound_that_is_not_opened_says_so() -> None:
    assert clean(Media("", sound("wav", "adpcm_ima_wav"))) == Unclean(SOUND)


def test_a_film_whose_sound_is_not_opened_is_silent_and_says_so() -> None:
    made = clean(Media("", film("matroska", sound="ac3", extras=False)))
    assert isinstance(made, Media) and made.lacks == UNHEARD
    small = fit(made, Fits(film_side=20))
    assert isinstance(small, Media) and small.width <= 20 and small.lacks == UNHEARD
    for heard in ("aac", ""):
        made = clean(Media("", film("matroska", sound=heard, extras=False)))
        assert isinstance(made, Media) and made.lacks == ""


@pytest.mark.parametrize(("form", "codec"), [("adts", "aac"), ("flac", "flac")])
def test_a_tag_before_a_sound_hides_none(form: str, codec: str) -> None:
    came = sound(form, codec)
    if not came.startswith(b"ID3"):
        came = b"ID3\4\0\0\0\0\1\2" + bytes(130) + came
    assert isinstance(clean(Media("", came)), Media)


def test_a_film_may_begin_with_a_box_of_nothing() -> None:
    came = film("mp4", extras=False).replace(b"ftyp", b"free", 1)
    assert isinstance(clean(Media("", came)), Media)


@pytest.mark.parametrize(
    ("at", "hidden"),
    [("between", b"\xff\xfe\0\x04\xff\xd9"), ("between", b"\0\0"), ("before", b"\xff\0")],
)
def test_no_scan_of_a_jpeg_is_hidden(at: str, hidden: bytes) -> None:
    """By an end in a comment, nor by bytes between segments, which decoders pass over."""
    out = BytesIO()
    picture().save(out, "JPEG", progressive=True)
    content = out.getvalue()
    start, end = content.rindex(b"\xff\xda"), content.rindex(b"\xff\xd9")
    content = content[:end] + content[start:end] * 100 + content[end:]
    where = start if at == "between" else 2
    content = content[:where] + hidden + content[where:]
    assert clean(Media("", content)) == Unclean("too much work to open")


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "PNG"])
@pytest.mark.parametrize("exif", [True, False])
def test_a_turn_that_only_xmp_tells_of_was_made_already(form: str, exif: bool) -> None:
    """Browsers and telephones show it as it lies."""
    said = '<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", said)
    told = Image.Exif()
    told[0x0131] = "a program"
    more = {"exif": told} if exif else {}
    out = BytesIO()
    picture().save(out, form, xmp=said.encode(), pnginfo=info, quality=95, **more)
    made = clean(Media("", out.getvalue()))
    assert isinstance(made, Media) and corners_of(made.content) == UPRIGHT
