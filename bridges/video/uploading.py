"""From a film that is nowhere to one that is there and that nobody sees, kept at each step.

An upload's address is kept before its first byte, and the film's id before anything is published:
whoever comes after a crash goes on with the same upload, or publishes the same film. Where nothing
is kept (this is the first try, or the node's memory was set back) the account's films are asked
for one that carries our key. What can be doubled so is a film that nobody sees.
"""

from __future__ import annotations

from typing import Final, Protocol

from bridges import kit
from bridges.video.drafts import Draft
from bridges.video.progress import Progress, keepable
from bridges.video.resuming import SOON_S, Gone, Told, Upload
from relay.ports import Answer, Clock, Keep, Later, Refused, Stopped

AGAIN: Final = "the server has forgotten the upload: it begins again"
NO_ADDRESS: Final = "the server does not say where the film goes"
NO_FILM: Final = "the server does not say which film it has made"

Not = Later | Refused | Stopped
"""Why not now, or never. Nothing was published."""


class Studio(Protocol):
    """What one platform has for it."""

    async def known(self, key: str, draft: Draft) -> str | Not:
        """The id of a film there that carries our key; "" if there is none."""
        ...

    async def begin(self, key: str, draft: Draft) -> Told:
        """Ask for an upload."""
        ...

    def address(self, answer: Answer) -> str:
        """Where it goes, by a yes to that; "" if it says nothing that may be believed."""
        ...

    async def put(self, address: str, where: str, piece: bytes, timeout_s: float) -> Told:
        """Send a piece there; ``where`` is its ``Content-Range``."""
        ...

    def film(self, answer: Answer) -> str:
        """The id of the film, by the answer to the last piece; "" if it is of another shape."""
        ...

    def judged(self, answer: Answer) -> Not:
        """What an answer to ``begin`` or ``put`` means that is no yes."""
        ...


class Uploading:
    """Brings films to one account."""

    def __init__(self, studio: Studio, clock: Clock) -> None:
        self._studio = studio
        self._clock = clock

    async def uploaded(
        self, draft: Draft, key: str, so_far: Progress, keep: Keep
    ) -> Progress | Not:
        """The film's id, kept; or why not now, or never. ``so_far`` is what the try before kept."""
        if so_far.film:
            return so_far
        begun = bool(so_far.upload)
        if not begun:
            started = await self._begun(draft, key)
            if not isinstance(started, Progress):
                return started
            await keep(started.written())
            if started.film:
                return started
            so_far = started
        return await self._brought(draft, so_far, keep, begun=begun)

    async def _begun(self, draft: Draft, key: str) -> Progress | Not:
        known = await self._studio.known(key, draft)
        if not isinstance(known, str):
            return known
        if known:
            return Progress(film=known, since=self._clock.now())
        answer = await self._studio.begin(key, draft)
        if not isinstance(answer, Answer):
            return kit.harmless(answer)
        if answer.status not in (200, 201):
            return self._studio.judged(answer)
        address = self._studio.address(answer)
        return Progress(upload=address) if keepable(address) else Later(NO_ADDRESS)

    async def _brought(
        self, draft: Draft, so_far: Progress, keep: Keep, *, begun: bool
    ) -> Progress | Not:
        async def put(where: str, piece: bytes, timeout_s: float) -> Told:
            return await self._studio.put(so_far.upload, where, piece, timeout_s)

        content = draft.film.content if draft.film else b""
        upload = Upload(put, content, self._clock, self._studio.judged)
        brought = await upload.brought(begun=begun)
        if isinstance(brought, Gone):
            await keep(b"")
            return Later(AGAIN, self._clock.now() + SOON_S)
        if isinstance(brought, Later | Refused | Stopped):
            return brought
        film = self._studio.film(brought.answer)
        if not film:
            return Later(NO_FILM, self._clock.now() + SOON_S)
        made = Progress(film=film, since=self._clock.now())
        await keep(made.written())
        return made
