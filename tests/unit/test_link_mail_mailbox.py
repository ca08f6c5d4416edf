"""What lies in a mailbox: ours is taken once the core keeps it, and all else stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import pytest
from mail_link_parts import (
    C_SEED,
    DRESS,
    NOW,
    A,
    B,
    C,
    Core,
    Folder,
    Looks,
    carrying,
    fetching,
    mails,
    so_many,
)
from on_asyncio import on_asyncio

from relay.errors import KeyFileError
from relay.links.mail.faring import Faring
from relay.links.mail.fetching import Fetching
from relay.links.mail.finding import HEAD_BYTES, Finding
from relay.links.mail.inward import Inward
from relay.links.mail.joining import MOST_WHOLES
from relay.links.mail.letter import letter
from relay.links.mail.mailbox import Mailbox
from relay.links.mail.parcel import Veil
from relay.links.port import Peer
from relay.mailing.imap.trouble import Trouble

SPAM = b"Return-Path: <x@example.com>\r\nFrom: x@example.com\r\n\r\n" + b"Buy now!\r\n" * 400
ENVELOPES = carrying(4000, 4000)


@dataclass
class Told:
    """What the board was told, and how many were turned away."""

    states: list[tuple[str, str]] = field(default_factory=list)
    turned_away: int = 0

    def fares(self, *said: str) -> None:
        """As the process of the links: what it knows it does not pass on."""
        state, why = said
        if self.states[-1:] != [(state, why)]:
            self.states.append((state, why))

    def away(self) -> None:
        self.turned_away += 1


async def looked(
    folder: Folder,
    core: Core,
    looks: int = 1,
    *,
    delete: bool = True,
    between: Callable[[], None] = lambda: None,
    peers: tuple[Peer, ...] = (A,),
    at: Fetching | None = None,
) -> Told:
    """So many looks into a folder."""
    told = Told()

    async def run() -> None:
        faring = Faring(told.fares)
        inward = Inward(B.key, core.came, told.away, faring.heard)
        box = Mailbox(
            at or fetching(folder, delete=delete),
            Finding(B.key, peers),
            inward,
            faring,
            so_many(looks, between),
        )
        with pytest.raises(Looks):
            await box.run()

    await on_asyncio(run)
    return told


async def test_what_came_is_kept_and_then_removed() -> None:
    folder, core = Folder(SPAM, *mails(ENVELOPES), SPAM), Core()
    told = await looked(folder, core)
    assert core.got == [("a", ENVELOPES)]
    assert sorted(folder.mails) == [1, 3]
    assert told == Told([("works", "")])


async def test_what_cannot_be_kept_stays_until_it_can() -> None:
    folder, core = Folder(*mails(ENVELOPES)), Core(full=True)

    def room() -> None:
        assert len(folder.mails) == 1
        core.full = False

    told = await looked(folder, core, 2, between=room)
    assert core.got == [("a", ENVELOPES)]
    assert folder.mails == {}
    assert [state for state, _ in told.states] == ["blocked", "works"]


async def test_where_nothing_may_be_removed_it_is_flagged_and_not_taken_twice() -> None:
    folder, core = Folder(SPAM, *mails(ENVELOPES)), Core()
    await looked(folder, core, 2, delete=False)
    assert (len(core.got), folder.seen, len(folder.mails)) == (1, {2}, 2)
    await looked(folder, core, 2, delete=False)  # a process that knows nothing
    assert len(core.got) == 1


async def test_what_comes_twice_goes_to_the_core_twice_and_is_removed() -> None:
    folder, core = Folder(*mails(ENVELOPES), *mails(ENVELOPES)), Core()
    await looked(folder, core)
    assert len(core.got) == 2
    assert folder.mails == {}


async def test_ten_thousand_foreign_mails_are_looked_at_once_and_left() -> None:
    folder, core = Folder(*[SPAM] * 10_000, *mails(ENVELOPES)), Core()
    before = dict(folder.mails)
    await looked(folder, core, 3)
    assert core.got == [("a", ENVELOPES)]
    assert len(folder.mails) == 10_000 and folder.mails.items() <= before.items()
    assert folder.fetched < 10_000 * len(SPAM) + 100_000
    assert folder.seen == set()


async def test_hostile_mails_are_neither_fatal_nor_counted() -> None:
    chance = Random(9)
    folder = Folder(
        b"",
        b"\n\n" * 20_000,
        (b"\n\n" + b"A" * 60) * 2000,
        b"\xff" * 100_000,
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" * 5000,
        b"Content-Type: multipart/report\r\n\r\n" + b"<" + b"0" * 32 + b"@x>",
        *(chance.randbytes(4000) for _ in range(50)),
        *mails(ENVELOPES),
    )
    core = Core()
    told = await looked(folder, core)
    assert core.got == [("a", ENVELOPES)]
    assert len(folder.mails) == 56
    assert told == Told([("works", "")])


async def test_a_mail_that_has_our_mark_and_is_no_batch_is_counted_once_and_left() -> None:
    [good] = mails(ENVELOPES)
    at = good.index(b"\r\n\r\n", good.index(b"octet-stream")) + 400
    veil = Veil(A.key, B.key)
    [stranger] = mails(ENVELOPES, seed=C_SEED)  # signed by C, under A's veil
    from relay.links.mail.finding import Ours, attached

    found = Finding(B.key, [C]).look(stranger[:HEAD_BYTES])
    assert isinstance(found, Ours)
    parcel = Veil(C.key, B.key).under(attached(stranger, found.at))
    forged = letter(DRESS, veil.over(parcel), bytes(16), NOW)
    folder, core = Folder(good[:at] + b"AAAA" + good[at + 4 :], forged, good[:at]), Core()
    told = await looked(folder, core, 3)
    assert (core.got, len(folder.mails), told.turned_away) == ([], 3, 3)


async def test_another_peers_mails_are_left_to_its_own_link() -> None:
    folder, core = Folder(*mails(ENVELOPES, seed=C_SEED), *mails(ENVELOPES)), Core()
    told = await looked(folder, core)
    assert [name for name, _ in core.got] == ["a"]
    assert sorted(folder.mails) == [1]
    assert told.turned_away == 0
    assert (await looked(folder, core, peers=(A, C))).turned_away == 0
    assert [name for name, _ in core.got] == ["a", "c"]


async def test_a_peer_that_has_no_more_room_holds_up_no_other() -> None:
    folder, core = Folder(*mails(ENVELOPES), *mails(ENVELOPES, seed=C_SEED)), Core()
    came = core.came

    async def only_c(peer, batch):
        return await came(peer, batch) if peer == C else None

    core.came = only_c  # type: ignore[method-assign]
    told = await looked(folder, core, peers=(A, C))
    assert [name for name, _ in core.got] == ["c"]
    assert sorted(folder.mails) == [1]
    assert told.states[-1][0] == "blocked"


# ---------------------------------------------------------------- parts


async def test_parts_are_removed_only_when_the_whole_is_kept() -> None:
    batch = carrying(262_144)
    parts = mails(batch)
    assert len(parts) == 7
    folder, core = Folder(*parts[:-1]), Core(full=True)
    seen: list[int] = []

    def last_comes() -> None:
        seen.append(len(folder.mails))
        if len(seen) == 1:
            folder.put(parts[-1])
        core.full = len(seen) < 3

    await looked(folder, core, 5, between=last_comes)
    assert seen == [6, 7, 7, 0]
    assert core.got == [("a", batch)]
    assert folder.mails == {}


async def test_parts_that_came_before_a_restart_are_joined_after_it() -> None:
    batch = carrying(262_144)
    parts = mails(batch)
    folder, core = Folder(*parts[:3]), Core()
    await looked(folder, core)
    folder.put(*parts[3:])
    await looked(folder, core)
    assert core.got == [("a", batch)] and folder.mails == {}


async def test_parts_that_will_never_be_whole_do_not_fill_the_mailbox() -> None:
    folder, core = Folder(), Core()
    for n in range(MOST_WHOLES + 3):
        folder.put(mails(carrying(262_144, n + 1))[0])
    await looked(folder, core, 2)
    assert len(folder.mails) == MOST_WHOLES
    assert core.got == []


# ---------------------------------------------------------------- trouble


async def test_a_folder_that_was_made_anew_is_looked_through_anew() -> None:
    folder, core = Folder(SPAM, *mails(ENVELOPES)), Core()
    folder.kept = {2}

    def anew() -> None:
        folder.made_anew()
        folder.kept = set()

    told = await looked(folder, core, 2, between=anew)
    assert len(core.got) == 2
    assert sorted(folder.mails) == [100]
    assert [state for state, _ in told.states] == ["login", "works"]


async def test_a_mailbox_that_is_down_is_waited_for_longer_each_time() -> None:
    folder, core = Folder(*mails(ENVELOPES)), Core()
    folder.trouble = Trouble("login", "user or password is not accepted")

    def mended() -> None:
        folder.trouble = None

    told = await looked(folder, core, 2, between=mended)
    assert told.states == [("login", "user or password is not accepted"), ("works", "")]
    assert core.got == [("a", ENVELOPES)]


async def test_a_password_that_cannot_be_read_is_said() -> None:
    def unreadable() -> bytes:
        raise KeyFileError("secrets/post", "gone")

    folder = Folder()
    at = fetching(folder)
    object.__setattr__(at, "password", unreadable)
    told = await looked(folder, Core(), at=at)
    assert told.states == [("login", "its password cannot be read: look at password_file")]


async def test_a_mail_that_came_back_is_on_the_board_until_the_peer_is_heard() -> None:
    [sent] = mails(ENVELOPES, seed=bytes([2]) * 32, to=A)
    report = (
        b"Return-Path: <>\r\nContent-Type: multipart/report; boundary=r\r\n\r\n--r\r\n\r\n"
        b"Action: failed\r\n\r\n" + sent
    )
    folder, core = Folder(report), Core()
    told = await looked(folder, core, 2, between=lambda: folder.put(*mails(ENVELOPES)))
    assert [state for state, _ in told.states] == ["blocked", "works"]
    assert "came back" in told.states[0][1]
    assert (sorted(folder.mails), folder.seen) == ([1], {1})
    again = await looked(folder, core)  # after a restart it is no news
    assert again.states == [("works", "")]


async def test_what_could_not_be_removed_is_tried_again_and_not_taken_again() -> None:
    folder, core = Folder(*mails(ENVELOPES)), Core()
    folder.kept = {1}
    seen: list[int] = []

    def right_is_given() -> None:
        seen.append(len(folder.mails))
        if len(seen) == 2:
            folder.kept = set()

    told = await looked(folder, core, 4, between=right_is_given)
    assert seen == [1, 1, 0]
    assert len(core.got) == 1
    assert [state for state, _ in told.states] == ["login", "works"]


async def test_a_connection_that_breaks_before_the_removal_costs_nothing() -> None:
    folder, core = Folder(*mails(ENVELOPES), *mails(ENVELOPES, seed=C_SEED)), Core()
    folder.breaks = 1
    told = await looked(folder, core, 2, peers=(A, C))
    assert [name for name, _ in core.got] == ["a", "c"]
    assert folder.mails == {}
    assert [state for state, _ in told.states] == ["blocked", "works"]


async def test_an_account_that_may_remove_nothing_takes_all_the_same() -> None:
    folder, core = Folder(*mails(ENVELOPES), *mails(ENVELOPES)), Core()
    folder.read_only = True
    told = await looked(folder, core, 3, between=lambda: folder.put(*mails(ENVELOPES)))
    assert (len(core.got), len(folder.mails)) == (4, 4)
    assert [state for state, _ in told.states] == ["login"]
