"""A mail server in front of a node: Postfix takes mail from the world and hands it over by LMTP.

It is told to come again each second, where the world waits five minutes; everything else is as it
is delivered. It runs in a folder of its own, on free ports.
"""

from __future__ import annotations

import os
import shutil
import smtplib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mail_server import DAEMONS
from running import Server, free_port

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
queue_minfree = 0
notify_classes =
in_flow_delay = 0
relay_domains =
virtual_mailbox_domains = example.org
virtual_mailbox_maps = static:all
virtual_transport = {by}:{to}
smtpd_relay_restrictions = permit_mynetworks, reject
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
transport_retry_time = 1s
"""

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
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
lmtp      unix - - n - - lmtp
smtp      unix - - n - - smtp
showq     unix n - n - - showq
postlog   unix-dgram n - n - 1 postlogd
"""


class Front:
    """A running Postfix. ``places`` is a folder that its user may enter too."""

    def __init__(self, folder: Path, to: str, by: str = "lmtp") -> None:
        self.folder = folder
        self.port = free_port()
        self._to, self._by = to, by

    def server(self) -> Server:
        """Ready to be started."""
        conf = self.folder / "conf"
        for name in ("conf", "queue", "data"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        (conf / "main.cf").write_text(MAIN.format(at=self.folder, to=self._to, by=self._by))
        (conf / "master.cf").write_text(MASTER.format(port=self.port))
        check = ["postfix", "-c", str(conf), "check"]  # it makes the folders of the queue
        done = subprocess.run(check, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        command = [DAEMONS / "master", "-c", conf, "-d"]
        return Server(command, self.folder, ready=f"tcp://127.0.0.1:{self.port}")

    def take(self, mail: bytes, *to: str, sender: str = "someone@example.net") -> None:
        """Somebody in the world sends a mail. Raises smtplib.SMTPException."""
        with smtplib.SMTP("127.0.0.1", self.port, "client.example.net", timeout=30) as client:
            client.sendmail(sender, [*to], mail)

    def waiting(self) -> int:
        """How many mails lie in its queue."""
        command = ["postqueue", "-c", str(self.folder / "conf"), "-j"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        assert done.returncode == 0, done.stderr
        return len(done.stdout.splitlines())

    @property
    def said(self) -> str:
        """Its log."""
        return (self.folder / "log").read_text(errors="replace")


@contextmanager
def front(to: str, by: str = "lmtp") -> Iterator[tuple[Front, Server]]:
    """One that hands over to ``to`` (lmtp(8), or smtp(8) by name), while the block lasts. It must
    be begun as root."""
    assert os.geteuid() == 0, "a mail server of one's own must be begun as root"
    assert (DAEMONS / "master").exists(), "Postfix is missing: make test-peers installs it"
    with TemporaryDirectory(prefix="front-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        host = Front(folder, to, by)
        server = host.server()
        try:
            server.start()
            yield host, server
        finally:
            server.stop()
