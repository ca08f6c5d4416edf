"""A QR code on a terminal."""

from __future__ import annotations

import sys

import click
import segno

_INK, _PAPER = (0, 0, 0), (255, 255, 255)
"""On a terminal, whatever its own colours: a QR code with light on dark is not read everywhere."""


def can_draw() -> bool:
    """Whether half blocks can be written to standard output."""
    return "utf" in (sys.stdout.encoding or "").lower()


def qr_lines(text: str) -> list[str]:
    """A QR code in half blocks, two rows of it a line, with its quiet border of four."""
    code = segno.make(text, error="m", micro=False)
    rows = [[bool(one) for one in row] for row in code.matrix_iter(border=4)]
    rows += [[False] * len(rows[0])] * (len(rows) % 2)
    blocks = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
    drawn = (
        "".join(blocks[upper, lower] for upper, lower in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    )
    return [click.style(line, fg=_INK, bg=_PAPER) for line in drawn]
