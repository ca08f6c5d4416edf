"""What a stand-in holds, and what a test may do to it from outside."""

from __future__ import annotations

from secrets import token_hex, token_urlsafe
from typing import Any, Final, Literal

from relay.ports import Clock
from relay.testing.loopback import Loopback
from relay.testing.matrix.devices import Devices
from relay.testing.matrix.limits import Window
from relay.testing.matrix.media import Media
from relay.testing.matrix.posts import Post, seen
from relay.testing.matrix.room import MESSAGE, Event, Room
from relay.testing.matrix.says import No, Wait

State = Literal[
    "", "locked", "suspended", "deactivated", "over_limit", "no_consent", "muted", "outside"
]

IN_THE_WAY: Final[dict[State, No]] = {
    "suspended": No(
        403, "M_USER_SUSPENDED", "Sending messages while account is suspended is not allowed."
    ),
    "over_limit": No(
        403,
        "M_RESOURCE_LIMIT_EXCEEDED",
        "This homeserver has exceeded one of its resource limits",
        admin_contact="mailto:admin@server.example",
        limit_type="monthly_active_user",
    ),
    "no_consent": No(
        403,
        "M_CONSENT_NOT_GIVEN",
        "To continue you must accept the terms",
        consent_uri="https://server.example/_matrix/consent",
    ),
    "muted": No(403, "M_FORBIDDEN", "You don't have permission to post that to the room."),
    "outside": No(403, "M_FORBIDDEN", "User not in room."),
}
"""What keeps an account from sending."""


class House(Loopback):
    """A homeserver with one account, in one room: ``account`` (its user id), ``password``, ``room``
    (its id) and ``alias``; and ``token``, an access token of the device ``device`` that lasts.

    Settable at any time: ``requests_allowed`` and ``logins`` (windows), ``says_wait`` (where a 429
    says how long), ``lists_late_s`` (listings and sync lag so far behind), ``keys_s`` (how long a
    transaction is remembered), ``devices.lasts_s``, ``media.most_bytes``, ``encrypted`` (the room
    says that it is), ``state`` (what is the matter with the account). A homeserver does not work on
    files, so nothing here takes time for that.
    """

    max_body_bytes = 128 * 1024 * 1024

    def __init__(self, *, clock: Clock, requests_allowed: int = 10_000) -> None:
        super().__init__()
        self.server = "server.example"
        self.account = f"@r{token_hex(4)}:{self.server}"
        self.password = token_hex(16)
        self.alias = f"#news{token_hex(2)}:{self.server}"
        self.lists_late_s = 0
        self.encrypted = False
        self.state: State = ""
        self.calls = Window(requests_allowed, 60)
        self.logins = Window(5, 300)
        self.devices = Devices()
        self.media = Media(self.server)
        self.clock = clock
        self._room = Room(f"!{token_urlsafe(12)}:{self.server}")
        self.device = f"R{token_hex(4).upper()}"
        self.token = str(
            self.devices.begin(self.device, clock.now(), refreshes=False)["access_token"]
        )

    @property
    def requests_allowed(self) -> int:
        """How many calls in 60 s."""
        return self.calls.allowed

    @requests_allowed.setter
    def requests_allowed(self, many: int) -> None:
        self.calls.allowed = many

    @property
    def says_wait(self) -> Wait:
        """Where a 429 says how long."""
        return self.calls.says

    @says_wait.setter
    def says_wait(self, says: Wait) -> None:
        self.calls.says = self.logins.says = says

    @property
    def keys_s(self) -> int:
        """How long a transaction is remembered, of those made from now on."""
        return self._room.keys_s

    @keys_s.setter
    def keys_s(self, lasts_s: int) -> None:
        self._room.keys_s = lasts_s

    # ------------------------------------------------------------ what is there

    @property
    def timeline(self) -> Room:
        """The room with all its events."""
        return self._room

    @property
    def room(self) -> str:
        """The id of the room."""
        return self._room.id

    @property
    def public(self) -> list[Post]:
        """The messages of the account that anybody in the room can see, in order; each once, in its
        newest version, and none that was redacted."""
        return [
            self._seen(one)
            for one in self._room.events
            if one.type == MESSAGE
            and one.sender == self.account
            and not one.redacted_by
            and one.relation.get("rel_type") != "m.replace"
        ]

    @property
    def texts(self) -> list[str]:
        """The plain texts of ``public``."""
        return [one.text for one in self.public]

    def _seen(self, event: Event) -> Post:
        return seen(event, self._room.edit_of(event), self.media.get)

    # ------------------------------------------------------------ what people do

    def put(self, text: str, **more: Any) -> Post:
        """A message of the same account that no bridge sent; ``more``: further content."""
        return self._said(self.account, {"msgtype": "m.text", "body": text, **more})

    def say(self, text: str, by: str) -> Post:
        """Somebody (``name:server.example``) says something in the room."""
        return self._said(f"@{by}", {"msgtype": "m.text", "body": text})

    def reply(self, to: Post | str, text: str, by: str) -> Post:
        """Somebody answers a message (or its event id), in its thread: one begins if there is
        none."""
        parent = self._room.get(to if isinstance(to, str) else to.id)
        threaded = parent.relation.get("rel_type") == "m.thread"
        relation = {
            "rel_type": "m.thread",
            "event_id": parent.relation["event_id"] if threaded else parent.id,
            "is_falling_back": False,
            "m.in_reply_to": {"event_id": parent.id},
        }
        said = {"msgtype": "m.text", "body": text, "m.relates_to": relation}
        return self._said(f"@{by}", said)

    def _said(self, by: str, content: dict[str, Any]) -> Post:
        return self._seen(self._room.send(MESSAGE, by, content, self.clock.now()))

    # ------------------------------------------------------------ what happens to the account

    def unlocked(self) -> None:
        """Look whether the account is not locked. Raises No."""
        if self.state == "locked":
            said = "This account has been locked"
            raise No(401, "M_USER_LOCKED", said, soft_logout=True)

    def forget_keys(self) -> None:
        """No transaction is remembered any more, as on a server that keeps them in memory and was
        started again."""
        self._room.forget_keys()

    def expire(self) -> None:
        """The access tokens have run out; a refresh works, or a login with the same device."""
        self.devices.expire()

    def revoke(self) -> None:
        """No token works any more; a new login does."""
        self.devices.revoke()

    def lock(self) -> None:
        """The account is locked: nothing works, and its sessions wait."""
        self.state = "locked"

    def suspend(self) -> None:
        """The account may read, and not send."""
        self.state = "suspended"

    def deactivate(self) -> None:
        """The account is gone for good, and its sessions with it."""
        self.state = "deactivated"
        self.devices.revoke()

    def mute(self) -> None:
        """The account has no right to send to the room."""
        self.state = "muted"

    def kick(self) -> None:
        """The account is not in the room any more. It may join again."""
        self.state = "outside"

    def broke(self) -> None:
        """The homeserver takes no more from its users, for want of means."""
        self.state = "over_limit"

    def restore(self) -> None:
        """The account is as it was at first."""
        self.state = ""
