"""The sound of a film or a recording: decoded, without gaps, and encoded anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.packet import Packet

from relay.cleaning.muxing import Muxer, add_sound

_VOICE: Final = 24_000
"""Samples a second. What telephones record voices with has fewer, music has 44,100 and more."""

_MUSIC: Final = 48_000
_ENOUGH_FOR_MUSIC: Final = 64_000
"""Bits a second, for one channel; under it two of them, or high notes, only do harm."""


_SILENCE: Final = {"u8": b"\x80", "u8p": b"\x80"}
"""What a byte is where nothing is heard, in the formats in which that is not 0."""


class Hearing:
    """Takes decoded sound in the order in which it comes, and gives it to a muxer as AAC."""

    def __init__(self, muxer: Muxer, samples_s: int, channels: int, bits_s: int) -> None:
        narrow = bits_s < _ENOUGH_FOR_MUSIC
        self._samples_s = _VOICE if narrow or samples_s <= _VOICE else _MUSIC
        self._layout = "mono" if narrow or channels == 1 else "stereo"
        most = min(bits_s, _ENOUGH_FOR_MUSIC) if self._layout == "mono" else bits_s
        self._track = add_sound(muxer, self._samples_s, self._layout, most)
        self._muxer = muxer
        self._form: tuple[str, str, int] | None = None
        self._heard_s = 0.0
        self._resampler: AudioResampler | None = None

    def hear(self, frame: AudioFrame) -> None:
        """Take some sound; its time begins at 0. Raises whatever FFmpeg raises."""
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != self._form:
            first = self._resampler is None
            self._end_form()
            self._form = form
            self._resampler = self._made(first)
        for quiet in self._quiet_before(frame):
            self._take(quiet)
        self._take(frame)

    def end(self) -> None:
        """Write what is left."""
        self._end_form()
        self._muxer.heard(self._track.encode(None))

    def _take(self, frame: AudioFrame) -> None:
        assert self._resampler is not None and frame.pts is not None
        self._heard_s = max(self._heard_s, (frame.pts + frame.samples) / frame.sample_rate)
        self._encode(self._resampler.resample(frame))

    def _quiet_before(self, frame: AudioFrame) -> Iterator[AudioFrame]:
        """A long gap, second by second: the resampler would fill it at once, and an hour takes
        a gigabyte."""
        second, at = frame.sample_rate, round(self._heard_s * frame.sample_rate)
        while frame.pts is not None and frame.pts - at > second:
            quiet = AudioFrame(frame.format.name, frame.layout.name, second)
            for plane in quiet.planes:
                plane.update(_SILENCE.get(frame.format.name, b"\0") * plane.buffer_size)
            quiet.sample_rate, quiet.pts, quiet.time_base = second, at, frame.time_base
            yield quiet
            at += second

    def _made(self, first: bool) -> AudioResampler:
        """Gaps are filled with silence, or sound would run ahead of the pictures."""
        options = {"async": "1000"} | ({"first_pts": "0"} if first else {})
        return AudioResampler("fltp", self._layout, self._samples_s, options=options)

    def _end_form(self) -> None:
        if self._resampler is not None:
            self._encode(self._resampler.resample(None))

    def _encode(self, frames: list[AudioFrame]) -> None:
        packets: list[Packet[Any]] = []
        for frame in frames:
            packets += self._track.encode(frame)
        if packets:
            self._muxer.heard(packets)
