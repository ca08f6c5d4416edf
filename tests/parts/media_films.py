"""Makers of films and sounds with everything in them that telephones and programs write."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from io import BytesIO
from math import pi, sin

import av
from av.audio.frame import AudioFrame
from av.bitstream import BitStreamFilterContext
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from media_pictures import HEIGHT, MARK, WIDTH, jpeg, picture, xmp
from PIL import Image

TAGS = {
    "title": f"{MARK}-title",
    "artist": f"{MARK}-artist",
    "comment": f"{MARK}-comment",
    "encoder": f"{MARK}-encoder",
    "copyright": f"{MARK}-copyright",
    "date": "2026-01-08",
    "creation_time": "2026-01-08T21:30:00.000000Z",
    "location": "+35.6892+051.3890/",
    "location-eng": "+35.6892+051.3890/",
    "com.apple.quicktime.location.ISO6709": "+35.6892+051.3890+1200.0/",
    "com.apple.quicktime.make": f"{MARK}-make",
    "com.apple.quicktime.model": f"{MARK}-model",
}
"""What telephones write into their films."""

_USER_DATA = f"h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+{MARK}-sei"


def tone(at: int, samples: int, samples_s: int, channels: int = 1) -> AudioFrame:
    """A part of a hum of 440 Hz, from its sample ``at``."""
    frame = AudioFrame("s16", "mono" if channels == 1 else "stereo", samples)
    wave = [int(9000 * sin(2 * pi * 440 * (at + n) / samples_s)) for n in range(samples)]
    data = struct.pack(f"<{samples * channels}h", *[one for one in wave for _ in range(channels)])
    frame.planes[0].update(data.ljust(frame.planes[0].buffer_size, b"\0"))
    frame.sample_rate, frame.pts, frame.time_base = samples_s, at, Fraction(1, samples_s)
    return frame


@contextmanager
def _container(
    out: BytesIO, form: str, tags: Mapping[str, str]
) -> Iterator[av.container.OutputContainer]:
    options = {"movflags": "use_metadata_tags"} if form == "mov" else {}
    with av.open(out, "w", format=form, container_options=options) as container:
        container.metadata.update(tags)
        yield container


def film(
    form: str = "mov",
    *,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    seconds: float = 0.5,
    pictures_s: int = 10,
    times: Sequence[float] = (),
    image: Image.Image | None = None,
    rotation: int = 0,
    mirrored: bool = False,
    sound: str = "aac",
    sound_after_s: float = 0.0,
    extras: bool = True,
    bright: bool = False,
    dark_s: float = 0.0,
    tags: Mapping[str, str] = TAGS,
) -> bytes:
    """A film that shows the same picture, with a hum (``sound=""``: silent), declared to be turned
    by ``rotation`` degrees against the clock (and ``mirrored``), with texts, a cover, chapters and
    a track of positions where the form has room for them. ``times`` are those of its pictures
    (seconds); ``bright``: its colours are those of high dynamic range; ``dark_s``: it is black so
    long."""
    out = BytesIO()
    shown = image or picture()
    with _container(out, form, tags) as container:
        video = container.add_stream(codec, rate=pictures_s)
        video.width, video.height = shown.size
        video.pix_fmt = pixels
        video.codec_context.time_base = Fraction(1, 1000)
        if codec == "libx265":
            video.options = {"x265-params": "log-level=none"}
        if bright:  # BT.2020 and HLG (ITU-T H.273), as telephones write it
            context = video.codec_context
            context.color_primaries, context.color_trc, context.colorspace = 9, 18, 9
        if rotation or mirrored:
            video.set_display_rotation(rotation, hflip=mirrored)
        video.metadata["handler_name"] = f"{MARK}-handler"
        audio = _track(container, sound) if sound else None
        added = _extras(container, form) if extras else {}
        if extras and form in ("mov", "mp4", "matroska"):
            container.set_chapters(
                [
                    {
                        "id": 1,
                        "start": 0,
                        "end": 200,
                        "time_base": Fraction(1, 1000),
                        "metadata": {"title": f"{MARK}-chapter"},
                    }
                ]
            )
        planting = codec == "libx264" and form in ("mov", "mp4", "matroska")
        container.start_encoding()
        noted = BitStreamFilterContext(_USER_DATA, video) if planting else None
        for stream, data in added.items():
            packet = Packet(data)
            packet.stream, packet.pts, packet.dts = stream, 0, 0
            packet.time_base, packet.duration = Fraction(1, 1000), 400
            container.mux(packet)
        when = times or [n / pictures_s for n in range(round(seconds * pictures_s))]
        lit, dark = (
            VideoFrame.from_image(one).reformat(format=pixels)
            for one in (shown, Image.new("RGB", shown.size))
        )
        for at in [*when, None]:
            frame = dark if at is not None and at < dark_s else lit
            if at is not None:
                frame.pts, frame.time_base = round(at * 1000), Fraction(1, 1000)
                frame.duration = 1000 // pictures_s
            for packet in video.encode(None if at is None else frame):
                container.mux(noted.filter(packet) if noted else packet)
        if audio is not None:
            _hum(container, audio, seconds, sound_after_s)
    return _with_positions(out.getvalue()) if extras else out.getvalue()


def _with_positions(content: bytes) -> bytes:
    """What no muxer writes: the second track of texts made one of telemetry, as cameras write it
    (GPMF); a position and a device of old telephones; XMP in a box, and a box of nothing."""
    start = content.rfind(b"moov") - 4
    if start < 0:
        return content
    moov = content[start : start + struct.unpack_from(">I", content, start)[0]]
    behind = content[start + len(moov) :]
    for plain, planted in ((rb"(?<=mhlr)text|(?<=\0{8})sbtl", b"meta"), (_TEXT, b"gpmd")):
        found = list(re.finditer(plain, moov))
        if len(found) > 1:
            at = found[1].end() - 4
            moov = moov[:at] + planted + moov[at + 4 :]
    xyz = b"+35.6892+051.3890/"
    told = _box(b"\xa9xyz", struct.pack(">HH", len(xyz), 0x15C7) + xyz)
    told += _box(b"\xa9mod", struct.pack(">HH", 14, 0) + f"{MARK}-old".encode())
    moov = struct.pack(">I", len(moov) + len(told) + 8) + moov[4:] + _box(b"udta", told)
    about = bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + xmp()
    free = _box(b"free", f"{MARK}-free".encode())
    return content[:start] + moov + behind + _box(b"uuid", about) + free


_TEXT = rb"(?s:stsd.{12})(?:text|tx3g)"


def trimmed(content: bytes, from_s: float, for_s: float) -> bytes:
    """The film as a telephone leaves it that cut off its start and its end: all of it is still
    there, and a list says what is shown (ISO/IEC 14496-12 section 8.6.6)."""
    scale = struct.unpack_from(">I", content, content.index(b"mdhd") + 16)[0]
    for found in re.finditer(rb"elst\0{4}\0\0\0\x01", content):
        entry = struct.pack(">Ii", round(for_s * 1000), round(from_s * scale))
        content = content[: found.end()] + entry + content[found.end() + 8 :]
    return content


def _box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + name + data


def _track(
    container: av.container.OutputContainer, codec: str, layout: str = "mono"
) -> av.audio.stream.AudioStream:
    audio = container.add_stream(codec, rate=_rate(codec))
    audio.layout = layout
    return audio


def _rate(sound: str) -> int:
    return {"libopencore_amrnb": 8000, "libopencore_amrwb": 16000}.get(sound, 48000)


def _extras(container: av.container.OutputContainer, form: str) -> dict[av.stream.Stream, bytes]:
    """Tracks beside pictures and sound, and what is written into each."""
    cover = jpeg()
    if form == "matroska":
        container.add_attachment(f"{MARK}-font.ttf", "font/ttf", f"{MARK}-attached".encode())
        return {}
    if form in ("mov", "mp4"):
        still = container.add_stream("mjpeg", rate=1)
        still.width, still.height, still.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
        still.disposition = Disposition.attached_pic
        words = container.add_mux_stream("mov_text")
        data = container.add_mux_stream("mov_text")  # see _with_positions
        text = f"{MARK}-subtitle".encode()
        return {
            still: cover,
            words: struct.pack(">H", len(text)) + text,
            data: f"GPS5 {MARK}-telemetry".encode(),
        }
    return {}


def sound(
    form: str = "mp3",
    codec: str = "libmp3lame",
    *,
    seconds: float = 0.5,
    channels: int = 1,
    tags: Mapping[str, str] = TAGS,
    cover: bool = False,
) -> bytes:
    """A hum, with all that players show about a recording."""
    out = BytesIO()
    with _container(out, form, tags) as container:
        audio = _track(container, codec, "mono" if channels == 1 else "stereo")
        if cover:
            still = container.add_stream("mjpeg", rate=1)
            still.width, still.height, still.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
            still.disposition = Disposition.attached_pic
            packet = Packet(jpeg())
            packet.stream, packet.pts, packet.dts = still, 0, 0
            packet.time_base = Fraction(1, 1000)
            container.start_encoding()
            container.mux(packet)
        _hum(container, audio, seconds, 0.0, channels)
    return out.getvalue()


def _hum(
    container: av.container.OutputContainer,
    audio: av.audio.stream.AudioStream,
    seconds: float,
    after_s: float,
    channels: int = 1,
) -> None:
    rate = audio.codec_context.sample_rate
    for at in range(0, round(seconds * rate), 960):
        frame = tone(at, min(960, round(seconds * rate) - at), rate, channels)
        frame.pts = at + round(after_s * rate)
        container.mux(audio.encode(frame))
    container.mux(audio.encode(None))
