"""Deeds: what somebody does to messages, once however often its form is sent, and what came of it.

A form carries a token. What a deed is called is made of that token and of what is to be done, so
that the same click is the same deed, and another button of the same form is another.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from starlette.requests import Request

from relay.desk.core import Refused, Told
from relay.desk.done import Done, NotDone
from relay.desk.forms import DEED, form_of
from relay.desk.orders import one
from relay.desk.state import desk_of
from relay.desk.who import person_of

MOST: Final = 500
"""Messages of one order."""

MOST_JOINED: Final = 1_000
"""Messages that end with those of one order."""

PUBLISHED: Final = "another one with the same story was published"
"""Why the rest of a group ends that is too large for one order."""


async def once(
    request: Request, what: str, said: object, act: Callable[[str], Awaitable[Done]]
) -> Done:
    """Do what a form asks for, or give what came of it when it was sent before. ``said`` is what
    of the form makes it this deed; ``act`` is told the deed's name. Raises Refused."""
    name = named(request, what, said)
    return await desk_of(request).doings.once(name, lambda: act(name))


def named(request: Request, what: str, said: object) -> str:
    """The name of the deed that a form asks for: its own for each person. Raises Refused for a
    form without a token."""
    token = form_of(request).one(DEED)
    if not token:
        raise Refused("load the page again: its form was not whole")
    return deed_of(f"{person_of(request).handle} {token}", what, said)


def deed_of(token: str, what: str, said: object) -> str:
    """The name of a deed: another one for whatever is done otherwise."""
    return sha256(json.dumps([token, what, said], sort_keys=True).encode()).hexdigest()[:32]


async def do(request: Request, name: str, what: str, ids: Sequence[str], **fields: Any) -> Done:
    """Do one thing to messages. Raises Refused, as long as none of it is done."""
    parts = [ids[at : at + MOST] for at in range(0, len(ids), MOST)]
    return await _done(request, name, what, [{"ids": list(part), **fields} for part in parts])


async def publish(
    request: Request, name: str, groups: Mapping[str, Sequence[str]], **fields: Any
) -> Done:
    """Publish messages, each with those that end with it: what is dangerous of these comes first,
    since it counts. Raises Refused, as long as none of it is done."""
    orders = [
        {"ids": list(part), "with": {id: joined for id, joined in part.items() if joined}, **fields}
        for part in _parts(groups)
    ]
    done = await _done(request, name, "publish", orders)
    rest = [id for joined in groups.values() for id in joined[MOST_JOINED:]]
    if not rest or done.waits or not done.done:
        return done
    dropped = await do(request, deed_of(name, "rest", rest), "drop", rest, why=PUBLISHED)
    return replace(done, deeds=(*done.deeds, *dropped.deeds), until=max(done.until, dropped.until))


def _parts(groups: Mapping[str, Sequence[str]]) -> Iterable[dict[str, Sequence[str]]]:
    """The same in orders that are not too large."""
    part: dict[str, Sequence[str]] = {}
    joined = 0
    for id, others in groups.items():
        some = others[:MOST_JOINED]
        if part and (len(part) == MOST or joined + len(some) > MOST_JOINED):
            yield part
            part, joined = {}, 0
        part[id] = list(some)
        joined += len(some)
    if part:
        yield part


async def _done(
    request: Request, name: str, what: str, orders: Sequence[Mapping[str, Any]]
) -> Done:
    done = Done(what, person_of(request).handle, name)
    for order in orders:
        told = await one(request, what, token=deed_of(name, what, order), **order)
        done = added(done, told)
        await _expect(request, what, order, told)
    return done


def added(done: Done, told: Told) -> Done:
    """What came of a deed, with what the core has told of another part of it."""
    refused = (NotDone(str(one["id"]), str(one["why"])) for one in told.get("not_done", ()))
    moved, waits = len(told.get("done", ())), len(told.get("waiting", ()))
    return replace(
        done,
        done=done.done + moved,
        waits=done.waits + waits,
        not_done=(*done.not_done, *refused),
        until=max(done.until, int(told.get("until") or 0)),
        deeds=(*done.deeds, str(told["deed"])) if moved or waits else done.deeds,
    )


async def _expect(request: Request, what: str, order: Mapping[str, Any], told: Told) -> None:
    """Show what was done before the core has told that it is: the next page would have it as it
    was."""
    expected: Mapping[str, Mapping[str, Any]] = {
        "publish": {"held": False, "outbox_until": told.get("until") or None},
        "drop": {"held": False, "outbox_until": told.get("until") or None},
        "hold": {"held": True, "outbox_until": None},
        "assign": {"assignee": order.get("to", "")},
    }
    if what not in expected:
        return
    moved = [str(one["id"]) for one in told.get("done", ())]
    together: Mapping[str, Sequence[str]] = order.get("with", {})
    joined = [id for chosen in moved for id in together.get(chosen, ())]
    building = desk_of(request).building
    await building.expect(moved, **expected[what])
    await building.expect(joined, held=False)
