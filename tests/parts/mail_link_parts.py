"""Two nodes with a mail link between them: a provider that keeps what it takes, and a folder in
memory that is fetched from."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from relay.links.mail.fetching import Fetching
from relay.links.mail.letter import Dress, letter
from relay.links.mail.outward import Sending
from relay.links.mail.parcel import Veil, parcels
from relay.links.port import Opening, Peer
from relay.mailing.imap.session import Opened, Session, Where
from relay.mailing.imap.trouble import Trouble
from relay.mailing.submission import Account
from relay.wire.batch import NOTHING, Batch, Carried, make_batch
from relay.wire.linkkeys import link_key_of

A_SEED, B_SEED, C_SEED = bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 32
A, B, C = (
    Peer(name, link_key_of(seed)) for name, seed in (("a", A_SEED), ("b", B_SEED), ("c", C_SEED))
)
FROM, TO = "one@a.example.org", "two@b.example.net"
DRESS = Dress(FROM, TO, "Backup", "The backup is attached.", "backup.bin")
NOW = 1_800_003_599
PASSWORD = b"correct horse"
ROOM = 40_000


class Hour:
    """A clock that stands."""

    def now(self) -> int:
        return NOW

    def monotonic(self) -> float:
        return 0.0


def carrying(*sizes: int) -> Batch:
    """A batch of envelopes of these sizes."""
    return Batch(tuple(Carried(bytes([n % 251]) * size) for n, size in enumerate(sizes)), serial=7)


def mails(
    batch: Batch, room: int = ROOM, *, seed: bytes = A_SEED, to: Peer = B, dress: Dress = DRESS
) -> list[bytes]:
    """A batch as mails, each part of at most ``room`` bytes."""
    veil = Veil(link_key_of(seed), to.key)
    made = make_batch(batch, seed, to.key)
    return [
        letter(dress, veil.over(one), veil.named(bytes([one.index % 256]) * 8), NOW)
        for one in parcels(made, room)
    ]


def opening(
    seed: bytes = B_SEED,
    peers: Sequence[Peer] = (A,),
    peer: Peer | None = None,
    sock: object = None,
    told: list[tuple[str, str]] | None = None,
    turned: list[int] | None = None,
) -> Opening:
    """What a link of the node of this seed is made with."""
    said = [] if told is None else told
    away = [] if turned is None else turned
    return Opening(
        "post",
        seed,
        link_key_of(seed),
        {one.key.public: one for one in peers},
        peer,
        Hour(),  # type: ignore[arg-type]
        sock=sock,  # type: ignore[arg-type]
        turned_away=lambda: away.append(1),
        faring=lambda state, why: said.append((state, why)),
    )


@dataclass
class Core:
    """Keeps what comes, unless it is full."""

    full: bool = False
    got: list[tuple[str, Batch]] = field(default_factory=list)

    async def came(self, peer: Peer, batch: Batch) -> Batch | None:
        if self.full:
            return None
        self.got.append((peer.name, batch))
        return NOTHING


# ---------------------------------------------------------------- a provider, by SMTP


class Provider:
    """Takes mails by SMTP; ``says`` has an answer by the beginning of a line, "." of a mail as a
    whole; an answer may be a function of what was said."""

    def __init__(self, **says: object) -> None:
        self.says: dict[str, object] = {
            "EHLO": "250-mail.example.org\r\n250-SIZE 26214400\r\n250 AUTH PLAIN",
            "AUTH": "235 ok",
            "MAIL": "250 ok",
            "RCPT": "250 ok",
            "RSET": "250 ok",
            "DATA": "354 go on",
            "DOT": "250 queued",
            "QUIT": "221 bye",
        } | {key: value for key, value in says.items()}
        self.heard: list[str] = []
        self.mails: list[bytes] = []
        self.connections = 0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            writer.write(b"220 mail.example.org\r\n")
            while line := (await reader.readline()).decode().strip():
                self.heard.append(line)
                if not self._say(writer, line[:4], line):
                    break
                if line == "DATA" and str(self._answer("DATA", line)).startswith("354"):
                    mail = await reader.readuntil(b"\r\n.\r\n")
                    mail = mail.removesuffix(b".\r\n")
                    if str(self._answer("DOT", mail)).startswith("250"):
                        self.mails.append(mail)
                    if not self._say(writer, "DOT", mail):
                        break
        except ConnectionError:
            pass
        finally:
            writer.close()

    def _answer(self, key: str, said: object) -> object:
        answer = self.says.get(key, "500 what")
        return answer(said) if callable(answer) else answer

    def _say(self, writer: asyncio.StreamWriter, key: str, said: object) -> bool:
        answer = self._answer(key, said)
        if answer is None:
            return False
        writer.write(f"{answer}\r\n".encode())
        return True


@asynccontextmanager
async def listening(
    provider: Provider, context: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """The port of a provider, for as long as the block lasts."""
    server = await asyncio.start_server(provider.serve, "127.0.0.1", 0, limit=1 << 26, ssl=context)
    async with server:
        provider.port = int(server.sockets[0].getsockname()[1])
        yield provider.port


def sending(
    port: int, *, most_bytes: int = 10 * 1024 * 1024, user: str = "a", most_a_day: int = 400
) -> Sending:
    """How mails go out by a provider on this machine."""
    account = Account("127.0.0.1", port, "off", user)
    return Sending(account, lambda: PASSWORD, DRESS, most_bytes, 5.0, most_a_day=most_a_day)


# ---------------------------------------------------------------- a folder, in memory


class Folder:
    """What lies at the provider, and which of it is seen. ``kept`` are mails that nobody may
    remove; ``trouble`` is there instead of an open folder; so often a removal ``breaks`` off; of a
    ``read_only`` one the server refuses each."""

    def __init__(self, *mails: bytes) -> None:
        self.mails = dict(enumerate(mails, 1))
        self.next = len(mails) + 1
        self.validity = 1
        self.seen: set[int] = set()
        self.kept: set[int] = set()
        self.fetched = 0
        self.trouble: Trouble | None = None
        self.breaks = 0
        self.read_only = False

    def put(self, *mails: bytes) -> None:
        for mail in mails:
            self.mails[self.next] = mail
            self.next += 1

    def made_anew(self) -> None:
        """Other UIDs for all."""
        self.mails = dict(enumerate(self.mails.values(), 100))
        self.validity += 1


class InMemory(Session):
    """A session with a folder in memory."""

    def __init__(self, folder: Folder) -> None:
        super().__init__(Where("localhost", 1, "b", "INBOX", tls=False), 5.0)
        self._folder = folder

    def open(self, password: bytes) -> Opened:
        if self._folder.trouble is not None:
            raise self._folder.trouble
        return Opened(self._folder.validity, self._folder.next)

    def uids(self, first: int) -> tuple[set[int], set[int]]:
        return set(self._folder.mails), set()

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        return {uid: len(self._folder.mails[uid]) for uid in uids}

    def bodies(self, uids: Sequence[int], most: int, in_all: int) -> dict[int, bytes]:
        found = {uid: self._folder.mails[uid][:most] for uid in uids}
        self._folder.fetched += sum(map(len, found.values()))
        return found

    def seen(self) -> set[int]:
        return set(self._folder.seen)

    def mark_seen(self, uids: Sequence[int]) -> None:
        self._folder.seen |= set(uids)

    def remove(self, uids: Sequence[int]) -> set[int]:
        if self._folder.breaks:
            self._folder.breaks -= 1
            raise Trouble("blocked", "the connection broke: it is tried again")
        if self._folder.read_only:
            raise Trouble("login", "give this account the right to delete")
        for uid in set(uids) - self._folder.kept:
            self._folder.mails.pop(uid, None)
        return set(uids) & self._folder.kept

    def close(self) -> None:
        pass

    def abort(self) -> None:
        self.aborted = True


@dataclass(frozen=True, slots=True, repr=False)
class FromMemory(Fetching):
    """Fetching from such a folder."""

    folder: Folder = field(default_factory=Folder)

    def session(self) -> Session:
        return InMemory(self.folder)


def fetching(folder: Folder, *, delete: bool = True) -> FromMemory:
    """How mails are fetched from it."""
    where = Where("localhost", 1, "b", "INBOX", tls=False)
    return FromMemory(where, lambda: PASSWORD, 300.0, 5.0, delete, folder=folder)


class Looks(Exception):
    """As many looks as a test wanted are over."""


def so_many(
    looks: int, between: Callable[[], None] = lambda: None
) -> Callable[[float], Awaitable[None]]:
    """A pause that takes no time, and ends it all after so many."""
    left = [looks]

    async def pause(seconds: float) -> None:
        left[0] -= 1
        if not left[0]:
            raise Looks
        between()

    return pause


def certificates(folder: Path) -> ssl.SSLContext:
    """What a provider with the throw-away certificate of the tests speaks."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return context
