"""Pictures of high dynamic range made fit for usual screens: near enough to see what happens.

FFmpeg's own conversion takes 130 ms of CPU a picture; a curve and a mixture of colours take ten.
"""

from __future__ import annotations

import math
from typing import Final

HLG: Final = 18
PQ: Final = 16
BRIGHT: Final = frozenset({HLG, PQ})
"""Transfers of high dynamic range (ITU-T H.273 table 3)."""

_WHITE: Final = 203.0
"""Candela per square metre of a sheet of paper (ITU-R BT.2408 section 2)."""

_KNEE: Final = 0.8
"""Of that: what is brighter is pressed into what is left."""

_MIXED: Final = (
    *("rr=1.6605", "rg=-0.5876", "rb=-0.0728"),
    *("gr=-0.1246", "gg=1.1329", "gb=-0.0083"),
    *("br=-0.0182", "bg=-0.1006", "bb=1.1187"),
)
"""From the primaries of BT.2020 to those of BT.709 (ITU-R BT.2087 annex 2)."""


def darkened(transfer: int) -> tuple[str, ...]:
    """The filters that do it, in order; pictures are RGB in between."""
    points = " ".join(
        f"{code / 16:.4f}/{_usual(_light(code / 16, transfer)):.4f}" for code in range(17)
    )
    return (
        "format=gbrp10",
        f"curves=all='{points}':interp=pchip",
        "colorchannelmixer=" + ":".join(_MIXED),
    )


def _light(code: float, transfer: int) -> float:
    """Candela per square metre that a value from 0 to 1 stands for."""
    if transfer == PQ:  # SMPTE ST 2084
        root = code ** (1 / 78.84375)
        part = max(0.0, root - 0.8359375) / (18.8515625 - 18.6875 * root)
        return float(10_000.0 * part ** (1 / 0.1593017578125))
    # HLG on a screen of 1,000 candela (ITU-R BT.2100 table 5)
    if code <= 0.5:
        scene = code * code / 3
    else:
        scene = (math.exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12
    return float(1000.0 * scene**1.2)


def _usual(light: float) -> float:
    """The value from 0 to 1 on a usual screen (ITU-R BT.1886)."""
    part = light / _WHITE
    if part > _KNEE:
        part = _KNEE + (1 - _KNEE) * (1 - math.exp((_KNEE - part) / (1 - _KNEE)))
    return float(part ** (1 / 2.4))
