"""The newest keys that an exit has signed, for its entries: as they stand in ``exit.key``, so that
they are durable, and known while that is locked."""

from __future__ import annotations

from relay.errors import Damaged
from relay.node.crossing.returning import NO_KEYS, Newest
from relay.node.exit_key import ExitKey
from relay.wire.bundle import read_bundle


class NewestKeys:
    """Those of one file; looked at anew when it was written anew."""

    def __init__(self, exit_key: ExitKey) -> None:
        self._exit_key = exit_key
        self._of: object = None
        self._newest = NO_KEYS

    def __call__(self) -> Newest:
        """What goes to an entry that has older ones; nothing, where none were ever signed."""
        public = self._exit_key.public
        if public is not self._of:
            self._of, self._newest = public, self._read(public.identity)
        return self._newest

    def _read(self, identity: bytes) -> Newest:
        signed = self._exit_key.bundle
        try:
            return Newest(read_bundle(signed, identity).serial, signed) if signed else NO_KEYS
        except Damaged:  # of another identity: no entry would take it
            return NO_KEYS
