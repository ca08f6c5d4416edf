"""SMS from a phone or a modem of one's own, by the database of Gammu SMSD."""

from relay.transports.gammu.transport import Gammu

__all__ = ["Gammu"]
