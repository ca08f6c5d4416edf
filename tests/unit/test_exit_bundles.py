"""The keys of exits at an entry: held, renewed, and never given up for worse ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.errors import Damaged
from relay.keyfiles import write_secret
from relay.node.crossing.bundles import KNOWN, MOST_IDS, TAKEN, Bundles
from relay.rules.exits import ExitFacts, Exits, ending, troubles_of
from relay.wire.bundle import Bundle, sign_bundle
from relay.wire.epochs import DAY_S, day_of, days_ahead
from relay.wire.primitives import signing_public
from tests.parts.crossing import NOW, Entry, bundle, entry_table, epoch, identity


class Days:
    """A clock that stands where a test puts it."""

    def __init__(self) -> None:
        self.at = NOW
        self.frozen = False

    def now(self) -> int:
        return self.at


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def entry(tmp_path: Path, days: Days) -> Entry:
    return Entry(tmp_path, entry_table("b", "c"), days)  # type: ignore[arg-type]


async def test_each_day_has_its_key_and_the_exits_are_in_order(entry: Entry, days: Days) -> None:
    await entry.knows("c", "b")
    assert entry.bundles.seals_to() == (epoch("b", 0), epoch("c", 0))
    days.at += DAY_S
    assert entry.bundles.seals_to() == (epoch("b", 1), epoch("c", 1))
    days.at += 2 * DAY_S
    assert entry.bundles.seals_to() == ()


async def test_keys_are_here_after_a_restart(entry: Entry) -> None:
    await entry.knows("b")
    entry.restart()
    assert entry.bundles.seals_to() == (epoch("b", 0),)


async def test_what_is_taken_is_known_the_next_time_and_told_once(entry: Entry) -> None:
    told: list[str] = []
    entry.bundles.changed = told.append
    assert await entry.bundles.take("b", bundle("b")) == TAKEN
    assert await entry.bundles.take("b", bundle("b")) == KNOWN
    assert told == ["b"] and not entry.bundles.refusals


def altered(signed: bytes) -> bytes:
    """With one bit of it another."""
    return signed[:200] + bytes([signed[200] ^ 1]) + signed[201:]


@pytest.mark.parametrize(
    "signed",
    [
        b"",
        b"junk",
        bytes(10 * 1024 * 1024),
        bundle("b", NOW + 1)[:-1],
        altered(bundle("b", NOW + 1)),
        bundle("c", NOW + 1),
        bundle("b", NOW - 1),
        bundle("b", NOW, days=2),
        bundle("b", NOW + 1, road_s=29 * DAY_S),
    ],
    ids=[
        "empty",
        "junk",
        "10 MB",
        "truncated",
        "altered",
        "another's",
        "older",
        "the same serial",
        "a road too short",
    ],
)
async def test_a_bundle_that_is_wrong_is_refused_and_the_one_before_kept(
    entry: Entry, signed: bytes
) -> None:
    await entry.knows("b")
    assert await entry.bundles.take("b", signed) not in (TAKEN, KNOWN)
    assert entry.bundles.seals_to() == (epoch("b", 0),)
    assert entry.bundles.refusals == {"b": 1} and entry.bundles.shown()["b"].refused
    assert "exit b: keys that came were refused" in entry.journal.getvalue()
    entry.restart()
    assert entry.bundles.seals_to() == (epoch("b", 0),)


async def test_the_same_that_is_refused_over_and_over_counts_once(entry: Entry) -> None:
    for signed in (b"junk", b"junk", b"other junk", b"other junk"):
        await entry.bundles.take("b", signed)
    assert entry.bundles.refusals == {"b": 2}


async def test_a_good_bundle_ends_what_was_wrong(entry: Entry) -> None:
    await entry.bundles.take("b", b"junk")
    assert await entry.bundles.take("b", bundle("b")) == TAKEN
    assert not entry.bundles.shown()["b"].refused


async def test_a_revoked_key_is_not_sealed_to(entry: Entry) -> None:
    await entry.knows("b", revoked=(epoch("b", 0).id,))
    assert entry.bundles.seals_to() == ()
    assert entry.bundles.against("b", [epoch("b", 0).id])
    assert not entry.bundles.against("b", [epoch("b", 1).id])


async def test_an_exit_whose_clock_leapt_leaves_its_entries_the_keys_of_today(
    entry: Entry,
) -> None:
    assert await entry.bundles.take("b", bundle("b", NOW, first=300)) == TAKEN  # better than none
    assert await entry.bundles.take("b", bundle("b", NOW + 1)) == TAKEN
    assert "clock" in await entry.bundles.take("b", bundle("b", NOW + 2, first=300))
    assert entry.bundles.seals_to() == (epoch("b", 0),)
    revoked = bundle("b", NOW + 3, first=300, revoked=(epoch("b", 0).id,))
    assert await entry.bundles.take("b", revoked) == TAKEN
    assert entry.bundles.seals_to() == ()


async def test_a_revoked_exit_is_revoked_for_ever(entry: Entry) -> None:
    await entry.knows("b")
    assert await entry.bundles.take("b", bundle("b", NOW + 1, ended=True)) == TAKEN
    assert await entry.bundles.take("b", bundle("b", NOW + 2)) not in (TAKEN, KNOWN)
    entry.restart()
    assert entry.bundles.seals_to() == () and entry.bundles.is_ended("b")


async def test_a_file_that_is_damaged_is_kept_aside_and_ends_nothing(
    entry: Entry, tmp_path: Path
) -> None:
    write_secret(tmp_path / "keys" / "exits" / "b.bundle", b"junk")
    entry.restart()
    assert entry.bundles.seals_to() == () and entry.bundles.shown()["b"].refused
    assert (tmp_path / "keys" / "exits" / "b.damaged").read_bytes() == b"junk"
    assert await entry.bundles.take("b", bundle("b")) == TAKEN


async def test_a_bundle_without_a_name_is_known_by_who_signed_it(entry: Entry) -> None:
    assert entry.bundles.of_identity(bundle("c")) == "c"


async def test_an_exit_that_names_keys_of_another_ends_only_its_own(entry: Entry) -> None:
    await entry.knows("b", "c")
    public = signing_public(identity("b"))
    lies = Bundle(
        public, bytes(32), NOW + 1, NOW, 30 * DAY_S, (epoch("b", 0),), (epoch("c", 0).id,)
    )
    await entry.bundles.take("b", sign_bundle(lies, identity("b")))
    assert epoch("c", 0) in entry.bundles.seals_to()
    assert not entry.bundles.against("c", [epoch("c", 0).id])


@pytest.mark.parametrize("first", ["b", "c"])
async def test_an_exit_that_says_keys_of_another_are_its_own_keeps_nothing_from_it(
    entry: Entry, first: str
) -> None:
    public = signing_public(identity("b"))
    lies = Bundle(public, bytes(32), NOW + 1, NOW, 30 * DAY_S, (epoch("c", 0),))
    bundles = {"b": sign_bundle(lies, identity("b")), "c": bundle("c")}
    for name in (first, *bundles.keys() - {first}):
        assert await entry.bundles.take(name, bundles[name]) == TAKEN
    assert entry.bundles.peers_of([epoch("c", 0).id]) == ["b", "c"]


async def test_the_keys_that_are_known_of_an_exit_are_bounded(entry: Entry) -> None:
    key = epoch("b", 9).id
    for n in range(MOST_IDS // 100 + 1):
        assert (
            await entry.bundles.take("b", bundle("b", NOW + n, days=100, first=9 + 100 * n))
            == TAKEN
        )
        assert entry.bundles.peers_of([epoch("b", 9 + 100 * n).id]) == ["b"]
    with pytest.raises(Damaged):
        entry.bundles.peers_of([key])


# ---------------------------------------------------------------- what is said of it


def test_days_are_counted_to_the_end_of_the_last_key() -> None:
    midnight = day_of(NOW)
    left = [days_ahead(midnight + n * DAY_S, midnight) for n in (0, 1, 2, 14)]
    assert left == [0, 0, 1, 13] and days_ahead(midnight + DAY_S, midnight + DAY_S - 1) == 0


def said(**facts: ExitFacts) -> list[str]:
    return [key for key, _ in troubles_of(Exits(facts))]


def test_an_entry_says_so_fourteen_days_before_its_keys_end() -> None:
    assert said(b=ExitFacts(60, True)) == said(b=ExitFacts(14, True)) == []
    for one in (ExitFacts(13, True), ExitFacts(0, True), ExitFacts(None, True)):
        assert said(b=one) == ["keys b"]
    assert said(b=ExitFacts(None, False)) == ["keys b"]


def test_the_last_days_are_called_by_their_names() -> None:
    assert [ending(days) for days in (2, 1, 0)] == ["in 2 days", "tomorrow", "today"]


def test_every_trouble_with_an_exit_has_a_sentence_of_its_own() -> None:
    facts = {
        "b": ExitFacts(None, True, revoked=True, only=100),
        "c": ExitFacts(20, True, refused="older than the one that is here", only=2),
    }
    told = dict(troubles_of(Exits(facts, damaged=1, seals=False)))
    assert told.keys() == {"keys", "revoked b", "lost c", "bundle c", "damaged"}
    assert "100 were for it alone" in told["revoked b"]


async def test_bundles_of_an_entry_are_read_when_it_starts(entry: Entry) -> None:
    await entry.knows("b")
    again = Bundles(entry.settings, entry.clock, entry.bundles._journal)
    assert again.serial("b") == NOW and again.serial("c") == 0
