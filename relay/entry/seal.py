"""Seals a submission to the exits: from here on the node that holds it cannot read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from relay.model import HOUR, Instant, Submission, hour_of
from relay.wire.envelope import Inside, seal
from relay.wire.epochs import EpochPublic

LIFE_S: Final = 72 * HOUR
"""How long an envelope may be on the road to an exit: as long as the key that opens it is kept."""


@dataclass(frozen=True, slots=True, repr=False)
class SealedRow:
    """An envelope and what the spool must know of it: its id (16 bytes), the repeat keys (16 bytes
    each) and the hour in which it came (seconds)."""

    id: bytes
    envelope: bytes
    keys: tuple[bytes, ...]
    hour: Instant


def seal_row(
    submission: Submission,
    recipients: Sequence[EpochPublic],
    now: Instant,
    life_s: int = LIFE_S,
) -> SealedRow:
    """Seal a submission to the recipients; times are rounded to the hour before they are written.

    The expiry is rounded up, so that no message lives shorter than it was told.
    """
    hour = hour_of(now)
    inside = Inside(
        kind=submission.kind,
        transport=submission.transport,
        content=submission.content,
        flags=submission.flags,
        channel=submission.channel,
        repeat_keys=submission.repeat_keys,
        author_tags=submission.author_tags,
        network_tags=submission.network_tags,
        segment=submission.segment,
        segments=submission.segments,
        join_keys=submission.join_keys,
        return_token=submission.return_token,
        answer_key=submission.answer_key,
        code=submission.code,
    )
    expiry = hour_of(now + life_s + HOUR - 1)
    sealed = seal(inside, recipients, arrival=hour, expiry=expiry)
    return SealedRow(sealed.id, sealed.envelope, submission.repeat_keys, hour)
