"""Public: a stand-in for a centre of the network (SMPP 3.4), with scripted faults. On asyncio."""

from relay.testing.smsc.centre import Centre, centre
from relay.testing.smsc.faults import (
    GARBAGE,
    HUGE,
    SHORT,
    Fault,
    cut,
    hang,
    says,
    sends,
    unbinds,
)
from relay.testing.smsc.octets import Binding, Sms, Submitted, eight, sar, sixteen

__all__ = [
    "GARBAGE",
    "HUGE",
    "SHORT",
    "Binding",
    "Centre",
    "Fault",
    "Sms",
    "Submitted",
    "centre",
    "cut",
    "eight",
    "hang",
    "sar",
    "says",
    "sends",
    "sixteen",
    "unbinds",
]
