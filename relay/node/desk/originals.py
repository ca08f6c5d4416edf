"""Media as they came: two persons open them, for ten minutes, and only these two see them.

Nothing but the cleaned media is ever published or shown. What came may show who took it, where and
with what; now and then somebody must look all the same. The first person asks, a second one agrees,
and both may fetch it until the time is over. It is on the sheet of the message, so that a restart
opens nothing and closes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from relay.errors import Asked, Damaged
from relay.exit.originals import contents_of
from relay.exit.sheet import Opening, Sheet
from relay.model import Instant, Kept, Media
from relay.node import media_shown
from relay.node.desk.deed import Deed, Plan
from relay.node.desk.messages import Messages, Seen
from relay.ports import Spool

OPEN_S: Final = 600
"""Seconds in which a second person must agree; and after that, in which both may look."""

NONE_KEPT: Final = "nothing is kept of what came along with it"
NOT_OPEN: Final = "two persons must ask for it first: it is not open for you, or not any more"


def ask(seen: Seen, deed: Deed) -> Plan:
    """Somebody wants to see what came. Raises Asked where nothing came."""
    if not seen.record.originals:
        raise Asked(NONE_KEPT)
    opening = Opening(deed.by, deed.now + OPEN_S)
    return Plan((), replace(seen.sheet, opening=opening), 1, waits=True)


def confirm(seen: Seen, deed: Deed) -> Plan:
    """Somebody else agrees. Raises Asked where nobody has asked in time, or it is the same one."""
    opening = seen.sheet.opening
    if opening is None or opening.confirmed or deed.now >= opening.until:
        raise Asked("nobody has asked for it within ten minutes")
    if opening.handle == deed.by:
        raise Asked("somebody else has to agree to it")
    both = replace(opening, confirmed=deed.by, until=deed.now + OPEN_S)
    return Plan((), replace(seen.sheet, opening=both), 1)


def opened_until(sheet: Sheet, now: Instant) -> Instant | None:
    """Until when two persons may look; None where it is not open."""
    opening = sheet.opening
    is_open = opening is not None and opening.confirmed and now < opening.until
    return opening.until if is_open and opening is not None else None


async def fetch(
    spool: Spool, messages: Messages, seen: Seen, by: str, now: Instant, n: int
) -> Iterator[Mapping[str, Any]]:
    """One of what came, as it came, in pieces. Raises Asked."""
    opening = seen.sheet.opening
    if opened_until(seen.sheet, now) is None or opening is None:
        raise Asked(NOT_OPEN)
    if by not in (opening.handle, opening.confirmed):
        raise Asked(NOT_OPEN)
    kept = [row for row in await spool.originals(seen.row.seq) if row.state == Kept.SEALED]
    if not kept:
        raise Asked(NONE_KEPT)
    try:
        body = await spool.body(kept[0].seq)
        contents = contents_of(kept[0], body, messages.keys.storage)
    except Damaged:
        raise Asked("what is kept of it is damaged") from None
    if not 1 <= n <= min(len(contents), len(seen.record.originals)):
        raise Asked(f"it has no such original: there are {len(contents)}")
    medium = Media(seen.record.originals[n - 1].type, contents[n - 1])
    return media_shown.pieces(seen.row.id.hex(), n, medium)
