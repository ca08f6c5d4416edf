"""SMS in, from a phone or a modem of one's own, by Gammu SMSD."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from relay.config.inward.common import AnsweringBySms
from relay.config.values import Name, PhoneNumber, SomeTime
from relay.errors import Mistake


class GammuIn(AnsweringBySms):
    """``[transports.NAME]`` with ``kind = "gammu"``: Gammu's SQLite database, looked into.

    ``phone`` is the PhoneID of one of several phones that share it.
    """

    kind: Literal["gammu"]
    database: Annotated[str, Field(min_length=1)]
    phone: Annotated[str, Field(max_length=100)] = ""
    channel: Name
    number: PhoneNumber = ""
    every: SomeTime = 5
    existing: Literal["leave", "take"] = "leave"

    to_show: ClassVar[str] = 'add the number that people write to, as in number = "+15550100123"'

    def told(self) -> tuple[str, ...]:
        """Its number."""
        return (self.number,) if self.number else ()

    def to_channels(self) -> Mapping[str, str]:
        return {self.channel: "channel"}

    def mistakes(self, key: str, table: Mapping[str, Any]) -> Iterator[Mistake]:
        yield from super().mistakes(key, table)
        if "://" in self.database:
            remedy = "write the path of its SQLite file"
            yield Mistake(f"{key}.database", "is no file", remedy)
