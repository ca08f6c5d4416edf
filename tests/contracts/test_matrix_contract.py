"""The bridge to Matrix before its stand-in: every fault, every death; by password and by token.

The stand-in and the bridge were written from the same documents by people who did not see each
other's work: where they differ, one of them misread.
"""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest
from stands import matrix as stands

from bridges.matrix import Matrix
from relay.model import Attempt, Found, Posted, Stopped, Unsure
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.bridge_contract import a_post
from relay.testing.journey import VirtualClock
from relay.testing.platform_contract import PlatformContract
from relay.testing.stand import NOW, picture


class WithPictures(PlatformContract):
    """A picture is a message of its own, after the text."""

    bridge_class = Matrix

    def test_a_picture_is_shown_with_what_it_is_described_by(self):
        async def run():
            async with self._there() as there:
                row, _ = await there.taken([], there.stand.post("look"))
                assert row.state == "posted", (row.state, row.why)
                text, shown = there.stand.platform.public
                assert (text.text, text.media) == ("look", ())
                assert [medium.alt for medium in shown.media] == [picture().alt]
                assert shown.parent == text.id

        self._run(run)


class TestMatrixByPassword(WithPictures):
    stand = staticmethod(stands.stand)


@pytest.mark.slow  # a second manner of the same platform
class TestMatrixByToken(WithPictures):
    stand = staticmethod(stands.with_a_token)


@asynccontextmanager
async def before_the_stand_in(tmp_path, stand=stands.stand, **settings):
    clock = VirtualClock(NOW)
    async with stand(clock, tmp_path) as made, HttpOut(None) as http:

        def build():
            return Matrix(Matrix.Settings(**made.settings | settings), http, clock)

        yield build, made.platform, clock


async def posted(bridge, post, n=1):
    """The refs of its parts, each sent so often, as the engine does."""
    refs: list[str] = []
    for part in await bridge.prepare(post):
        kept = Kept()
        for again in range(1, n + 1):
            after = refs[-1] if refs else None
            outcome = await bridge.send(Attempt(part, again, NOW, after, kept.last), kept)
        assert isinstance(outcome, Posted)
        refs.append(outcome.ref)
    return refs


class Kept:
    last = b""

    async def __call__(self, what: bytes) -> None:
        self.last = what


@pytest.mark.parametrize(
    ("how", "seen"),
    [
        ("lock", True),
        ("deactivate", True),
        ("mute", True),
        ("kick", True),
        ("suspend", False),
        ("broke", False),
    ],
)
async def test_an_account_that_may_not_send_stops(tmp_path, how, seen):
    async with before_the_stand_in(tmp_path) as (build, platform, _):
        bridge = build()
        assert not (await bridge.check()).trouble
        getattr(type(platform), how)(platform)
        [part] = await bridge.prepare(a_post())
        assert isinstance(await bridge.send(Attempt(part, 1, NOW), Kept()), Stopped)
        assert bool((await build().check()).trouble) == seen
        platform.restore()


async def test_a_room_that_is_encrypted_is_not_posted_to(tmp_path):
    async with before_the_stand_in(tmp_path) as (build, platform, _):
        platform.encrypted = True
        assert "encrypted" in (await build().check()).trouble


async def test_a_long_text_is_a_thread_under_its_first_part(tmp_path):
    async with before_the_stand_in(tmp_path, limit=500) as (build, platform, _):
        refs = await posted(build(), a_post("word " * 400), n=2)
        assert [one.id for one in platform.public] == refs
        assert [one.root for one in platform.public] == [None] + [refs[0]] * (len(refs) - 1)
        assert [one.parent for one in platform.public] == [None, *refs[:-1]]
        assert {one.kind for one in platform.public} == {"m.text"}


async def test_without_threads_parts_answer_one_another_in_the_room(tmp_path):
    settings = {"limit": 500, "threads": "off", "kind": "notice"}
    async with before_the_stand_in(tmp_path, **settings) as (build, platform, _):
        refs = await posted(build(), a_post("word " * 200))
        assert {one.root for one in platform.public} == {None}
        assert [one.parent for one in platform.public] == [None, *refs[:-1]]
        assert {one.kind for one in platform.public} == {"m.notice"}


async def test_after_a_day_it_is_found_by_its_key(tmp_path):
    async with before_the_stand_in(tmp_path) as (build, platform, clock):
        bridge = build()
        parts = await bridge.prepare(a_post())
        platform.script(faults.cut(), on=stands.PUBLISHING[0])
        assert isinstance(await bridge.send(Attempt(parts[0], 1, NOW), Kept()), Unsure)
        for n in range(130):
            platform.put(f"something else {n}")
        clock.at += 86400
        platform.forget_keys()
        found = await build().find(Attempt(parts[0], 1, NOW))
        assert isinstance(found, Found)
        assert found.ref == platform.public[0].id


async def test_a_session_that_is_newer_than_a_try_looks_before_it_sends(tmp_path):
    async with before_the_stand_in(tmp_path) as (build, platform, clock):
        bridge = build()
        [part] = await bridge.prepare(a_post())
        [other] = await bridge.prepare(a_post("another"))
        await posted(bridge, a_post())
        platform.revoke()
        assert isinstance(await bridge.send(Attempt(other, 1, NOW), Kept()), Stopped)
        platform.forget_keys()
        clock.at += 600
        (tmp_path / "password").write_text(platform.password)  # the operator's word to go on
        again = build()
        assert not (await again.check()).trouble
        first = await again.send(Attempt(part, 2, NOW), Kept())
        assert isinstance(first, Posted)
        assert first.ref == platform.public[0].id
        assert isinstance(await again.send(Attempt(other, 2, NOW), Kept()), Posted)
        assert platform.texts == [a_post().text, "another"]
