"""With the settings as they are by default nobody is told anything who did not ask.

Every way in at once, on one node: what goes back is the acknowledgement of the protocol, to the
byte, and no process of the node calls anybody but the servers that messages are fetched from.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

import pytest
from dovecot import Dovecot
from every_way import EveryWay, every_way, now
from looking import soon, status
from raw import brought, talked
from sms_gateways import CASES, KEY, SEGMENT, Case

from relay.config.inward.common import WayIn
from relay.testing.gateways import Post, posts
from relay.testing.senders import mail
from relay.testing.smsc import Sms

CODE = "48151623"
POST = "post@example.org"
PERSON, NUMBER = "person@example.net", "+989121230001"
PER_HOUR = WayIn.model_fields["per_sender"].default
UNREAD = b"\xff\xd8\xff\xe0" + bytes(64)


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory, dovecot: Dovecot) -> Iterator[EveryWay]:
    with every_way(tmp_path_factory.mktemp("every"), dovecot) as made:
        yield made


@pytest.fixture(autouse=True)
def nobody_is_called(way: EveryWay) -> Iterator[None]:
    """Whatever a test does: no connection goes to anybody else, no answer was even begun."""
    yield
    fetched_from = {("127.0.0.1", one.port) for one in (way.imap, way.smpp, way.bot)}
    assert way.outgoing.addresses == fetched_from
    assert set(status(way.node)["answers"].values()) == {0}


# ---------------------------------------------------------------- mail

HEADERS = {
    "a plain mail": "",
    "an auto-reply": "Auto-Submitted: auto-replied\r\n",
    "a list": "List-Id: <news.example.net>\r\nPrecedence: list\r\n",
    "one who wants a receipt": f"Disposition-Notification-To: {PERSON}\r\n"
    f"Return-Receipt-To: {PERSON}\r\nReply-To: {PERSON}\r\n",
}
WRITTEN = {name: (PERSON, one, f"{name} says so") for name, one in HEADERS.items()} | {
    "a command": (PERSON, "", f"STATUS {CODE}"),
    "a sign": (PERSON, "", f"?{CODE}"),
    "a bounce": ("", "Auto-Submitted: auto-replied\r\n", "your mail was not delivered"),
}


def session(hello: str, mails: list[tuple[str, str, str]]) -> list[bytes]:
    said = [f"{hello} client.example.net\r\n"]
    for n, (sender, headers, text) in enumerate(mails):
        whole = f"Subject: {n}\r\nFrom: {PERSON}\r\n{headers}\r\n{text}\r\n.\r\n"
        notify = f"MAIL FROM:<{sender}>\r\n", f"RCPT TO:<{POST}>\r\n", "DATA\r\n", whole
        said += notify
    return [line.encode() for line in [*said, "QUIT\r\n"]]


@pytest.mark.parametrize(("name", "hello"), [("mail", "EHLO"), ("behind", "LHLO")])
def test_mail_gets_250_and_not_a_byte_more(way: EveryWay, name: str, hello: str) -> None:
    offers = b"SIZE 10485760", b"8BITMIME", b"PIPELINING", b"ENHANCEDSTATUSCODES"
    greeted = b"250-ESMTP\r\n" + b"".join(b"250-%s\r\n" % one for one in offers)
    ok = b"250 2.0.0 OK\r\n"
    each = [ok, ok, b"354 End with CR LF . CR LF\r\n", ok]
    with way.takes(len(WRITTEN), command=2):
        heard = talked(way.address(name), session(hello, list(WRITTEN.values())))
    assert heard == [
        b"220 ESMTP\r\n",
        greeted + b"250 SMTPUTF8\r\n",
        *each * len(WRITTEN),
        b"221 2.0.0 Bye\r\n",
    ]


def test_a_mailbox_is_read_and_emptied_and_nothing_is_put_there(way: EveryWay) -> None:
    mails = [mail(text, to=POST, sender=PERSON) for _, _, text in WRITTEN.values()]
    with way.takes(len(mails), command=2):
        way.account.deliver(*mails)
    soon(lambda: way.account.uids() == [])
    words = re.findall(rb"(?m)^\S+ ((?:UID )?[A-Z]+)", b"\r\n".join(way.imap.heard).upper())
    reads = {b"CAPABILITY", b"LOGIN", b"SELECT", b"IDLE", b"UID SEARCH", b"UID FETCH", b"NOOP"}
    ends = {b"UID STORE", b"UID EXPUNGE", b"LOGOUT"}
    assert {b"SELECT", b"UID FETCH", b"UID EXPUNGE"} <= set(words) <= reads | ends


# ---------------------------------------------------------------- SMS, by every gateway

EMPTY = b"HTTP/1.1 200 \r\ncontent-length: 0\r\nConnection: close\r\n\r\n"
ACKNOWLEDGED = {
    "twilio": b"HTTP/1.1 200 \r\ncontent-length: 11\r\ncontent-type: text/xml\r\n"
    b"Connection: close\r\n\r\n<Response/>",
    "smssync": b"HTTP/1.1 200 \r\ncontent-length: 45\r\ncontent-type: application/json\r\n"
    b'Connection: close\r\n\r\n{"payload": {"success": true, "error": null}}',
}
"""Of gateways that want to hear more than a status; none of it goes on to a person."""


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_gateway_is_told_that_it_is_taken_whatever_was_written(
    way: EveryWay, case: Case, request: pytest.FixtureRequest
) -> None:
    texts = {"plain": "they are shooting", "word": f"STATUS {CODE}", "sign": f"?{CODE}"}
    with way.takes(3, command=2):
        for id, text in texts.items():
            made = f"{id} {request.node.callspec.id}"
            post = case.post(text, now=now(), id=made, name=case.gateway)
            heard = brought(way.node.url, post)
            assert heard == ACKNOWLEDGED.get(case.gateway, EMPTY)


def by_script(**fields: object) -> Post:
    url = "https://news.example.org/in/generic"
    return posts.generic(url, KEY, now=now(), **fields)


def test_a_service_message_is_not_answered(way: EveryWay) -> None:
    with way.takes(0):
        for n, name in enumerate(("Bank", "12345", "")):
            fields = {"id": f"service {n}", "from": name, "text": "Your code is 123456"}
            assert brought(way.node.url, by_script(**fields)) == EMPTY


LATER = EMPTY.replace(b"200", b"503")


def test_who_writes_too_much_is_not_told_so(way: EveryWay) -> None:
    """Their gateway hears that it is to come again, as it does on any bad day."""
    fields = {"from": NUMBER, "text": "again"}
    with way.takes(PER_HOUR):
        heard = [brought(way.node.url, by_script(id=f"f {n}", **fields)) for n in range(PER_HOUR)]
    assert heard == [EMPTY] * PER_HOUR
    heard = [brought(way.node.url, by_script(id=f"more {n}", **fields)) for n in range(10)]
    assert heard.count(LATER) >= 8 and set(heard) <= {EMPTY, LATER}
    again = {"id": "other", "from": "+989121230002", "text": "another"}
    with way.takes(1):
        assert brought(way.node.url, by_script(**again)) == EMPTY


def test_a_phone_that_asks_for_work_has_none(way: EveryWay) -> None:
    url = f"https://news.example.org/in/smssync/{SEGMENT}?task=send"
    heard = brought(way.node.url, Post(url, method="GET"))
    assert heard.endswith(b'"messages": []}}') and heard.count(b"{") == 2


# ---------------------------------------------------------------- SMS, from a centre and a modem

BIND, DELIVER, DATA, ENQUIRE, ENQUIRED = 9, 0x80000005, 0x80000103, 0x15, 0x80000015


def pdus(octets: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Command, status and body of each (SMPP 3.4, section 3.2)."""
    while octets:
        length, command, status, _ = struct.unpack("!IIII", octets[:16])
        yield command, status, octets[16:length]
        octets = octets[length:]


def ucs2(text: str, **more: object) -> Sms:
    return Sms(text.encode("utf-16-be"), **more)  # type: ignore[arg-type]


def test_a_centre_hears_that_each_is_taken_and_has_nothing_to_send(way: EveryWay) -> None:
    messages = [
        ucs2("they are shooting"),
        ucs2(f"STATUS {CODE}"),
        Sms(b"?48151623", data_coding=0),
        ucs2("by another way", data=True),
        ucs2("Your code is 123456", sender=b"Bank", ton=5),
        ucs2("id:1 stat:DELIVRD", esm_class=4),
    ]
    with way.takes(4, command=2):
        way.centre.ask(lambda one: one.send(*messages))
        soon(lambda: way.centre.ask(lambda one: len(one.delivered)) == len(messages))
    assert way.centre.ask(lambda one: one.submitted) == []
    [octets] = way.smpp.heard
    said = list(pdus(octets))
    assert {command for command, _, _ in said} <= {BIND, DELIVER, DATA, ENQUIRE, ENQUIRED}
    taken = [(status, body) for command, status, body in said if command in (DELIVER, DATA)]
    assert taken == [(0, b"\0")] * len(messages)


def test_a_modem_is_emptied_and_given_nothing_to_send(way: EveryWay) -> None:
    with way.takes(3, command=2):
        for text in ("they are shooting", f"STATUS {CODE}", f"-{CODE}"):
            way.modem.gets(text, NUMBER)
        way.modem.gets("Your code is 123456", "Bank")
    soon(lambda: way.modem.inbox == [])
    assert way.modem.outgoing == []


# ---------------------------------------------------------------- chat

CHAT, GROUP = 4815, -100162342


def test_a_bot_says_nothing_to_who_did_not_ask(way: EveryWay) -> None:
    with way.takes(4):
        told = way.chats.ask(lambda one: one.write(CHAT, "they are shooting"))
        way.chats.ask(lambda one: one.edit(told, "they were shooting"))
        way.chats.ask(lambda one: one.write(CHAT, photo=UNREAD))
        way.chats.ask(lambda one: one.album(CHAT, [UNREAD, UNREAD], "two"))
        way.chats.ask(lambda one: one.write(CHAT, contact={"phone_number": "1", "first_name": "A"}))
        way.chats.ask(lambda one: one.write(CHAT, sticker={}))
        way.chats.ask(lambda one: one.invite(GROUP))
        soon(lambda: way.chats.ask(lambda one: one.waiting) == 0)
    assert way.chats.ask(lambda one: one.sent) == []
    called = set(re.findall(rb"/bot[^/]+/(\w+) HTTP", b"".join(way.bot.heard)))
    assert called <= {b"deleteWebhook", b"getMe", b"getUpdates", b"getFile", b"leaveChat"}


def test_a_bot_that_is_written_to_too_much_says_nothing(way: EveryWay) -> None:
    many = PER_HOUR + 10
    with way.takes(many):
        for n in range(many):
            way.chats.ask(lambda one, n=n: one.write(CHAT + 1, f"again {n}"))
    assert way.chats.ask(lambda one: one.sent) == []


# ---------------------------------------------------------------- the form

FORM = {"content-type": "application/x-www-form-urlencoded"}


def test_a_form_shows_its_page_with_a_code_and_the_same_page_to_everybody(way: EveryWay) -> None:
    url = "https://news.example.org/in/form"
    with way.takes(2):
        pages = [brought(way.node.url, Post(url, body, FORM)) for body in (b"text=a", b"text=b")]
    shown = [re.sub(rb"\b\d{4} \d{4} \d{4}\b|\b[0-9a-f]{32}\b", b"", page) for page in pages]
    assert shown[0] == shown[1] and pages[0] != pages[1]
    assert shown[0].startswith(b"HTTP/1.1 200 ") and b"set-cookie" not in shown[0].lower()
