"""What a stand-in holds, and what a test may do to it from outside."""

from __future__ import annotations

import hashlib
from secrets import choice, token_hex
from typing import Any, Final

from relay.model import Instant
from relay.ports import Clock
from relay.testing.bluesky.blobs import Blobs
from relay.testing.bluesky.lexicon import FACET, POST
from relay.testing.bluesky.limits import Limits
from relay.testing.bluesky.marks import cid_of_record, tid
from relay.testing.bluesky.posts import Post, seen
from relay.testing.bluesky.repo import Kept, Repo, Write
from relay.testing.bluesky.says import iso
from relay.testing.bluesky.sessions import Sessions
from relay.testing.bluesky.video import Videos
from relay.testing.bluesky.views import Account, Sight
from relay.testing.loopback import Loopback

LETTERS: Final = "234567abcdefghijklmnopqrstuvwxyz"


def _password() -> str:
    """As the settings page makes an app password."""
    return "-".join("".join(choice(LETTERS) for _ in range(4)) for _ in range(4))


class House(Loopback):
    """A server with one account: ``account`` (its DID), ``handle``, ``password`` (an app password)
    and ``main_password``, with which nobody gets in without a code from a mail.

    Settable at any time: ``requests_allowed`` and the windows of ``limits``; ``lists_late_s``: the
    posts of others, and notifications, come so late; ``blobs.kept_s``: a file that no record names
    is gone after that; ``blob_bytes``: the largest file; ``sessions.grace_s``: how long an old
    refresh token works; ``videos``: the work on them, and its limits.
    """

    max_body_bytes = 128 * 1024 * 1024

    def __init__(self, *, clock: Clock, requests_allowed: int = 3000) -> None:
        super().__init__()
        self.account = "did:plc:" + "".join(choice(LETTERS) for _ in range(24))
        self.handle = f"r{token_hex(4)}.test.example"
        self.password = _password()
        self.main_password = token_hex(16)
        self.lists_late_s = 0
        self.blob_bytes = 50_000_000
        self.status: str | None = None
        self.limits = Limits(requests_allowed)
        self.sessions = Sessions(self.account, self.service)
        self.blobs = Blobs()
        self.videos = Videos(self.account, self.blobs)
        self.repo = Repo(self.account, self.blobs)
        self.seen: Instant = 0
        self.clock = clock
        self.others: dict[str, Account] = {}
        self.strangers: dict[str, Kept] = {}

    @property
    def service(self) -> str:
        """The server's own DID."""
        return "did:web:127.0.0.1"

    @property
    def media_takes_s(self) -> int:
        """The work on a video."""
        return self.videos.takes_s

    @media_takes_s.setter
    def media_takes_s(self, takes_s: int) -> None:
        self.videos.takes_s = takes_s

    @property
    def requests_allowed(self) -> int:
        """How many calls in 300 s."""
        return self.limits.calls.allowed

    @requests_allowed.setter
    def requests_allowed(self, many: int) -> None:
        self.limits.calls.allowed = many

    # ------------------------------------------------------------ what is there

    @property
    def public(self) -> list[Post]:
        """The posts of the account that anybody can see, in the order in which they were made. A
        suspended or closed account has none."""
        if self.status:
            return []
        own = [one for one in self.repo.records.values() if one.collection == POST]
        return [self._seen(one) for one in sorted(own, key=lambda one: one.number)]

    @property
    def texts(self) -> list[str]:
        """The plain texts of ``public``."""
        return [one.text for one in self.public]

    def sight(self) -> Sight:
        """What the service for readers shows now."""
        late = self.clock.now() - self.lists_late_s
        own = [] if self.status else list(self.repo.records.values())
        others = [one for one in self.strangers.values() if one.made <= late]
        posts = {one.uri: one for one in own + others if one.collection == POST}
        return Sight(posts, lambda uri: self.who(uri.split("/")[2]))

    def who(self, did: str) -> Account:
        """The account that has a DID."""
        return self.others.get(did) or Account(self.account, self.handle)

    # ------------------------------------------------------------ what people do

    def put(self, text: str, **more: Any) -> Post:
        """A post of the same account that no bridge made; ``more``: further fields of its record.
        What the lexicon does not allow raises an error."""
        now = self.clock.now()
        record = {"$type": POST, "text": text, "createdAt": iso(now), **more}
        made = self.repo.put(Write(POST, self.repo.key(now), record), now)
        return self._seen(self.repo.records[made["uri"]])

    def reply(self, to: Post | str, text: str, by: str) -> Post:
        """Somebody, named by a handle, answers a post (or its AT URI): anybody's."""
        parent = self._posts()[to if isinstance(to, str) else to.id]
        here = {"uri": parent.uri, "cid": parent.cid}
        root = parent.value.get("reply", {}).get("root", here)
        return self._strange(by, {"text": text, "reply": {"root": root, "parent": here}})

    def mention(self, text: str, by: str) -> Post:
        """Somebody names the account in a post of their own, in front of the text."""
        shown = f"@{self.handle}"
        feature = {"$type": f"{FACET}#mention", "did": self.account}
        index = {"byteStart": 0, "byteEnd": len(shown)}
        facets = [{"index": index, "features": [feature]}]
        return self._strange(by, {"text": f"{shown} {text}", "facets": facets})

    def _strange(self, by: str, record: dict[str, Any]) -> Post:
        now = self.clock.now()
        digest = hashlib.sha256(by.encode()).digest()
        did = "did:plc:" + "".join(LETTERS[byte & 31] for byte in digest[:24])
        self.others[did] = Account(did, by)
        key = tid(now * 1_000_000 + len(self.strangers), 1)
        uri = f"at://{did}/{POST}/{key}"
        whole = {"$type": POST, "createdAt": iso(now), **record}
        self.strangers[uri] = Kept(len(self.strangers), uri, cid_of_record(whole), whole, now)
        return self._seen(self.strangers[uri])

    def _posts(self) -> dict[str, Kept]:
        return {**self.repo.records, **self.strangers}

    def _seen(self, one: Kept) -> Post:
        return seen(one, self._posts(), lambda cid: self.blobs.get(cid, self.clock.now()))

    # ------------------------------------------------------------ what happens to the account

    def expire(self) -> None:
        """The access tokens have run out; a refresh works."""
        self.sessions.expire()

    def revoke(self) -> None:
        """No token works any more; a new login does."""
        self.sessions.revoke()

    def revoke_password(self) -> None:
        """The app password was taken back, and with it its sessions. ``password`` is a new one."""
        self.sessions.revoke()
        self.password = _password()

    def suspend(self) -> None:
        """The account was taken down by those who run the server."""
        self.status = "takendown"

    def deactivate(self) -> None:
        """Its owner has put it to sleep. It can log in, and do no more."""
        self.status = "deactivated"

    def restore(self) -> None:
        """The account is as it was before ``suspend`` or ``deactivate``."""
        self.status = None
