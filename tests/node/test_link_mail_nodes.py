"""Two real nodes that have nothing but mail between them: keys, messages and receipts cross."""

from __future__ import annotations

import re
import smtplib
from functools import partial
from pathlib import Path
from threading import Event, Thread

import pytest
from apart import Apart, counted, free, in_a_thread, story
from dovecot import PASSWORD, Account, Dovecot
from looking import soon, status

from relay.testing.mailserver import Mail, MailServer, mailserver

TIMES = 6
BOX = "box@exit.example"
POST = """
[links.post]
kind = "mail"
peer = "{peer}"
to = "{to}"
sender = "{sender}"
smtp = "127.0.0.1:{port}"
smtp_tls = "starttls"
user = "{user}"
password_file = "secrets/mail"
ca_file = "{ca}"
every = "1s"
"""


def by_mail_only(node: Apart, link: str) -> None:
    """It has this link, and none over HTTPS."""
    node.write("secrets/mail", PASSWORD.encode())
    text = node.file.read_text()
    node.file.write_text(re.sub(r"\[links\.[^\[]*", link, text, count=1))


def carried(provider: MailServer, box: Account, port: int, over: Event) -> None:
    """What the provider took goes to its mailbox, or to the entry's own server as soon as that is
    there, until all is over."""
    done = 0
    while not over.wait(0.1):
        for mail in list(provider.mails)[done:]:
            try:
                _carried(mail, box, port)
            except (OSError, smtplib.SMTPException):  # it is not there yet, or says later
                break
            done += 1


def _carried(mail: Mail, box: Account, port: int) -> None:
    if BOX in mail.recipients:
        box.deliver(mail.content)
        return
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.sendmail("mx@example.org", list(mail.recipients), mail.content)


@pytest.mark.slow
def test_an_entry_and_an_exit_with_only_mail_between_them(tmp_path: Path, dovecot: Dovecot) -> None:
    own, over = free(), Event()
    with in_a_thread(mailserver) as provider, story(tmp_path, apart=False) as made:
        provider.policy.password = PASSWORD
        box = Account(dovecot, provider.policy.user)
        entry, exit = made.entry, made.exits["b"]
        account = {"port": provider.port, "user": provider.policy.user}
        post = partial(POST.format, **account, sender=provider.address)
        by_mail_only(
            entry, post(peer="b", to=BOX, ca=provider.certificate) + f'listen = "127.0.0.1:{own}"\n'
        )
        trusted = tmp_path / "both.pem"
        trusted.write_text(provider.certificate.read_text() + dovecot.ca_file.read_text())
        inward = f'imap = "127.0.0.1:{dovecot.tls}"\nmailbox = "{box.folder}"\n'
        by_mail_only(exit, post(peer="a", to=provider.address, ca=trusted) + inward)
        courier = Thread(target=carried, args=(provider, box, own, over))
        courier.start()
        try:
            made.start()  # the keys of the exit come by mail
            made.send(TIMES)
            verdicts = made.all_are_posted()
            assert verdicts.good and verdicts.acknowledged == TIMES, made.told()
            soon(lambda: counted(entry, "handed", "waiting") == (TIMES, 0))
            soon(lambda: box.uids() == [])
            for node in (entry, exit):
                told = status(node)["links"]["post"]
                assert told["state"] == "works", told
                assert "@" not in node.log.read_text()
        finally:
            over.set()
            courier.join()
