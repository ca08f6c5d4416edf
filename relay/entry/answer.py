"""The last step of an answer: a token is opened, and its text goes to the transport it came by.

The core knows the text and not for whom it is; this file learns both, gives them to the transport,
and forgets. A token is good once. What cannot be opened is counted, and nothing is said of it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from relay.errors import Damaged
from relay.wire.names import SHORT
from relay.wire.primitives import digest
from relay.wire.token import ReturnKey, open_answer, open_token

MOST_USED: Final = 10_000
"""Tokens that are remembered as used: about 2 MB. The core sends each answer once; this guards
against a core that was made to send one again."""

MOST_TEXT: Final = 8 * 1024
"""Bytes of the longest answer: chat's safety text has 1,000 characters."""


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """An answer on its last step: the way back as its transport wrote it, and the text. What stands
    in a way back before its first zero byte names the sender, of SMS by the number."""

    way_back: bytes
    text: str

    @property
    def who(self) -> bytes:
        """The sender, by what every message of theirs has the same."""
        return self.way_back.partition(b"\x00")[0]


HandOn = Callable[[Reply], None]
"""Gives a reply to a transport, which sends it at once or with others later."""


class Answers:
    """Opens what comes from the core. ``transports`` are those of this door that answer."""

    def __init__(self, transports: Mapping[str, HandOn]) -> None:
        self._transports = transports
        self._keys: Mapping[bytes, bytes] = {}
        self._used: OrderedDict[bytes, None] = OrderedDict()

    def renew(self, keys: Sequence[ReturnKey]) -> None:
        """Open tokens of these days from now on, and of no other."""
        self._keys = {one.id: one.key for one in keys}

    def answer(self, token: bytes, sealed: bytes) -> bool:
        """Hand an answer on; False if that cannot be done. Never raises."""
        try:
            name, reply = self._opened(token, sealed)
        except (Damaged, ValueError):
            return False
        hand_on = self._transports.get(name)
        if hand_on is None:
            return False  # it was taken out of the settings, or does not answer any more
        hand_on(reply)
        return True

    def _opened(self, token: bytes, sealed: bytes) -> tuple[str, Reply]:
        """The transport's name and the reply. Raises Damaged, or ValueError for what is no text."""
        answer_key, address = open_token(token, self._keys)
        self._use(token)
        if len(sealed) > MOST_TEXT:
            raise Damaged
        name, _, way_back = address.partition(b"\x00")
        return name.decode(), Reply(way_back, open_answer(answer_key, sealed).decode())

    def _use(self, token: bytes) -> None:
        """A token that opens is used from here on, whatever becomes of it. Raises Damaged."""
        known_as = digest(token)[:SHORT]
        if known_as in self._used:
            raise Damaged
        self._used[known_as] = None
        if len(self._used) > MOST_USED:
            self._used.popitem(last=False)
