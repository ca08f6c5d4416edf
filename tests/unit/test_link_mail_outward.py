"""A batch goes out as mails: as few as there can be, and nothing small waits for what is large."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from dovecot import make_certificates
from mail_link_parts import (
    A_SEED,
    A,
    B,
    Hour,
    Provider,
    carrying,
    certificates,
    listening,
    sending,
)
from on_asyncio import on_asyncio

from relay.errors import KeyFileError
from relay.links.mail.finding import HEAD_BYTES, Finding, Ours, attached
from relay.links.mail.joining import Joining
from relay.links.mail.letter import room_in
from relay.links.mail.outward import Outward, Sending
from relay.links.mail.parcel import OVERHEAD, Veil
from relay.links.mail.splitting import batches
from relay.links.port import Given, HandedOver, Later
from relay.mailing.submission import Account
from relay.wire.batch import Batch, Returned, make_batch, read_batch
from relay.wire.padding import CLASSES

LEAST = 65536
BOX = "127.0.0.1"


async def handed(
    provider: Provider,
    *given: Batch,
    most_bytes: int = 10 * 1024 * 1024,
    change: Callable[[Sending], Sending] = lambda same: same,
    between: Callable[[], None] = lambda: None,
) -> list[HandedOver]:
    """What became of these batches, one after the other."""

    async def run() -> list[HandedOver]:
        async with listening(provider) as port:
            at = change(sending(port, most_bytes=most_bytes))
            outward = Outward(at, A_SEED, B, Hour())  # type: ignore[arg-type]
            told = []
            for one in given:
                told.append(await outward.hand_over(one))
                between()
            return told

    return await on_asyncio(run)


def arrived(provider: Provider) -> list[Batch]:
    """What the peer would find in these mails."""
    finding, joining, found = Finding(B.key, [A]), Joining(), []
    for uid, mail in enumerate(provider.mails):
        ours = finding.look(mail[:HEAD_BYTES])
        assert isinstance(ours, Ours)
        parcel = Veil(A.key, B.key).under(attached(mail, ours.at))
        joined = joining.add(A.key.public, parcel, uid)
        if joined is not None:
            found.append(read_batch(joined.made, A.key, B.key))
    return found


# ---------------------------------------------------------------- splitting


def test_what_fits_into_one_mail_is_one() -> None:
    batch = carrying(*[4000] * 64)
    assert list(batches(batch, 300_000)) == [batch]


@pytest.mark.parametrize("room", [room_in(LEAST) - OVERHEAD, 100_000, 1_000_000, 20_000_000])
def test_split_batches_fit_and_nothing_is_lost_or_twice(room: int) -> None:
    batch = replace(
        carrying(4000, 32_768, 4000, 262_144, *[4000] * 40, 2_097_152, 4000),
        heard=tuple(bytes([n]) * 16 for n in range(50)),
        durable=tuple(bytes([n]) * 16 for n in range(200)),
        answers=(Returned(b"t" * 100, b"s" * 100),),
        bundle=b"b" * 20_000,
    )
    split = list(batches(batch, room))
    envelopes = [one for part in split for one in part.envelopes]
    assert sorted(envelopes, key=repr) == sorted(batch.envelopes, key=repr)
    assert sum(map(len, envelopes_of(split))) == sum(map(len, envelopes_of([batch])))
    assert [part.bundle for part in split].count(batch.bundle) == 1
    assert [part.durable for part in split].count(batch.durable) == 1
    assert all(part.serial == 7 for part in split)
    for part in split:
        assert len(make_batch(part, A_SEED, B.key)) <= room or len(part.envelopes) == 1


def envelopes_of(split: list[Batch]) -> list[bytes]:
    return [one.envelope for part in split for one in part.envelopes]


def test_what_is_too_large_for_a_mail_goes_last() -> None:
    sizes = [len(one.envelopes) for one in batches(carrying(50_000, 4000, 4000), 20_000)]
    assert sizes == [2, 1]


def test_a_batch_without_envelopes_goes_as_it_is() -> None:
    ask = Batch(serial=9)
    assert list(batches(ask, 100_000)) == [ask]


# ---------------------------------------------------------------- what is taken


async def test_a_batch_is_given_when_the_provider_has_it() -> None:
    provider = Provider()
    assert await handed(provider, carrying(4000, 4000)) == [Given()]
    assert arrived(provider) == [carrying(4000, 4000)]
    assert len(provider.mails) == 1
    assert "QUIT" in provider.heard


async def test_no_mail_is_larger_than_the_provider_says_it_takes() -> None:
    provider = Provider(EHLO="250-x\r\n250-SIZE 100000\r\n250 AUTH PLAIN")
    batch = carrying(*[4000] * 60, 262_144)
    assert await handed(provider, batch) == [Given()]
    assert max(map(len, provider.mails)) <= 100_000
    assert provider.connections == 1
    assert sorted(envelopes_of(arrived(provider))) == sorted(envelopes_of([batch]))


@pytest.mark.parametrize(
    ("size", "most"),
    [(CLASSES[-2], 1024 * 1024), pytest.param(CLASSES[-1], 10 << 20, marks=pytest.mark.slow)],
)
async def test_a_large_envelope_goes_in_parts(size: int, most: int) -> None:
    provider = Provider()
    batch = carrying(size)
    assert await handed(provider, batch, most_bytes=most) == [Given()]
    assert 3 <= len(provider.mails) <= 4
    assert max(map(len, provider.mails)) <= most
    assert arrived(provider) == [batch]


async def test_only_a_name_and_two_addresses_go_out_before_the_mail() -> None:
    provider = Provider()
    await handed(provider, carrying(10))
    said = [line.split(" ")[0] for line in provider.heard if line]
    assert said == ["EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]
    assert provider.heard[0] == "EHLO [127.0.0.1]"


# ---------------------------------------------------------------- what is not


@pytest.mark.parametrize(
    ("says", "state", "word"),
    [
        ({"AUTH": "535 no"}, "login", "password"),
        ({"AUTH": "454 later"}, "blocked", "tried again"),
        ({"EHLO": "421 busy"}, "blocked", "not reached"),
        ({"MAIL": "550 who"}, "login", "sender"),
        ({"RCPT": "550 whom"}, "login", "sender and to"),
        ({"RCPT": "450 greylisted"}, "blocked", "tried again"),
        ({"MAIL": "552 too big"}, "login", "most_bytes"),
        ({"DATA": "451 no"}, "blocked", "tried again"),
        ({"DOT": "554 spam"}, "login", "subject"),
        ({"DOT": "552 too big"}, "login", "most_bytes"),
        ({"DOT": "452 quota of the day"}, "blocked", "tried again"),
        ({"DOT": None}, "blocked", "tried again"),
        ({"MAIL": None}, "blocked", "tried again"),
        ({"EHLO": "250-x\r\n250-SIZE 1000\r\n250 AUTH PLAIN"}, "login", "64 KiB"),
    ],
)
async def test_what_a_provider_refuses_is_said_in_our_words(says, state, word) -> None:
    [told] = await handed(Provider(**says), carrying(10))
    assert isinstance(told, Later)
    assert (told.state, word in told.why) == (state, True), told
    assert "@" not in told.why


async def test_a_provider_that_is_not_there_is_waited_for() -> None:
    [told] = await handed(
        Provider(), carrying(10), change=lambda at: replace(at, account=Account(BOX, 1, "off", "a"))
    )
    assert isinstance(told, Later)
    assert told.state == "blocked"


async def test_a_password_that_cannot_be_read_is_said() -> None:
    def unreadable() -> bytes:
        raise KeyFileError("secrets/post", "gone")

    [told] = await handed(
        Provider(), carrying(10), change=lambda at: replace(at, password=unreadable)
    )
    assert told == Later("its password cannot be read: look at password_file", "login")


async def test_a_large_mail_that_is_refused_holds_up_no_small_one() -> None:
    provider = Provider(MAIL=lambda line: "250 ok" if size_of(line) < 60_000 else "552 no")
    batch = carrying(262_144, 4000, 4000)
    [told] = await handed(provider, batch, most_bytes=131_072)
    assert isinstance(told, Later)
    assert envelopes_of(arrived(provider)) == envelopes_of([batch])[1:]


async def test_of_a_provider_that_takes_less_than_it_says_the_size_is_learnt() -> None:
    provider = Provider(MAIL=lambda line: "250 ok" if size_of(line) < 200_000 else "552 no")
    batch = carrying(262_144, 4000)
    told = await handed(provider, *[batch] * 6)
    assert told[-1] == Given()
    assert set(envelopes_of([batch])) == set(envelopes_of(arrived(provider)))


async def test_what_broke_off_goes_on_where_it_was() -> None:
    provider = Provider()
    taken: list[int] = []

    def breaks(mail: object) -> object:
        return None if len(provider.mails) == 2 and not taken else "250 ok"

    provider.says["DOT"] = breaks
    batch = carrying(262_144)
    told = await handed(provider, batch, batch, most_bytes=100_000, between=lambda: taken.append(1))
    assert [type(one) for one in told] == [Later, Given]
    assert arrived(provider) == [batch]
    assert len(provider.mails) == len({mail[-200:] for mail in provider.mails}) == 5


async def test_what_is_given_again_is_sent_again() -> None:
    provider = Provider()
    assert await handed(provider, carrying(10), carrying(10)) == [Given(), Given()]
    assert len(arrived(provider)) == 2


def size_of(line: object) -> int:
    """What MAIL FROM says of the size."""
    return int(str(line).rpartition("SIZE=")[2] or 0)


# ---------------------------------------------------------------- TLS


async def test_nothing_is_said_to_a_server_whose_certificate_is_not_believed(
    tmp_path: Path,
) -> None:
    make_certificates(tmp_path)
    provider = Provider()

    async def run(ca_file: str) -> HandedOver:
        async with listening(provider, certificates(tmp_path)) as port:
            account = Account(BOX, port, "tls", "a", str(tmp_path / ca_file))
            at = replace(sending(port), account=account)
            return await Outward(at, A_SEED, B, Hour()).hand_over(carrying(10))  # type: ignore[arg-type]

    told = await on_asyncio(lambda: run("other.pem"))
    assert isinstance(told, Later)
    assert provider.heard == [] and provider.mails == []
    assert await on_asyncio(lambda: run("ca.pem")) == Given()
    assert arrived(provider) == [carrying(10)]
