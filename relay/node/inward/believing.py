"""What a way in by mail believes of a sender, and how it answers, as its section says."""

from __future__ import annotations

from relay.config import SmtpIn
from relay.config.inward.believing import Believing
from relay.keyfiles import read_line
from relay.node.inward.opening import AnswerTo, Opening
from relay.transports.answering.answers import Answers
from relay.transports.answering.submission import Account
from relay.transports.trust import Trust
from relay.transports.verdicts.provider import Provided


def trust_of(at: Believing) -> Trust | None:
    """None where nothing is looked at."""
    if at.verdicts == "provider":
        return Trust(Provided(at.authserv_id), answers=at.answers == "asked")
    if isinstance(at, SmtpIn) and at.verdicts == "compute":
        # Imported here: no other node needs what asks the DNS.
        from relay.transports.verdicts.compute import Computed
        from relay.transports.verdicts.dns import Names

        return Trust(Computed(Names(at.resolver)), answers=at.answers == "asked")
    return None


def answers_of(at: Believing, opening: Opening) -> AnswerTo | None:
    """None where nobody is answered."""
    if at.answers == "none":
        return None
    ca_file = str(opening.at(at.ca_file)) if at.ca_file else ""
    account = Account(at.answer_host, at.answer_port, at.answer_tls, at.answer_user, ca_file)
    password = opening.at(at.answer_password_file)
    made = Answers(account, at.answer_from, lambda: read_line(password), opening.clock)
    return made.answer
