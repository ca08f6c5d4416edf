"""How somebody comes in: by a passphrase and a code, or the first time by a link."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from relay.errors import Asked
from relay.node.desk.audit import Audit
from relay.node.desk.proofs import WRONG, Proofs
from relay.node.desk.sessions import Sessions
from relay.node.desk.throttle import Throttle
from relay.node.desk.userfile import User
from relay.node.desk.users import digest_of
from relay.rules.rights import TERMINAL

Answer = Mapping[str, Any]

MOST_SAID: Final = 1024
"""Characters of whatever somebody says of themselves."""


NOT_PROVED: Final = "the name, the passphrase or the code is wrong; each code is good once"
"""What the terminal says of that, where there is nobody else to read it."""


class SigningIn:
    """The way in to the desk of one node."""

    def __init__(
        self, proofs: Proofs, sessions: Sessions, throttle: Throttle, audit: Audit
    ) -> None:
        self._proofs = proofs
        self._sessions = sessions
        self._throttle = throttle
        self._audit = audit
        self._wrong: Counter[str] = Counter()

    async def sign_in(self, order: Mapping[str, Any]) -> Answer:
        """A session for who has shown a passphrase and a code. Raises Asked."""
        handle, device = _said(order, "name").strip().lower(), order.get("device")
        known = self._proofs.has_device(handle, device)
        self._wait(self._throttle.known(known) if known else self._throttle.anybody(handle))
        user = await self._proved(handle, order)
        # At once: who is removed, or given other roles, while the rest goes on is signed out again.
        session = self._sessions.begin(user.handle, frozenset(user.roles))
        if not known:
            device = await self._proofs.new_device(user.handle)
        await self._audit.write(user.handle, "sign-in", anyway=True)
        return {"session": session, "device": device, "handle": user.handle}

    async def at_terminal(self, said: object) -> User:
        """Who proves at the terminal who they are: no stranger's tries are in their way. Raises
        Asked."""
        if not isinstance(said, dict):
            raise Asked(NOT_PROVED)
        self._wait(self._throttle.known(TERMINAL))
        try:
            return await self._proved(_said(said, "name"), said)
        except Asked as refused:
            raise Asked(NOT_PROVED if str(refused) == WRONG else str(refused)) from None

    async def _proved(self, handle: str, said: Mapping[str, Any]) -> User:
        try:
            passphrase, code = _said(said, "passphrase"), _said(said, "code")
            return await self._proofs.proved(handle, passphrase, code)
        except Asked:
            self._wrong[self._proofs.named(handle)] += 1
            raise

    def joining(self, order: Mapping[str, Any]) -> Answer:
        """What a link is good for. Raises Asked."""
        return self._proofs.joining(_said(order, "link"))

    async def join(self, order: Mapping[str, Any]) -> Answer:
        """Give whoever has a link their passphrase, and a browser from which they can sign in
        whatever strangers do. Raises Asked."""
        link = _said(order, "link")
        self._proofs.joining(link)
        self._wait(self._throttle.known(digest_of(link)))
        handle = await self._proofs.join(link, _said(order, "passphrase"), _said(order, "code"))
        await self._audit.write(handle, "join", anyway=True)
        return {"handle": handle, "device": await self._proofs.new_device(handle)}

    async def count(self) -> None:
        """Write down how often somebody was not let in since the last time. Raises Asked."""
        wrong, self._wrong = self._wrong, Counter()
        for handle, times in wrong.items():
            await self._audit.write(handle, "sign-in wrong", said=f"times {times}")

    def _wait(self, seconds: int) -> None:
        if seconds:
            raise Asked(f"wait {seconds} s")


def _said(order: Mapping[str, Any], key: str) -> str:
    """A text of an order, of a length that costs nothing; empty if there is none."""
    said = order.get(key)
    return said[:MOST_SAID] if isinstance(said, str) else ""
