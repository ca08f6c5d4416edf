"""SMS in, from a centre of the network (SMPP 3.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from relay.config.inward.common import AnsweringBySms, GoingOut
from relay.config.values import Host, Line, Name, PhoneNumber, SomeTime
from relay.errors import Mistake
from relay.serving.peers import is_loopback


def _room(most: int) -> AfterValidator:
    """For a C-Octet String of the specification (3.1): plain letters, and so many at most."""

    def fits(written: str) -> str:
        if len(written) > most or not (written.isascii() and written.isprintable()):
            raise ValueError(f"SMPP has room for {most} plain letters (ASCII) there")
        return written

    return AfterValidator(fits)


class SmppIn(GoingOut, AnsweringBySms):
    """``[transports.NAME]`` with ``kind = "smpp"``: an account at a centre, to which we bind.

    ``default_alphabet`` is what that centre means by data_coding 0; ``no_credit`` are statuses by
    which that provider says that the account is empty (5.1.3 reserves 1024 to 1279 for such);
    ``enquire`` is how often the centre is asked whether it is there.
    """

    kind: Literal["smpp"]
    host: Host
    port: Annotated[int, Field(ge=1, le=65535)] = 3550
    user: Annotated[Line, _room(15)]
    password_file: str
    system_type: Annotated[str, _room(12)] = ""
    bind: Literal["transceiver", "receiver"] = "transceiver"
    address_range: Annotated[str, _room(40)] = ""
    channel: Name
    number: PhoneNumber = ""
    default_alphabet: Literal["gsm", "latin1"] = "gsm"
    no_credit: Annotated[
        tuple[Annotated[int, Field(ge=1, le=0xFFFF_FFFF)], ...], Field(strict=False, max_length=20)
    ] = ()
    enquire: SomeTime = 30
    tls: bool = True
    ca_file: str = ""

    to_show: ClassVar[str] = 'add the number that people write to, as in number = "+15550100123"'
    no_canary: ClassVar[str] = "a centre cannot be made to send us anything"
    how_to_get: ClassVar[str] = (
        "The password of the account at the centre, as the provider gave it: at most 8 characters, "
        "which is all that SMPP 3.4 has room for."
    )

    def unfit(self, key: str, secret: bytes) -> str:
        """A password is nine octets with its NUL (SMPP 3.4, 4.1.1)."""
        if len(secret) <= 8 and secret.isascii():
            return ""
        return "a password of SMPP 3.4 has at most 8 plain letters (ASCII)"

    def told(self) -> tuple[str, ...]:
        """Its number."""
        return (self.number,) if self.number else ()

    def to_channels(self) -> Mapping[str, str]:
        return {self.channel: "channel"}

    def mistakes(self, key: str, table: Mapping[str, Any]) -> Iterator[Mistake]:
        yield from super().mistakes(key, table)
        if not self.tls and self.host != "localhost" and not is_loopback(self.host):
            remedy = "set it to true, or let host be this machine, the near end of a tunnel"
            yield Mistake(f"{key}.tls", "would send password and texts in clear", remedy)
        if self.answers == "asked" and self.bind == "receiver":
            remedy = 'set bind = "transceiver", or answers = "none"'
            yield Mistake(f"{key}.bind", "cannot answer anybody", remedy)
