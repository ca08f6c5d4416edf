"""A node of four places in random weather, which falls back, reroutes, is paused, killed, set back.

All of it comes from one seed. ``World.wrong`` says what was posted that must not be; ``judge`` what
is wrong in the end, when the weather is fine again and a diligent operator has been there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from io import StringIO
from random import Random
from typing import Any, Literal

import trio
import trio._core._run as _run
from fallback_parts import KEYS, MINUTE, START, Exit, Loop
from test_join_kills import DyingSpool

from relay.errors import Asked
from relay.exit.account import Account
from relay.exit.assign import assign
from relay.exit.elsewhere import Elsewhere
from relay.exit.post import Posting
from relay.exit.progress import thaw
from relay.exit.rerouted import where_it_went
from relay.exit.rest import Rest
from relay.exit.withdraw import Withdrawal, is_withdrawn
from relay.journal import Journal
from relay.model import (
    HOUR,
    Absent,
    Attempt,
    Change,
    Found,
    Later,
    Lookup,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Queue,
    Refused,
    Removal,
    Removed,
    Row,
    Sent,
    State,
    Stopped,
    Unknown,
    Unsure,
    hour_of,
)
from relay.node.brake import Brake
from relay.node.fallback import Fallback
from relay.node.holding import Holding
from relay.node.poster import Poster
from relay.node.rerouting import Rerouting
from relay.node.scouts import Scouts
from relay.node.stale import Stale
from relay.ports import Keep
from relay.rules.policy import Policy
from relay.rules.windows import Once as Period
from relay.rules.windows import Window
from relay.testing.dying import Died, Fate

NAMES = ("mastodon", "bluesky", "telegram", "page")
WEATHER = ("fine", "fine", "down", "later", "full", "stopped", "lost", "broken", "away")

ROADS: Sequence[Mapping[str, tuple[str, int]]] = (
    {"mastodon": ("bluesky", 4 * MINUTE)},
    {"mastodon": ("bluesky", 4 * MINUTE), "bluesky": ("telegram", 8 * MINUTE)},
    {"mastodon": ("bluesky", 4 * MINUTE), "telegram": ("bluesky", 6 * MINUTE)},
    {"mastodon": ("page", 4 * MINUTE), "bluesky": ("page", 1 * MINUTE)},
    {},
)


@dataclass
class Place:
    """A platform in its weather: what stands there by the keys of the parts, and since when a
    message may not appear any more."""

    name: str
    draw: Random
    once: Once
    parts: int
    wrong: list[str]
    over: set[str]
    resends: bool = False
    at_once: int = 1
    weather: str = "fine"
    refuses: set[str] = field(default_factory=set)
    stands: dict[str, str] = field(default_factory=dict)

    async def prepare(self, post: Post) -> Sequence[Part]:
        await trio.sleep(self.draw.choice((0, 0, 0, 2)))
        key, texts = post.secret.hex(), [post.text] * self.parts
        return [Part(f"{key} {n}", n, len(texts), text.encode()) for n, text in enumerate(texts)]

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        takes_s = self.draw.choice((0, 0, 1, 20))
        await trio.sleep(takes_s)
        outcome = self._outcome(attempt.part)
        await trio.sleep(self.draw.choice((0, 0, 3)))
        return outcome

    def _outcome(self, part: Part) -> Outcome:
        text, now = part.payload.decode(), START + int(trio.current_time())
        match self.weather:
            case "down":
                return Later("no connection", scope="host")
            case "later":
                return Later("come again")
            case "full":
                return Later("too many", not_before=now + 10 * MINUTE, scope="destination")
            case "away":
                return Later("maintenance", not_before=now + 20 * MINUTE, scope="host")
            case "stopped":
                return Stopped("the token is old", "log in")
            case "broken" if self.draw.random() < 0.5:
                return Unsure("no answer")
        if text in self.refuses and part.index == 0:
            return Refused("too long")
        self._publish(part.key, text)
        return Unsure("no answer") if self.weather == "lost" else Posted(part.key)

    def _publish(self, key: str, text: str) -> None:
        if key in self.stands:
            if self.once.means != "exact" and not (self.once.means == "none" and self.resends):
                self.wrong.append(f"{text} twice at {self.name}")
        elif text in self.over:
            self.wrong.append(f"{text} at {self.name} though it was taken back")
        self.stands[key] = text

    async def find(self, attempt: Attempt) -> Lookup:
        if self.weather in ("down", "away", "stopped"):
            return Unknown()
        there = attempt.part.key in self.stands
        return Found(attempt.part.key) if there else Absent(strong=True)

    async def remove(self, ref: str) -> Removal:
        if self.weather in ("down", "away"):
            return Later("no connection")
        self.stands.pop(ref, None)
        return Removed()


class World(Exit):
    """One node and what happens to it. ``kills`` and ``sets_back`` say whether that may be."""

    def __init__(self, seed: int, *, sets_back: bool = False) -> None:
        self.draw = draw = Random(seed)
        _run._r.seed(seed)  # in which order trio runs what may run now
        self.wrong: list[str] = []
        self.over: set[str] = set()
        self.log: list[str] = []
        places = {name: self._place(name) for name in NAMES}
        fallbacks = {"news": draw.choice(ROADS), "family": draw.choice(ROADS)}
        clock = Loop()
        ticks = {"page": 10 * MINUTE} if draw.random() < 0.5 else {}
        super().__init__(places, fallbacks, (), ticks, clock, DyingSpool(clock))
        for channel, roads in fallbacks.items():
            ends = {to for to, _ in roads.values()}
            may = [name for name in NAMES if name not in ends] or ["mastodon"]
            wanted = [name for name in may if draw.random() < 0.6] or may[:1]
            stale = draw.choice((0, 0, HOUR // 2))
            self.policies[channel] = Policy(
                tuple(wanted), "none", (0, 0), stale=stale, priority=draw.random() < 0.3
            )
        self.windows = [self._window(n) for n in range(draw.choice((0, 0, 1, 2, 3)))]
        self.sets_back = sets_back
        self.was_set_back = False
        self.ids: dict[bytes, str] = {}
        self.unfinished: list[bytes] = []
        self.resends = draw.random() < 0.3
        for place in places.values():
            place.resends = self.resends
        self._copy: sqlite3.Connection | None = None
        self._over_then: set[str] = set()

    def _place(self, name: str) -> Place:
        once = self.draw.choice((Once("exact"), Once("lookup"), Once("none")))
        place = Place(name, self.draw, once, self.draw.choice((1, 1, 2)), self.wrong, self.over)
        place.at_once = self.draw.choice((1, 2))
        place.weather = self.draw.choice(("fine", self.draw.choice(WEATHER)))
        place.refuses = {f"text {n}" for n in range(1, 20) if self.draw.random() < 0.1}
        return place

    def _window(self, n: int) -> Window:
        name, to = self.draw.sample(NAMES, 2)
        begins = START + self.draw.randrange(HOUR // 2)
        times = Period(begins, begins + self.draw.randrange(10 * MINUTE, HOUR), "UTC")
        do: Literal["hold", "reroute"] = self.draw.choice(("hold", "reroute", "reroute"))
        pace_s = self.draw.choice((0.0, 30.0))
        first: Literal["oldest", "newest"] = self.draw.choice(("oldest", "newest"))
        to = to if do == "reroute" else ""
        return Window(f"w{n}", (name,), times, do, to, first=first, every_s=pace_s)

    # ------------------------------------------------------------ a process

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self.brake = Brake(self.spool, self.clock, self.fallbacks, self.places, self.ticks)
        await self.brake.load()
        self.elsewhere = Elsewhere(self.spool, self.clock, KEYS, self.ticks)
        self.holding = await Holding.loaded(
            self.spool, self.clock, self.windows, self.places, Journal("core", StringIO())
        )
        limits = {name: policy.stale for name, policy in self.policies.items()}
        stale = Stale(self.spool, self.clock, KEYS, limits, self.holding.stops)
        self.holding.unlocks(stale.all_of)
        self.posting: set[str] = set()
        self.scouts = Scouts(self._takes, lambda name: name in self.well, ["page"])
        fallback = Fallback(
            self.spool, self.clock, KEYS, self.fallbacks, self.elsewhere, self.brake, self.scouts
        )
        calendar = self.holding.calendar
        reroutes = Rerouting(
            self.spool,
            self.clock,
            calendar,
            self.brake,
            self.elsewhere,
            self.scouts,
            self.places,
        )
        self.posters: dict[str, Poster] = {}
        async with trio.open_nursery() as nursery:
            for name in self.places:
                nursery.start_soon(self._serves, name, stale)
            for run in (stale.run, self.holding.run, fallback.run):
                nursery.start_soon(run)
            if any(window.to for window in self.windows):
                nursery.start_soon(reroutes.run)
            yield
            nursery.cancel_scope.cancel()

    def _takes(self, name: str) -> bool:
        return name in self.posting and not self.holding.stops(name)

    async def _serves(self, name: str, stale: Stale) -> None:
        on_unsure: Literal["hold", "resend_once"] = "resend_once" if self.resends else "hold"
        account = Account(name, name, False, on_unsure, 60)
        gate = self.holding.gate(name)

        async def holds(row: Row) -> bool:
            return gate.stops() or await self.brake.holds(row)

        while True:
            await gate.free()
            await self._reopens(name)
            posting = Posting(
                self.spool,
                self.places[name],
                account,
                KEYS,
                self.clock,
                lambda: None,
                holds,
                keeps=gate.keeps_place,
                elsewhere=self.elsewhere,
            )
            self.posters[name] = poster = Poster(
                self.spool,
                self.clock,
                posting,
                account,
                self.places[name].at_once,
                self.brake,
                partial(self._told, name),
                lambda: None,
                too_old=stale.put_aside,
                gate=gate,
            )
            self.posting.add(name)
            await poster.run()
            self.posting.discard(name)
            await trio.sleep(MINUTE)

    async def _reopens(self, name: str) -> None:
        for row in await self.spool.look(queue=Queue.POST):
            if row.name == name and row.state == Sent.STOPPED:
                await self.spool.change(row, Change(Queue.POST, Sent.WAITING, due=0))

    def _told(self, name: str, outcome: Outcome | Rest) -> None:
        super()._told(name, outcome)
        self.holding.told(name, outcome)

    def nudge(self, name: str) -> None:
        self.holding.nudge(name)
        if name in self.posters:
            self.posters[name].nudge()

    # ------------------------------------------------------------ its life

    async def lives(self, lasts_s: int = 50 * MINUTE, many: int = 4) -> None:
        """Go through it all, and come to rest."""
        at = sorted(self.draw.randrange(lasts_s * 3 // 4) for _ in range(many))
        acts: list[tuple[int, Callable[[], Any]]] = [(one, self._release) for one in at]
        for _ in range(self.draw.randrange(4, 14)):
            acts.append((self.draw.randrange(lasts_s), self._weather))
        for _ in range(self.draw.randrange(0, 8)):
            acts.append((self.draw.randrange(lasts_s), self._act))
        if self.sets_back:
            acts += [(self.draw.randrange(lasts_s * 3 // 4), self._copies) for _ in range(3)]
        acts.sort(key=lambda one: one[0])
        begins = trio.current_time()
        deaths = self.draw.choice((2, 3, 4) if self.sets_back else (0, 1, 2, 4))
        while acts or deaths >= 0:
            fate = self.draw.randrange(1, 60) if deaths > 0 else 0
            deaths -= 1
            self.spool.fate = Fate(fate)  # type: ignore[attr-defined]
            try:
                async with self.running():
                    while acts:
                        at_s, act = acts[0]
                        await trio.sleep_until(begins + at_s)
                        acts.pop(0)
                        await act()
                    if deaths < 0:
                        await self._comes_to_rest()
                        return
                    await trio.sleep(self.draw.randrange(MINUTE))
            except Died:
                pass
            except BaseExceptionGroup as ended:
                died, others = ended.split(Died)
                if died is None or others is not None:
                    raise
            self._starts_anew()

    def _starts_anew(self) -> None:
        self.log.append(f"{trio.current_time():.0f} dies")
        spool: Any = self.spool
        connection = spool._store.connection
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        back = self.sets_back and self._copy is not None and self.draw.random() < 0.6
        if back:
            assert self._copy is not None
            self._copy.backup(connection)
            self.was_set_back = True
            self.log.append("set back")  # what was taken back since is not known
            self.over &= self._over_then
            for id in list(self.ids):
                if not self._exists(id, connection):
                    del self.ids[id]
        DyingSpool.fate = Fate()
        again = DyingSpool(self.clock, connection)
        again._commit(lambda store: store.recover(None, doubt=back))
        self.spool = again

    async def _comes_to_rest(self) -> None:
        self.log.append(f"{trio.current_time():.0f} fine again")
        self.spool.fate = Fate()  # type: ignore[attr-defined]
        for place in self.places.values():
            place.weather = "fine"
        for window in [one.window for one in self.holding.calendar.all() if one.now]:
            with suppress(Asked):
                await self.holding.calendar.remove(window.name)
        for name in list(self.brake.paused):
            await self.brake.resume(name)
        await self._assigns_what_is_left()
        for id in [one for one in self.unfinished if one in self.ids]:
            with suppress(Asked):
                await self.withdraws(id)
        for _ in range(3):
            await trio.sleep(12 * MINUTE)
            await self._decides()
            await self._hurries()
        await trio.sleep(12 * MINUTE)

    async def _assigns_what_is_left(self) -> None:
        for row in await self.spool.look(queue=Queue.REVIEW):
            await self._decisions().release(await self._family(row.id))
        for row in await self.spool.take(Queue.DELIVER, now=self.clock.now(), limit=9):
            change, then = assign(row, self.policies, self.ticks, self.clock.now())
            await self.spool.settle(row, change, then=then)

    async def _hurries(self) -> None:
        for name in self.places:
            self.nudge(name)
        for row in await self.spool.look(queue=Queue.POST):
            if row.state in (Sent.WAITING, Sent.UNSURE):
                soon = Change(Queue.POST, row.state, due=self.clock.now(), why=row.why)
                await self.spool.change(row, soon)

    async def _decides(self) -> None:
        """An operator has looked at all that is held, and says what is so."""
        for id in self.ids:
            for row in (await self._family(id))[1:]:
                if row.state != Sent.HELD or is_withdrawn(row):
                    continue
                with suppress(Asked):
                    await self._decides_one(id, row)
            await self._takes_back_what_stays(id)

    async def _decides_one(self, id: bytes, row: Row) -> None:
        decisions, there = self._decisions(), await self._standing(row)
        if there == self.places[row.name].parts:
            await decisions.posted(await self._family(id), row.name, "")
        elif there == len(thaw(row, KEYS.storage).refs):
            change = Change(Queue.POST, Sent.WAITING, due=0, hour=hour_of(self.clock.now()))
            await self.spool.change(row, change)
        else:
            dropped = Change(Queue.ENDED, Sent.DROPPED, due=None, body=b"")
            await self.spool.change(row, dropped)

    async def _takes_back_what_stays(self, id: bytes) -> None:
        if any(is_withdrawn(row) for row in (await self._family(id))[1:]):
            with suppress(Asked):
                await self.withdraws(id)

    async def _standing(self, row: Row) -> int:
        return list(self.places[row.name].stands.values()).count(self.ids[row.id])

    # ------------------------------------------------------------ what happens

    async def _weather(self) -> None:
        place = self.places[self.draw.choice(NAMES)]
        place.weather = self.draw.choice(WEATHER)
        self.log.append(f"{trio.current_time():.0f} {place.name} is {place.weather}")

    async def _release(self) -> None:
        channel = self.draw.choice(list(self.policies))
        text = f"text {self._made + 1}"
        id = (self._made + 1).to_bytes(32, "big")[16:]
        self.ids[id] = text
        self.log.append(f"{trio.current_time():.0f} {text} of {channel}")
        try:
            await self.released(text, channel)
        except Died:
            if not self._exists(id, self.spool._store.connection):  # it was never accepted
                del self.ids[id]
            raise

    def _exists(self, id: bytes, connection: sqlite3.Connection) -> bool:
        found = connection.execute("SELECT 1 FROM row WHERE id = ?", (id,)).fetchone()
        return found is not None

    async def _act(self) -> None:
        words = ["hold", "release", "retry", "drop", "withdraw", "asked", "pause", "resume"]
        word, id = self.draw.choice(words), self.draw.choice([*self.ids, b""])
        self.log.append(f"{trio.current_time():.0f} {word} {self.ids.get(id, '')}")
        name = self.draw.choice([*self.places, *self.policies])
        with suppress(Asked):
            if word == "pause":
                await self.brake.pause(name)
            elif word == "resume":
                for one in list(self.brake.paused):
                    await self.brake.resume(one)
            elif id:
                await self._does(word, id)

    async def _copies(self) -> None:
        self.log.append(f"{trio.current_time():.0f} a copy is made of its disk")
        self._copy = sqlite3.connect(":memory:", isolation_level=None)
        self.spool._store.connection.backup(self._copy)
        self._over_then = set(self.over)

    async def _does(self, word: str, id: bytes) -> None:
        if word == "withdraw":
            self.unfinished.append(id)
            await self.withdraws(id)
            self.unfinished.remove(id)
            if all(row.state == Sent.WITHDRAWN for row in await self._live(id)):
                self.over.add(self.ids[id])
        elif word == "asked":
            await self._withdrawal().asked((await self._family(id))[0].seq)
        elif word == "release":
            for row in (await self._family(id))[1:]:
                if row.state == Sent.HELD and not is_withdrawn(row):
                    await self._decides_one(id, row)
        elif word == "drop":
            await self._decisions().drop(await self._family(id))
            if not any(row.queue == Queue.POST for row in await self._family(id)):
                self.over.add(self.ids[id])
        else:
            rows = await self._family(id)
            if word == "retry" and any(row.state == Sent.HELD for row in rows):
                return
            await getattr(self._decisions(), word)(rows)

    async def _live(self, id: bytes) -> list[Row]:
        return [row for row in (await self._family(id))[1:] if row.state != Sent.REROUTED]

    def _decisions(self) -> Any:
        from relay.node.decisions import Decisions

        return Decisions(self)

    def _withdrawal(self) -> Withdrawal:
        async def remove(name: str, ref: str) -> Removal | None:
            return await self.places[name].remove(ref)

        async def find(name: str, attempt: Attempt) -> Lookup:
            return await self.places[name].find(attempt)

        return Withdrawal(self.spool, KEYS, remove, find)

    async def _family(self, id: bytes) -> Sequence[Row]:
        rows = await self.spool.look(id=id)
        if not rows:
            raise Asked("it was lost with the disk")
        return await self.spool.family(rows[0].root)

    # ------------------------------------------------------------ the end of it

    async def judge(self) -> list[str]:
        """What is wrong with all of it, in words."""
        wrong = [*self.wrong, *(await self.spool.self_check())]
        left = await self.spool.look(queue=Queue.POST)
        waiting = [one for one in left if not is_withdrawn(one)]
        wrong += [f"{self.ids[one.id]} {one.state} at {one.name}: {one.why}" for one in waiting]
        if not self.was_set_back and (await self.spool.counts()).accepted != len(self.ids):
            wrong.append("the sum is another")
        for id, text in self.ids.items():
            with suppress(Asked):
                wrong += self._judged(text, await self._family(id))
        return wrong

    def _judged(self, text: str, rows: Sequence[Row]) -> list[str]:
        deliveries = rows[1:]
        if not deliveries:
            ended = rows[0].state in (State.WITHDRAWN, State.DROPPED)
            return [] if ended else [f"{text} was never assigned"]
        wanted = self.wanted(rows)
        wrong = []
        ends = {where_it_went(deliveries, name) or name for name in wanted}
        for name, place in self.places.items():
            stands = list(place.stands.values()).count(text)
            state = next((row.state for row in deliveries if row.name == name), "absent")
            if self.was_set_back and (not stands or state == "absent"):
                continue  # it was taken back, or went there, in the time that was lost
            if (state == Sent.POSTED) != (stands == place.parts) and not (
                state in (Sent.DROPPED, Sent.REFUSED, Sent.WITHDRAWN, Sent.HELD) and stands
            ):
                wrong.append(f"{text} is {state} at {name}, where {stands} parts stand")
            if stands and name not in ends and not self.was_set_back:
                wrong.append(f"{text} stands at {name} besides")
        for name in wanted:
            wrong += self._lost(text, name, deliveries)
        return wrong

    def wanted(self, rows: Sequence[Row]) -> tuple[str, ...]:
        return self.policies[rows[0].name].destinations

    def _lost(self, text: str, name: str, deliveries: Sequence[Row]) -> list[str]:
        """What was to stand at a place that would have it, and that nobody took back, stands at
        that place or at its end."""
        end = where_it_went(deliveries, name) or name
        [last] = [row for row in deliveries if row.name == end] or [None]
        if last is None:
            return [f"{text} went to {end}, and never came there"]
        if last.state in (Sent.POSTED, Sent.DROPPED, Sent.WITHDRAWN) or is_withdrawn(last):
            return []
        if last.state == Sent.REFUSED and text in self.places[name].refuses:
            return []
        progress = thaw(last, KEYS.storage)
        if last.state == Sent.REFUSED and (progress.open or progress.blind or progress.refs):
            return []  # it may be public at the end: a person is to look
        return [f"{text} for {name} ended {last.state} at {end}, and {name} would have it"]
