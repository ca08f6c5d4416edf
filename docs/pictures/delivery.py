"""Draws the way of one delivery past all that may hold it, for docs/blocked.md.

.venv/bin/python docs/pictures/delivery.py        (a test says whether that was forgotten)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
PICTURE: Final = HERE / "delivery.svg"

WIDE, HIGH, GAP = 128, 44, 26
"""A box, and the room between two, in pixels."""

STEPS: Final = ("due", "paused?", "window?", "budget?", "route 1", "posted")
ENDS: Final = (
    ("", ""),
    ("waits", "until resume"),
    ("waits", "for its end"),
    ("waits", "for a new day"),
    ("route 2", "in the same send"),
    ("", ""),
)
"""What becomes of it where a step does not let it pass, below that step."""

WHY: Final = ("", "yes", "hold", "spent", "fails", "")
"""What leads down."""

ELSEWHERE: Final = "elsewhere: at once by a window, after its time by a fallback"
GOES, STAYS, FAINT = "#1a7f37", "#9a6700", "#57606a"
"""What goes on, what waits, and what is said beside."""

SAID: Final = (
    "One delivery is due. It passes the brake, the windows, the budgets and the first route that"
    " works, and is posted. Where it is paused, held by a window, or a budget is spent, it waits;"
    " where the first route fails the second is taken, and where none works it waits as blocked."
    " A window may send it elsewhere, and a fallback does so after its time."
)


def drawn() -> str:
    """The picture as SVG."""
    width = 12 + len(STEPS) * (WIDE + GAP) - GAP + 12
    height = 316
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
            f' width="{width}" font-family="sans-serif" font-size="15" text-anchor="middle">',
            f"<title>The way of one delivery</title><desc>{SAID}</desc>",
            f'<rect width="{width}" height="{height}" rx="8" fill="#ffffff"/>',
            '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
            f' markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="{FAINT}"/>'
            "</marker></defs>",
            *_steps(),
            *_ends(),
            *_below(),
            "</svg>",
            "",
        ]
    )


def _left(column: int) -> int:
    return 12 + column * (WIDE + GAP)


def _middle(column: int) -> int:
    return _left(column) + WIDE // 2


def _steps() -> Iterator[str]:
    """The upper row, from left to right."""
    for column, name in enumerate(STEPS):
        yield _box(column, 16, (name,), GOES)
        if column:
            yield _arrow((_left(column) - GAP, 38), (_left(column) - 2, 38))


def _ends() -> Iterator[str]:
    """Below each step: what becomes of what does not pass."""
    for column, lines in enumerate(ENDS):
        if not WHY[column]:
            continue
        yield _arrow((_middle(column), 60), (_middle(column), 104))
        yield _words(_middle(column) + 26, 87, WHY[column], FAINT)
        yield _box(column, 106, lines, GOES if column == 4 else STAYS)
    yield _arrow((_left(5) - GAP, 128), (_middle(5), 128), (_middle(5), 62))


def _below() -> Iterator[str]:
    """Where no route works, and what goes elsewhere."""
    yield _arrow((_middle(4), 150), (_middle(4), 194))
    yield _words(_middle(4) + 26, 177, "fails", FAINT)
    yield _box(4, 196, ("waits", "blocked"), STAYS)
    for column in (2, 3, 4):
        yield _arrow((_middle(column), 240 if column == 4 else 150), (_middle(column), 262))
    left, right = _left(2), _left(4) + WIDE
    yield (
        f'<rect x="{left}" y="264" width="{right - left}" height="38" rx="6" fill="#ddf4ff"'
        ' stroke="#0969da"/>'
    )
    yield _words((left + right) // 2, 288, ELSEWHERE, "#0a3069", size=13)


def _box(column: int, top: int, lines: Sequence[str], colour: str) -> str:
    first = top + (28 if len(lines) == 1 else 19)
    words = [
        _words(_middle(column), first + 17 * n, line, "#1f2328", size=15 if n == 0 else 13)
        for n, line in enumerate(lines)
    ]
    box = (
        f'<rect x="{_left(column)}" y="{top}" width="{WIDE}" height="{HIGH}" rx="6"'
        f' fill="{colour}" fill-opacity="0.12" stroke="{colour}"/>'
    )
    return box + "".join(words)


def _words(x: int, y: int, words: str, colour: str, size: int = 13) -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}">{words}</text>'


def _arrow(*points: tuple[int, int]) -> str:
    way = "L".join(f"{x} {y}" for x, y in points)
    return f'<path d="M{way}" fill="none" stroke="{FAINT}" marker-end="url(#head)"/>'


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
