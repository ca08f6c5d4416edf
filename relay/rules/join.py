"""Segments of one SMS to the whole: which belong to it, in what order, and what is missing.

A long SMS comes as segments that are cut anywhere (3GPP TS 23.040 section 9.2.3.24.1): between the
halves of a surrogate pair, between an escape and its sign, even within a code unit. So they are
joined as octets, before anything is decoded. A number that comes twice is no progress: the first
that came under it counts. Where segments are missing the gap is shown, so that nobody takes what
stands around it for a sentence somebody wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from relay.model import Kind
from relay.rules.gsm import decoded

LATEST_S = 24 * 3600
"""Seconds between the arrivals of two segments of one SMS at most: a phone that was off gets what
waited for it, and its reference numbers come round again (there are 256 of them, or 65,536)."""

GAP = " […] "
GAP_UCS2 = GAP.encode("utf-16-be")
GAP_GSM = b" \x1b\x3c...\x1b\x3e "
"""The same in septets, with three points: the ellipsis is not in the GSM alphabet, brackets are
behind an escape (3GPP TS 23.038 section 6.2.1.1)."""

MOST_BYTES = 1024
"""Bytes of a segment at most: it has 140 octets, which are 640 where a gateway gives them as a
text. What is longer is none, whatever it says: 255 of such would be a message that nobody keeps."""

JOINED: tuple[Kind, ...] = ("gsm", "ucs2", "text")
"""Kinds of content that come in segments."""


@dataclass(frozen=True, slots=True, repr=False)
class Segment:
    """One segment: its number (from 1), and its content as its kind says."""

    number: int
    kind: Kind
    content: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Whole:
    """What segments make together, as content of one kind; and which numbers are missing in it."""

    kind: Kind
    content: bytes
    missing: tuple[int, ...]


def first_of_each(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Of every number the first that came, in the order of the numbers."""
    first: dict[int, Segment] = {}
    for one in segments:
        first.setdefault(one.number, one)
    return tuple(first[number] for number in sorted(first))


def missing(segments: Iterable[Segment], of: int) -> tuple[int, ...]:
    """The numbers from 1 to ``of`` that none of them has."""
    there = {one.number for one in segments}
    return tuple(number for number in range(1, of + 1) if number not in there)


def joined(segments: Sequence[Segment], of: int) -> Whole:
    """The whole of ``of`` segments, given in order of arrival, with its gaps shown.

    Of one kind it stays what it is; of several all become UTF-16BE. Raises ValueError for none."""
    in_order = first_of_each(segments)
    if not in_order:
        raise ValueError("of no segments nothing can be made")
    kinds = {one.kind for one in in_order}
    kind = in_order[0].kind if len(kinds) == 1 else "ucs2"
    runs = [_run(run, kind) for run in _runs(in_order)]
    if in_order[0].number > 1:
        runs.insert(0, b"")
    if in_order[-1].number < of:
        runs.append(b"")
    if kind == "ucs2" and len(runs) > 1:
        runs = _in_step(runs)
    gap = {"gsm": GAP_GSM, "ucs2": GAP_UCS2}.get(kind, GAP.encode())
    return Whole(kind, gap.join(runs), missing(in_order, of))


def _runs(in_order: Sequence[Segment]) -> list[list[Segment]]:
    """Those that follow each other without a gap, together."""
    at = enumerate(in_order)
    return [[one for _, one in run] for _, run in groupby(at, lambda of: of[1].number - of[0])]


def _run(run: Sequence[Segment], kind: Kind) -> bytes:
    """Segments without a gap between them, as content of that kind."""
    parts = [
        (own, b"".join(one.content for one in same))
        for own, same in groupby(run, lambda one: one.kind)
    ]
    return b"".join(part if own == kind else _ucs2(part, own) for own, part in parts)


def _ucs2(content: bytes, kind: Kind) -> bytes:
    text = decoded(content, "gsm") if kind == "gsm" else content.decode("utf-8", "replace")
    return text.encode("utf-16-be")


def _in_step(runs: Sequence[bytes]) -> list[bytes]:
    """Runs of whole code units: of one that was cut within a unit the half is dropped that stands
    at a gap, else all that follows would be read out of step."""
    first, *others = runs
    return [first[: len(first) // 2 * 2], *(run[len(run) % 2 :] for run in others)]
