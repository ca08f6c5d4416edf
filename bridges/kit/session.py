"""Tokens that a platform renews: written down before they are used, or the account is lost.

Many platforms give a new pair of tokens at each renewal and end the old one. A node that dies in
between, and had not written the new pair, would need its operator; and one that forgets its session
at each start would log in too often. So a session lies in a file beside the operator's secret,
``NAME.session``, and is worth something only together with that very secret: a new password or
token there begins a new session.

A command and the node may have one account at the same time. So whoever is about to renew loads the
session again first: what somebody else has renewed meanwhile is used, not renewed once more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

import trio

from bridges.kit.secrets import BadSecret, read_secret, write_secret

ENDING: Final = ".session"


class Session:
    """The session that belongs to the secret file at ``path``. What it holds are JSON values."""

    def __init__(self, path: str) -> None:
        self._file = path + ENDING
        self._of = hashlib.sha256(read_secret(path)).hexdigest()
        self.turn = trio.Lock()
        """Whoever renews holds it, so that two requests do not renew at the same time."""

    def load(self) -> dict[str, Any]:
        """What was stored last with this secret; empty if there is nothing, or it is damaged."""
        try:
            held = json.loads(read_secret(self._file))
        except (BadSecret, ValueError, RecursionError):
            return {}
        if not isinstance(held, dict) or held.pop("of", None) != self._of:
            return {}
        return held

    async def store(self, held: Mapping[str, Any]) -> None:
        """Durable before it returns, also when it is cancelled: then use it. At most 8,192 bytes.

        Raises OSError: then the platform's old pair may be gone already, so use the new one all
        the same, and say in ``check`` that it cannot be kept."""
        written = json.dumps({"of": self._of, **held}).encode()
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(write_secret, self._file, written)
