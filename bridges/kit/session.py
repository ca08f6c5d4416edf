"""Tokens that a platform renews: written down before they are used, or the account is lost.

Many platforms give a new pair of tokens at each renewal and end the old one. A node that dies in
between, and had not written the new pair, would need its operator; and one that forgets its session
at each start would log in too often. So a session lies in a folder beside the operator's secret,
``NAME.session``, and is worth something only together with that very secret: a new password or
token there begins a new session. The node grants that folder to the bridges of ours that keep one;
a bridge of another package keeps it in the ``folder`` of its section.

A command and the node may have one account at the same time. So whoever is about to renew loads the
session again first: what somebody else has renewed meanwhile is used, not renewed once more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import trio

from bridges.kit.secrets import BadSecret, read_secret, write_secret

ENDING: Final = ".session"
HELD: Final = "held"
"""The file in the folder beside a secret."""


class Session:
    """The session that belongs to the secret file at ``path``. What it holds are JSON values.

    ``folder``: where it is kept, as ``NAME.session``, instead of beside the secret. A bridge of
    another package gives the ``folder`` of its section: nothing else can be written there.
    """

    def __init__(self, path: str, folder: str = "") -> None:
        name = Path(path).name + ENDING
        self._file = Path(folder, name) if folder else Path(path).with_name(name) / HELD
        self._makes_room = not folder
        self._of = hashlib.sha256(read_secret(path)).hexdigest()
        self.turn = trio.Lock()
        """Whoever renews holds it, so that two requests do not renew at the same time."""

    def load(self) -> dict[str, Any]:
        """What was stored last with this secret; empty if there is nothing, or it is damaged."""
        try:
            held = json.loads(read_secret(str(self._file)))
        except (BadSecret, ValueError, RecursionError):
            return {}
        if not isinstance(held, dict) or held.pop("of", None) != self._of:
            return {}
        return held

    async def store(self, held: Mapping[str, Any]) -> None:
        """Durable before it returns, also when it is cancelled: then use it. At most 8,192 bytes.

        Raises OSError: then the platform's old pair may be gone already, so use the new one all
        the same, and say in ``check`` that it cannot be kept. Where nothing but the old pair opens
        the account, store that before it is renewed: renew nothing that could not be kept."""
        written = json.dumps({"of": self._of, **held}).encode()
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(self._write, written)

    def _write(self, written: bytes) -> None:
        if self._makes_room:
            self._file.parent.mkdir(mode=0o700, exist_ok=True)
        write_secret(str(self._file), written)
