"""What YouTube has for an upload (``bridges.video.uploading``)."""

from __future__ import annotations

from bridges.google.api import POST_S, Api, Told
from bridges.video.drafts import Draft
from bridges.video.found import Seen
from bridges.video.uploading import Not
from bridges.video.youtube import answers, films, looking
from bridges.video.youtube.channels import Channel, Mine
from bridges.video.youtube.films import Style
from relay.ports import Answer


class YouTubeStudio:
    """Uploads to one channel."""

    def __init__(self, api: Api, base: str, mine: Mine, style: Style) -> None:
        self._api = api
        self._base = base
        self._mine = mine
        self._style = style

    async def known(self, key: str, draft: Draft) -> str | Not:
        """As ``Studio``: one that can be watched before one that cannot, however old it is."""
        channel = await self._mine()
        if not isinstance(channel, Channel):
            return channel
        seen = await looking.seen(self._api, channel, key, 0)
        return seen.first if isinstance(seen, Seen) else seen

    async def begin(self, key: str, draft: Draft) -> Told:
        """As ``Studio``."""
        said = films.request(draft, key, self._style)
        headers = films.headers(draft)
        path = films.begins(self._style)
        return await self._api.ask("POST", path, said=said, headers=headers, timeout_s=POST_S)

    def address(self, answer: Answer) -> str:
        """As ``Studio``: a path at the service itself."""
        return films.own(self._base, answer.headers.get("location", ""))

    async def put(self, address: str, where: str, piece: bytes, timeout_s: float) -> Told:
        """As ``Studio``."""
        headers = {"content-type": "application/octet-stream", "content-range": where}
        return await self._api.ask("PUT", address, headers=headers, body=piece, timeout_s=timeout_s)

    def film(self, answer: Answer) -> str:
        """As ``Studio``."""
        return films.made(answer)

    def judged(self, answer: Answer) -> Not:
        """As ``Studio``."""
        return answers.judged(answer, self._api.now())
