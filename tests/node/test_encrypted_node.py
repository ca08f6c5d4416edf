"""Mail encrypted to a real node: on its page once it was opened, set aside where it is not ours."""

from __future__ import annotations

from conftest import listed, printed, soon
from sealing import by_age, by_openpgp, entity, inline, pgp_mime

from relay.reader.opened import CLOSED
from relay.testing.ledger import marker
from relay.testing.nodes import Node
from relay.testing.senders import page_texts, send_mail
from relay.wire.mailkeys import MailPublic, make_mail_keys

POST = "post@example.org"
FROM = b"From: someone@example.net\r\nTo: post@example.org\r\n"


def sends(node: Node, written: bytes) -> None:
    """By SMTP, with the line ends that it wants."""
    whole = (FROM + written).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert send_mail(*node.mail, whole, to=POST)


def public(node: Node) -> MailPublic:
    """What the node shows a sender."""
    [shown] = printed(node, "keys", "show")
    openpgp = shown["openpgp"]
    return MailPublic(openpgp["certificate"], openpgp["fingerprint"], shown["age"])


def test_mail_of_every_kind_is_opened_and_posted(node: Node) -> None:
    to = public(node)
    mark = marker()
    sent = [
        pgp_mime(by_openpgp(entity(f"in an entity {mark}", "The bridge"), to)),
        inline(by_openpgp(f"in armour {mark}".encode(), to)),
        inline(by_age(f"by age {mark}".encode(), to)),
    ]
    for one in sent:
        sends(node, one)
    for text in (f"in an entity {mark}", f"in armour {mark}", f"by age {mark}"):
        soon(lambda text=text: text in page_texts(node.url))  # type: ignore[misc]


def test_what_is_encrypted_to_somebody_else_waits_with_its_reason(node: Node) -> None:
    theirs = make_mail_keys()
    assert theirs is not None
    sends(node, inline(by_age(b"words", theirs.public)))
    [row] = soon(lambda: [one for one in listed(node, everything=True) if one["why"] == CLOSED])
    assert row["state"] == "quarantined"
