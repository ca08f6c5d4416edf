"""What a PeerTube server has for an upload (``bridges.video.uploading``)."""

from __future__ import annotations

from collections.abc import Mapping

from bridges.video.drafts import Draft
from bridges.video.found import Seen
from bridges.video.peertube import accounts, answers, films, looking
from bridges.video.peertube.accounts import Account
from bridges.video.peertube.answers import Told
from bridges.video.peertube.api import Api
from bridges.video.peertube.films import UPLOAD, Style
from bridges.video.uploading import Not
from relay.ports import Answer


class PeerTubeStudio:
    """Uploads to one channel."""

    def __init__(self, api: Api, channel: str, style: Style) -> None:
        self._api = api
        self._channel = channel
        self._style = style

    async def known(self, key: str, draft: Draft) -> str | Not:
        """As ``Studio``: one that can be watched before one that cannot, however old it is."""
        seen = await looking.seen(self._api, key, draft, self._api.now(), back_to=0)
        return seen.first if isinstance(seen, Seen) else seen

    async def begin(self, key: str, draft: Draft) -> Told:
        """As ``Studio``."""
        account = await accounts.asked(self._api, self._channel)
        if not isinstance(account, Account):
            return account
        said = films.request(draft, key, account.channel, self._style)
        answer = await self._api.say("POST", UPLOAD, said, films.headers(draft))
        if isinstance(answer, Answer) and answers.name_of(answer) == "quota_reached":
            size = len(draft.film.content) if draft.film else 0
            return await accounts.no_room(self._api, account, size)
        return answer

    def address(self, answer: Answer) -> str:
        """As ``Studio``: a path on this very server."""
        return self._api.own(UPLOAD, answer.headers.get("location", ""))

    async def put(self, address: str, where: str, piece: bytes, timeout_s: float) -> Told:
        """As ``Studio``."""
        headers: Mapping[str, str] = {
            "content-type": "application/octet-stream",
            "content-range": where,
        }
        return await self._api.ask("PUT", address, headers=headers, body=piece, timeout_s=timeout_s)

    def film(self, answer: Answer) -> str:
        """As ``Studio``."""
        return films.made(answer)

    def judged(self, answer: Answer) -> Not:
        """As ``Studio``."""
        return answers.piece(answer, self._api.now())
