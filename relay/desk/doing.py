"""Deeds: what somebody does to messages, once however often its form is sent, and what came of it.

A form carries a token. What goes to the core with the order is made of that token and of what is to
be done, so that the same click is the same deed, and another button of the same form is another.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import islice
from typing import Any, Final

from starlette.requests import Request

from relay.desk.core import Told
from relay.desk.done import Done, NotDone
from relay.desk.forms import DEED, form_of
from relay.desk.orders import one
from relay.desk.state import desk_of
from relay.desk.who import person_of

MOST: Final = 500
"""Messages of one order, those that end with another included."""

PUBLISHED: Final = "another one with the same story was published"
"""Why the rest of a group ends that is too large for one order."""


async def do(request: Request, what: str, ids: Sequence[str], **fields: Any) -> Done:
    """Do one thing to messages. Raises Refused, as long as none of it is done."""
    parts = [ids[at : at + MOST] for at in range(0, len(ids), MOST)]
    return await _done(request, what, [{"ids": part, **fields} for part in parts])


async def publish(request: Request, groups: Mapping[str, Sequence[str]], **fields: Any) -> Done:
    """Publish messages, each with those that end with it: what is dangerous of these comes first,
    since it counts. Raises Refused, as long as none of it is done."""
    orders = [
        {"ids": list(part), "with": {id: joined for id, joined in part.items() if joined}, **fields}
        for part in _parts(groups)
    ]
    done = await _done(request, "publish", orders)
    rest = [id for joined in groups.values() for id in joined[MOST - 1 :]]
    if rest and done.done and not done.waits:
        dropped = await do(request, "drop", rest, why=PUBLISHED)
        done = replace(done, deeds=(*done.deeds, *dropped.deeds), until=dropped.until)
        desk_of(request).doings.keep(done)
    return done


def _parts(groups: Mapping[str, Sequence[str]]) -> Iterable[dict[str, list[str]]]:
    """The same in orders that are not too large."""
    part: dict[str, list[str]] = {}
    room = MOST
    for id, joined in groups.items():
        some = list(islice(joined, MOST - 1))
        if part and len(some) + 1 > room:
            yield part
            part, room = {}, MOST
        part[id] = some
        room -= len(some) + 1
    if part:
        yield part


async def _done(request: Request, what: str, orders: Sequence[Mapping[str, Any]]) -> Done:
    token, by = form_of(request).one(DEED), person_of(request).handle
    done = Done(what, by, token)
    for order in orders:
        name = deed_of(token, what, order)
        told = await one(request, what, token=name, **order)
        done = _with(done, told, name)
        await _expect(request, what, order, told)
        desk_of(request).doings.keep(done)
    return done


def deed_of(token: str, what: str, order: Mapping[str, Any]) -> str:
    """By which name the core knows a deed: another one for whatever is done otherwise."""
    said = json.dumps([token, what, order], sort_keys=True)
    return sha256(said.encode()).hexdigest()[:32]


def _with(done: Done, told: Told, name: str) -> Done:
    waits = bool(told.get("waits"))
    moved = [one for one in told.get("done", ()) if one.get("changed") or not waits]
    refused = (NotDone(str(one["id"]), str(one["why"])) for one in told.get("not_done", ()))
    return replace(
        done,
        done=done.done + len(moved),
        waits=done.waits + len(told.get("done", ())) - len(moved),
        not_done=(*done.not_done, *refused),
        until=max(done.until, int(told.get("until") or 0)),
        deeds=(*done.deeds, str(told.get("deed") or name)) if told.get("done") else done.deeds,
    )


async def _expect(request: Request, what: str, order: Mapping[str, Any], told: Told) -> None:
    """Show what was done before the core has told that it is: the next page would have it still."""
    if what not in ("publish", "drop"):
        return
    until = int(told.get("until") or 0)
    moved = [str(one["id"]) for one in told.get("done", ()) if one.get("changed")]
    with_them = order.get("with", {})
    joined = [id for chosen in moved for id in with_them.get(chosen, ())]
    building = desk_of(request).building
    await building.expect(moved, held=False, outbox_until=until or None)
    await building.expect(joined, held=False)
