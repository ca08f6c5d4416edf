"""What brings SMS, by others: a centre made of the library smpp, Kannel, and Gammu SMSD.

Each runs in a folder of its own; Kannel's ports are open on every address, as Debian's version has
it, for as long as a test lasts.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from running import SERVERS, Server, asked, free_port

from relay.testing.nodes import Node
from relay.testing.senders import page_texts

HERE = Path(__file__).parent
WITHIN_S = 60.0
SENDER, NUMBER = "989120000001", "30001"


def until(holds: Callable[[], Any], within_s: float = WITHIN_S) -> Any:
    """What a question gives, once it is something."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come to that")


def segments(text: str, reference: int) -> list[dict[str, Any]]:
    """A text as a phone sends it: UCS-2 cut every 67 units, wherever that is."""
    octets = text.encode("utf-16-be")
    parts = [octets[at : at + 134] for at in range(0, len(octets), 134)]
    header = f"050003{reference:02x}{len(parts):02x}"
    return [
        {"from": SENDER, "to": NUMBER, "coding": 8, "udh": f"{header}{n:02x}", "hex": part.hex()}
        for n, part in enumerate(parts, start=1)
    ]


def whole(text: str, sender: str = SENDER) -> dict[str, Any]:
    """A text of one SMS."""
    return {"from": sender, "to": NUMBER, "coding": 8, "hex": text.encode("utf-16-be").hex()}


# ---------------------------------------------------------------- a centre


@dataclass
class Smsc:
    """A centre, at a port, and what it tells about itself."""

    port: int
    control: str
    server: Server

    def send(self, *messages: dict[str, Any]) -> None:
        """People have sent these."""
        status, _, _ = asked("POST", self.control, list(messages))
        assert status == 200

    @property
    def told(self) -> dict[str, Any]:
        """How it stands."""
        _, told, _ = asked("GET", self.control)
        assert isinstance(told, dict)
        return told

    def until_taken(self, count: int) -> None:
        """Until a client has said yes so many times."""
        until(lambda: len(self.told["taken"]) >= count)

    def until_bound(self) -> None:
        """Until a client is bound."""
        until(lambda: self.told["bound"])


@contextmanager
def smsc(folder: Path, *tls: Path) -> Iterator[Smsc]:
    """A centre while the block lasts. ``tls``: its certificate and key."""
    folder.mkdir(parents=True, exist_ok=True)
    port, control = free_port(), free_port()
    node = shutil.which("node")
    assert node, "node is missing: apt-get install nodejs"
    command = [node, HERE / "smsc/centre.cjs", str(port), str(control), *tls]
    env = {"NODE_PATH": str(SERVERS / "smsc/node_modules")}
    url = f"http://127.0.0.1:{control}/"
    server = Server(command, folder, ready=url, env=env)
    try:
        server.start()
        yield Smsc(port, url, server)
    finally:
        server.stop()


# ---------------------------------------------------------------- Kannel

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


# ---------------------------------------------------------------- Gammu

SMSDRC = """\
[gammu]
connection = none
model = dummy
device = {at}/device

[smsd]
service = sql
driver = sqlite3
dbdir = {at}/
database = smsd.db
phoneid = phone1
logfile = {at}/smsd.log
debuglevel = 1
commtimeout = 1
receivefrequency = 1
statusfrequency = 2
loopsleep = 1
multiparttimeout = {joins_s}
checksecurity = 0
checkbattery = 0
checksignal = 0
"""
GAMMURC = "[gammu]\nconnection = none\nmodel = dummy\ndevice = {at}/beside\n"
SCHEMA = Path("/usr/share/doc/gammu-smsd/examples/sqlite.sql")


class GammuSmsd:
    """SMSD with a phone that is a folder. ``comes`` puts an SMS into the phone."""

    def __init__(self, folder: Path, joins_s: int = 600) -> None:
        self.folder = folder
        self.database = folder / "smsd.db"
        for number in range(6):
            (folder / f"device/sms/{number}").mkdir(parents=True)
            (folder / f"beside/sms/{number}").mkdir(parents=True)
        (folder / "smsdrc").write_text(SMSDRC.format(at=folder, joins_s=joins_s))
        (folder / "gammurc").write_text(GAMMURC.format(at=folder))
        with closing(sqlite3.connect(self.database)) as at:
            at.executescript(SCHEMA.read_text())
        self._process: subprocess.Popen[bytes] | None = None
        self._last = 0

    def start(self) -> None:
        """Run it."""
        with (self.folder / "out").open("ab") as out:
            command = ["gammu-smsd", "-c", str(self.folder / "smsdrc")]
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.folder
            )

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(20)

    def comes(self, text: str, sender: str = f"+{SENDER}", *, lacks: int = 0) -> bytes:
        """An SMS, of as many parts as it needs, lies in the phone; all but the part ``lacks``,
        which is given.

        What `gammu savesms` makes is to be sent: SMSD passes it over and deletes it. So it is made
        in another phone, and becomes what was received."""
        command = ["gammu", "-c", str(self.folder / "gammurc"), "savesms", "TEXT", "-folder", "1"]
        command += ["-unread", "-sender", sender, "-unicode", "-autolen", "800", "-text", text]
        done = subprocess.run(command, capture_output=True, timeout=30, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, (done.stdout, done.stderr)
        kept = b""
        made = sorted((self.folder / "beside/sms/1").iterdir(), key=lambda path: int(path.name))
        for number, path in enumerate(made, start=1):
            content = path.read_bytes().replace(b"PDU = Submit", b"PDU = Deliver")
            path.unlink()
            if number == lacks:
                kept = content
            else:
                self.puts(content)
        return kept

    def puts(self, content: bytes) -> None:
        """A part lies in the phone, from one moment to the next."""
        self._last += 1
        made = self.folder / f"device/{self._last}"
        made.write_bytes(content)
        made.rename(self.folder / f"device/sms/1/{self._last}")

    @property
    def in_the_phone(self) -> list[Path]:
        """What lies in it."""
        return sorted((self.folder / "device/sms/1").iterdir())

    def asks(self, sql: str) -> Sequence[Any]:
        """Of its database."""
        with closing(sqlite3.connect(self.database, timeout=5)) as at:
            return at.execute(sql).fetchall()


@contextmanager
def gammu(folder: Path, **more: Any) -> Iterator[GammuSmsd]:
    """SMSD while the block lasts."""
    made = GammuSmsd(folder, **more)
    try:
        made.start()
        yield made
    finally:
        made.kill()


FAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)


def at(moment: str) -> dict[str, str]:
    """An environment in which it is this time ("@2027-01-15 23:59:50") or later ("+1d")."""
    assert FAKETIME is not None, "faketime is missing: make test-peers installs it"
    stays = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": moment, "FAKETIME_DONT_RESET": "1"}
    return {**stays, "TZ": "UTC", "PATH": os.environ["PATH"]}


# ---------------------------------------------------------------- a node, and its processes


def texts(node: Node) -> list[str]:
    """What stands on its page now, oldest first; nothing while it cannot be asked."""
    try:
        return page_texts(node.url)[::-1]
    except OSError:
        return []


def process(node: Node, role: str) -> int:
    """The pid of one of its processes, as proc(5) names them; waits for one."""
    assert node.process is not None
    children = Path(f"/proc/{node.process.pid}/task/{node.process.pid}/children")

    def found() -> int:
        for pid in children.read_text().split():
            with suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text().strip() == f"relay-{role}":
                    return int(pid)
        return 0

    return int(until(found))
