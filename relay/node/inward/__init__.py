"""The transports of a door, by kind: each file here wires those of one sort."""

from __future__ import annotations

from typing import Final

from relay.node.inward.form import form
from relay.node.inward.gammu import gammu
from relay.node.inward.mail import imap, lmtp, smtp
from relay.node.inward.opening import AnswerTo, Builders, Opened, Opening, Ready, Serving
from relay.node.inward.smpp import smpp
from relay.node.inward.sms import sms
from relay.node.inward.telegram import telegram

__all__ = ["BUILDERS", "AnswerTo", "Opened", "Opening", "Ready", "Serving"]

BUILDERS: Final[Builders] = {
    "smtp": smtp,
    "lmtp": lmtp,
    "imap": imap,
    "sms": sms,
    "form": form,
    "telegram": telegram,
    "smpp": smpp,
    "gammu": gammu,
}
"""How to open each kind of transport."""
