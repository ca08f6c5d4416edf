"""deliver -> post: one delivery a destination, and what each of them is given.

The page's item is made and signed here, by the core, before a bridge sees it: nothing that came
from a bridge is ever signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from relay.exit.record import Record
from relay.model import (
    PERHAPS_PUBLIC,
    URGENT,
    Change,
    Instant,
    Media,
    NewRow,
    Post,
    Queue,
    Row,
    Sent,
    State,
    hour_of,
)
from relay.rules.policy import Policy, next_tick
from relay.wire.item import make_item, sign_item
from relay.wire.keys import ExitKeys
from relay.wire.names import account_secret, item_id


def assign(
    row: Row, policies: Mapping[str, Policy], ticks: Mapping[str, int], now: Instant
) -> tuple[Change, tuple[NewRow, ...]]:
    """The deliveries of a released message. ``ticks`` are the release intervals (seconds) of the
    destinations that have one. Their hour is that of this release: it says how old they are. Of
    what may be public already they begin as unsure. They are due when their message was, so that
    they keep its order; of a channel with priority before all others, where no tick lets them
    out."""
    policy = policies.get(row.name)
    if policy is None:
        why = "its channel is not in the settings"
        return Change(Queue.REVIEW, State.HELD, due=None, why=why), ()
    deliveries = tuple(
        NewRow(
            Queue.POST,
            Sent.UNSURE if row.note in PERHAPS_PUBLIC else Sent.WAITING,
            row.id,
            hour_of(now),
            due=_due(row, policy, now, ticks.get(destination, 0)),
            name=destination,
        )
        for destination in dict.fromkeys(policy.destinations)
    )
    return Change(Queue.ASSIGNED, State.WAITING, due=None), deliveries


def _due(row: Row, policy: Policy, now: Instant, tick_s: int) -> Instant:
    if tick_s > 0:
        return next_tick(now, tick_s)
    if policy.priority:
        return URGENT
    return row.due if row.due is not None and URGENT < row.due < now else now


def post_of(
    record: Record,
    account: str,
    keys: ExitKeys,
    now: Instant,
    *,
    signed: bool,
    first: bytes = b"",
    updated: Instant = 0,
    media: Sequence[Media] = (),
) -> Post:
    """What a bridge is given of a message. Its date is the hour of the release. With the message
    secret ``first`` of the one it corrects it is that one's post, with another text, a later
    revision, and the hour ``updated`` in which that was released. ``media`` are cleaned, and fit
    there."""
    message = record.message
    if message is None:
        raise ValueError("a record that was never read is not assigned")
    date, secret = hour_of(now), first or record.secret
    item = b""
    if signed:
        item = make_item(
            item_id(secret),
            message.text,
            message.title,
            message.language,
            date,
            keys.page,
            record.revision,
            updated,
            media,
            record.hides,
        )
    return Post(
        secret=account_secret(secret, account),
        text=message.text,
        title=message.title,
        language=message.language,
        date=date,
        item=item,
        signature=sign_item(item, keys.page) if signed else b"",
        media=tuple(media),
    )
