"""Draws what becomes of a photo, and what each process on its way may reach, for docs/guard.md.

.venv/bin/python docs/pictures/guard.py        (a test says whether that was forgotten)

One column, narrow: it is to be read on a phone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

HERE: Final = Path(__file__).parent
PICTURE: Final = HERE / "guard.svg"

WIDTH, MARGIN, HIGH, GAP = 400, 12, 84, 34
"""Of the picture, beside a box, a box, and the room between two, in pixels."""

WORDS: Final = 128
"""How far from the left the words of a box begin."""

KEYS, NOTHING, OUTSIDE, FAINT = "#9a6700", "#1a7f37", "#0969da", "#57606a"
"""Who holds keys, who holds nothing, who speaks with the world, and what is said beside."""


class Step(NamedTuple):
    """A process: what it does, what it may reach, and what it passes on."""

    name: str
    does: str
    files: str
    reaches: str
    colour: str
    gives: str


STEPS: Final = (
    Step(
        "door",
        "takes it, and drops who sent it",
        "door.key, its secrets, the page",
        "connections in and out",
        OUTSIDE,
        "sealed: the door cannot read it again",
    ),
    Step(
        "core",
        "keeps it, and opens it",
        "the spool and all keys",
        "no network",
        KEYS,
        "the mail as it came",
    ),
    Step(
        "reader",
        "finds the words and the files",
        "none",
        "no network, no program",
        NOTHING,
        "the photo as it came",
    ),
    Step(
        "cleaner",
        "makes a new one of its pixels",
        "none",
        "no network, no program",
        NOTHING,
        "a JPEG without place, time and device",
    ),
    Step(
        "core",
        "seals the original; a person looks",
        "the spool and all keys",
        "no network",
        KEYS,
        "the new JPEG, when it was released",
    ),
    Step(
        "outlet",
        "posts it",
        "its tokens, its folders",
        "connections out",
        OUTSIDE,
        "where the bridge is somebody else's",
    ),
    Step(
        "plug-in",
        "of others: prepares the posts",
        "what its section names",
        "its outlet, and nothing else",
        NOTHING,
        "",
    ),
)

SAID: Final = (
    "A photo goes from the door to the core, which keeps it, then to the reader and the cleaner,"
    " which can reach no file and no network, back to the core, where a person looks at what was"
    " made anew, and to the outlet, which posts it. A plug-in of others reaches its outlet alone."
)


def drawn() -> str:
    """The picture as SVG."""
    height = 2 * MARGIN + len(STEPS) * (HIGH + GAP) - GAP
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
            f' width="{WIDTH}" font-family="sans-serif">',
            f"<title>What becomes of a photo</title><desc>{SAID}</desc>",
            f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#ffffff"/>',
            '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
            f' markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="{FAINT}"/>'
            "</marker></defs>",
            *(line for row, step in enumerate(STEPS) for line in _step(row, step)),
            "</svg>",
            "",
        ]
    )


def _step(row: int, step: Step) -> Iterator[str]:
    top = MARGIN + row * (HIGH + GAP)
    dashed = ' stroke-dasharray="5 4"' if row == len(STEPS) - 1 else ""
    yield (
        f'<rect x="{MARGIN}" y="{top}" width="{WIDTH - 2 * MARGIN}" height="{HIGH}" rx="6"'
        f' fill="{step.colour}" fill-opacity="0.1" stroke="{step.colour}"{dashed}/>'
    )
    yield _words(MARGIN + 12, top + HIGH // 2 + 6, step.name, "#1f2328", 18, bold=True)
    yield _words(WORDS, top + 26, step.does, "#1f2328", 15)
    yield _words(WORDS, top + 48, f"files: {step.files}", FAINT, 14)
    yield _words(WORDS, top + 68, step.reaches, FAINT, 14)
    if step.gives:
        yield _arrow(MARGIN + 40, top + HIGH, top + HIGH + GAP - 2)
        yield _words(MARGIN + 56, top + HIGH + 22, step.gives, step.colour, 14)


def _words(x: int, y: int, words: str, colour: str, size: int, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}"{weight}>{words}</text>'


def _arrow(x: int, top: int, bottom: int) -> str:
    return f'<path d="M{x} {top}V{bottom}" fill="none" stroke="{FAINT}" marker-end="url(#head)"/>'


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
