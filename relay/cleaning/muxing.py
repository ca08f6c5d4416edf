"""A new container, written into memory: MP4 with nothing in it but what is needed to play it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from io import BytesIO
from typing import Any, Final

import av
from av.audio.stream import AudioStream
from av.bitstream import BitStreamFilterContext
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

CLOCK: Final = Fraction(1, 1000)
"""Times of pictures are in milliseconds: finer ones would tell sensors apart."""

_BITEXACT: Final = 1 << 23
"""AV_CODEC_FLAG_BITEXACT: no name or version of an encoder."""

_FRAME_DURATION: Final = 1 << 8
"""AV_CODEC_FLAG_FRAME_DURATION: how long a picture is shown is what we say."""

_PRESET: Final = "superfast"
"""The preset of x264: half the time of the usual one for a quarter more bytes."""

_X264: Final = "threads=1:sync-lookahead=0:keyint=120:bframes=0"
"""Without pictures that come before their time: each then lasts until the next, in any player."""

_NOT_SEI: Final = "filter_units=remove_types=6|9|12"
"""Units of supplemental information (ITU-T H.264 section 7.4.1: type 6), where x264 writes its
settings; and delimiters and filler, which nobody needs."""


class _Again:
    """What was written so far, read from its start: FFmpeg moves the index to the front so."""

    def __init__(self, written: BytesIO) -> None:
        self._written = written
        self._at = 0

    def read(self, size: int) -> bytes:
        with self._written.getbuffer() as whole:
            found = bytes(whole[self._at : self._at + size])
        self._at += len(found)
        return found

    def seek(self, offset: int, whence: int = 0) -> int:
        start = (0, self._at, self._written.getbuffer().nbytes)[whence]
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at


@dataclass(slots=True)
class Muxer:
    """The file that is being written, its tracks, and how each packet gets into it."""

    container: OutputContainer
    video: VideoStream | None = None
    audio: AudioStream | None = None
    _without_sei: BitStreamFilterContext | None = field(default=None, init=False)

    def seen(self, packets: list[Packet[Any]]) -> None:
        """Write encoded pictures."""
        assert self.video is not None
        if self._without_sei is None:
            self._without_sei = BitStreamFilterContext(_NOT_SEI, self.video)
        for packet in packets:
            self.container.mux(self._without_sei.filter(packet))

    def heard(self, packets: list[Packet[Any]]) -> None:
        """Write encoded sound."""
        self.container.mux(packets)


@contextmanager
def written(out: BytesIO, form: str) -> Iterator[Muxer]:
    """A container of that form ("mp4", "ipod") in ``out``, complete at the end of the block."""

    def again(*_: Any) -> _Again:
        return _Again(out)

    container = av.open(
        out,
        "w",
        format=form,
        container_options={"movflags": "+faststart", "fflags": "+bitexact"},
        io_open=again,
    )
    with container:
        yield Muxer(container)


def add_pictures(muxer: Muxer, size: tuple[int, int], matrix: int, bits_s: int) -> VideoStream:
    """A track of H.264, as every telephone and platform takes it."""
    options = {
        "preset": _PRESET,
        "profile": "main",
        "crf": "25",
        "maxrate": str(bits_s),
        "bufsize": str(bits_s),
        "a53cc": "0",
        "x264-params": _X264,
    }
    video = muxer.container.add_stream("libx264", options=options)
    assert isinstance(video, VideoStream)
    context = video.codec_context
    video.width, video.height = size
    context.pix_fmt = "yuv420p"
    context.time_base = CLOCK
    context.framerate = Fraction(30)
    context.thread_count = 1
    context.flags |= _BITEXACT | _FRAME_DURATION
    context.color_range = 1  # limited
    context.colorspace = matrix
    muxer.video = video
    return video


def add_sound(muxer: Muxer, samples_s: int, layout: str, bits_s: int) -> AudioStream:
    """A track of AAC."""
    audio = muxer.container.add_stream("aac", rate=samples_s)
    assert isinstance(audio, AudioStream)
    audio.layout = layout
    audio.bit_rate = bits_s
    audio.codec_context.flags |= _BITEXACT
    audio.codec_context.thread_count = 1
    muxer.audio = audio
    return audio
