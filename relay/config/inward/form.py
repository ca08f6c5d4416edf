"""The form: a page of ours by which people write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from relay.config.inward.common import Answering, AnswersTo
from relay.config.values import Name


class FormIn(Answering):
    """``[transports.NAME]`` with ``kind = "form"``: a page at /in/NAME on ``[http]``. ``shown`` are
    the addresses that people are told, as an onion service has one."""

    kind: Literal["form"]
    channel: Name
    shown: Annotated[tuple[str, ...], Field(strict=False)] = ()
    answers: AnswersTo = "asked"
    answers_per_day: Annotated[int, Field(ge=1, le=1_000_000)] = 100_000
    per_sender: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    message_bytes: Annotated[int, Field(ge=1024, le=14 * 1024 * 1024)] = 10 * 1024 * 1024

    to_show: ClassVar[str] = (
        'add the address of its page, as in shown = ["https://news.example.org/in/form"]'
    )
    by_http: ClassVar[bool] = True

    def told(self) -> tuple[str, ...]:
        """The addresses of its page."""
        return self.shown

    def to_channels(self) -> Mapping[str, str]:
        return {self.channel: "channel"}

    def unsafe(self, key: str) -> Iterator[tuple[str, str]]:
        """A page that is read on its way."""
        if any(one.startswith("http://") and not _is_onion(one) for one in self.shown):
            why = "whoever carries this page reads what people write, and can change it"
            yield f"{key}.shown", why


def _is_onion(address: str) -> bool:
    host = address.split("/")[2].partition(":")[0] if address.count("/") >= 2 else ""
    return host.endswith(".onion")
