"""Opens the transport of SMS from a centre."""

from __future__ import annotations

from relay.config.inward import SmppIn
from relay.keyfiles import read_line
from relay.node.inward.opening import Opened, Opening
from relay.node.inward.reaching import routes_of


def smpp(at: SmppIn, opening: Opening) -> Opened:
    """A bind to a centre. It remembers which messages may come again."""
    # imported only where there is a centre: the library is for nothing else
    from relay.transports.smpp import Account, Smpp, SmppLimits, Where

    def account() -> Account:
        password = read_line(opening.at(at.password_file)).decode("ascii", "replace")
        return Account(at.user, password, at.system_type, at.bind, at.address_range)

    ca_file = str(opening.at(at.ca_file)) if at.ca_file else ""
    answers = at.answers == "asked"
    made = Smpp(
        opening.name,
        Where(at.host, at.port, at.tls, ca_file),
        at.channel,
        account=account,
        store=opening.kept("again"),
        clock=opening.clock,
        faring=opening.faring,
        service=opening.service,
        turned_away=opening.turned_away,
        alive=opening.alive,
        default=at.default_alphabet,
        answers=answers,
        no_credit=frozenset(at.no_credit),
        limits=SmppLimits(enquire_s=at.enquire),
        routes=routes_of(at, opening),
    )
    return Opened(
        run=lambda ready: made.run(opening.take_in, ready),
        answer=made.answer if answers else None,
        alone=True,
    )
