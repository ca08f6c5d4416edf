"""SMS in, by a gateway's webhook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from relay.config.inward.common import WayIn
from relay.config.values import Name, PhoneNumber


class SmsIn(WayIn):
    """``[transports.NAME]`` with ``kind = "sms"``: POST /in/NAME on ``[http]``."""

    kind: Literal["sms"]
    gateway: Literal["android", "generic"]
    secret_file: str
    channel: Name
    number: PhoneNumber = ""

    to_show: ClassVar[str] = 'add the number that people write to, as in number = "+15550100123"'
    how_to_get: ClassVar[str] = (
        "The signing key of the phone's app or of your script; empty: a new one is made."
    )
    makes_keys: ClassVar[bool] = True
    by_http: ClassVar[bool] = True

    def told(self) -> tuple[str, ...]:
        """Its number."""
        return (self.number,) if self.number else ()

    def to_channels(self) -> Mapping[str, str]:
        return {self.channel: "channel"}
