"""The pictures of a film as they are to be shown: upright, square pixels, even sides, 8 bits."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from av.filter import Graph
from av.sidedata.sidedata import Type
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

from relay.cleaning.bright import BRIGHT, darkened
from relay.cleaning.muxing import CLOCK

_TURNS: Final = {
    (1, 0, 0, 1): "",
    (0, 1, -1, 0): "transpose=clock",
    (-1, 0, 0, -1): "hflip,vflip",
    (0, -1, 1, 0): "transpose=cclock",
    (-1, 0, 0, 1): "hflip",
    (1, 0, 0, -1): "vflip",
    (0, 1, 1, 0): "transpose=cclock_flip",
    (0, -1, -1, 0): "transpose=clock_flip",
}
"""What undoes a display matrix (ISO/IEC 14496-12 section 6.2.2), by the signs of a, b, c, d."""

_HIGH: Final = 1
_NAMES: Final = {1: "bt709", 5: "bt470bg", 6: "smpte170m"}
"""Matrices that every player knows (ITU-T H.273 table 4): BT.709, and BT.601 in two names; with
what FFmpeg calls them. A picture of any other becomes one of BT.709."""

_NOT_SAID: Final = 2
_HIGH_SIDE: Final = 1280
_HIGH_LINES: Final = 720
"""From so many pixels on players take a film for BT.709 that does not say what it is."""

_BARE: Final = ("sidedata=mode=delete", "metadata=mode=delete")
"""What cameras hang on each picture (captions, time codes, positions, text) goes."""


@dataclass(frozen=True, slots=True)
class _Form:
    """What the way to show a picture depends on."""

    width: int
    height: int
    pixels: str
    matrix: int
    primaries: int
    transfer: int
    rotation: int


class Canvas:
    """Makes each picture of one film alike: as its first picture asks, with no side longer than
    ``side``. ``aspect`` is the shape of a pixel (width by height), None if it is unknown.

    ``size`` is what is shown (pixels); ``matrix`` how its colours are written (H.273 table 4)."""

    def __init__(self, first: VideoFrame, aspect: Fraction | None, side: int) -> None:
        self._form = _form(first)
        turn = _turn(first)
        self.size = _size(self._form, turn, _aspect(aspect), side)
        self.matrix = _matrix(self._form)
        self._graph = self._made(turn)

    def show(self, frame: VideoFrame) -> VideoFrame:
        """The picture as it is to be shown. Raises whatever FFmpeg raises."""
        form = _form(frame)
        if form != self._form:  # a call changes its size with the line; a camera its mind
            self._form = form
            self._graph = self._made(_turn(frame))
        frame.time_base = CLOCK
        self._graph.vpush(frame)
        shown = self._graph.vpull()
        shown.pict_type = 0  # which ones a camera wrote whole is its own affair
        return shown

    def _made(self, turn: str) -> Graph:
        return _graph(self._form, turn, self.size, self.matrix)


def _form(frame: VideoFrame) -> _Form:
    return _Form(
        frame.width,
        frame.height,
        frame.format.name,
        frame.colorspace,
        frame.color_primaries,
        frame.color_trc,
        frame.rotation,
    )


def _turn(frame: VideoFrame) -> str:
    """Asked once for all pictures that are alike: what is hung on a frame holds it in a circle,
    and hundreds of them would wait for Python to find them."""
    hung: Any = frame.side_data  # its stub and its code disagree on the type of a key
    found = hung.get(Type.DISPLAYMATRIX)
    matrix = b"" if found is None else bytes(found)
    if len(matrix) < 36:
        return ""
    a, b, _, c, d, *_ = struct.unpack("=9i", matrix[:36])
    largest = max(abs(a), abs(b), abs(c), abs(d), 1)
    # A matrix may turn by any angle; what nearly stands or lies is what cameras write.
    return _TURNS.get(tuple(round(one / largest) for one in (a, b, c, d)), "")


def _aspect(said: Fraction | None) -> float:
    """The shape of a pixel; what no camera writes is not believed."""
    return float(said) if said is not None and 0.1 < said < 10 else 1.0


def _size(form: _Form, turn: str, aspect: float, side: int) -> tuple[int, int]:
    width, height = form.width * aspect, float(form.height)
    if "transpose" in turn:
        width, height = height, width
    scale = min(1.0, side / max(width, height))
    return _even(width * scale), _even(height * scale)


def _matrix(form: _Form) -> int:
    """How colours are written in what is shown."""
    its = _its_matrix(form)
    return its if its in _NAMES and form.transfer not in BRIGHT else _HIGH


def _its_matrix(form: _Form) -> int:
    """How they are written in what came."""
    if form.matrix != _NOT_SAID:
        return form.matrix
    high = max(form.width, form.height) >= _HIGH_SIDE or form.height >= _HIGH_LINES
    return _HIGH if high else 6


def _even(side: float) -> int:
    return max(2, int(side / 2 + 0.001) * 2)


def _graph(form: _Form, turn: str, size: tuple[int, int], matrix: int) -> Graph:
    width, height = reversed(size) if "transpose" in turn else size
    its = _NAMES.get(_its_matrix(form), "auto")
    # Where it is not told, the filter writes colours as BT.601, whatever came.
    written = f"in_color_matrix={its}:out_color_matrix={_NAMES[matrix]}:out_range=limited"
    steps = [f"scale={width}:{height}:flags=bilinear:{written}", "setsar=1"]
    if turn:
        steps += turn.split(",")
    if form.transfer in BRIGHT:
        steps += [
            *darkened(form.transfer),
            f"scale=out_color_matrix={_NAMES[matrix]}:out_range=limited",
        ]
    steps += ["format=yuv420p", *_BARE]
    graph = Graph()
    graph.threads = 1
    last = graph.add_buffer(
        width=form.width,
        height=form.height,
        format=VideoFormat(form.pixels),
        time_base=CLOCK,
    )
    for step in steps:
        name, _, args = step.partition("=")
        added = graph.add(name, args or None)
        last.link_to(added)
        last = added
    last.link_to(graph.add("buffersink"))
    graph.configure()
    return graph
