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
from relay.cleaning.refused import DAMAGED, NotClean
from relay.cleaning.tracks import Tracks

ROUNDING_S: Final = 0.05
"""A film of 600 s may be a picture longer."""

_PICTURES_S: Final = 30
"""Pictures a second at most: what is more is left out."""

_TORN: Final = 20
"""Packets that may be damaged: recordings begin and end in the middle of one."""


def too_long(limit_s: int) -> NotClean:
    """Why it is refused rather than cut: what is missing at the end may be what mattered."""
    return NotClean(f"too long: more than {limit_s} seconds")


class Work:
    """One film or sound under way. ``ends_s`` is where the last of it ended (seconds)."""

    def __init__(
        self, tracks: Tracks, first: VideoFrame | None, muxer: Muxer, rate: Rate, limit_s: int
    ) -> None:
        self._tracks = tracks
        self._muxer = muxer
        self._limit_s = limit_s
        self._torn = 0
        self._slot = -1
        self._shown = -1
        self.ends_s = 0.0
        self.size = (0, 0)
        self.poster = Poster()
        self._canvas: Canvas | None = None
        if tracks.video is not None and first is not None:
            aspect = tracks.video.sample_aspect_ratio
            self._canvas = canvas = Canvas(first, aspect, rate.side)
            self.size = canvas.size
            add_pictures(muxer, canvas.size, canvas.matrix, rate.pictures)
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
            if self._shown < 0:
                raise NotClean("nothing in it can be seen")
            self._muxer.seen(self._muxer.video.encode(None))
        if self._hearing is not None:
            self._hearing.end()
        if self.ends_s <= 0:
            raise NotClean("nothing in it can be seen or heard")

    def _decoded(self, packet: Packet[Any]) -> list[Any]:
        try:
            return packet.decode()
        except InvalidDataError:
            self._torn += 1
            if self._torn > _TORN:
                raise NotClean(DAMAGED) from None
            return []

    def _span(self, frame: Frame, usual_s: float) -> tuple[float, float]:
        """When it begins and ends, from the start of the whole."""
        at_s = self.ends_s if frame.time is None else frame.time - self._tracks.start_s
        for_s = float(frame.duration * (frame.time_base or 0)) or usual_s
        if at_s > self._limit_s + ROUNDING_S:
            raise too_long(self._limit_s)
        return at_s, at_s + min(max(for_s, 0.0), self._limit_s)

    def _see(self, frame: VideoFrame) -> None:
        assert self._canvas is not None and self._muxer.video is not None
        at_s, ends_s = self._span(frame, 1 / _PICTURES_S)
        slot, at = int(at_s * _PICTURES_S + 0.5), round(at_s / CLOCK)
        if at_s < 0 or slot <= self._slot or at <= self._shown:
            return
        shown = self._canvas.show(frame)
        shown.pts, shown.time_base = at, CLOCK
        shown.duration = max(1, round((ends_s - at_s) / CLOCK))
        self.poster.consider(shown, at_s)
        self._slot, self._shown = slot, at
        self.ends_s = max(self.ends_s, ends_s)
        self._muxer.seen(self._muxer.video.encode(shown))

    def _hear(self, frame: AudioFrame) -> None:
        assert self._hearing is not None
        at_s, ends_s = self._span(frame, frame.samples / max(1, frame.sample_rate))
        frame.pts = round(at_s * frame.sample_rate)
        frame.time_base = Fraction(1, frame.sample_rate)
        self.ends_s = max(self.ends_s, ends_s)
        self._hearing.hear(frame)
