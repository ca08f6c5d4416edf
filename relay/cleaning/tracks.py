"""A film or a sound opened for reading: which of its tracks count, and what is never opened.

A container may name other files and addresses (playlists, tracks kept elsewhere), carry texts,
fonts, positions and pictures. Only one track of moving pictures and one of sound are read; a
decoder that is not on our list is never run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, NoReturn

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import InvalidDataError
from av.packet import Packet
from av.stream import Discard, Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from relay.cleaning.kinds import Moving
from relay.cleaning.refused import NotClean

MAX_PIXELS: Final = 4096 * 2304
"""Of one picture of a film: what a telephone writes as 4K has 3840 x 2160."""

SEEN_WITH: Final = frozenset(
    {
        *("gif", "h263", "h264", "hevc", "libdav1d", "libvpx", "libvpx-vp9"),
        *("mjpeg", "mpeg4", "vp8", "vp9"),
    }
)
HEARD_WITH: Final = frozenset(
    {
        *("aac", "alac", "amrnb", "amrwb", "flac", "libopus", "mp3", "mp3float", "opus", "vorbis"),
        *("pcm_alaw", "pcm_f32le", "pcm_mulaw", "pcm_s16be", "pcm_s16le", "pcm_s24be"),
        *("pcm_s24le", "pcm_s32le", "pcm_u8"),
    }
)
"""What telephones, browsers and messengers write, by the names FFmpeg has for its decoders."""

_NOT_FILMS: Final = Disposition.attached_pic | Disposition.timed_thumbnails
_OPTIONS: Final = {
    "protocol_whitelist": "none",
    "codec_whitelist": ",".join(sorted(SEEN_WITH | HEARD_WITH)),
    "max_pixels": str(MAX_PIXELS),
    "threads": "1",
}
_OF_MOV: Final = {"enable_drefs": "0", "use_absolute_path": "0", "ignore_chapters": "1"}


@dataclass(frozen=True, slots=True)
class Tracks:
    """What is read of a container; ``start_s`` is where its time begins."""

    container: InputContainer
    video: VideoStream | None
    audio: AudioStream | None
    start_s: float

    @property
    def both(self) -> list[Stream]:
        """Those that there are."""
        return [track for track in (self.video, self.audio) if track is not None]


@contextmanager
def opened(content: bytes, kind: Moving) -> Iterator[Tracks]:
    """The tracks of a container that lies in memory. Raises NotClean where nothing in it can be
    seen or heard, and whatever PyAV raises at damaged bytes."""
    container = av.open(
        BytesIO(content),
        "r",
        format=kind.container,
        options=_OPTIONS | (_OF_MOV if kind.container == "mov" else {}),
        metadata_errors="replace",
        io_open=_nothing_else,
    )
    with container:
        yield _chosen(container)


def _nothing_else(*_: Any) -> NoReturn:
    """What FFmpeg calls where a container names another file."""
    raise NotClean("it names files that are elsewhere")


def _chosen(container: InputContainer) -> Tracks:
    video = next((one for one in container.streams.video if _is_film(one)), None)
    audio = next((one for one in container.streams.audio if _known(one, HEARD_WITH)), None)
    if video is None and audio is None:
        raise NotClean("nothing in it can be seen or heard")
    for stream in container.streams:
        if stream is not video and stream is not audio:
            stream.discard = Discard.all
    if video is not None:
        _check_size(video)
    for track in (video, audio):
        if track is not None:
            track.codec_context.thread_count = 1
            track.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
    return Tracks(container, video, audio, (container.start_time or 0) / 1_000_000)


def _is_film(stream: VideoStream) -> bool:
    return not stream.disposition & _NOT_FILMS and _known(stream, SEEN_WITH)


def _known(stream: Stream, names: frozenset[str]) -> bool:
    return stream.codec_context is not None and stream.codec_context.name in names


def _check_size(video: VideoStream) -> None:
    width, height = video.codec_context.width, video.codec_context.height
    if width * height > MAX_PIXELS:
        raise NotClean("too large to open: more than 4096 x 2304 pixels")
    if 0 < min(width, height) < 8:
        raise NotClean("nothing to see: a dot or a line")


@dataclass(frozen=True, slots=True)
class Look:
    """What is known before work begins: how many seconds there are from the first to the end of
    the last packet, as their times say, and the first picture, if it is a film."""

    seconds: float
    first: VideoFrame | None


def look(content: bytes, kind: Moving) -> Look:
    """Look at a container without decoding more of it than one picture."""
    ends = 0.0
    first: VideoFrame | None = None
    with opened(content, kind) as tracks:
        for packet in tracks.container.demux(tracks.both):
            at = packet.pts if packet.pts is not None else packet.dts
            if at is not None and packet.time_base is not None:
                end = float((at + (packet.duration or 0)) * packet.time_base)
                ends = max(ends, end - tracks.start_s)
            if first is None and packet.stream is tracks.video:
                first = next(iter(_pictures(packet)), None)
        if tracks.video is not None and first is None:
            raise NotClean("nothing in it can be seen")
    return Look(ends, first)


def _pictures(packet: Packet[Any]) -> list[VideoFrame]:
    try:
        return [frame for frame in packet.decode() if isinstance(frame, VideoFrame)]
    except InvalidDataError:  # a film may begin in the middle of something
        return []
