"""Where a text stands at one destination: by the delivery of its message, and those of corrections.

Each correction has a delivery of its own. One that changed a post in place names the post that it
changed; one that was posted beside it, or in its place, names its own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from relay.errors import Damaged
from relay.exit.kin import rows_of
from relay.exit.progress import Progress, thaw
from relay.exit.record import First
from relay.model import Queue, Row, Sent
from relay.ports import Spool
from relay.wire.keys import ExitKeys
from relay.wire.names import correction_name

_GOES: tuple[str, ...] = (
    Sent.WAITING,
    Sent.PREPARED,
    Sent.SENDING,
    Sent.UNSURE,
    Sent.STOPPED,
    Sent.HELD,
)


@dataclass(frozen=True, slots=True, repr=False)
class Stand:
    """A delivery, and how far it has come."""

    row: Row
    progress: Progress

    @property
    def goes(self) -> bool:
        """Whether it may be posted still."""
        return self.row.queue == Queue.POST and self.row.state in _GOES

    @property
    def in_doubt(self) -> bool:
        """Whether nobody knows if a part of it is public."""
        row = self.row
        doubtful = row.state in (Sent.SENDING, Sent.UNSURE) or row.why.startswith("unsure")
        return self.goes and (doubtful or self.progress.open)

    @property
    def by_itself(self) -> bool:
        """Whether the posts that it names are its own, and are there."""
        posted = self.row.state == Sent.POSTED and not self.progress.replaced
        return posted and bool(self.progress.refs) and self.progress.beside


@dataclass(frozen=True, slots=True, repr=False)
class Stands:
    """The delivery of the first text; of those that correct it the ones before this one, and the
    ones after it, each in order of what they say."""

    first: Stand
    earlier: Sequence[Stand]
    later: Sequence[Stand]

    @property
    def before(self) -> Sequence[Stand]:
        """All that was said before this one."""
        return (self.first, *self.earlier)

    @property
    def there(self) -> Stand | None:
        """What would be changed in place: the first; of one that was taken back for a correction
        the newest that took its place. None where nothing is there."""
        if not self.first.progress.replaced:
            return self.first
        return next((one for one in reversed(self.earlier) if one.by_itself), None)


async def stands_at(
    spool: Spool, keys: ExitKeys, first: First, row: Row, revision: int
) -> Stands | None:
    """What stands where the delivery ``row`` goes, of a correction with this revision; None where
    nothing is known of the first any more. Raises Damaged where the note of that cannot be read."""
    there = next((one for one in (await rows_of(spool, first))[1:] if one.name == row.name), None)
    if there is None:
        return None
    others: list[Stand] = []
    for message in await spool.named(correction_name(keys.desk_secret, first.id)):
        if message.seq == row.root:
            continue
        for one in (await spool.family(message.seq))[1:]:
            if one.name == row.name:
                with contextlib.suppress(Damaged):  # whoever posts it says so
                    others.append(Stand(one, thaw(one, keys.storage)))
    others.sort(key=lambda one: (one.progress.revision, one.row.seq))
    earlier = [one for one in others if one.progress.revision <= revision]
    later = [one for one in others if one.progress.revision > revision]
    return Stands(Stand(there, thaw(there, keys.storage)), earlier, later)
