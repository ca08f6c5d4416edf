"""A mail host of Debian's parts: Postfix takes submissions, Dovecot knows the users and shows their
mail, and mlmmj keeps a mailing list.

Postfix is as strict as it can be told to be: no log-in without TLS, nobody sends as somebody else,
addresses, HELO and line ends as RFC 5321 has them, no pipelining before it is offered, headers of
seven bits. Each runs in a folder of its own, on free ports; no service of the system is touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from dovecot import Dovecot
from running import Server, free_port

DAEMONS = Path("/usr/lib/postfix/sbin")
USER, SENDER = "relay", "news@example.org"
READER, OTHER = "reader@example.org", "other@example.org"
LIST = "list@example.org"
FULL = "full@example.org"
LOST = "lost@example.org"
"""Taken for delivery, and then sent back."""

LARGEST = 2_000_000
DELIVERED_S = 30

MAIN = """\
compatibility_level = 3.6
queue_directory = {at}/queue
data_directory = {at}/data
maillog_file = {at}/log
maillog_file_prefixes = {at}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.example.org
mydestination =
mynetworks = 127.0.0.1/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtp_dns_support_level = disabled
alias_maps =
alias_database =
local_recipient_maps =
message_size_limit = {largest}
queue_minfree = 0
notify_classes =
in_flow_delay = 0
virtual_mailbox_domains = example.org
virtual_mailbox_base = {mail}
virtual_mailbox_maps = inline:{{ {{{reader}=reader/}}, {{{other}=other/}}, {{{full}=full/}},
  {{{sender}=relay/}}, {{{list}=list/}}, {{{lost}=lost/}} }}
recipient_delimiter = +
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
transport_maps = inline:{{ {{{list}=mlmmj:}}, {{{lost}=lost:}} }}
mlmmj_destination_recipient_limit = 1
smtpd_tls_cert_file = {dovecot}/server.pem
smtpd_tls_key_file = {dovecot}/server.key
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {dovecot}/auth
smtpd_sasl_security_options = noanonymous
smtpd_sender_login_maps = inline:{{ {{{sender}={user}}} }}
smtpd_helo_required = yes
strict_rfc821_envelopes = yes
strict_7bit_headers = yes
strict_8bitmime = yes
strict_mime_encoding_domain = yes
smtpd_forbid_bare_newline = yes
smtpd_forbid_unauth_pipelining = yes
smtpd_delay_reject = no
smtpd_helo_restrictions = reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname
smtpd_sender_restrictions = reject_non_fqdn_sender, reject_unlisted_sender
smtpd_recipient_restrictions = reject_non_fqdn_recipient, reject_unlisted_recipient,
  check_recipient_access inline:{{ {{{full}=452 4.2.2 Mailbox full}} }}
smtpd_data_restrictions = reject_unauth_pipelining
smtpd_relay_restrictions = permit_sasl_authenticated, reject
"""

SUBMISSION = """\
127.0.0.1:{port} inet n - n - - smtpd
  -o syslog_name=postfix/submission
  -o smtpd_tls_security_level={level}
  -o smtpd_tls_wrappermode={wrapped}
  -o smtpd_sasl_auth_enable=yes
  -o {{smtpd_sender_restrictions=reject_non_fqdn_sender,reject_sender_login_mismatch}}
  -o {{smtpd_client_restrictions=permit_sasl_authenticated,reject}}
  -o {{smtpd_delay_reject=yes}}
"""

MASTER = """\
127.0.0.1:{inside} inet n - n - - smtpd
  -o {{smtpd_relay_restrictions=permit_mynetworks,reject}}
  -o smtpd_helo_restrictions=
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
proxymap  unix - - n - - proxymap
anvil     unix - - n - 1 anvil
tlsmgr    unix - - n 1000? 1 tlsmgr
virtual   unix - n n - - virtual
showq     unix n - n - - showq
postlog   unix-dgram n - n - 1 postlogd
mlmmj     unix - n n - - pipe
  flags=ORhu user=nobody argv=/usr/bin/mlmmj-receive -F -L {at}/list/
lost      unix - n n - - pipe
  user=nobody argv=/bin/false
"""

AUTH = """\
service auth {{
  unix_listener {folder}/auth {{
    mode = 0666
  }}
}}
"""


class MailHost:
    """A running host. ``starttls`` and ``tls`` are the ports that mails are handed in at,
    ``imap`` that where they are read, in clear."""

    def __init__(self, folder: Path, dovecot: Dovecot) -> None:
        self.folder = folder
        self.authority = str(dovecot.ca_file)
        self.imap = dovecot.plain
        self.starttls, self.tls, self._inside = free_port(), free_port(), free_port()
        self._dovecot = dovecot

    def mails(self, address: str, least: int = 0) -> list[bytes]:
        """What lies in somebody's mailbox, in order of arrival, as IMAP gives it; once there are
        ``least`` of them and nothing is on the way."""
        until = time.monotonic() + DELIVERED_S
        while time.monotonic() < until:
            if not self._on_the_way():
                found = self._shown(address.partition("@")[0])
                if len(found) >= least:
                    return found
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text(errors="replace")[-3000:])

    def empty(self) -> None:
        """Nobody has any mail."""
        for box in (self._dovecot.folder / "mail").iterdir():
            shutil.rmtree(box)

    def _shown(self, user: str) -> list[bytes]:
        with self._dovecot.client(user) as client:
            client.select("INBOX", readonly=True)
            _, [numbers] = client.search(None, "ALL")
            fetched = [client.fetch(one.decode(), "(RFC822)")[1][0] for one in numbers.split()]
        return [one[1] for one in fetched if isinstance(one, tuple)]

    def _on_the_way(self) -> bool:
        command = ["postqueue", "-c", str(self.folder / "conf"), "-j"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        assert done.returncode == 0, done.stderr
        return bool(done.stdout.strip())

    def server(self) -> Server:
        """Postfix, ready to be started."""
        conf = self.folder / "conf"
        for name in ("conf", "queue", "data"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        owner = (self._dovecot.folder / "mail").stat()
        given = {"at": self.folder, "mail": self._dovecot.folder / "mail"}
        (conf / "main.cf").write_text(
            MAIN.format(
                **given,
                dovecot=self._dovecot.folder,
                uid=owner.st_uid,
                gid=owner.st_gid,
                largest=LARGEST,
                reader=READER,
                other=OTHER,
                full=FULL,
                sender=SENDER,
                list=LIST,
                lost=LOST,
                user=USER,
            )
        )
        services = MASTER.format(at=self.folder, inside=self._inside)
        services += SUBMISSION.format(port=self.starttls, level="encrypt", wrapped="no")
        services += SUBMISSION.format(port=self.tls, level="encrypt", wrapped="yes")
        (conf / "master.cf").write_text(services)
        self._make_list()
        check = ["postfix", "-c", str(conf), "check"]  # it makes the folders of the queue
        done = subprocess.run(check, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        command = [DAEMONS / "master", "-c", conf, "-d"]
        return Server(command, self.folder, ready=f"tcp://127.0.0.1:{self._inside}")

    def _make_list(self) -> None:
        """A list with one subscriber that takes only what names it in To or Cc."""
        at = self.folder / "list"
        for name in (
            "archive",
            "bounce",
            "control",
            "digesters.d",
            "incoming",
            "moderation",
            "nomailsubs.d",
            "queue",
            "queue/discarded",
            "requeue",
            "subconf",
            "subscribers.d",
            "text",
            "unsubconf",
        ):
            (at / name).mkdir(parents=True)
        (at / "control/listaddress").write_text(f"{LIST}\n")
        (at / "control/owner").write_text(f"{OTHER}\n")
        (at / "control/relayhost").write_text("127.0.0.1\n")
        (at / "control/smtpport").write_text(f"{self._inside}\n")
        (at / "subscribers.d/r").write_text(f"{READER}\n")
        (at / "index").write_text("0\n")
        for one in (at, *at.rglob("*")):
            shutil.chown(one, "nobody")


@contextmanager
def mail_host() -> Iterator[MailHost]:
    """One while the block lasts. It must be begun as root: its processes run as several users, and
    so its folder is none of pytest's, which are one user's."""
    assert os.geteuid() == 0, "a mail host of one's own must be begun as root"
    assert (DAEMONS / "master").exists(), "Postfix is missing: make test-peers installs it"
    dovecot = Dovecot()
    with (dovecot.folder / "conf").open("a") as conf:
        conf.write(AUTH.format(folder=dovecot.folder))
    try:
        dovecot.start()
        with TemporaryDirectory(prefix="postfix-") as made:
            folder = Path(made)
            folder.chmod(0o755)
            host = MailHost(folder, dovecot)
            server = host.server()
            try:
                server.start()
                yield host
            finally:
                server.stop()
    finally:
        dovecot.remove()
