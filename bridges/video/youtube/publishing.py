"""From a film that is there and that nobody sees to one that is public.

It waits until YouTube has read the film, and asks for it to be seen then; to ask again changes
nothing.
"""

from __future__ import annotations

from typing import Final

from bridges import kit
from bridges.google.api import POST_S, Api, good
from bridges.video.found import Seen
from bridges.video.progress import Progress
from bridges.video.youtube import answers, films, looking, states
from bridges.video.youtube.channels import Channel, Mine
from bridges.video.youtube.films import Style
from relay.ports import Keep, Later, Outcome, Posted, Stopped

LOCKED: Final = "YouTube keeps the films of this API project private"
AUDIT: Final = (
    "ask Google to audit the project (support.google.com/youtube/contact/yt_api_form); until then "
    "publish by hand at studio.youtube.com, if it lets you"
)


class Publishing:
    """Lets the films of one channel be seen."""

    def __init__(self, api: Api, mine: Mine, style: Style, web: str) -> None:
        self._api = api
        self._mine = mine
        self._style = style
        self._web = web
        self.trouble = ""  #: what the operator should know of the latest film

    async def published(self, there: Progress, key: str, keep: Keep) -> Outcome:
        """Let it be seen, if it may be; or why not now, or never."""
        now = self._api.now()
        answer, film = await films.asked(self._api, there.film, "status")
        if answers.listed(answer) is None:
            return answers.untold(answer, now)
        waits = states.in_the_way(film, there.since, now)
        if waits == states.DUPLICATE:
            return await self._twin(there, key, keep)
        return waits or await self._unless_public(there.film, key)

    async def _unless_public(self, id: str, key: str) -> Outcome:
        """Let it be seen, unless a film of the same part can be by now: where the node was set back
        and the list of uploads was late, it did not know of that one, and this one stays unseen."""
        channel = await self._mine()
        if not isinstance(channel, Channel):
            return channel
        seen = await looking.seen(self._api, channel, key, self._api.now())
        if not isinstance(seen, Seen):
            return seen
        if seen.public and id not in seen.public:
            return Posted(seen.public[0], films.watched_at(self._web, seen.public[0]))
        return await self._seen(id)

    async def _twin(self, there: Progress, key: str, keep: Keep) -> Outcome:
        """What is there already may be ours: of an upload whose session was forgotten when it was
        done. The list of uploads is late, so it is given time."""
        now = self._api.now()
        channel = await self._mine()
        if not isinstance(channel, Channel):
            return channel
        seen = await looking.seen(self._api, channel, key, there.since)
        if not isinstance(seen, Seen):
            return seen
        for other in seen.public + seen.hidden:
            await keep(Progress(film=other, since=now).written())
            return Later("the film is there from an earlier try", now + 1)
        if now < there.since + states.PATIENCE_S:
            return Later("the channel has the same film; perhaps it is ours", now + states.SOON_S)
        return states.DUPLICATE

    async def _seen(self, id: str) -> Outcome:
        said = films.publishes(id, self._style)
        path = f"{films.VIDEOS}?part=status"
        answer = await self._api.ask("PUT", path, said=said, timeout_s=POST_S)
        if films.made(answer) != id:
            now = self._api.now()
            return kit.doubted(answer, answers.change(answer, now), now)
        if films.privacy_of(good(answer)) == films.PRIVATE:
            self.trouble = f"{LOCKED}: {AUDIT}"
            return Stopped(LOCKED, AUDIT)
        self.trouble = ""
        return Posted(id, films.watched_at(self._web, id))
