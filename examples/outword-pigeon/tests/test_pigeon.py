"""Pigeon against the suite that every bridge passes, and what a loft of its own can answer."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import trio
from outword_pigeon import MOST_CHARACTERS, Pigeon

from relay.ports import Attempt, Later, Posted, Refused, Stopped, Unsure
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.bridge_contract import BridgeContract, FixedClock, Stage, a_post
from relay.testing.recorder import Fault, recorder

GOOD = Fault(headers={"Content-Type": "application/json"}, body=b'{"id": "7"}')


@asynccontextmanager
async def loft():
    """A pigeon before an empty loft."""
    with TemporaryDirectory() as folder:
        token = secret(Path(folder, "token"))
        async with recorder(good=GOOD) as platform, HttpOut(None) as http:
            settings = Pigeon.Settings(url=platform.url, token_file=token)
            yield Pigeon(settings, http, FixedClock()), platform


def secret(file: Path) -> str:
    """A secret file as operators have it, mode 0600."""
    file.touch(mode=0o600)
    file.write_text("a-token")
    return str(file)


class TestPigeon(BridgeContract):
    bridge_class = Pigeon

    @asynccontextmanager
    async def stage(self):
        async with loft() as (pigeon, platform):
            yield Stage(pigeon, public=lambda: len(platform.made), cut_off=platform.refuse)


async def sent(pigeon, text="a text"):
    [part] = await pigeon.prepare(a_post(text))
    return await pigeon.send(Attempt(part, 1, 0), keep=None)


def test_a_post_carries_its_text_and_our_token():
    async def run():
        async with loft() as (pigeon, platform):
            assert await sent(pigeon, "They call from the roofs.") == Posted("7")
            [made] = platform.made
            assert json.loads(made.body) == {"text": "They call from the roofs.", "language": "en"}
            assert made.headers["authorization"] == "Bearer a-token"

    trio.run(run)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (faults.too_many("7"), Later),
        (Fault(401), Stopped),
        (Fault(422), Refused),
        (faults.error(500, made=True), Unsure),  # and sent again at once: the loft knows the key
        (faults.cut(), Unsure),
        (faults.other_type(made=True), Unsure),
    ],
)
def test_what_a_loft_answers_ends_as_it_should(fault, outcome):
    async def run():
        async with loft() as (pigeon, platform):
            platform.script(fault)
            assert isinstance(await sent(pigeon), outcome)

    trio.run(run)


def test_a_text_that_is_too_long_is_refused_in_whole():
    async def run():
        async with loft() as (pigeon, platform):
            assert isinstance(await sent(pigeon, "x" * (MOST_CHARACTERS + 1)), Refused)
            assert platform.made == []

    trio.run(run)
