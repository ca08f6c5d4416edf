"""What a way in by mail believes of a sender, and how it answers, as its section says."""

from __future__ import annotations

from relay.config import SmtpIn
from relay.config.inward.believing import Believing
from relay.keyfiles import read_line
from relay.mailing.submission import Account
from relay.node.inward.opening import AnswerTo, Opening
from relay.node.inward.reaching import routes_of
from relay.transports.answering.answers import Answers
from relay.transports.trust import Judge, Trust
from relay.transports.verdicts.provider import Provided


def trust_of(at: Believing, opening: Opening) -> Trust | None:
    """None where nothing is looked at."""
    judge = _judge_of(at, opening)
    if judge is None:
        return None
    answers, now = at.answers == "asked", opening.clock.now
    return Trust(judge, now=now, answers=answers, ours=at.own_addresses())


def _judge_of(at: Believing, opening: Opening) -> Judge | None:
    if at.verdicts == "provider":
        return Provided(at.authserv_id)
    if isinstance(at, SmtpIn) and at.verdicts == "compute":
        # Imported here: no other node needs what asks the DNS.
        from relay.transports.verdicts.compute import Computed
        from relay.transports.verdicts.dns import Names

        return Computed(Names(at.resolver), now=opening.clock.now)
    return None


def answers_of(at: Believing, opening: Opening) -> AnswerTo | None:
    """None where nobody is answered."""
    if at.answers == "none":
        return None
    ca_file = str(opening.at(at.ca_file)) if at.ca_file else ""
    account = Account(at.answer_host, at.answer_port, at.answer_tls, at.answer_user, ca_file)
    password = opening.at(at.answer_password_file)
    routes = routes_of(at, opening)
    made = Answers(account, at.answer_from, lambda: read_line(password), opening.clock, routes)
    return made.answer
