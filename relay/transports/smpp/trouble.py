"""What can go wrong with a centre, in our own words, with what to do about it.

Three states of the board: "login", when the operator must do something, "blocked", when waiting
helps or the network is to be looked at, and "spent", when the provider takes no more answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from aiosmpplib import SmppCommandStatus as Status

from relay.model import Later, Outcome, Posted, Refused, Stopped
from relay.reach.trying import NoWay
from relay.reach.unreached import why_of
from relay.rules.routes import Failure

State = Literal["works", "login", "blocked", "spent"]


class Trouble(Exception):
    """A session cannot be had, or has ended: the state for the board, and why."""

    def __init__(self, state: State, why: str) -> None:
        super().__init__(why)
        self.state = state
        self.why = why


BROKE: Final = "the connection broke: it is tried again"
SILENT: Final = "it does not answer any more: it is tried again"
GARBAGE: Final = "what it says is no SMPP: look at host, port and tls"
ENDED: Final = "it ended the session: it is tried again"

_OWN: Final[Mapping[Failure, str]] = {
    "block page": "it speaks no TLS that we do: look at port, or ask the provider for its TLS port",
    "refused": "nobody listens there: look at host and port, and at the tunnel if there is one",
}

_ACCOUNT: Final = {
    Status.ESME_RBINDFAIL,
    Status.ESME_RINVPASWD,
    Status.ESME_RINVSYSID,
    Status.ESME_RINVSYSTYP,
}
_LATER: Final = {Status.ESME_RTHROTTLED, Status.ESME_RMSGQFUL}


def connecting(error: Exception) -> Trouble:
    """Why no connection could be made."""
    if isinstance(error, NoWay):
        return Trouble("blocked", why_of(error, _OWN))
    if isinstance(error, OSError):  # what stands in ca_file is not there, or is none
        return Trouble("login", "ca_file cannot be used: it should be a certificate in PEM")
    return Trouble("blocked", "it cannot be reached: look at host, port and network")


def refused_bind(status: int) -> Trouble:
    """Why a bind was not accepted (SMPP 3.4, 5.1.3)."""
    if status in _ACCOUNT:
        why = "user, password or system_type is not accepted: put right what the provider gave you"
        return Trouble("login", why)
    if status == Status.ESME_RALYBND:
        why = "this account is bound already: is another program using it? it is tried again"
        return Trouble("blocked", why)
    if status in _LATER:
        return Trouble("spent", "the provider takes no more from this account for now")
    return Trouble("blocked", f"the bind was refused with status {status:#x}: ask the provider")


def outcome_of(status: int, no_credit: frozenset[int]) -> Outcome:
    """What became of an answer, by the status of submit_sm_resp. ``no_credit`` are the statuses by
    which this provider says that the account is empty: SMPP itself has none."""
    if status == Status.ESME_ROK:
        return Posted("")
    if status in no_credit:
        return Stopped("the account at the provider has no credit", "top it up")
    if status in _LATER:
        return Later("the provider takes no more answers for now")
    if status == Status.ESME_RSYSERR:
        return Later("the centre has a fault")
    return Refused(f"status {status:#x}")


def fares(status: int, no_credit: frozenset[int]) -> tuple[State, str] | None:
    """What the status of an answer says of the account as a whole, if it says anything."""
    outcome = outcome_of(status, no_credit)
    if isinstance(outcome, Stopped):
        return "spent", f"{outcome.why}: {outcome.action}"
    if isinstance(outcome, Later) and status in _LATER:
        return "spent", outcome.why
    return ("works", "") if isinstance(outcome, Posted) else None
