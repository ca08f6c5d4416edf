"""The bridge to mailing lists: its settings, what is said to a server, and how a send ends."""

from __future__ import annotations

import base64

import pydantic
import pytest
import trio
from email_parts import (
    CUT,
    HANG,
    LIST,
    NOW,
    OFFERS,
    PASSWORD,
    SENDER,
    FakeServer,
    Kept,
    a_bridge,
    attempt,
    plain,
    post_of,
)

from bridges.email_list import EmailList
from bridges.kit import BadSecret, part_key
from bridges.mail_out import drafts
from bridges.mail_out.addresses import address
from relay.model import Health, Later, Once, Posted, Refused, Stopped, Unknown, Unsure

ID = f"{part_key(bytes(32), 0)}@example.org"

# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("more", "good"),
    [
        ({}, True),
        ({"user": "us", "password_file": "x"}, True),
        ({"user": "us"}, False),
        ({"password_file": "x"}, False),
        ({"tls": "starttls", "port": 2525}, True),
        ({"tls": "none"}, False),
        ({"tls": "off"}, False),
        ({"server": "https://mail.example.org"}, False),
        ({"server": ""}, False),
        ({"sender": "news"}, False),
        ({"sender": "News <news@example.org>"}, False),
        ({"to": []}, False),
        ({"to": ["a@example.org", "A@example.org"]}, False),
        ({"to": [f"{n}@example.org" for n in range(50)]}, True),
        ({"to": [f"{n}@example.org" for n in range(51)]}, False),
        ({"unsubscribe": "https://example.org/leave"}, True),
        ({"unsubscribe": "mailto:leave@example.org?subject=leave"}, True),
        ({"unsubscribe": "http://example.org"}, False),
        ({"unsubscribe": "https://example.org/>, <x"}, False),
        ({"message_bytes": 1000}, False),
        ({"password": "x"}, False),
    ],
)
def test_settings_have_their_values(more, good):
    said = {"server": "mail.example.org", "sender": SENDER, "to": [LIST], **more}
    if good:
        EmailList.Settings.model_validate(said)
    else:
        with pytest.raises(pydantic.ValidationError):
            EmailList.Settings.model_validate(said)


@pytest.mark.parametrize(
    "written",
    ["a@b", "@example.org", "a@-b.org", ".a@example.org", "a..b@example.org", "a b@example.org",
     "a@example.org>", "a\r\n@example.org", "é@example.org", "a@exämple.org", '"a"@example.org',
     "a" * 65 + "@example.org", "a@" + "b" * 64 + ".org", "a@example.org\n"],
)  # fmt: skip
def test_only_plain_addresses_are_taken(written):
    with pytest.raises(ValueError):
        address(written)


def test_it_says_what_repeating_does_and_how_its_secret_is_had():
    assert EmailList.once == Once("none")
    assert set(EmailList.secrets) <= set(EmailList.Settings.model_fields)


def test_nothing_shows_the_password(tmp_path):
    bridge = a_bridge(tmp_path, FakeServer())
    assert PASSWORD not in repr(vars(bridge)) + repr(bridge)


def test_a_password_is_one_line(tmp_path):
    (tmp_path / "password").write_text("two\nlines")
    (tmp_path / "password").chmod(0o600)
    with pytest.raises(BadSecret):
        a_bridge(tmp_path, FakeServer())


# ---------------------------------------------------------------- what is said


async def sent(tmp_path, server, *, kept=b"", n=1, keep=None, text="hello", **settings):
    bridge = a_bridge(tmp_path, server, **settings)
    [part] = await bridge.prepare(post_of(text))
    return await bridge.send(attempt(part, n, kept=kept), keep or Kept())


async def test_a_mail_is_handed_over_under_tls_and_nothing_tells_who_we_are(tmp_path):
    server = FakeServer()
    assert await sent(tmp_path, server) == Posted(ID)
    assert server.asked == [("mail.example.org", 465, "now")]
    size = len(server.mails[0])
    assert server.commands == [
        "EHLO [127.0.0.1]",
        f"AUTH PLAIN {plain('us', PASSWORD)}",
        f"MAIL FROM:<{SENDER}> SIZE={size}",
        f"RCPT TO:<{LIST}>",
        "DATA",
        "QUIT",
    ]
    assert server.streams[0].closed


async def test_with_starttls_nothing_but_a_greeting_is_said_in_the_clear(tmp_path):
    server = FakeServer()
    assert await sent(tmp_path, server, tls="starttls") == Posted(ID)
    assert server.asked == [("mail.example.org", 587, "later")]
    clear = server.commands[: len(server.commands) - len(server.secure)]
    assert clear == ["EHLO [127.0.0.1]", "STARTTLS"]
    assert server.secure[0] == "EHLO [127.0.0.1]"


async def test_what_an_attacker_says_before_tls_counts_for_nothing(tmp_path):
    server = FakeServer(STARTTLS="220 go on\r\n250-evil\r\n250 AUTH PLAIN")
    assert await sent(tmp_path, server, tls="starttls") == Posted(ID)


@pytest.mark.parametrize("offers", ["250 mail.example.org", "250-x\r\n250 AUTH PLAIN"])
async def test_where_there_is_no_tls_there_is_no_mail(tmp_path, offers):
    server = FakeServer(EHLO=offers)
    outcome = await sent(tmp_path, server, tls="starttls")
    assert isinstance(outcome, Stopped) and "TLS" in outcome.why
    assert server.commands == ["EHLO [127.0.0.1]", "QUIT"]


async def test_a_certificate_that_is_not_the_servers_is_no_way_to_send(tmp_path):
    server = FakeServer()
    bridge = a_bridge(tmp_path, server, tls="starttls")
    [part] = await bridge.prepare(post_of())
    connect = server.connect

    async def to_a_stranger(*args, **more):
        stream = await connect(*args, **more)
        stream.tls = False
        return stream

    server.connect = to_a_stranger
    assert await bridge.send(attempt(part), Kept()) == Later(
        "the mail server cannot be reached", scope="host"
    )
    assert not server.sent("AUTH")


async def test_a_server_that_knows_only_the_older_login_gets_it(tmp_path):
    server = FakeServer(EHLO="250-x\r\n250 AUTH LOGIN", AUTH=["334 VXNlcg==", "334 UGFzcw==",
                                                             "235 ok"])  # fmt: skip
    assert await sent(tmp_path, server) == Posted(ID)
    said = [base64.b64encode(one.encode()).decode() for one in ("us", PASSWORD)]
    assert server.commands[1:4] == ["AUTH LOGIN", *said]


@pytest.mark.parametrize("offers", ["250 x", "250-x\r\n250 AUTH GSSAPI"])
async def test_a_server_without_a_login_that_we_know_stops_the_account(tmp_path, offers):
    assert isinstance(await sent(tmp_path, FakeServer(EHLO=offers)), Stopped)


async def test_without_a_user_there_is_no_login(tmp_path):
    server = FakeServer()
    assert await sent(tmp_path, server, user="", password_file=None) == Posted(ID)
    assert not server.sent("AUTH")


async def test_recipients_go_out_together_where_the_server_can_take_that(tmp_path):
    to = [f"{n}@example.org" for n in range(50)]
    server = FakeServer(EHLO=f"{OFFERS}\r\n".replace("250 AUTH", "250-PIPELINING\r\n250 AUTH")[:-2])
    batches = []
    bridge = a_bridge(tmp_path, server, to=to)
    [part] = await bridge.prepare(post_of())
    connect = server.connect

    async def watched(*args, **more):
        stream = await connect(*args, **more)
        send = stream.send

        async def noted(said, *, timeout_s=60.0):
            batches.append(said.count(b"RCPT"))
            await send(said, timeout_s=timeout_s)

        stream.send = noted
        return stream

    server.connect = watched
    assert await bridge.send(attempt(part), Kept()) == Posted(ID)
    assert max(batches) == 50
    assert len(server.sent("RCPT")) == 50


async def test_dots_at_the_beginning_of_lines_are_doubled(tmp_path):
    server = FakeServer()
    await sent(tmp_path, server, text=".\n..\n.x\n" + "long " * 100)
    body = server.mails[0].partition(b"\r\n\r\n")[2]
    assert body.startswith(b"..\r\n...\r\n..x\r\n")


# ---------------------------------------------------------------- how it ends

AWAY = Later("the mail server cannot be reached", scope="host")
BROKE = Later("the mail server broke off before it had the mail", scope="host")


@pytest.mark.parametrize(
    ("moment", "reply", "ended"),
    [
        ("GREETING", "421 4.3.2 down", Later("the mail server says later (421)", scope="host")),
        ("GREETING", "554 no", Stopped),
        ("GREETING", CUT, AWAY),
        ("GREETING", HANG, AWAY),
        ("GREETING", "<html>", AWAY),
        ("GREETING", "HTTP/1.1 400 Bad Request", AWAY),
        ("EHLO", "421 4.3.2 down", Later("the mail server says later (421)", scope="host")),
        ("EHLO", "550 5.7.1 no", Stopped),
        ("EHLO", CUT, AWAY),
        ("AUTH", "454 4.7.0 later", Later("the mail server says later (454)", scope="host")),
        ("AUTH", "535 5.7.8 wrong", Stopped),
        ("AUTH", "534 5.7.9 app password", Stopped),
        ("AUTH", HANG, AWAY),
        ("MAIL", "421 4.7.0 too many", Later("the mail server says later (421)",
                                            scope="destination")),
        ("MAIL", "450 4.7.1 rate", Later("the mail server says later (450)", scope="destination")),
        ("MAIL", "452 4.3.1 no room", Later("the mail server says later (452)", scope="host")),
        ("MAIL", "530 5.7.0 log in", Stopped),
        ("MAIL", "550 5.7.1 not yours", Stopped),
        ("MAIL", "553 5.7.1 not yours", Stopped),
        ("MAIL", "552 5.3.4 too big", Refused("the mail is larger than the mail server takes")),
        ("MAIL", CUT, BROKE),
        ("RCPT", "450 4.2.0 greylisted", Later("0 of 1 addresses have it, others are put off",
                                              NOW + 300)),
        ("RCPT", "452 4.2.2 full", Later("0 of 1 addresses have it, others are put off")),
        ("RCPT", "550 5.1.1 unknown", Stopped),
        ("RCPT", CUT, BROKE),
        ("DATA", "451 4.3.0 error", Later("the mail server says later (451)", scope="host")),
        ("DATA", "554 5.5.1 no", Refused("the mail server does not want the mail")),
        ("DATA", "250 what?", Refused("the mail server does not want the mail")),
        ("DATA", CUT, BROKE),
        ("DATA", HANG, BROKE),
        ("DOT", "451 4.7.1 later", Later("the mail server says later (451)", scope="destination")),
        ("DOT", "421 4.3.2 down", Later("the mail server says later (421)", scope="host")),
        ("DOT", "452 4.3.1 no room", Later("the mail server says later (452)", scope="host")),
        ("DOT", "552 5.3.4 too big", Refused("the mail is larger than the mail server takes")),
        ("DOT", "554 5.7.1 spam", Refused("the mail server does not want the mail")),
        ("DOT", "550-5.7.1 many\r\n550 5.7.1 lines", Refused),
        ("DOT", "530 5.7.0 log in", Stopped),
        ("DOT", "250", Posted(ID)),
        ("DOT", "250-a\r\n250 b", Posted(ID)),
        ("DOT", "251 2.0.0 well", Posted(ID)),
        ("DOT", CUT, Unsure("the mail server did not say whether it has the mail")),
        ("DOT", HANG, Unsure),
        ("DOT", "250-a", Unsure),
        ("DOT", "<html>250 ok</html>", Unsure),
        ("DOT", "250 " + "x" * 5000, Posted(ID)),
        ("DOT", "\r\n".join(["250-x"] * 300), Unsure),
        ("DOT", "354 more?", Unsure),
        ("DOT", "25", Unsure),
        ("DOT", "٢٥٠ ok", Unsure),
    ],
)  # fmt: skip
async def test_only_between_the_final_dot_and_its_answer_is_there_doubt(
    tmp_path, moment, reply, ended
):
    server = FakeServer(**{moment: reply})
    outcome = await sent(tmp_path, server)
    assert type(outcome) is ended if isinstance(ended, type) else outcome == ended
    assert isinstance(outcome, Unsure) <= (moment == "DOT")
    assert all(stream.closed for stream in server.streams)


async def test_a_server_that_cannot_be_reached_has_nothing(tmp_path):
    server = FakeServer()
    server.unreachable = True
    assert await sent(tmp_path, server) == AWAY


async def test_who_was_put_off_twice_is_asked_later_still(tmp_path):
    server = FakeServer(RCPT="450 4.2.0 greylisted")
    outcome = await sent(tmp_path, server, n=2)
    assert isinstance(outcome, Later) and outcome.not_before == NOW + 900


async def test_a_mail_longer_than_the_server_takes_is_not_begun(tmp_path):
    server = FakeServer(EHLO=OFFERS.replace("10000000", "100"))
    assert await sent(tmp_path, server) == Refused("the mail is larger than the mail server takes")
    assert not server.sent("MAIL")


@pytest.mark.parametrize("size", ["SIZE", "SIZE 0", "SIZE x"])
async def test_a_size_that_says_nothing_is_no_limit(tmp_path, size):
    server = FakeServer(EHLO=OFFERS.replace("SIZE 10000000", size))
    assert await sent(tmp_path, server) == Posted(ID)


async def test_a_mail_that_takes_too_long_to_go_out_is_later_and_no_doubt(tmp_path, autojump_clock):
    server = FakeServer()
    connect = server.connect

    async def slow(*args, **more):
        stream = await connect(*args, **more)
        send = stream.send

        async def slowly(said, *, timeout_s=60.0):
            await trio.sleep(25)
            await send(said, timeout_s=timeout_s)

        stream.send = slowly
        return stream

    server.connect = slow
    assert await sent(tmp_path, server, patience=60) == BROKE
    assert server.mails == []


async def test_an_answer_to_the_dot_is_waited_for_as_long_as_a_server_may_take(
    tmp_path, autojump_clock
):
    server = FakeServer()
    connect = server.connect

    async def slow(*args, **more):
        stream = await connect(*args, **more)
        receive = stream.receive

        async def slowly(*, timeout_s=60.0):
            if server.mails:
                await trio.sleep(500)
                assert timeout_s > 500
            return await receive(timeout_s=timeout_s)

        stream.receive = slowly
        return stream

    server.connect = slow
    assert await sent(tmp_path, server, patience=30) == Posted(ID)


async def test_how_a_mail_ended_is_not_lost_though_time_runs_out_while_leaving(tmp_path):
    server = FakeServer()
    bridge = a_bridge(tmp_path, server)
    [part] = await bridge.prepare(post_of())
    outcome = None
    with trio.CancelScope() as scope:
        connect = server.connect

        async def watched(*args, **more):
            stream = await connect(*args, **more)
            send = stream.send

            async def noted(said, *, timeout_s=60.0):
                if said.startswith(b"QUIT"):
                    scope.cancel()
                await trio.lowlevel.checkpoint()
                await send(said, timeout_s=timeout_s)

            stream.send = noted
            return stream

        server.connect = watched
        outcome = await bridge.send(attempt(part), Kept())
    assert outcome == Posted(ID)


# ---------------------------------------------------------------- several recipients

TO = ["a@example.org", "b@example.org", "c@example.org"]
LATER, NO = "450 4.2.0 later", "550 5.1.1 unknown"


async def test_who_is_put_off_gets_it_later_and_nobody_gets_it_twice(tmp_path):
    server, keep = FakeServer(**{"RCPT b@example.org": [LATER, "250 ok"]}), Kept()
    outcome = await sent(tmp_path, server, to=TO, keep=keep)
    assert outcome == Later("2 of 3 addresses have it, others are put off", NOW + 300)
    server.commands.clear()
    assert await sent(tmp_path, server, to=TO, kept=keep.last, n=2, keep=keep) == Posted(ID)
    assert server.sent("RCPT") == ["RCPT TO:<b@example.org>"]
    assert len(server.mails) == 2 and server.mails[0] == server.mails[1]


async def test_an_address_that_is_refused_for_good_holds_up_nobody(tmp_path):
    server = FakeServer(**{"RCPT b@example.org": NO})
    assert await sent(tmp_path, server, to=TO) == Posted(ID)
    assert len(server.mails) == 1


async def test_a_mail_that_some_have_is_posted_though_the_last_is_refused(tmp_path):
    server, keep = FakeServer(**{"RCPT c@example.org": [LATER, NO]}), Kept()
    assert isinstance(await sent(tmp_path, server, to=TO, keep=keep), Later)
    assert await sent(tmp_path, server, to=TO, kept=keep.last, n=2) == Posted(ID)


NOT_OURS = "553 5.7.1 not owned by this user"


async def test_what_is_held_against_the_sender_is_no_fault_of_the_addresses(tmp_path):
    outcome = await sent(tmp_path, FakeServer(RCPT=NOT_OURS), to=TO)
    assert isinstance(outcome, Stopped) and "this account" in outcome.why
    one = FakeServer(**{"RCPT a@example.org": NOT_OURS, "RCPT b@example.org": NO})
    outcome = await sent(tmp_path, one, to=TO[:2])
    assert isinstance(outcome, Stopped) and "addresses" in outcome.why
    served = drafts.Served().and_these(TO[:2]).written()
    assert await sent(tmp_path, FakeServer(RCPT=NOT_OURS), to=TO, kept=served, n=2) == Posted(ID)


async def test_where_all_are_put_off_nothing_is_sent(tmp_path):
    server, keep = FakeServer(RCPT=LATER), Kept()
    assert isinstance(await sent(tmp_path, server, to=TO, keep=keep), Later)
    assert not server.sent("DATA") and keep.last == b""


async def test_where_all_have_it_nobody_is_asked(tmp_path):
    server = FakeServer()
    served = drafts.Served().and_these(TO).written()
    assert await sent(tmp_path, server, to=TO, kept=served) == Posted(ID)
    assert server.streams == []


def test_what_is_kept_of_fifty_recipients_is_small_and_names_nobody():
    written = drafts.Served().and_these(f"{n}@example.org" for n in range(50)).written()
    assert len(written) <= 1024 and b"example" not in written


# ---------------------------------------------------------------- find and check


async def test_a_mail_server_cannot_be_asked(tmp_path):
    server = FakeServer()
    bridge = a_bridge(tmp_path, server)
    [part] = await bridge.prepare(post_of())
    assert isinstance(await bridge.find(attempt(part)), Unknown)
    assert server.streams == []


async def test_the_account_is_its_sender_and_check_sends_nothing(tmp_path):
    server = FakeServer()
    health = await a_bridge(tmp_path, server, sender="News@Example.org").check()
    assert health == Health("email news@example.org")
    assert server.sent("MAIL") and not server.sent("RCPT") and not server.sent("DATA")


@pytest.mark.parametrize(
    ("moment", "reply", "trouble"),
    [
        ("GREETING", CUT, "cannot be reached"),
        ("GREETING", "421 x", "says later (421)"),
        ("AUTH", "535 5.7.8 x", "does not take the password: put the right"),
        ("MAIL", "550 5.7.1 x", "does not let this account send: look at"),
        ("MAIL", CUT, "cannot be reached"),
    ],
)
async def test_trouble_is_named_with_its_remedy(tmp_path, moment, reply, trouble):
    health = await a_bridge(tmp_path, FakeServer(**{moment: reply})).check()
    assert trouble in health.trouble
    assert PASSWORD not in health.trouble


@pytest.mark.parametrize(
    "says",
    [
        {"MAIL": "250 ok\r\n250 ok"},
        {"RCPT": "250 ok\r\n354 go on"},
        {"DATA": "354 go on\r\n250 queued"},
    ],
)
async def test_a_reply_too_many_is_never_the_yes_to_a_mail(tmp_path, says):
    server = FakeServer(**says)
    bridge = a_bridge(tmp_path, server)
    [part] = await bridge.prepare(post_of())
    assert isinstance(await bridge.send(attempt(part), Kept()), Later)
    assert not server.mails
