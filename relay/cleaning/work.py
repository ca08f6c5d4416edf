"""Takes a film or a sound through, packet by packet: decoded, shown upright, encoded anew."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from av.audio.frame import AudioFrame
from av.error import InvalidDataError
from av.frame import Frame
from av.packet import Packet
from av.video.frame import VideoFrame

from relay.cleaning.canvas import Canvas
from relay.cleaning.hearing import Hearing
from relay.cleaning.muxing import CLOCK, Muxer, add_pictures
from relay.cleaning.poster import Poster
from relay.cleaning.rates import Rate
from relay.cleaning.refused import DAMAGED, NOTHING, NotClean
from relay.cleaning.tracks import Look, Tracks

ROUNDING_S: Final = 0.05
"""A film of 600 s may be a picture longer."""

_PICTURES_S: Final = 30
"""Pictures a second at most: what is more is left out."""

_SHORTEST: Final = 20
"""Milliseconds that the last picture is shown at least."""

_TORN: Final = 20
"""Packets that may be damaged: recordings begin and end in the middle of one."""


def too_long(limit_s: int) -> NotClean:
    """Why it is refused rather than cut: what is missing at the end may be what mattered."""
    return NotClean(f"too long: more than {limit_s} seconds")


class Work:
    """One film or sound under way. ``ends_s`` is where the last of it ended (seconds)."""

    def __init__(self, tracks: Tracks, seen: Look, muxer: Muxer, rate: Rate, limit_s: int) -> None:
        self._tracks = tracks
        self._muxer = muxer
        self._limit_s = limit_s
        self._torn = 0
        self._slot = self._last = -1
        self._waits: VideoFrame | None = None  # until it is known how long it is shown
        self.ends_s = 0.0
        self.size = (0, 0)
        self.poster = Poster()
        self._pictures_s = seen.pictures_s
        self._canvas = None
        if tracks.video is not None and seen.first is not None:
            aspect = tracks.video.sample_aspect_ratio
            self._canvas = Canvas(seen.first, aspect, rate.side)
            self.size = self._canvas.size
            add_pictures(muxer, self.size, self._canvas.matrix, rate.pictures)
        self._hearing = None
        if tracks.audio is not None:
            heard = tracks.audio.codec_context
            self._hearing = Hearing(muxer, heard.sample_rate, heard.channels, rate.sound)

    def run(self) -> None:
        """All of it. Raises NotClean, and whatever PyAV raises."""
        for packet in self._tracks.container.demux(self._tracks.both):
            for frame in self._decoded(packet):
                if isinstance(frame, VideoFrame):
                    self._see(frame)
                elif isinstance(frame, AudioFrame):
                    self._hear(frame)
        if self._muxer.video is not None:
            self._show(round(self._pictures_s / CLOCK))
            self._muxer.seen(self._muxer.video.encode(None))
        if self._hearing is not None:
            self._hearing.end()
        if self.ends_s <= 0:
            raise NotClean(NOTHING)

    def _decoded(self, packet: Packet[Any]) -> list[Any]:
        try:
            return packet.decode()
        except InvalidDataError:
            self._torn += 1
            if self._torn > _TORN:
                raise NotClean(DAMAGED) from None
            return []

    def _at_s(self, frame: Frame) -> float:
        """When it begins, from the start of the whole. One that does not say follows the last."""
        at_s = self.ends_s if frame.time is None else frame.time - self._tracks.start_s
        if at_s > self._limit_s + ROUNDING_S:
            raise too_long(self._limit_s)
        return at_s

    def _see(self, frame: VideoFrame) -> None:
        assert self._canvas is not None
        at_s = self._at_s(frame)
        slot, at = int(at_s * _PICTURES_S + 0.5), round(at_s / CLOCK)
        if at_s < 0 or slot <= self._slot or at <= self._last:
            return
        self._slot, self._last = slot, at
        shown = self._canvas.show(frame)
        shown.pts, shown.time_base = at, CLOCK
        self.poster.consider(shown, at_s)
        self._show(at)
        self._waits = shown

    def _show(self, until: int) -> None:
        """Write the picture that waits: it is shown until then (milliseconds)."""
        shown = self._waits
        if shown is None:
            return
        assert self._muxer.video is not None and shown.pts is not None
        shown.duration = max(_SHORTEST, until - shown.pts)
        self.ends_s = max(self.ends_s, float((shown.pts + shown.duration) * CLOCK))
        self._muxer.seen(self._muxer.video.encode(shown))

    def _hear(self, frame: AudioFrame) -> None:
        assert self._hearing is not None
        at_s = self._at_s(frame)
        frame.pts = round(at_s * frame.sample_rate)
        frame.time_base = Fraction(1, frame.sample_rate)
        self.ends_s = max(self.ends_s, at_s + frame.samples / max(1, frame.sample_rate))
        self._hearing.hear(frame)
