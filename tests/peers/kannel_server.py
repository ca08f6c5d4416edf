"""Kannel as Debian has it, in a folder of its own. Its ports are open on every address, as that
version will have it, for as long as a test lasts."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from running import Server, free_port

KANNEL = """\
group = core
admin-port = {admin}
admin-password = adm
status-password = sta
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
admin-allow-ip = 127.0.0.1
log-file = "{at}/bearerbox.log"
log-level = 1
store-type = spool
store-location = "{at}/spool"
dlr-storage = internal
sms-combine-concatenated-mo-timeout = {joins_s}

{smsc}
group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {send}
log-file = "{at}/smsbox.log"
log-level = 1
{retries}
group = sendsms-user
username = relay
password = s3cret
user-allow-ip = 127.0.0.1
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 0
omit-empty = true
send-sender = true
post-url = "{url}?id=%I&coding=%c&charset=%C&udh=%u"
"""
FAKE = """\
group = smsc
smsc = fake
smsc-id = FAKE
port = {port}
connect-allow-ip = 127.0.0.1
"""
BY_SMPP = """\
group = smsc
smsc = smpp
smsc-id = CENTRE
host = 127.0.0.1
port = {port}
transceiver-mode = true
smsc-username = relay
smsc-password = secret
system-type = ""
interface-version = 34
enquire-link-interval = 30
reconnect-delay = 1
"""
RETRIES = "http-request-retry = 1000\nhttp-queue-delay = 1\n"
FAKESMSC = Path("/usr/lib/kannel/test/fakesmsc")
SBIN = Path("/usr/sbin")


class Kannel:
    """Its two processes: bearerbox, which has the centre, and smsbox, which has us."""

    def __init__(
        self, folder: Path, url: str, *, centre: int = 0, joins_s: int = 30, retries: bool = True
    ) -> None:
        self.folder = folder
        (folder / "spool").mkdir(parents=True)
        self._admin, self._fake, self.send = free_port(), free_port(), free_port()
        self.file = folder / "kannel.conf"
        self.file.write_text(
            KANNEL.format(
                at=folder,
                admin=self._admin,
                box=free_port(),
                send=self.send,
                url=url,
                joins_s=joins_s,
                retries=RETRIES if retries else "",
                smsc=BY_SMPP.format(port=centre) if centre else FAKE.format(port=self._fake),
            )
        )
        ready = f"http://127.0.0.1:{self._admin}/status.txt?password=sta"
        self.bearerbox = Server([SBIN / "bearerbox", self.file], folder, ready=ready)
        ready = f"http://127.0.0.1:{self.send}/"
        self.smsbox = Server([SBIN / "smsbox", self.file], folder, ready=ready)

    def start(self) -> None:
        """Both, one after the other."""
        self.bearerbox.start()
        self.smsbox.start()

    def stop(self) -> None:
        """Both."""
        self.smsbox.stop()
        self.bearerbox.stop()

    def phones(self, *messages: str) -> subprocess.Popen[bytes]:
        """Its fake centre sends these, each once, as one person after the other; it runs on until
        it is ended. A message is "SENDER RECIPIENT text|udh-text|ucs2 ..."."""
        command = [FAKESMSC, "-H", "127.0.0.1", "-r", str(self._fake), "-i", "0.1"]
        command += ["-m", str(len(messages)), *messages]
        return subprocess.Popen(
            [str(one) for one in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @property
    def log(self) -> str:
        """What smsbox wrote."""
        with suppress(FileNotFoundError):
            return (self.folder / "smsbox.log").read_text(errors="replace")
        return ""


@contextmanager
def kannel(folder: Path, url: str, **more: Any) -> Iterator[Kannel]:
    """Kannel while the block lasts: what comes it posts to ``url``."""
    made = Kannel(folder, url, **more)
    try:
        made.start()
        yield made
    finally:
        made.stop()
