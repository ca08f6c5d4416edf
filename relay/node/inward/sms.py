"""Opens the transports of SMS that a gateway brings."""

from __future__ import annotations

from relay.config import SmsIn
from relay.keyfiles import read_line
from relay.node.inward.opening import Opened, Opening
from relay.transports.sms import GATEWAYS, Sms


def sms(at: SmsIn, opening: Opening) -> Opened:
    """A gateway's webhook."""
    secret = read_line(opening.at(at.secret_file))
    made = Sms(
        opening.name,
        GATEWAYS[at.gateway](secret),
        at.channel,
        opening.take_in,
        opening.clock,
        service=opening.service,
        ignored=opening.service,
        turned_away=opening.turned_away,
        alive=opening.alive,
    )
    return Opened(inlet=made)
