"""An entry that a test plays: it seals to the keys that an exit has given it, and hands over by
HTTPS what the test says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from relay.config.linking import HttpsLink
from relay.keyfiles import read_secret
from relay.links.port import Durable, HandedOver, Opening, Peer
from relay.node.links.https import https
from relay.testing.nodes import Node
from relay.wire.batch import Batch, Carried, Returned
from relay.wire.bundle import Bundle, read_bundle
from relay.wire.envelope import Inside, seal
from relay.wire.exitfile import exit_public
from relay.wire.keys import read_link_file
from relay.wire.linkkeys import link_key_of

SEED = b"entry seed of a test".ljust(32, b".")


class Clock:
    def now(self) -> int:
        return int(time.time())


def settings(seed: bytes = SEED, *, more: str = "") -> str:
    """Those of an exit with this entry, that posts at once."""
    return f"""\
[node]
name = "test"
role = "exit"
[channels.news]
review = "none"
delay = ["0s", "0s"]
[destinations.page]
bridge = "feed"
tick = "0s"
[peers.entry]
link = "{link_key_of(seed).written}"
[links.tls]
kind = "https"
listen = "127.0.0.1:0"
[spool]
min_free_bytes = 1048576
ballast_bytes = 65536
{more}"""


@dataclass
class Entry:
    """One of an exit that runs. ``answers`` are those that came back, ``bundle`` the newest."""

    exit: Node
    seed: bytes = SEED
    bundle: Bundle | None = None
    answers: list[Returned] = field(default_factory=list)

    def sealed(self, text: str, *, life_s: int = 14 * 86400, **more: bytes) -> bytes:
        """A text for the channel, as it would be handed over; ``more`` of what lies inside."""
        if self.bundle is None:
            self.hands_over()
        assert self.bundle is not None
        key, now = self.bundle.of(Clock().now()), Clock().now()
        assert key is not None
        inside = Inside("text", "phone", text.encode(), "news", **more)  # type: ignore[arg-type]
        return seal(inside, [key], arrival=now, expiry=now + life_s).envelope

    def hands_over(
        self, *envelopes: bytes, after: bool = False, heard: Sequence[bytes] = ()
    ) -> HandedOver:
        """One batch; with none of anything, it only asks."""
        serial = 0 if self.bundle is None else self.bundle.serial
        carried = tuple(Carried(one, after) for one in envelopes)
        handed = asyncio.run(self._crossed(Batch(carried, tuple(heard), serial)))
        if isinstance(handed, Durable):
            self.answers += handed.back.answers
            if handed.back.bundle:
                self.bundle = read_bundle(handed.back.bundle, self._identity())
        return handed

    def _identity(self) -> bytes:
        return exit_public(read_secret(self.exit.folder / "keys" / "exit.key")).identity

    async def _crossed(self, batch: Batch) -> HandedOver:
        theirs = link_key_of(read_link_file(read_secret(self.exit.folder / "keys" / "link.key")))
        peer = Peer("exit", theirs)
        opening = Opening(
            "tls", self.seed, link_key_of(self.seed), {theirs.public: peer}, peer, Clock()
        )
        at = HttpsLink(kind="https", url=f"https://{self.exit.at['tls']}", peer="exit")
        link = https(at, opening)
        async with asyncio.timeout(20):
            running = asyncio.create_task(link.run(_nothing, lambda: None))
            await asyncio.sleep(0)
            handed = await link.hand_over(peer, batch)
            running.cancel()
            await asyncio.wait([running])
            return handed


async def _nothing(peer: Peer, batch: Batch) -> Batch | None:
    return None
