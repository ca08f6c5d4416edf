"""How many bits a second a film or a sound may have, so that it stays under a size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relay.cleaning.refused import NotClean

_OF_THE_BYTES: Final = 0.94
"""The rest is for the container and for what an encoder is off by."""

_MOST_FOR_SOUND: Final = 96_000
_LEAST_FOR_SOUND: Final = 24_000
"""Bits a second: music, and a voice that is just understood (AAC LC, one channel)."""

_MOST_FOR_PICTURES: Final = 2_500_000
_LEAST_FOR_PICTURES: Final = 50_000

_SIDES: Final = ((700_000, 1280), (350_000, 960), (180_000, 640), (90_000, 480), (0, 320))
"""From so many bits a second on, the longer side may have so many pixels."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Bits a second of pictures (0: there are none) and of sound; pixels of the longer side."""

    pictures: int
    sound: int
    side: int


def film_rate(most_bytes: int, seconds: float, side: int) -> Rate:
    """For a film of that length. Raises NotClean where too little is left to see anything."""
    all_bits = int(most_bytes * 8 * _OF_THE_BYTES / (seconds + 1))  # a second fills the buffer
    sound = min(_MOST_FOR_SOUND, max(_LEAST_FOR_SOUND, all_bits // 8))
    pictures = min(_MOST_FOR_PICTURES, all_bits - sound)
    if pictures < _LEAST_FOR_PICTURES:
        raise NotClean("it cannot be made small enough")
    fitting = next(pixels for bits, pixels in _SIDES if pictures >= bits)
    return Rate(pictures, sound, min(side, fitting))


def sound_rate(most_bytes: int, seconds: float) -> Rate:
    """For a sound of that length. Raises NotClean where too little is left to hear anything."""
    sound = min(_MOST_FOR_SOUND, int(most_bytes * 8 * _OF_THE_BYTES / (seconds + 1)))
    if sound < _LEAST_FOR_SOUND // 2:
        raise NotClean("it cannot be made small enough")
    return Rate(0, sound, 0)
