"""What is done to one message from its own page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk.core import Refused
from relay.desk.doing import added, do, once, publish
from relay.desk.done import Done
from relay.desk.forms import CSRF, Form, form_of
from relay.desk.lying import index_of
from relay.desk.marked import cut_in
from relay.desk.orders import one
from relay.desk.pages.deeds import back, others
from relay.desk.pages.messages import text_in
from relay.desk.times import instant_in
from relay.desk.who import person_of

Fields = dict[str, Any]


async def act(request: Request) -> Response:
    """Do what the form says, and back to the message."""
    id, what, form = request.path_params["id"], request.path_params["what"], form_of(request)
    doing = _DEEDS.get(what)
    saying = _SAYS.get(what)
    if doing is None and saying is None:
        raise HTTPException(404)

    async def done(name: str) -> Done:
        if doing is not None:
            return await doing(request, name, id, form)
        assert saying is not None
        return await _said(request, name, what, id, saying(form))

    said = [id, *(pair for pair in form.pairs if pair[0] != CSRF)]
    return back(request, f"/messages/{id}", await once(request, what, said, done))


# ---------------------------------------------------------------- what moves it


async def _publish(request: Request, name: str, id: str, form: Form) -> Done:
    """With what was chosen: when, with which media, where; and whether its group ends with it."""
    fields: Fields = {}
    try:
        not_before = instant_in(form.one("not_before"))
    except ValueError:
        raise Refused("that is no date and time") from None
    if not_before is not None:
        fields["not_before"] = not_before
    picked = set(form.all("medium"))
    if (media := form.all("medium_of")) and picked != set(media):
        fields["only"] = [int(n) for n in media if n in picked]
    chosen = set(form.all("destination"))
    without = [one for one in form.all("destination_of") if one not in chosen]
    if without:
        fields["without"] = without
    index = index_of(request)
    card = index.of_id(id) if form.has("group") else None
    return await publish(request, name, {id: others(index, card) if card else []}, **fields)


async def _hold(request: Request, name: str, id: str, form: Form) -> Done:
    return await do(request, name, "hold", [id])


async def _drop(request: Request, name: str, id: str, form: Form) -> Done:
    why = text_in(form.one("why")).strip()
    return await do(request, name, "drop", [id], **({"why": why} if why else {}))


async def _assign(request: Request, name: str, id: str, form: Form) -> Done:
    to = person_of(request).handle if form.has("me") else form.one("to").strip().lower()
    return await do(request, name, "assign", [id], to=to)


_DEEDS: Final[Mapping[str, Callable[[Request, str, str, Form], Awaitable[Done]]]] = {
    "publish": _publish,
    "hold": _hold,
    "drop": _drop,
    "assign": _assign,
}


# ---------------------------------------------------------------- what is said of it, or to it


async def _said(request: Request, name: str, what: str, id: str, fields: Fields) -> Done:
    """An order about one message, answered by one answer. Raises Refused."""
    told = await one(request, what, token=name, id=id, **fields)
    done = Done(what, person_of(request).handle, name)
    return added(done, told) if "not_done" in told else replace(done, done=1)


def _text(form: Form) -> Fields:
    return {"text": text_in(form.one("text"))}


def _redact(form: Form) -> Fields:
    """What was ticked, and the place that was typed or selected."""
    cuts = [cut for value in form.all("cut") if (cut := cut_in(value)) is not None]
    own = cut_in(f"{form.one('where')}:{form.one('offset').strip()}:{form.one('length').strip()}")
    cuts += [own] if own is not None and own["length"] else []
    if not cuts:
        raise Refused("say what is to be cut")
    return {"cuts": cuts, **_rev(form)}


def _rewrite(form: Form) -> Fields:
    return {"title": text_in(form.one("title")), **_text(form), **_rev(form)}


def _rev(form: Form) -> Fields:
    """Which version of it the form was made of."""
    return {"rev": int(form.one("rev"))} if form.one("rev").isdecimal() else {}


def _answer(form: Form) -> Fields:
    if form.one("reply").isdecimal():
        return {"reply": int(form.one("reply"))}
    return {"dismiss": True} if form.has("dismiss") else _text(form)


def _posted(form: Form) -> Fields:
    return {"destination": form.one("destination"), "url": form.one("url").strip()}


_SAYS: Final[Mapping[str, Callable[[Form], Fields]]] = {
    "note": _text,
    "ask": _text,
    "redact": _redact,
    "rewrite": _rewrite,
    "answer": _answer,
    "posted": _posted,
    "retry": lambda form: {},
    "release": lambda form: {},
}

ROUTES: Final = [Route("/messages/{id}/{what}", act, methods=["POST"])]
