"""One IMAP session, blocking: connect, log in, look, fetch, remove. Runs in a thread of its own.

Everything goes by UID (RFC 3501, 2.3.1.1): sequence numbers shift when anybody else removes a mail.
Looking marks nothing as seen. TLS from the first byte and verified always; in clear to this
machine only. What a server may send for one command is bounded, and so is the time it may be
silent; whoever wants it ended at once calls ``abort`` from another thread.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from imap_tools import BaseMailBox

from relay.mailing import MIB
from relay.mailing.imap.bounded import LINES_BYTES, Bounded
from relay.mailing.imap.trouble import Step, Trouble, trouble_of
from relay.reach import blocking
from relay.reach.routes import DIRECT, Routes
from relay.reach.trying import NoWay
from relay.serving.peers import is_loopback

AT_ONCE: Final = 500
"""UIDs named in one command: the line stays under the 8,192 bytes that RFC 7162 counts on."""

_SOMEBODY: Final = frozenset({"tls", "block page"})
"""Failures of which time mends nothing: a person looks at host, port and ca_file."""

_NUMBER = re.compile(rb"\d{1,10}")  # of 32 bits, as UIDs are (RFC 3501, 2.3.1.1)
_TAG = b"WAIT1"
_EXISTS = re.compile(rb"\* \d{1,10} EXISTS\b", re.IGNORECASE)
_RENEWED = re.compile(rb"\* OK \[UIDVALIDITY (\d{1,10})\]", re.IGNORECASE)
_BYE = re.compile(rb"\* BYE\b", re.IGNORECASE)
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,20})\b")


@dataclass(frozen=True, slots=True, repr=False)
class Where:
    """A folder of a mailbox. ``ca_file``: an authority's certificate (PEM) that is believed instead
    of the system's; ``tls`` may be False for a host that is this machine."""

    host: str
    port: int
    user: str
    folder: str
    tls: bool = True
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a server says of a folder: its UIDVALIDITY, and the UID that the next mail will have."""

    validity: int
    next: int


class _Box(BaseMailBox):
    """imap-tools on a connection of ours."""

    def __init__(self, client: Bounded) -> None:
        self._client = client
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return self._client


class Session:
    """One connection, by one of these routes. ``silent_s``: seconds a server may say nothing. Every
    method raises Trouble.

    Raises ValueError where the password would go over a network in clear.
    """

    def __init__(self, where: Where, silent_s: float, routes: Routes = DIRECT) -> None:
        if not where.tls and where.host != "localhost" and not is_loopback(where.host):
            raise ValueError("without TLS only to this machine")
        self._where = where
        self._silent_s = silent_s
        self._routes = routes
        self._client: Bounded | None = None
        self.aborted = False
        """Whether the connection was cut by ``abort``."""
        self.reached = False
        """Whether somebody was there, and be it one who is not believed."""
        self._uidplus = False
        self._validity = 0
        self.idles = False
        """Whether the server offers to tell when a mail comes (RFC 2177, RFC 9051)."""

    def open(self, password: bytes) -> Opened:
        """Connect, log in, and select the folder for reading and removing."""
        with _told("connect"):
            client = self._connected()
        self._client = client
        if self.aborted:  # while nobody could reach the socket: no password goes out any more
            raise Trouble("blocked", "it was too slow")
        with _told("log in"):
            box = _Box(client)
            self._log_in(box, password)
        with _told("select"):
            box.folder.set(self._where.folder)
            opened = Opened(self._said("UIDVALIDITY"), self._said("UIDNEXT"))
            if not opened.next:  # older than RFC 3501; then the highest there is, and one
                opened = Opened(opened.validity, max(self._search("ALL"), default=0) + 1)
        if not opened.validity:
            raise Trouble("login", "the folder has no lasting UIDs: choose another one")
        self._validity = opened.validity
        return opened

    def _connected(self) -> Bounded:
        at = self._where
        try:
            context = ssl.create_default_context(cafile=at.ca_file or None) if at.tls else None
        except OSError:  # a file that is missing, and one that holds no certificate
            why = "ca_file cannot be used: it should be a certificate in PEM"
            raise Trouble("login", why) from None
        within_s = self._silent_s
        try:
            return blocking.greeted(
                self._routes, at.host, at.port, self._greeted, tls=context, timeout_s=within_s
            )
        except NoWay as no_way:
            self.reached = not _SOMEBODY.isdisjoint(no_way.failures.values())
            raise

    def _greeted(self, line: socket.socket) -> Bounded:
        """Past the server's greeting; OSError where none came."""
        self.reached = True
        try:
            return Bounded(line)
        except imaplib.IMAP4.abort:  # more than a greeting, or the end
            raise ConnectionResetError from None

    def _log_in(self, box: _Box, password: bytes) -> None:
        """LOGIN for ASCII; for all else AUTHENTICATE PLAIN, which is in UTF-8 (RFC 4616)."""
        try:
            secret = password.decode()
        except UnicodeDecodeError:
            raise Trouble("login", "the password is not UTF-8: write its file anew") from None
        if not secret or not secret.isprintable():
            raise Trouble("login", "the password is no line of text: write its file anew")
        if secret.isascii() and self._where.user.isascii():
            box.login(self._where.user, secret, initial_folder=None)
        else:
            box.login_utf8(self._where.user, secret, initial_folder=None)
        _, said = box.client.capability()  # a server may offer more once it knows who asks
        words = b" ".join(one for one in said if isinstance(one, bytes)).upper().split()
        self._uidplus = b"UIDPLUS" in words or b"IMAP4REV2" in words
        self.idles = b"IDLE" in words or b"IMAP4REV2" in words

    def _said(self, code: str) -> int:
        """A number that the server sent with the answer to SELECT; 0 if it did not."""
        told = (self._at.untagged_responses.get(code) or [b"0"])[-1]
        return int(told) if isinstance(told, bytes) and _NUMBER.fullmatch(told) else 0

    @property
    def _at(self) -> Bounded:
        assert self._client is not None
        return self._client

    # ------------------------------------------------------------ looking

    def uids(self, first: int) -> tuple[set[int], set[int]]:
        """The UIDs from ``first`` on, and those of them that somebody marked as deleted."""
        with _told("work"):
            self._at.untagged_responses.pop("EXISTS", None)
            # "8:*" names the last mail even where its UID is below 8 (RFC 3501, 6.4.8)
            there = {uid for uid in self._search(f"UID {first}:*") if uid >= first}
            gone = {uid for uid in self._search(f"UID {first}:* DELETED") if uid >= first}
            if self._said("UIDVALIDITY") != self._validity:  # RFC 3501 has it only at a SELECT
                raise Trouble("blocked", "the folder was made anew: it is opened again")
            return there, gone

    def before(self, first: int) -> int:
        """How many mails lie there whose UID is below ``first``."""
        if first <= 1:
            return 0
        with _told("work"):
            return sum(uid < first for uid in self._search(f"UID 1:{first - 1}"))

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """What the server says of the size of each mail, in bytes."""
        found: dict[int, int] = {}
        with _told("work"):
            for some in chunks(uids):
                for line in self._ask("FETCH", _set(some), "(UID RFC822.SIZE)"):
                    words = line[0] if isinstance(line, tuple) else line
                    uid, size = _UID.search(words or b""), _SIZE.search(words or b"")
                    if uid and size:
                        found[int(uid[1])] = int(size[1])
        return {uid: found[uid] for uid in uids if uid in found}

    def bodies(self, uids: Sequence[int], most: int, in_all: int) -> dict[int, bytes]:
        """The mails as they are, without those that are gone; of a longer one ``most`` bytes.

        ``in_all``: bytes that may come; a server that sends more is left."""
        found: dict[int, bytes] = {}
        wanted = set(uids)
        with _told("work"):
            asked = f"(UID BODY.PEEK[]<0.{most}>)"
            answer = self._ask("FETCH", _set(uids), asked, budget=in_all + MIB)
            for place, part in enumerate(answer):
                if not isinstance(part, tuple) or b"BODY[]" not in part[0].upper():
                    continue
                after = answer[place + 1] if place + 1 < len(answer) else b""
                # RFC 3501 lets a server put the UID behind the body
                uid = _UID.search(part[0]) or _UID.search(
                    after if isinstance(after, bytes) else b""
                )
                if uid and int(uid[1]) in wanted:
                    found[int(uid[1])] = part[1]
        return found

    # ------------------------------------------------------------ flags

    def seen(self) -> set[int]:
        """The UIDs of mails that are flagged as seen."""
        with _told("work"):
            return self._search("SEEN")

    def mark_seen(self, uids: Sequence[int]) -> None:
        """Flag these as seen (RFC 3501 section 2.3.2)."""
        with _told("remove"):
            for some in chunks(uids):
                self._ask("STORE", _set(some), "+FLAGS.SILENT", r"(\Seen)")

    # ------------------------------------------------------------ adding

    def append(self, mail: bytes) -> None:
        """Lay a mail into the folder, unread (RFC 3501 section 6.3.11)."""
        with _told("work"):
            self._at.budget = LINES_BYTES
            _Box(self._at).append(mail, self._where.folder)

    # ------------------------------------------------------------ removing

    def remove(self, uids: Sequence[int]) -> set[int]:
        """Remove these and no others; gives those that are still there.

        With UIDPLUS (RFC 4315) by UID EXPUNGE. Without it a plain EXPUNGE would take whatever
        anybody marked, so it is done only where nothing else is marked as deleted.
        """
        with _told("remove"):
            for some in chunks(uids):
                self._ask("STORE", _set(some), "+FLAGS.SILENT", r"(\Deleted)")
                if self._uidplus:
                    self._ask("EXPUNGE", _set(some))
            if not self._uidplus and self._search("DELETED") <= set(uids):
                self._at.budget = LINES_BYTES
                self._at.expunge()
        with _told("work"):
            found: set[int] = set()
            for some in chunks(uids):
                found |= self._search(f"UID {_set(some)}")
            return found & set(uids)

    # ------------------------------------------------------------ waiting

    def idle(self, within_s: float) -> bool:
        """Wait until the server says that a mail came, or ``within_s`` seconds; whether it did.

        Where it says NO or BAD, ``idles`` is False from then on. RFC 2177: one command, a
        continuation, any number of lines, and DONE.
        """
        with _told("work"):
            client = self._at
            if client.untagged_responses.pop("EXISTS", None):
                return True  # said with the answer to another command, and not said again
            client.budget = LINES_BYTES
            client.send(_TAG + b" IDLE\r\n")
            came = False
            while not (line := client.readline()).startswith(b"+"):
                if line.startswith(_TAG):
                    self.idles = False
                    return False
                came |= _EXISTS.match(line) is not None
            until = time.monotonic() + within_s
            while not came and (left_s := until - time.monotonic()) > 0:
                if client.waits(left_s, self._silent_s):
                    came = _EXISTS.match(self._heard(client)) is not None
            client.send(b"DONE\r\n")
            while not self._heard(client).startswith(_TAG):
                pass
            return came

    def _heard(self, client: Bounded) -> bytes:
        """A line that came unasked. Raises imaplib's abort where it is goodbye, to us or to all
        UIDs that we know."""
        line = client.readline()
        renewed = _RENEWED.match(line)
        if _BYE.match(line) or (renewed and int(renewed[1]) != self._validity):
            raise client.abort("goodbye")
        return line

    # ------------------------------------------------------------ the wire

    def _search(self, criteria: str) -> set[int]:
        found: set[int] = set()
        for line in self._ask("SEARCH", criteria):
            words = line.split() if isinstance(line, bytes) else []
            found |= {int(word) for word in words if _NUMBER.fullmatch(word)}
        return found

    def _ask(self, command: str, *words: str, budget: int = LINES_BYTES) -> list[Any]:
        """A UID command; the untagged answers to it. Raises what imaplib raises."""
        self._at.budget = budget
        self._at.untagged_responses.pop("FETCH", None)
        status, answer = self._at.uid(command, *words)
        if status != "OK":
            raise imaplib.IMAP4.error(answer[-1] if answer else b"")
        return [one for one in answer if one is not None]

    def close(self) -> None:
        """Log out, as far as the server lets us, and give the socket back."""
        if self._client is None:
            return
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            self._at.budget = LINES_BYTES
            if not self.aborted:
                self._at.logout()
        with contextlib.suppress(OSError):
            self._at.shutdown()
        self._client = None

    def abort(self) -> None:
        """End the connection at once, from any thread: whoever waits in it gets an error."""
        self.aborted = True
        client = self._client
        if client is not None:
            with contextlib.suppress(OSError):  # below TLS, whose own shutdown would talk
                socket.socket.shutdown(client.sock, socket.SHUT_RDWR)


@contextlib.contextmanager
def _told(step: Step) -> Iterator[None]:
    """Whatever goes wrong inside is told as Trouble, in our words."""
    try:
        yield
    except Trouble:
        raise
    except Exception as error:  # a server may send anything, and imaplib trips over some of it
        raise trouble_of(error, step) from None


def chunks(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    """The same in order, ``AT_ONCE`` at a time."""
    for start in range(0, len(uids), AT_ONCE):
        yield uids[start : start + AT_ONCE]


def _set(uids: Sequence[int]) -> str:
    return ",".join(str(uid) for uid in uids)
