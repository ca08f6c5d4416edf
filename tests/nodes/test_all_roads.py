"""The same messages by HTTPS, by mail, by a folder and by stick at once: each is posted once."""

from __future__ import annotations

import smtplib
from pathlib import Path
from typing import Final

import pytest
from apart import counted, free, in_a_thread, story
from looking import relay, soon, status

from relay.testing.mailserver import MailServer, mailserver

TIMES: Final = 20

BY_MAIL: Final = """
[links.by-mail]
kind = "mail"
peer = "b"
to = "box@exit.example"
sender = "{sender}"
smtp = "127.0.0.1:{port}"
smtp_tls = "starttls"
user = "{user}"
password_file = "secrets/mail"
ca_file = "{ca}"
every = "1s"
"""

IN_MAIL: Final = """
[links.mailbox]
kind = "mail"
sender = "box@exit.example"
listen = "127.0.0.1:{port}"
"""

FOLDER: Final = """
[links.by-folder]
kind = "folder"
peer = "{peer}"
folder = "{folder}"
every = "1s"
"""


def handed_on(platform: MailServer, port: int) -> int:
    """What lies with the provider is delivered to the exit's own receiver, each mail as it came."""
    mails = list(platform.mails)
    for one in mails:
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
            client.sendmail("relay@example.org", ["box@exit.example"], one.content)
    return len(mails)


@pytest.mark.slow
def test_what_comes_by_every_road_at_once_is_posted_once(tmp_path: Path) -> None:
    common, stick = tmp_path / "common", tmp_path / "stick"
    common.mkdir()
    stick.mkdir()
    port = free()
    with in_a_thread(mailserver) as provider:
        by_mail = BY_MAIL.format(
            port=provider.port,
            user=provider.policy.user,
            ca=provider.certificate,
            sender=provider.address,
        )
        with story(
            tmp_path,
            apart=False,
            entry_more=by_mail + FOLDER.format(peer="b", folder=common),
            exit_more=IN_MAIL.format(port=port) + FOLDER.format(peer="a", folder=common),
        ) as made:
            entry, exit = made.entry, made.exits["b"]
            entry.write("secrets/mail", provider.policy.password.encode())
            made.start()
            exit.stop()
            made.lines["b"].blocked = True
            made.lines["b"].cut()
            made.send(TIMES)
            assert counted(entry, "accepted", "waiting", "handed") == (TIMES, TIMES, 0)
            assert relay(entry, "bundle", "export", str(stick)).returncode == 0
            soon(lambda: provider.mails and any(common.rglob("*")))

            exit.goes()
            assert handed_on(provider, port) >= 1
            assert relay(exit, "bundle", "import", str(stick)).returncode == 0
            made.lines["b"].blocked = False

            verdicts = made.all_are_posted()
            assert verdicts.good and verdicts.acknowledged == TIMES, made.told()
            soon(lambda: counted(entry, "handed", "waiting") == (TIMES, 0))
            assert counted(exit, "accepted") == (TIMES,)
            assert status(exit)["repeats"] >= TIMES
            assert relay(exit, "bundle", "export", str(stick)).returncode == 0
            assert relay(entry, "bundle", "import", str(stick)).returncode == 0
            assert counted(entry, "handed", "waiting") == (TIMES, 0)
