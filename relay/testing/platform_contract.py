"""The whole suite of a bridge before a stand-in of its platform: every fault, every death, once.

It has all of ``BridgeContract`` and takes posts through the node's own engine besides, in virtual
time (``relay.testing.journey``), while the platform fails as platforms fail and the process dies at
every step in turn. What it asks is the same each time: what stands there in the end, and what does
the node say of it? Give it a class and a stand (``relay.testing.stand``)::

    @asynccontextmanager
    async def stand(clock, folder):            # a clock that is moved, an empty folder for secrets
        async with pigeons(clock=clock) as platform:
            token = secret(folder, "token", platform.token)
            settings = {"server": platform.base, "token_file": token}
            yield Stand(platform, settings, publishing=("POST /in",), limit=280)

    class TestPigeon(PlatformContract):
        bridge_class = Pigeon
        stand = staticmethod(stand)
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Final

import pytest
import regex
import trio

from relay.bridging import hosts_of
from relay.model import Attempt, Fits, Media, Post, Posted, Replied, Row, hour_of
from relay.reach.http import HttpOut
from relay.testing.bridge_contract import BridgeContract, Stage
from relay.testing.dying import Died, Dying, Fate
from relay.testing.journey import LONGEST_S, Journey, VirtualClock
from relay.testing.made import MIXES, let_through
from relay.testing.stand import HTTP_FAULTS, NOW, Stand, as_long_as, picture, trusting
from relay.testing.within import Within

DEATHS: Final = 10
"""Rounds of random double deaths, besides the one at every step."""

SECOND_DEATHS: Final = 3
"""Steps at which one of two exits dies for good: the last one, and some before."""

PATIENCE_S: Final = 0.3
ROOMY_S: Final = 5.0


class PlatformContract(BridgeContract):
    """Set ``bridge_class`` and ``stand``; ``faults`` too, where they are not those of HTTP."""

    stand: Callable[[VirtualClock, Path], AbstractAsyncContextManager[Stand]]
    patience_s: float = PATIENCE_S
    each: ClassVar[int] = 1
    """Of the faults at the calls that publish, one in so many is gone through."""

    # -------------------------------------------------------- what is under test

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[Stage]:
        """As ``BridgeContract`` wants it."""
        async with self._there() as there:
            bridge, _ = there.build(Fate())
            health = await bridge.check()
            assert not health.trouble, health.trouble
            needed = there.stand.media

            def cut_off() -> None:
                there.stand.platform.refuse()

            shown = _Needing(bridge, tuple(needed())) if needed else bridge
            yield Stage(shown, lambda: len(there.stand.platform.public), cut_off)

    @asynccontextmanager
    async def _there(self, patience_s: float = ROOMY_S) -> AsyncIterator[_There]:
        clock = VirtualClock(NOW)
        with TemporaryDirectory() as folder:
            async with (
                type(self).stand(clock, Path(folder)) as stand,
                HttpOut(None, tls=trusting(stand.authority)) as http,
            ):
                settings = self.bridge_class.Settings(**stand.settings)
                within = Within(http, hosts_of(self.bridge_class, settings))
                yield _There(self.bridge_class, stand, within, clock, patience_s, Path(folder))
                assert not within.strays, "it asks hosts that neither it nor its settings name"

    def _run(self, run: Callable[[], Any], seconds: float = 60) -> None:
        async def within() -> None:
            with trio.fail_after(seconds):
                await run()

        trio.run(within)

    # -------------------------------------------------------- every fault

    def _faults(self, stand: Stand) -> Mapping[str, Callable[[], Any]]:
        return stand.faults if stand.faults is not None else HTTP_FAULTS

    def test_however_the_platform_fails_a_post_stands_there_once_or_is_held(self) -> None:
        async def run() -> None:
            async with self._there() as there:
                every = [*self._faults(there.stand)]
                tries = [(on, name) for on in there.stand.publishing for name in every]
            for on, name in tries[:: self.each]:
                async with self._there(self.patience_s) as there:
                    there.stand.platform.script(self._faults(there.stand)[name](), on=on)
                    await there.journey(f"{on}: {name}")

        self._run(run, 300)

    @pytest.mark.parametrize("late_s", [60, 300])
    def test_a_listing_that_lags_doubles_nothing(self, late_s: int) -> None:
        async def run() -> None:
            async with self._there() as there:
                publishing, platform = there.stand.publishing, there.stand.platform
                if not hasattr(platform, "lists_late_s"):
                    return
            for on in publishing:
                async with self._there(self.patience_s) as there:
                    there.stand.platform.lists_late_s = late_s
                    there.stand.platform.script(*_cuts(self._faults(there.stand)), on=on)
                    await there.journey(f"{on}: cut, and listed {late_s} s late")

        self._run(run)

    # -------------------------------------------------------- every death

    def test_the_process_may_die_at_any_step(self) -> None:
        async def run() -> None:
            async with self._there() as there:
                steps = (await there.journey("nothing happens")).passed
            for step in range(1, steps + 1):
                async with self._there() as there:
                    journey = await there.journey(f"it dies at step {step} of {steps}", [step])
                    assert journey.deaths == 1

        self._run(run, 300)

    def test_the_process_may_die_again_and_again(self) -> None:
        async def run() -> None:
            async with self._there() as there:
                steps = (await there.journey("nothing happens")).passed
            for seed in range(DEATHS):
                chance = random.Random(seed)
                fates = [chance.randint(1, steps) for _ in range(chance.randint(2, 4))]
                async with self._there() as there:
                    if hasattr(there.stand.platform, "lists_late_s"):
                        there.stand.platform.lists_late_s = chance.choice([0, 60, 300])
                    await there.journey(f"it dies at steps {fates}", fates)

        self._run(run, 300)

    # -------------------------------------------------------- another exit

    @pytest.mark.parametrize("hours", [0, 3])
    def test_what_another_exit_posted_is_found_by_this_one(self, hours: int) -> None:
        """An exit that never sent it: no kept bytes, no session, no upload, another hour."""

        async def run() -> None:
            async with self._there() as there:
                await there.shared(f"after {hours} h", hours=hours)

        self._run(run)

    def test_the_first_exit_finds_what_the_second_has_posted_before_it(self) -> None:
        async def run() -> None:
            async with self._there() as there:
                await there.shared("the second was before it", hours=3, ours=True)

        self._run(run)

    def test_what_another_exit_cannot_tell_of_is_posted_once(self) -> None:
        async def run() -> None:
            async with self._there() as there:
                publishing = there.stand.publishing
            for on in publishing:
                async with self._there(self.patience_s) as there:
                    there.stand.platform.script(*_cuts(self._faults(there.stand)), on=on)
                    await there.shared(f"{on}: cut, and another exit goes on", hours=1)

        self._run(run)

    def test_another_exit_goes_on_wherever_the_first_has_died_for_good(self) -> None:
        async def run() -> None:
            async with self._there() as there:
                steps = (await there.journey("nothing happens")).passed
            for step in _some(steps):
                async with self._there() as there:
                    what = f"one exit dies at step {step} of {steps}, and another goes on"
                    await there.shared(what, dies=step)

        self._run(run, 300)

    # -------------------------------------------------------- the account

    def test_an_access_that_has_run_out_is_renewed(self) -> None:
        async def run() -> None:
            async with self._there() as there:
                if expire := getattr(there.stand.platform, "expire", None):
                    there.before_sending(expire)
                    await there.journey("its access ran out")

        self._run(run)

    @pytest.mark.parametrize("how", ["revoke", "broke", "suspend"])
    def test_an_account_that_is_refused_stops_and_loses_nothing(self, how: str) -> None:
        async def run() -> None:
            async with self._there() as there:
                act = getattr(there.stand.platform, how, None)
                if act is None:
                    return
                there.before_sending(act)
                row, _ = await there.taken([])
                assert row.state == "stopped", (row.state, row.why)
                assert there.stand.platform.texts == []
                bridge, _ = there.build(Fate())
                assert (await bridge.check()).trouble

        self._run(run)

    # -------------------------------------------------------- text, media, answers

    def test_a_long_persian_text_is_cut_between_words_and_within_the_platforms_count(self) -> None:
        async def run() -> None:
            async with self._there() as there:
                limit = there.stand.limit
            for long in (limit - 1, limit, limit + 1, 3 * limit) if limit else ():
                async with self._there() as there:
                    text = as_long_as(long, there.stand.length)
                    row, _ = await there.taken([], replace(there.stand.post(text), media=()))
                    shown = [there.stand.bare(one) for one in there.stand.platform.texts]
                    assert row.state == "posted", (row.state, row.why)
                    assert max(map(there.stand.length, shown)) <= limit
                    assert _words(shown) == text.split()

        self._run(run)

    def test_a_picture_is_shown_with_what_it_is_described_by(self) -> None:
        async def run() -> None:
            async with self._there() as there:
                if not there.stand.images:
                    return
                row, _ = await there.taken([], there.stand.post("look"))
                assert row.state == "posted", (row.state, row.why)
                [one] = there.stand.platform.public
                assert there.stand.alts(one) == [picture().alt]

        self._run(run)

    @pytest.mark.parametrize("what", sorted(MIXES))
    def test_what_a_cleaner_makes_and_the_platform_takes_is_shown_as_it_is(self, what: str) -> None:
        async def run() -> None:
            async with self._there() as there:
                bridge, _ = there.build(Fate())
                assert not (await bridge.check()).trouble
                media = let_through(MIXES[what](), getattr(bridge, "fits", Fits()))
                plain = there.stand.post("look")
                if there.stand.media and not any(one.type.startswith("video/") for one in media):
                    return  # each post there is a film
                row, _ = await there.taken([], replace(plain, media=media))
                assert row.state == "posted", (row.state, row.why)
                if not media:
                    return
                shown = [there.stand.files(one) for one in there.stand.platform.public]
                assert Counter(chain(*shown)) == Counter(one.content for one in media)
                if there.stand.images:
                    said = chain(*(there.stand.alts(one) for one in there.stand.platform.public))
                    pictures = (one for one in media if one.type.startswith("image/"))
                    assert Counter(one.alt for one in pictures) <= Counter(said)

        self._run(run)

    def test_an_answer_is_read_once_and_never_says_who(self) -> None:
        async def run() -> None:
            async with self._there() as there:
                reply = there.stand.reply
                bridge, _ = there.build(Fate())
                if reply is None or not hasattr(bridge, "replies"):
                    return
                await bridge.check()
                [part, *_] = await bridge.prepare(there.stand.post("a question"))
                posted = await bridge.send(Attempt(part, 1, NOW), _forget)
                assert isinstance(posted, Posted)
                before = await bridge.replies(b"")
                assert isinstance(before, Replied) and before.replies == ()
                there.clock.at += 60
                reply(posted.ref, "we are well", "somebody")
                there.clock.at += 600
                first = await bridge.replies(before.cursor)
                assert isinstance(first, Replied) and len(first.cursor) <= 4096
                assert [one.text for one in first.replies] == ["we are well"]
                assert first.replies[0].to == posted.ref
                assert not any("somebody" in str(v) for v in _fields(first.replies[0]))
                again = await bridge.replies(before.cursor)
                assert isinstance(again, Replied) and again.replies == first.replies
                after = await bridge.replies(first.cursor)
                assert isinstance(after, Replied) and after.replies == ()

        self._run(run)


class _There:
    """One stand, and the bridges that are built before it."""

    def __init__(
        self,
        kind: Any,
        stand: Stand,
        http: Within,
        clock: VirtualClock,
        patience_s: float,
        folder: Path,
    ) -> None:
        self.kind = kind
        self.stand = stand
        self.clock = clock
        self._http = http
        self._patience_s = patience_s
        self._first: Callable[[], object] | None = None
        self._folder = folder
        self._settings = stand.settings

    def build(self, fate: Fate) -> tuple[Any, Dying]:
        http = Dying(self._http, fate, self._patience_s)
        settings = self.kind.Settings(**self._settings)
        return self.kind(settings, http, self.clock), http

    @contextmanager
    def _at_another_exit(self) -> Iterator[Callable[[], None]]:
        """A copy of the secrets as they are now; what is called takes them from there on."""
        with TemporaryDirectory() as folder:
            shutil.copytree(self._folder, folder, dirs_exist_ok=True)

            def go() -> None:
                self._settings = {
                    name: one.replace(str(self._folder), folder) if isinstance(one, str) else one
                    for name, one in self.stand.settings.items()
                }

            yield go

    async def shared(self, what: str, *, hours: int = 0, dies: int = 0, ours: bool = False) -> None:
        """Take a post to its end at one exit, or to the step at which that ``dies`` for good; and
        after ``hours`` at another that has it too. With ``ours`` the second is the one that it was
        given to first. Say what must hold of it."""
        since = hour_of(self.clock.at)
        with self._at_another_exit() as go:
            post = self.stand.post()
            one = Journey(self.build, post, self.clock, fates=[dies], since=since, ours=not ours)
            await one.accepted()
            with suppress(Died):
                await one.life(self.clock.at + LONGEST_S)
            first = await one.delivery()
            go()
            self.clock.at += hours * 3600
            later = replace(post, date=hour_of(self.clock.at))
            other = Journey(self.build, later, self.clock, since=since, ours=ours)
            second = await other.run()
            bridge, _ = self.build(Fate())
            await bridge.check()
            parts = await bridge.prepare(later)
            shown = [self.stand.bare(each) for each in self.stand.platform.texts]
            said = f"{what}: {first.state}, then {second.state} ({second.why}), {len(shown)} there"
            if bridge.once.means == "none":  # nobody can tell: it is held at one of the two
                assert second.state == "held" or ours, said
                return
            assert max(Counter(shown).values(), default=0) <= 1, f"{said}: posted twice"
            assert len(shown) <= len(parts), f"{said}: posted twice"
            assert second.state in ("posted", *(("held",) if dies else ())), said
            if second.state == "posted":
                assert len(shown) == len(parts), f"{said}: lost"
            if first.state == second.state == "posted":
                assert one.refs(first) == other.refs(second), said
        one.close()
        other.close()

    def before_sending(self, act: Callable[[], object]) -> None:
        """Have something happen once a bridge has logged in and before it sends."""
        self._first = act

    async def taken(self, fates: Sequence[int], post: Post | None = None) -> tuple[Row, Journey]:
        """A post taken to its end: its delivery, and the journey."""
        if self._first is not None:
            bridge, _ = self.build(Fate())
            assert not (await bridge.check()).trouble
            self._first()
        journey = Journey(self.build, post or self.stand.post(), self.clock, fates=fates)
        try:
            return await journey.run(), journey
        finally:
            journey.close()

    async def journey(self, what: str, fates: Sequence[int] = ()) -> Journey:
        """Take a post to its end, and say what must hold of it."""
        row, journey = await self.taken(fates)
        bridge, _ = self.build(Fate())
        await bridge.check()
        parts = await bridge.prepare(self.stand.post())
        shown = [self.stand.bare(one) for one in self.stand.platform.texts]
        said = f"{what}: {row.state} ({row.why}), {len(shown)} of {len(parts)} there"
        assert max(Counter(shown).values(), default=0) <= 1, f"{said}: posted twice"
        assert len(shown) <= len(parts), f"{said}: posted twice"
        if bridge.once.means == "none" or (len(fates) > 1 and bridge.once.means == "lookup"):
            # Where a look-up is all there is, a second doubt about one part is a person's.
            assert row.state in ("posted", "held"), said
        else:
            assert row.state == "posted", said
        if row.state == "posted":
            assert len(shown) == len(parts), f"{said}: lost"
            refs = journey.refs(row)
            assert len(set(refs)) == len(parts), f"{said}: {refs}"
            if self.stand.threads:
                parents = [one.parent for one in self.stand.platform.public]
                assert parents == [None, *refs[:-1]], f"{said}: not a thread in order"
        return journey


class _Needing:
    """A bridge whose posts all get what they need: a film, where each post is one."""

    def __init__(self, bridge: Any, media: tuple[Media, ...]) -> None:
        self._bridge = bridge
        self._media = media

    async def prepare(self, post: Post) -> Any:
        return await self._bridge.prepare(replace(post, media=self._media))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bridge, name)


async def _forget(kept: bytes) -> None:
    return None


def _some(steps: int) -> list[int]:
    """Steps to die at, the last one among them."""
    return [*range(steps, 0, -max(1, -(-steps // SECOND_DEATHS)))]


def _cuts(named: Mapping[str, Callable[[], Any]]) -> list[Any]:
    return [named["cut after it was posted"]()]


def _fields(value: object) -> list[object]:
    return [getattr(value, name) for name in type(value).__slots__]  # type: ignore[attr-defined]


_COUNTER: Final = regex.compile(r"\s*\(\d+/\d+\)\s*$")


def _words(shown: Sequence[str]) -> list[str]:
    """The words of the parts, one after the other, without counters and joiners we put there."""
    bare = (_COUNTER.sub("", one).replace("\u2060", "") for one in shown)
    return " ".join(bare).split()
