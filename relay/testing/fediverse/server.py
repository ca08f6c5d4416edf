"""A server with Mastodon's API on loopback: enough of it for a bridge that posts, and its faults.

``async with fediverse() as platform`` serves one; ``fediverse(GOTOSOCIAL)`` one that ignores the
Idempotency-Key and counts otherwise. It has one account and one token. Whatever is scripted with
``made=True`` is done and then answered badly. Time is the clock it is given, so that a test can let
an hour pass::

    platform.script(faults.cut(), on="POST /api/v1/statuses")   # posted, and nobody heard of it
    ...
    assert platform.texts == ["The lights are out again."]
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from secrets import token_hex
from typing import Any, Final

from relay.clock import SystemClock
from relay.ports import Clock
from relay.testing.fediverse import says
from relay.testing.fediverse.forms import Said, Unclear, said
from relay.testing.fediverse.manners import MASTODON, Manners
from relay.testing.fediverse.media import Medium, NotTaken, Shelf
from relay.testing.fediverse.says import No
from relay.testing.fediverse.statuses import LISTED, VISIBILITIES, Ids, Status, page
from relay.testing.loopback import Fault, Loopback, Request, on_loopback

PER_S: Final = 300
"""The window in which requests are counted."""

MAX_PAGE: Final = 40
ROUTES: list[tuple[str, re.Pattern[str], str, bool]] = []
"""Method, path, the name of what answers, and whether it wants the token."""


Answers = Callable[..., Fault]


def _gone() -> No:
    return No(404, "Record not found")


def _route(method: str, path: str, *, open: bool = False) -> Callable[[Answers], Answers]:
    def add(answers: Answers) -> Answers:
        pattern = re.compile(path.replace("ID", r"([^/]+)"))
        ROUTES.append((method, pattern, answers.__name__, not open))
        return answers

    return add


class Fediverse(Loopback):
    """One stand-in.

    ``requests_allowed``: how many in 300 s; the next is answered as Mastodon answers it. Settable
    at any time: ``silenced`` (a public post becomes unlisted), ``drops`` (a post is answered well
    and not kept, as Mastodon's spam rules do), ``lists_late_s`` (a listing lags so far behind),
    ``media_takes_s`` (work on a video or a sound), ``token`` (revokes the old one).
    """

    max_body_bytes = 128 * 1024 * 1024

    def __init__(
        self, manners: Manners = MASTODON, *, clock: Clock, requests_allowed: int = 100_000
    ) -> None:
        super().__init__()
        self.manners = manners
        self.token = token_hex(16)
        self.account = "109000000000000001"
        self.silenced = self.drops = False
        self.lists_late_s = self.media_takes_s = 0
        self._clock = clock
        self._allowed = requests_allowed
        self._counted: Counter[int] = Counter()
        self._ids = Ids(ulid=manners.software == "gotosocial")
        self._statuses: dict[str, Status] = {}
        self._keys: dict[str, tuple[str, int]] = {}
        self._shelf = Shelf(manners)

    @property
    def public(self) -> list[Status]:
        """What anybody can see, in the order in which it was made."""
        return [one for one in self._statuses.values() if one.visibility in LISTED]

    @property
    def texts(self) -> list[str]:
        """The plain texts of ``public``."""
        return [one.text for one in self.public]

    def media_of(self, one: Status) -> list[Medium]:
        """What a status carries, in order."""
        return self._shelf.of(one.media)

    def put(self, text: str, **more: Any) -> Status:
        """Something of the same account that no bridge posted: by hand, or (``boost=True``) of
        somebody else. ``more``: further fields of ``Status``."""
        number, id = self._ids.next(self._clock.now())
        made = Status(number, id, text, created=self._clock.now(), **more)
        self._statuses[id] = made
        return made

    def forget_keys(self) -> None:
        """No Idempotency-Key is remembered any more, as after a restart of a server that keeps
        them in memory."""
        self._keys.clear()

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        """Do what was asked; answer it, or as the script says."""
        now = self._clock.now()
        reset = now - now % PER_S + PER_S
        self._counted[reset] += 1
        left = self._allowed - self._counted[reset]
        if left < 0:
            return says.limited(reset, self._allowed)
        try:
            made = self._routed(request)
        except No as no:
            made = says.answer({"error": no.error}, no.status)
        headers = dict(made.headers) | says.rate(self._allowed, left, reset)
        return fault or replace(made, headers=headers)

    def _routed(self, request: Request) -> Fault:
        paths = [(one, found) for one in ROUTES if (found := one[1].fullmatch(request.path))]
        for (method, _, name, token), found in paths:
            if method != request.method:
                continue
            if token and request.headers.get("authorization") != f"Bearer {self.token}":
                raise No(401, "The access token is invalid")
            try:
                return getattr(self, name)(request, said(request), *found.groups())  # type: ignore[no-any-return]
            except Unclear as error:
                raise No(400, str(error)) from None
            except NotTaken as error:
                raise No(422, str(error)) from None
        raise No(405, "Method not allowed") if paths else No(404, "Not found")

    # ------------------------------------------------------------ who it is

    @_route("GET", "/health", open=True)
    def _health(self, request: Request, params: Said) -> Fault:
        return Fault(200, {"Content-Type": "text/plain"}, b"OK")

    @_route("GET", "/.well-known/nodeinfo", open=True)
    def _nodeinfos(self, request: Request, params: Said) -> Fault:
        schema = "http://nodeinfo.diaspora.software/ns/schema/2.0"
        return says.answer({"links": [{"rel": schema, "href": f"{self.base}/nodeinfo/2.0"}]})

    @_route("GET", "/nodeinfo/2.0", open=True)
    def _nodeinfo(self, request: Request, params: Said) -> Fault:
        return says.answer(says.nodeinfo(self.manners, len(self._statuses)))

    @_route("GET", "/api/v([12])/instance", open=True)
    def _instance(self, request: Request, params: Said, version: str) -> Fault:
        return says.answer(says.instance(self.manners, self.base, version=int(version)))

    @_route("GET", "/api/v1/accounts/verify_credentials")
    def _credentials(self, request: Request, params: Said) -> Fault:
        return says.answer(says.account(self.account, self.base))

    # ------------------------------------------------------------ media

    @_route("POST", "/api/v2/media")
    def _upload(self, request: Request, params: Said) -> Fault:
        file, alt = params.files.get("file"), params.one("description")
        one = self._shelf.put(file, alt, self._clock.now(), self.media_takes_s)
        ready = one.kind == "image"
        return says.answer(says.medium(one, self.base, ready=ready), 200 if ready else 202)

    @_route("GET", "/api/v1/media/ID")
    def _medium(self, request: Request, params: Said, id: str) -> Fault:
        one = self._shelf.get(id)
        if one is None:
            raise _gone()
        ready = one.ready <= self._clock.now()
        return says.answer(says.medium(one, self.base, ready=ready), 200 if ready else 206)

    @_route("PUT", "/api/v1/media/ID")
    def _describe(self, request: Request, params: Said, id: str) -> Fault:
        if self._shelf.get(id) is None:
            raise _gone()
        return says.answer(
            says.medium(self._shelf.describe(id, params.one("description")), self.base)
        )

    # ------------------------------------------------------------ statuses

    @_route("POST", "/api/v1/statuses")
    def _post(self, request: Request, params: Said) -> Fault:
        now = self._clock.now()
        key = request.headers.get("idempotency-key", "") if self.manners.keys_s else ""
        known, until = self._keys.get(key, ("", 0))
        if known and now < until:
            return self._shown(self._own(known))
        parent = params.one("in_reply_to_id") or None
        if parent is not None:
            self._own(parent)
        if params.one("scheduled_at"):
            raise No(422, "Validation failed: this stand-in does not schedule")
        visibility = params.one("visibility", "public")
        if visibility not in VISIBILITIES:
            raise No(422, "Validation failed: Visibility is not included in the list")
        if self.silenced and visibility == "public":
            visibility = "unlisted"
        written = self._written(params, Status(0, "", "", visibility=visibility, parent=parent))
        number, id = self._ids.next(now)
        made = replace(written, number=number, id=id, created=now)
        if not self.drops:
            self._statuses[id] = made
            self._shelf.attach(made.media, id)
            if key:
                self._keys[key] = (id, now + self.manners.keys_s)
        return self._shown(made)

    def _written(self, params: Said, before: Status) -> Status:
        """A status with the text, warning and media of a request. Raises No, NotTaken."""
        text, spoiler = params.one("status").strip(), params.one("spoiler_text").strip()
        if self.manners.length(spoiler + text) > self.manners.characters:
            most = self.manners.characters
            raise No(422, f"Validation failed: Text character limit of {most} exceeded")
        media = self._shelf.choose(params.all("media_ids"), self._clock.now(), before.id or None)
        if not (text or spoiler or media):
            raise No(422, "Validation failed: Text can't be blank")
        sensitive = params.true("sensitive") or bool(spoiler)
        language = params.one("language", before.language)
        return replace(
            before, text=text, spoiler=spoiler, sensitive=sensitive, language=language, media=media
        )

    @_route("GET", "/api/v1/statuses/ID")
    def _get(self, request: Request, params: Said, id: str) -> Fault:
        return self._shown(self._own(id))

    @_route("GET", "/api/v1/statuses/ID/source")
    def _source(self, request: Request, params: Said, id: str) -> Fault:
        one = self._own(id)
        return says.answer({"id": one.id, "text": one.text, "spoiler_text": one.spoiler})

    @_route("PUT", "/api/v1/statuses/ID")
    def _edit(self, request: Request, params: Said, id: str) -> Fault:
        written = self._written(params, self._own(id))
        self._statuses[id] = replace(written, edited=self._clock.now())
        self._shelf.attach(written.media, id)
        return self._shown(self._statuses[id])

    @_route("DELETE", "/api/v1/statuses/ID")
    def _delete(self, request: Request, params: Said, id: str) -> Fault:
        one = self._own(id)
        del self._statuses[id]
        return says.answer(self._entity(one) | {"text": one.text})

    @_route("GET", "/api/v1/accounts/ID/statuses")
    def _list(self, request: Request, params: Said, id: str) -> Fault:
        if id != self.account:
            raise _gone()
        listed = [
            one
            for one in self._statuses.values()
            if one.created + self.lists_late_s <= self._clock.now()
            and not (params.true("exclude_reblogs") and one.boost)
            and not (params.true("exclude_replies") and one.parent)
        ]
        limit = params.one("limit", "20")
        if not (limit.isascii() and limit.isdigit() and int(limit) > 0):
            raise No(422, "Validation failed: limit is a number above 0")
        shown = page(
            listed,
            below=self._number(params, "max_id"),
            above=self._number(params, "min_id"),
            since=self._number(params, "since_id"),
            limit=min(int(limit), MAX_PAGE),
        )
        headers = {}
        if shown:
            here = self.base + request.path
            older, newer = f"{here}?max_id={shown[-1].id}", f"{here}?min_id={shown[0].id}"
            headers["Link"] = f'<{older}>; rel="next", <{newer}>; rel="prev"'
        return says.answer([self._entity(one) for one in shown], headers=headers)

    # ------------------------------------------------------------ its parts

    def _number(self, params: Said, name: str) -> int | None:
        try:
            return self._ids.read(params.one(name)) if params.one(name) else None
        except ValueError as error:
            raise No(422, f"Validation failed: {name}: {error}") from None

    def _own(self, id: str) -> Status:
        if id not in self._statuses:
            raise _gone()
        return self._statuses[id]

    def _entity(self, one: Status) -> dict[str, Any]:
        by = says.account(self.account, self.base)
        return says.status(one, self._shelf.of(one.media), by, self.base)

    def _shown(self, one: Status) -> Fault:
        return says.answer(self._entity(one))


@asynccontextmanager
async def fediverse(
    manners: Manners = MASTODON, *, clock: Clock | None = None, requests_allowed: int = 100_000
) -> AsyncIterator[Fediverse]:
    """A stand-in that serves while the block lasts, on this machine's clock if none is given."""
    made = Fediverse(manners, clock=clock or SystemClock(), requests_allowed=requests_allowed)
    async with on_loopback(made):
        yield made
