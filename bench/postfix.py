"""A private Postfix: own folders, own port, no DNS, no limits, every mail accepted and discarded.

Its parts come from Debian's package; the service of that package is not started and not touched.
It logs to syslog(3) only, so where no syslog daemon runs it logs nothing. It must be begun as root:
its own processes run as the user ``postfix``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from bench.processes import end, free_port, wait_for_greeting

DAEMONS = Path("/usr/lib/postfix/sbin")

_MAIN = """\
compatibility_level = 3.6
queue_directory = {at}/queue
data_directory = {at}/data
mail_owner = postfix
setgid_group = postdrop
myhostname = peer.example.org
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
local_recipient_maps =
alias_maps =
alias_database =
default_transport = discard:
default_process_limit = 200
disable_dns_lookups = yes
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_message_rate_limit = 0
smtpd_client_recipient_rate_limit = 0
in_flow_delay = 0
queue_minfree = 0
notify_classes =
"""

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
discard   unix - - n - - discard
error     unix - - n - - error
proxymap  unix - - n - - proxymap
anvil     unix - - n - 1 anvil
"""


def missing() -> str:
    """Why it cannot be run here; empty if it can."""
    if not (DAEMONS / "master").exists() or not shutil.which("smtp-source"):
        return "Postfix is not installed: make bench-peers"
    return "" if os.geteuid() == 0 else "a private Postfix must be begun as root"


class Postfix:
    """One fresh instance in ``folder``, which must be on the disk to be measured."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of its master."""
        assert self.process is not None
        return self.process.pid

    def start(self) -> Postfix:
        """Run it until it listens. Raises RuntimeError."""
        conf = self.folder / "conf"
        for name in ("conf", "queue", "data"):
            (self.folder / name).mkdir(parents=True)
        self.folder.chmod(0o755)  # its processes run as another user
        shutil.chown(self.folder / "data", "postfix")
        (conf / "main.cf").write_text(_MAIN.format(at=self.folder))
        (conf / "master.cf").write_text(_MASTER.format(port=self.port))
        nothing = subprocess.DEVNULL
        with (self.folder / "said").open("wb") as said:
            subprocess.run(  # makes the folders of the queue, with their owners
                ["postfix", "-c", str(conf), "check"],
                check=False,
                stdin=nothing,
                stdout=nothing,
                stderr=said,
            )
            self.process = subprocess.Popen(
                [str(DAEMONS / "master"), "-c", str(conf), "-d"],
                stdin=nothing,
                stdout=nothing,
                stderr=said,
                start_new_session=True,  # at its end master signals its process group
            )
        wait_for_greeting(self.port, self.process)
        return self

    def stop(self) -> None:
        """End it and all its processes."""
        if self.process is not None:
            end(self.process)
