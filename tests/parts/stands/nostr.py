"""Nostr: relays of three kinds and a media server, and the settings of a bridge before them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from relay.testing import recorder as http
from relay.testing.journey import VirtualClock
from relay.testing.nostr import (
    NOSTR_RELAY,
    RUST_NOSTR,
    STRFRY,
    Blossom,
    Key,
    Manners,
    NostrRelay,
    blossom,
    broken,
    closed,
    cut,
    endless,
    late,
    nostr_relay,
    notice,
    other,
    pings,
    refused,
    silence,
)
from relay.testing.nostr.leave import BASE64
from relay.testing.stand import HTTP_FAULTS, Stand, secret

FAULTS = {
    "it is too much": lambda: refused("rate-limited: slow down there chief"),
    "it is too much, and no id": lambda: refused("rate-limited: slow down", named=False),
    "an error": lambda: refused("error: could not connect to the database"),
    "an error, and posted": lambda: refused("error: could not answer", made=True),
    "an error of its own kind": lambda: refused("Write error: MDB_MAP_FULL"),
    "no to what it has": lambda: refused("duplicate: exists", made=True),
    "no answer, and posted": lambda: silence(),
    "no answer, and not posted": lambda: silence(made=False),
    "cut after it was posted": lambda: cut(),
    "cut before it was posted": lambda: cut(made=False),
    "posted after we gave up": lambda: late(),
    "it goes down": lambda: closed(1001),
    "it goes down, and posted": lambda: closed(1012, made=True),
    "only a notice": lambda: notice(),
    "only a notice, and posted": lambda: notice(made=True),
    "half an answer": lambda: broken(),
    "an answer of another shape": lambda: broken('["OK",{},"yes"]'),
    "an answer to something else": lambda: other(),
    "an answer to something else, and posted": lambda: other(made=True),
    "an answer without end": lambda: endless(),
    "a thousand pings": lambda: pings(),
}

CHARACTERS = 300


@asynccontextmanager
async def stand(
    clock: VirtualClock, folder: Path, manners: Manners = STRFRY
) -> AsyncIterator[Stand]:
    async with (
        blossom(clock=clock) as shelf,
        nostr_relay(manners, clock=clock, shelves=[shelf]) as platform,
    ):
        yield Stand(
            platform,
            _settings(platform, folder, [shelf.base]),
            publishing=("EVENT",),
            limit=CHARACTERS,
            bare=bare,
            faults=FAULTS,
            reply=lambda ref, text, by: platform.reply(ref, text, Key()),
        )


def _settings(relay: NostrRelay, folder: Path, shelves: Sequence[str]) -> dict[str, object]:
    return {
        "relays": [relay.url],
        "key_file": secret(folder, "key", relay.key.nsec),
        "blossom": shelves,
        "characters": CHARACTERS,
    }


def bare(text: str) -> str:
    """A text without the addresses of its media below."""
    lines = text.split("\n")
    while lines[-1].startswith("http://127.0.0.1"):
        lines.pop()
    return "\n".join(lines).rstrip()


rust_nostr = partial(stand, manners=RUST_NOSTR)
nostr_py = partial(stand, manners=NOSTR_RELAY)


_FRONT = ("429 with seconds", "429 with nothing", "500", "502", "503 with seconds")


@asynccontextmanager
async def upgrades(clock: VirtualClock, folder: Path) -> AsyncIterator[Stand]:
    """A front before the relay fails: no WebSocket is opened."""
    faults = {name: HTTP_FAULTS[name] for name in _FRONT}
    faults |= {"a page": http.other_type, "cut": partial(http.cut, made=False)}
    async with stand(clock, folder) as there:
        yield replace(there, publishing=("UPGRADE /",), faults=faults)


class _Shelf:
    """The relay, where what is scripted happens to the media server."""

    def __init__(self, relay: NostrRelay, shelf: Blossom) -> None:
        self.script = shelf.script
        self._relay = relay

    def __getattr__(self, name: str) -> object:
        return getattr(self._relay, name)


@asynccontextmanager
async def uploads(clock: VirtualClock, folder: Path) -> AsyncIterator[Stand]:
    """The media server fails; it wants the base64 of before BUD-11."""
    async with (
        blossom(clock=clock) as shelf,
        nostr_relay(clock=clock, shelves=[shelf]) as platform,
    ):
        shelf.encodings = BASE64
        yield Stand(
            _Shelf(platform, shelf),
            _settings(platform, folder, [shelf.base]),
            publishing=("PUT /upload",),
            limit=CHARACTERS,
            bare=bare,
        )
