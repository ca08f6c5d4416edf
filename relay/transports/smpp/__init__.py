"""SMS from a centre of the network (SMPP 3.4): a session of our own, PDUs of aiosmpplib."""

from relay.transports.smpp.connect import Where
from relay.transports.smpp.limits import SmppLimits
from relay.transports.smpp.speak import Account
from relay.transports.smpp.transport import Smpp

__all__ = ["Account", "Smpp", "SmppLimits", "Where"]
