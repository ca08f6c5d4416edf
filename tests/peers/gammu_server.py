"""Gammu SMSD as Debian has it, with a phone that is a folder, and a database."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sms_servers import SENDER

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
