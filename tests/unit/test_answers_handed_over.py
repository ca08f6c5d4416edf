"""Answers while a door is relieved: each goes out once, by the door where it can."""

from __future__ import annotations

import asyncio
from pathlib import Path

from relay.config import parse
from relay.keyfiles import Kept
from relay.model import Outcome, Posted
from relay.node.wayback import WaysBack
from relay.wire.frames import Answer
from relay.wire.token import ReturnKey, make_token, seal_answer

KEY = ReturnKey(bytes(4), bytes(32))
SECRET = b"k" * 32


class Hands:
    def now(self) -> int:
        return 1_800_000_000


class Door:
    """One with a phone, and a form at which somebody may wait."""

    def __init__(self, folder: Path) -> None:
        self.sent: list[bytes] = []
        self.some = asyncio.Event()
        self.ways = WaysBack(Hands())
        settings = parse(
            {
                "channels": {"news": {}},
                "http": {"listen": "127.0.0.1:0"},
                "transports": {
                    "phone": {
                        "kind": "sms",
                        "gateway": "generic",
                        "secret_file": "secrets/phone",
                        "channel": "news",
                    },
                    "form": {"kind": "form", "channel": "news"},
                },
            },
            folder / "relay.toml",
        )
        for name, at in settings.transports.items():
            self.ways.add(name, at, self.answer, Kept(folder / f"{name}.answers"))
        self.ways.renew([KEY])

    async def answer(self, way_back: bytes, text: str) -> Outcome:
        self.sent.append(way_back)
        self.some.set()
        return Posted("")


def answer(to: bytes, *, waits: bool = False) -> Answer:
    token = make_token(KEY, SECRET, to)
    return Answer(token, seal_answer(SECRET, b"yes"), waits)


def test_a_door_that_is_relieved_answers_those_who_wait_there_and_nobody_else(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        old = Door(tmp_path)
        for to in (b"phone\x00+15550100001", b"form\x00who waits"):
            old.ways.answer(answer(to, waits=True))
        await old.some.wait()
        assert old.sent == [b"who waits"]
        assert old.ways.known()["waiting"] == {"phone": [], "form": []}

    asyncio.run(asyncio.wait_for(story(), 5))
