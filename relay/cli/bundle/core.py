"""What ``relay bundle`` asks of the running core, and gives it: batches, in pieces."""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from relay.control import ask
from relay.errors import Asked, NoNode
from relay.wire.batch import MOST_IDS, Batch
from relay.wire.pack import pack, unpack

PIECE: Final = 45 * 1024
"""Bytes of a batch in one request: in base64, with what stands around it, less than 64 KiB."""

ANSWER_S: Final = 300.0
"""Seconds for an answer: the core waits for its disk, and for a turn."""


class Core:
    """The core of one node, by its control socket. Every call may raise NoNode or Asked."""

    def __init__(self, control: Path) -> None:
        self._control = control

    def waiting(self, peer: str) -> tuple[set[bytes], set[bytes]]:
        """The ids of all envelopes that wait for a peer: those that may go now, and the others."""
        now: set[bytes] = set()
        later: set[bytes] = set()
        for answer in self._ask({"do": "carry-ids", "peer": peer}):
            now |= {bytes.fromhex(id) for id in answer["ids"]}
            later |= {bytes.fromhex(id) for id in answer["later"]}
        return now, later

    def out(self, peer: str) -> Iterator[Batch]:
        """All that is for a peer, batch after batch."""
        return _batches(self._ask({"do": "carry-out", "peer": peer}))

    def take_in(self, peer: str, batch: Batch) -> Batch | None:
        """Give the core what came of a peer: what goes back, once all of it is durable; None where
        it cannot be kept now."""
        content, token = pack(batch), secrets.token_hex(16)
        answers: Iterator[Any] = iter(())
        for at in range(0, len(content), PIECE):
            piece = b64encode(content[at : at + PIECE]).decode()
            about = {"peer": peer, "token": token, "of": len(content), "at": at}
            for answer in (answers := self._ask({"do": "carry-in", **about, "piece": piece})):
                if "kept" in answer:
                    return next(_batches(answers)) if answer["kept"] else None
        raise NoNode("the relay ended while it answered; try again")

    def remember(self, peer: str, ids: Sequence[bytes]) -> None:
        """These are durable here, and no receipt for them could be written."""
        for at in range(0, len(ids), MOST_IDS // 4):
            some = [id.hex() for id in ids[at : at + MOST_IDS // 4]]
            list(self._ask({"do": "carry-back", "peer": peer, "ids": some}))

    def _ask(self, request: Mapping[str, Any]) -> Iterator[Any]:
        return ask(self._control, request, timeout_s=ANSWER_S)


def _batches(answers: Iterator[Any]) -> Iterator[Batch]:
    """Batches of which each was said how long it is, before its pieces came."""
    of, content = 0, b""
    for answer in answers:
        if "batch" in answer:
            of, content = int(answer["batch"]), b""
            continue
        content += b64decode(answer["piece"])
        if len(content) == of:
            yield unpack(Batch, content)
        elif len(content) > of:
            raise Asked("this node answers in another way: is it of the same version?")
