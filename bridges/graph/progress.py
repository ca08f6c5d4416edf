"""What is kept of a try at a part, so that the next one goes on from there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """``media`` are the ids of what was uploaded, in order; ``made`` the post (or the film) that
    exists and nobody sees yet. ``tried``: a request that publishes may have left."""

    media: tuple[str, ...] = ()
    made: str = ""
    tried: bool = False

    def written(self) -> bytes:
        """For ``keep``: some hundred bytes."""
        return json.dumps(asdict(self)).encode()


def kept(written: bytes) -> Progress:
    """What an earlier try kept; nothing, if it is empty. Raises ValueError for anything else."""
    if not written:
        return Progress()
    made = json.loads(written)
    return Progress(tuple(made["media"]), str(made["made"]), bool(made["tried"]))
