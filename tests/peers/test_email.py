"""The bridge "email" before Postfix, Dovecot and a list of mlmmj: what readers get in the end.

Postfix signs nothing and knows no post twice, so that doubt is a person's: what is told from doubt,
and what is not, is looked at here.
"""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from dovecot import PASSWORD
from ends import at_every_step, killed
from mail_server import FULL, LARGEST, LIST, OTHER, READER, SENDER, USER, MailHost, mail_host

from bridges.email_list import EmailList
from relay.model import Attempt, Later, Media, Part, Post, Posted, Refused, Stopped
from relay.reach.http import HttpOut
from relay.testing.bridge_contract import DATE, TEXTS, a_post
from relay.testing.journey import VirtualClock
from relay.testing.stand import NOW, as_long_as, picture, secret


@pytest.fixture(scope="module")
def started() -> Iterator[MailHost]:
    with mail_host() as made:
        yield made


@dataclass(frozen=True)
class Place:
    """The host, and an account there that may send as one address."""

    host: MailHost
    settings: dict[str, Any]

    def bridge(self, http: Any, clock: Any = None, **settings: Any) -> EmailList:
        made = EmailList.Settings(**self.settings | settings)
        return EmailList(made, http, clock or VirtualClock(NOW))

    def out(self) -> HttpOut:
        """A way out that believes the host's own authority."""
        return HttpOut(None, tls=ssl.create_default_context(cafile=self.host.authority))

    def mails(self, address: str, least: int = 0) -> list[EmailMessage]:
        """What somebody has, parsed by others' code, without a defect anywhere."""
        parsed = []
        for raw in self.host.mails(address, least):
            mail = email.message_from_bytes(raw, policy=email.policy.default)
            assert isinstance(mail, EmailMessage)
            assert not [flaw for part in mail.walk() for flaw in part.defects], raw
            parsed.append(mail)
        return parsed


@pytest.fixture
def place(started: MailHost, tmp_path: Path) -> Place:
    started.empty()
    settings = {
        "server": "127.0.0.1",
        "tls": "starttls",
        "port": started.starttls,
        "user": USER,
        "password_file": secret(tmp_path, "password", PASSWORD),
        "sender": SENDER,
        "name": "اخبار",
        "to": [READER],
    }
    return Place(started, settings)


async def keep(kept: bytes) -> None:
    """The bridge's notes are not looked at here."""


async def sent(bridge: EmailList, post: Post) -> list[Part]:
    parts = [*await bridge.prepare(post)]
    before = None
    for part in parts:
        posted = await bridge.send(Attempt(part, 1, DATE, before), keep)
        assert isinstance(posted, Posted), posted
        before = posted.ref
    return parts


def text_of(mail: EmailMessage) -> str:
    """The words of a mail, as a reader's program shows them."""
    body = mail.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return str(body.get_content()).replace("\r\n", "\n").strip()


@pytest.mark.parametrize("tls", ["starttls", "now"])
async def test_a_long_persian_text_with_a_picture_arrives_as_it_was(place, tls):
    port = place.host.starttls if tls == "starttls" else place.host.tls
    text = as_long_as(6000, len) + "\n\n.\nFrom here\n..x"
    post = replace(a_post(text, title="شب «بی‌برق»" * 4, language="fa"), media=(picture(),))
    async with place.out() as http:
        bridge = place.bridge(http, tls=tls, port=port)
        health = await bridge.check()
        assert health.account == f"email {SENDER}" and not health.trouble
        [part] = await sent(bridge, post)
    [mail] = place.mails(READER, 1)
    assert text_of(mail) == text
    assert mail["Subject"].startswith("شب «بی‌برق»") and mail["To"] == READER
    assert mail["From"].addresses[0].display_name == "اخبار"
    assert mail["Message-ID"] == f"<{part.key}@example.org>"
    assert mail["Date"].datetime.timestamp() == DATE
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Content-Language"] == "fa"
    [medium] = mail.iter_attachments()
    assert medium.get_content() == picture().content
    assert medium["Content-Description"] == picture().alt
    assert medium.get_content_type() == "image/png"


@pytest.mark.parametrize("name", TEXTS)
async def test_every_text_arrives_whole(place, name):
    async with place.out() as http:
        [part] = await sent(place.bridge(http), a_post(TEXTS[name]))
    [mail] = place.mails(READER, 1)
    assert mail["Message-ID"] == f"<{part.key}@example.org>"
    if name != "direction":  # what turns the direction of letters is taken out
        assert " ".join(text_of(mail).split()) == " ".join(TEXTS[name].split())


async def test_nothing_of_this_machine_stands_in_a_mail(place):
    async with place.out() as http:
        await sent(place.bridge(http), a_post())
    [raw] = place.host.mails(READER, 1)
    name = socket.gethostname()
    if name != "localhost":
        assert name.encode() not in raw
    [received] = email.message_from_bytes(raw, policy=email.policy.default).get_all("Received")
    assert received.startswith("from [127.0.0.1] (")
    known = {"Return-Path", "X-Original-To", "Delivered-To", "Received"}  # Postfix's own
    ours = {name for name in email.message_from_bytes(raw) if name not in known}
    assert ours == {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "Content-Language",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    }


async def test_media_that_fill_more_than_one_mail_are_a_thread(place):
    media = tuple(Media("image/png", bytes([n]) * 900_000, f"picture {n}") for n in range(3))
    async with place.out() as http:
        parts = await sent(
            place.bridge(http, message_bytes=LARGEST), replace(a_post(), media=media)
        )
    assert len(parts) == 3
    mails = sorted(place.mails(READER, 3), key=lambda one: len(one["References"] or ""))
    ids = [str(one["Message-ID"]) for one in mails]
    assert ids == [f"<{part.key}@example.org>" for part in parts]
    assert [one["In-Reply-To"] for one in mails] == [None, *ids[:-1]]
    assert mails[2]["References"].split() == ids[:2]
    got = [one.get_content() for mail in mails for one in mail.iter_attachments()]
    assert got == [one.content for one in media]


async def test_a_mailing_list_passes_it_on_with_its_message_id(place):
    post = replace(a_post(as_long_as(500, len), title="شب"), media=(picture(),))
    async with place.out() as http:
        [part] = await sent(place.bridge(http, to=[LIST]), post)
    [mail] = place.mails(READER, 1)
    assert mail["Message-ID"] == f"<{part.key}@example.org>" and mail["To"] == LIST
    assert text_of(mail) == post.text and mail["Subject"] == "شب"
    [medium] = mail.iter_attachments()
    assert medium["Content-Description"] == picture().alt


async def test_readers_of_a_list_of_our_own_do_not_see_each_other(place):
    settings = {"to": [READER, OTHER], "unsubscribe": "https://news.example.org/leave"}
    async with place.out() as http:
        await sent(place.bridge(http, **settings), a_post())
    for address in (READER, OTHER):
        [mail] = place.mails(address, 1)
        others = {READER, OTHER} - {address}
        assert not any(other in str(mail) for other in others)
        assert mail["List-Unsubscribe"] == "<https://news.example.org/leave>"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


async def test_who_is_put_off_gets_it_later_and_the_others_once(place):
    notes: list[bytes] = []

    async def note(kept: bytes) -> None:
        notes.append(kept)

    async with place.out() as http:
        bridge = place.bridge(http, to=[READER, FULL])
        [part] = await bridge.prepare(a_post())
        first = await bridge.send(Attempt(part, 1, DATE), note)
        assert isinstance(first, Later), first
        again = await bridge.send(Attempt(part, 2, DATE, None, notes[-1]), note)
        assert isinstance(again, Later)
    assert len(place.mails(READER, 1)) == 1 and place.mails(FULL) == []


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"sender": OTHER}, "account send"),
        ({"password": "not it"}, "password"),
        ({"to": ["nobody@example.org"]}, "addresses"),
        ({"user": "", "password_file": None}, "account send"),
    ],
)
async def test_what_only_the_operator_can_mend_stops(place, tmp_path, settings, word):
    if password := settings.pop("password", ""):
        settings = {"password_file": secret(tmp_path, "wrong", password)}
    async with place.out() as http:
        bridge = place.bridge(http, **settings)
        [part] = await bridge.prepare(a_post())
        outcome = await bridge.send(Attempt(part, 1, DATE), keep)
        assert isinstance(outcome, Stopped) and word in outcome.why, outcome
        if word == "password":  # of the rest Postfix says nothing before there are addresses
            assert word in (await bridge.check()).trouble
    assert place.mails(READER) == []


async def test_a_server_whose_certificate_nobody_signed_gets_nothing(place):
    async with HttpOut(None) as http:
        bridge = place.bridge(http)
        [part] = await bridge.prepare(a_post())
        assert isinstance(await bridge.send(Attempt(part, 1, DATE), keep), Later)
        assert (await bridge.check()).trouble
    assert place.mails(READER) == []


async def test_a_mail_that_is_too_large_for_the_server_is_refused_before_it_is_sent(place):
    large = replace(a_post(), media=(Media("image/png", bytes(LARGEST), ""),))
    async with place.out() as http:
        bridge = place.bridge(http)
        [part] = await bridge.prepare(large)
        assert isinstance(await bridge.send(Attempt(part, 1, DATE), keep), Refused)


def named(name: str) -> Post:
    return replace(a_post(f"this is {name}", title=name), media=(picture(),))


async def test_at_whatever_step_the_process_dies_each_mail_arrives_once_or_is_held(place):
    def build(http: Any, clock: VirtualClock) -> EmailList:
        return place.bridge(http, clock)

    async with place.out() as http:
        ended = await at_every_step(build, http, named, VirtualClock(NOW))
    there = Counter(str(mail["Subject"]) for mail in place.mails(READER))
    assert max(there.values()) == 1
    for name, row in ended.items():
        assert row.state in ("posted", "held"), (name, row.state, row.why)
        assert there[name] == 1 or row.state == "held", name
    states = {row.state for row in ended.values()}
    assert states == {"posted", "held"}


async def test_killed_in_the_middle_of_handing_over_no_mail_is_doubled_or_lost(place, tmp_path):
    def at(port: int) -> dict[str, Any]:
        return {**place.settings, "port": port}

    ended = await killed(
        "bridges.email_list:EmailList",
        at,
        place.host.starttls,
        named,
        int(time.time()),
        tmp_path,
        rounds=12,
        authority=place.host.authority,
    )
    there = Counter(str(mail["Subject"]) for mail in place.mails(READER))
    assert max(there.values()) == 1
    for name, end in ended.items():
        assert end.state in ("posted", "held")
        assert there[name] == 1 or end.state == "held", (name, end)
