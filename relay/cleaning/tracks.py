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
from relay.cleaning.others import FILM, SOUND
from relay.cleaning.refused import NOTHING, NotClean

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

_SAMPLES_S: Final = range(4_000, 384_001)
"""Samples a second of what can be heard; an hour of less takes no room, and minutes to make."""

_COVERS: Final = frozenset({"bmp", "jpeg2000", "png", "tiff", "webp"})
"""Pictures beside a sound, as programs hang them into recordings: not looked at."""

_HELD_S: Final = 0.1
"""How long the last picture is shown where the header does not say."""

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
    """What is read of a container; ``start_s`` is where its time begins. ``unheard``: it is a film
    that becomes a silent one, since none of its sound is opened."""

    container: InputContainer
    video: VideoStream | None
    audio: AudioStream | None
    start_s: float
    unheard: bool

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
    audio = next((one for one in container.streams.audio if _is_sound(one)), None)
    if video is None and any(_is_unread(one) for one in container.streams.video):
        raise NotClean(FILM)  # its sound alone would be something else
    if video is None and audio is None:
        unread = any(not _known(one, HEARD_WITH) for one in container.streams.audio)
        raise NotClean(SOUND if unread else NOTHING)
    for stream in container.streams:
        if stream is not video and stream is not audio:
            stream.discard = Discard.all
    if video is not None:
        _check_size(video)
    for track in (video, audio):
        if track is not None:
            track.codec_context.thread_count = 1
            track.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
    unheard = audio is None and len(container.streams.audio) > 0
    return Tracks(container, video, audio, (container.start_time or 0) / 1_000_000, unheard)


def _is_film(stream: VideoStream) -> bool:
    return not stream.disposition & _NOT_FILMS and _known(stream, SEEN_WITH)


def _is_unread(stream: VideoStream) -> bool:
    """Whether it is a film that we do not open."""
    return not stream.disposition & _NOT_FILMS and not _known(stream, SEEN_WITH | _COVERS)


def _is_sound(stream: AudioStream) -> bool:
    return _known(stream, HEARD_WITH) and stream.codec_context.sample_rate in _SAMPLES_S


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
    """What is known before work begins: where the pictures end and where the sound does (seconds,
    as the container says), and the first picture, if it is a film."""

    pictures_s: float
    sound_s: float
    first: VideoFrame | None

    @property
    def seconds(self) -> float:
        """How long all of it is."""
        return max(self.pictures_s, self.sound_s)


def look(content: bytes, kind: Moving) -> Look:
    """Look at a container without decoding more of it than one picture."""
    ends = {True: 0.0, False: 0.0}
    first: VideoFrame | None = None
    with opened(content, kind) as tracks:
        for track in tracks.both:
            ends[track is tracks.video] = _declared_s(track, tracks.start_s)
        for packet in tracks.container.demux(tracks.both):
            is_video = packet.stream is tracks.video
            ends[is_video] = max(ends[is_video], _end_s(packet, tracks.start_s, is_video))
            if first is None and is_video:
                first = next(iter(_pictures(packet)), None)
        if tracks.video is not None and first is None:
            raise NotClean(NOTHING)
    return Look(ends[True], ends[False], first)


def _declared_s(track: Stream, start_s: float) -> float:
    """Where a track ends as its header says; 0 where it says nothing."""
    if track.duration is None or track.time_base is None:
        return 0.0
    return float(((track.start_time or 0) + track.duration) * track.time_base) - start_s


def _end_s(packet: Packet[Any], start_s: float, is_video: bool) -> float:
    """Where a packet ends. How long a picture lasts is not to be believed: where pictures come
    before their time (MP4), it says how long it is to the next that is decoded."""
    at = packet.pts if packet.pts is not None else packet.dts
    if at is None or packet.time_base is None or packet.is_discard:  # it was cut off: not shown
        return 0.0
    lasts_s = float((packet.duration or 0) * packet.time_base)
    return float(at * packet.time_base) - start_s + (min(lasts_s, _HELD_S) if is_video else lasts_s)


def _pictures(packet: Packet[Any]) -> list[VideoFrame]:
    try:
        return [frame for frame in packet.decode() if isinstance(frame, VideoFrame)]
    except InvalidDataError:  # a film may begin in the middle of something
        return []
