"""How the keys of an exit change with the days: pure, from keys and an instant to newer keys.

None of it destroys a key but ``without``, which is told what: whether an envelope on its way still
needs one is not known here. The clock may be set back and leap ahead; a day for which there is a
key keeps it, and one without gets one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from relay.errors import KeyFileError
from relay.model import Instant
from relay.wire import primitives
from relay.wire.bundle import (
    LAST_SERIAL,
    MOST_REVOKED,
    Bundle,
    make_request,
    make_revocation,
    read_bundle,
    sign_bundle,
)
from relay.wire.epochs import (
    AHEAD_DAYS,
    DAY_S,
    FOREVER,
    EpochKey,
    day_of,
    make_daily_key,
    make_storage_key,
)
from relay.wire.keys import ExitKeys

TOO_MANY: Final = (
    "more keys were revoked these days than a bundle can name: wait until some of them are over,"
    " or end this exit with `relay keys revoke --all`"
)


def rolled(keys: ExitKeys, now: Instant, road_s: int, ahead_days: int = AHEAD_DAYS) -> ExitKeys:
    """The keys as they are to be on this day: epochs, a storage key, and a bundle that says so. The
    same object if they are that already."""
    newer = with_storage(with_epochs(keys, now, ahead_days), now)
    return with_bundle(newer, now, road_s) if _is_old(newer, now, road_s) else newer


def with_epochs(keys: ExitKeys, now: Instant, ahead_days: int = AHEAD_DAYS) -> ExitKeys:
    """The keys with one for today and for each of so many days to come. A revoked one counts for
    none. One of before there were days ends with today. The same object if nothing is missing, and
    if the exit has ended."""
    if keys.ended:
        return keys
    today = day_of(now)
    ended = tuple(_ended_by(one, today + DAY_S) for one in keys.epochs)
    there = {one.not_before for one in ended if one.is_daily and one.id not in keys.revoked}
    wanted = (today + n * DAY_S for n in range(ahead_days + 1))
    made = tuple(make_daily_key(day) for day in wanted if day not in there)
    if not made and ended == keys.epochs:
        return keys
    return replace(keys, epochs=_in_order(ended + made))


def with_storage(keys: ExitKeys, now: Instant) -> ExitKeys:
    """The keys with a storage key of today as the newest. The same object if it is there."""
    today = day_of(now)
    if day_of(keys.storage[-1].not_before) == today:
        return keys
    return replace(keys, storage=(*keys.storage, make_storage_key(today)))


def without(keys: ExitKeys, ids: Collection[bytes]) -> ExitKeys:
    """The keys without the epochs and storage keys of these ids: they are destroyed with the file
    that is written next. The newest storage key stays, whatever its id."""
    *older, newest = keys.storage
    return replace(
        keys,
        epochs=tuple(one for one in keys.epochs if one.id not in ids),
        storage=(*(one for one in older if one.id not in ids), newest),
        revoked=tuple(id for id in keys.revoked if id not in ids),
    )


def with_revoked(keys: ExitKeys, ids: Collection[bytes]) -> ExitKeys:
    """The keys, and nothing more is to be sealed to the epochs of these ids. They go on opening
    what is on its way. Ids that are no epochs of ours say nothing. Raises KeyFileError where that
    are more than a bundle names: to leave one out would be to trust it again."""
    fresh = [one.id for one in keys.epochs if one.id in ids and one.id not in keys.revoked]
    if len(keys.revoked) + len(fresh) > MOST_REVOKED:
        raise KeyFileError(TOO_MANY)
    return replace(keys, revoked=(*keys.revoked, *fresh))


def replaced(keys: ExitKeys, ids: Collection[bytes], now: Instant, road_s: int) -> ExitKeys:
    """The keys with these epochs revoked, others in their place, and a bundle that says so."""
    return with_bundle(with_epochs(with_revoked(keys, ids), now), now, road_s)


def with_bundle(keys: ExitKeys, now: Instant, road_s: int) -> ExitKeys:
    """The keys with a newly signed bundle of them. Where the identity key is kept on another
    machine they are the same: ``bundle_of`` gives what is to be signed there."""
    if keys.ended or not keys.identity:
        return keys
    return _with(keys, bundle_of(keys, now, road_s))


def bundle_of(keys: ExitKeys, now: Instant, road_s: int) -> bytes:
    """The bytes of a bundle that is newer than the last one: signed or, where the identity key is
    kept on another machine, the request for it. Of an exit that has ended there is only the last
    one. Raises Damaged where there is no key to name."""
    if keys.ended:
        return keys.bundle
    bundle = _bundle(keys, now, road_s)
    return sign_bundle(bundle, keys.identity) if keys.identity else make_request(bundle)


def unsigned(keys: ExitKeys) -> int:
    """How many epochs nothing is sealed to yet, since no bundle names them."""
    if keys.ended or keys.identity:
        return 0
    held = read_bundle(keys.bundle, keys.identity_public) if keys.bundle else None
    since = held.made if held else 0
    signed = {one.id for one in held.epochs} if held else set()
    waits = (one for one in keys.epochs if one.id not in signed.union(keys.revoked))
    return sum(one.is_daily and one.not_after > since for one in waits)


def taken(keys: ExitKeys, signed: bytes) -> ExitKeys | None:
    """The keys with a bundle that was signed elsewhere; None if it is not newer than the last one,
    or not of these keys, or names one as good that was revoked since it was asked for. Raises
    Damaged for one that our identity did not sign."""
    bundle = read_bundle(signed, keys.identity_public)
    newer = bundle.serial > keys.serial
    return _with(keys, signed) if newer and (bundle.ended or _is_of(bundle, keys)) else None


def ended(keys: ExitKeys, now: Instant) -> ExitKeys:
    """The keys of an exit to which nothing is sealed, ever again. Its identity key must be here."""
    return _with(keys, make_revocation(keys.identity, now))


def _with(keys: ExitKeys, signed: bytes) -> ExitKeys:
    bundle = read_bundle(signed, keys.identity_public)
    over = keys.ended or bundle.ended
    return replace(keys, serial=bundle.serial, ended=over, bundle=signed)


def _bundle(keys: ExitKeys, now: Instant, road_s: int) -> Bundle:
    return Bundle(
        identity=keys.identity_public,
        page=primitives.signing_public(keys.page),
        serial=min(max(keys.serial + 1, now), LAST_SERIAL - 1),
        made=now,
        road_s=road_s,
        epochs=tuple(one.public for one in _told(keys, now)),
        revoked=keys.revoked,
        mail=None if keys.mail is None else keys.mail.public,
    )


def _told(keys: ExitKeys, now: Instant) -> list[EpochKey]:
    """The epochs that a bundle names. A day that is just over is among them, for an entry whose
    clock is slow."""
    first, last = day_of(now) - DAY_S, day_of(now) + AHEAD_DAYS * DAY_S
    good = (one for one in keys.epochs if one.is_daily and one.id not in keys.revoked)
    return [one for one in good if first <= one.not_before <= last]


def _is_old(keys: ExitKeys, now: Instant, road_s: int) -> bool:
    """Whether we can sign a bundle that says more than the last one."""
    if keys.ended or not keys.identity:
        return False
    if not keys.bundle:
        return True
    held = read_bundle(keys.bundle, keys.identity_public)
    mail = None if keys.mail is None else keys.mail.public
    told = [one.id for one in _told(keys, now)]
    return (held.road_s, held.revoked, held.mail) != (road_s, keys.revoked, mail) or told != [
        one.id for one in held.epochs
    ]


def _is_of(bundle: Bundle, keys: ExitKeys) -> bool:
    """Whether all that it names is ours, and all that is good there is so here."""
    ours = {one.id: (one.not_before, one.not_after) for one in keys.epochs}
    return (
        bundle.page == primitives.signing_public(keys.page)
        and all(ours.get(one.id) == (one.not_before, one.not_after) for one in bundle.epochs)
        and not any(one.id in keys.revoked for one in bundle.good())
    )


def _ended_by(epoch: EpochKey, end: Instant) -> EpochKey:
    """One of before there were days. Of a node that was started today it becomes that of today."""
    if epoch.not_after != FOREVER:
        return epoch
    return replace(epoch, not_before=min(epoch.not_before, end - DAY_S), not_after=end)


def _in_order(epochs: tuple[EpochKey, ...]) -> tuple[EpochKey, ...]:
    return tuple(sorted(epochs, key=lambda one: (one.not_before, one.not_after)))
