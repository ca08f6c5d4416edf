"""Opens the transport of SMS that Gammu SMSD writes down."""

from __future__ import annotations

from relay.config.inward import GammuIn
from relay.node.inward.opening import Opened, Opening
from relay.transports.gammu import Gammu
from relay.transports.gammu.database import Database


def gammu(at: GammuIn, opening: Opening) -> Opened:
    """A database that is looked into. It remembers that what lay there first was left."""
    answers = at.answers == "asked"
    made = Gammu(
        opening.name,
        Database(opening.at(at.database), at.phone),
        at.channel,
        store=opening.kept("seen"),
        faring=opening.faring,
        service=opening.service,
        turned_away=opening.turned_away,
        alive=opening.alive,
        every_s=at.every,
        existing=at.existing,
        answers=answers,
    )
    return Opened(
        run=lambda ready: made.run(opening.take_in, ready),
        answer=made.answer if answers else None,
        fetches=True,
    )
