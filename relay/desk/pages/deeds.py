"""What is done from a lane or a group: to one, to what is picked, or to everything in a lane."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from relay.desk.core import Refused
from relay.desk.doing import added, deed_of, do, once, publish
from relay.desk.done import Done
from relay.desk.forms import Form, form_of
from relay.desk.index.card import Card
from relay.desk.index.groups import Groups
from relay.desk.index.index import Index
from relay.desk.lanes_asked import wanted
from relay.desk.looks import render
from relay.desk.lying import index_of
from relay.desk.orders import one
from relay.desk.state import desk_of
from relay.desk.who import person_of

DEEDS: Final = ("publish", "drop", "hold", "assign")

MOST_GROUPS: Final = 2_000
"""Groups of a lane to which something is done in one go: of more, the first."""

MOST_MEMBERS: Final = 5_000
"""Messages of one group that end with it in one go."""

_BACK: Final = re.compile(r"/(?:[A-Za-z0-9_.~:/-]{0,200})(?:\?[A-Za-z0-9_.~:/?&=%+-]{0,400})?")


async def deeds(request: Request) -> Response:
    """Do it, and back to where one was. Everything in a lane is asked about once more."""
    form, index = form_of(request), index_of(request)
    what, seqs, place = _asked(form)
    if form.has("whole") and not place:
        if not form.has("sure"):
            return _ask_again(request, what, form)
        lanes, groups = _whole(request, form.one("lane"))
        seqs = groups.chosen_in(lanes, MOST_GROUPS)
    there = [seq for seq in seqs if index.group_of(seq) is not None]
    if not there:
        raise Refused("nothing was picked, or it is not there any more")
    done = await to_groups(request, what, there)
    return back(request, form.one("back"), done, place)


async def undo(request: Request) -> Response:
    """Undo a deed: one of one's own, all of it, or what the core calls so."""
    form, desk = form_of(request), desk_of(request)
    said = form.one("deed")
    done = desk.doings.of(person_of(request).handle, said)
    names = [said] if done is None else list(reversed(done.deeds))

    async def act(name: str) -> Done:
        undone = Done("undo", person_of(request).handle, name)
        for of in names:
            token = deed_of(name, "undo", of)
            told = await one(request, "undo", token=token, deed=of)
            undone = added(undone, told)
            ids = [str(moved["id"]) for moved in told.get("done", ())]
            await desk.building.expect(ids, held=True, outbox_until=None)
        return undone

    undone = await once(request, "undo", said, act)
    desk.doings.forget(said)
    return back(request, form.one("back"), replace(undone, deeds=()))


async def to_groups(request: Request, what: str, seqs: Sequence[int]) -> Done | None:
    """Do it to the groups of these messages; to publish lets these very ones go, and the others of
    each group end with them."""
    if not seqs or what not in DEEDS:
        return None
    index = index_of(request)

    async def act(name: str) -> Done:
        if what == "publish":
            chosen = [card for seq in dict.fromkeys(seqs) if (card := index.card(seq)) is not None]
            return await publish(request, name, _with_others(index, chosen))
        fields = {"to": person_of(request).handle} if what == "assign" else {}
        return await do(request, name, what, _waiting(index, seqs), **fields)

    return await once(request, what, list(seqs), act)


def back(request: Request, to: str, done: Done | None = None, place: str = "") -> Response:
    """On to where one was, told what was done; the next group stands where the one was."""
    parts = urlsplit(_inside(to))
    said = [pair for pair in parse_qsl(parts.query) if pair[0] != "deed"]
    said += [("deed", done.name)] if done else []
    query = f"?{urlencode(said)}" if said else ""
    if done is not None and done.not_done:
        place = ""  # what is said at the top is to be read
    return RedirectResponse(f"{parts.path}{query}{f'#at-{place}' if place else ''}", 303)


def _inside(to: str) -> str:
    """A page of ours to go back to; the lanes for whatever is none."""
    return to if _BACK.fullmatch(to) and not to.startswith("//") else "/lanes"


def _asked(form: Form) -> tuple[str, list[int], str]:
    """What to do, to which messages, and where on its page the one of them stood."""
    for what in DEEDS:
        if form.has(what):
            seq, _, place = form.one(what).partition(".")
            return what, list(_numbers([seq])), place if place.isdecimal() else ""
    return form.one("do"), list(_numbers(form.all("pick"))), ""


def _numbers(said: Iterable[str]) -> Iterable[int]:
    return (int(one) for one in said if one.isdecimal() and len(one) < 18)


def others(index: Index, card: Card) -> list[str]:
    """The ids of what ends with a message that is published: its equals that wait in the same
    channel. In another one they may be for other readers, and wait on."""
    group = index.group_of(card.seq)
    if group is None:
        return []
    ids = Groups(index).waiting_ids(group, MOST_MEMBERS, card.channel)
    return [id for id in ids if id != card.id]


def _with_others(index: Index, chosen: Sequence[Card]) -> dict[str, list[str]]:
    """Messages that are published, each with what ends with it. Two that were picked in two groups
    may be in one by now: both were wanted, and what is left ends with the first."""
    met, made = {card.id for card in chosen}, dict[str, list[str]]()
    for card in chosen:
        made[card.id] = [id for id in others(index, card) if id not in met]
        met.update(made[card.id])
    return made


def _waiting(index: Index, seqs: Iterable[int]) -> list[str]:
    """The ids of all messages in the groups of these about which a person must decide, dangerous
    ones first."""
    groups = dict.fromkeys(index.group_of(seq) for seq in seqs)
    found: list[str] = []
    for group in groups:
        if group is not None:
            found += Groups(index).waiting_ids(group, MOST_MEMBERS)
    return found


def _whole(request: Request, path: str) -> tuple[list[str], Groups]:
    """The lanes that a path names, narrowed as it says."""
    parts = urlsplit(path)
    asked = wanted(parts.path.removeprefix("/lanes/"), dict(parse_qsl(parts.query)))
    if asked is None:
        raise Refused("there is no such lane")
    return asked.lanes(person_of(request).handle), Groups(index_of(request))


def _ask_again(request: Request, what: str, form: Form) -> Response:
    """A page that says how much it would be: nobody publishes a lane by a slip of the hand."""
    lanes, groups = _whole(request, form.one("lane"))
    inside = groups.within(lanes)
    return render(
        request,
        "sure.html",
        what=what,
        lane=form.one("lane"),
        back=_inside(form.one("back")),
        inside=inside,
        most=MOST_GROUPS,
    )


ROUTES: Final = [
    Route("/deeds", deeds, methods=["POST"]),
    Route("/undo", undo, methods=["POST"]),
]
