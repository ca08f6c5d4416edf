"""The ways in: a model for each kind of ``[transports.NAME]``, and the union of them all."""

from __future__ import annotations

from typing import Annotated, Final, get_args

from pydantic import Field

from relay.config.inward.common import WayIn
from relay.config.inward.form import FormIn
from relay.config.inward.gammu import GammuIn
from relay.config.inward.mail import ImapIn, LmtpIn, SmtpIn
from relay.config.inward.smpp import SmppIn
from relay.config.inward.sms import SmsIn
from relay.config.inward.telegram import TelegramIn

__all__ = [
    "KINDS",
    "FormIn",
    "GammuIn",
    "ImapIn",
    "LmtpIn",
    "SmppIn",
    "SmsIn",
    "SmtpIn",
    "TelegramIn",
    "TransportIn",
    "WayIn",
]

TransportIn = Annotated[
    SmtpIn | LmtpIn | SmsIn | ImapIn | FormIn | TelegramIn | SmppIn | GammuIn,
    Field(discriminator="kind"),
]

KINDS: Final = {
    str(get_args(model.model_fields["kind"].annotation)[0]): model
    for model in get_args(get_args(TransportIn)[0])
}
"""Every kind of transport, by the word that names it in the file."""
