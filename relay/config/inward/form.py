"""The form: a page of ours by which people write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from relay.config.inward.common import Answering, AnswersTo
from relay.config.values import Name
from relay.errors import Mistake


def _page(written: str) -> str:
    """An address of a page. It may be without TLS: an onion service has its own."""
    try:
        at = urlsplit(written)
        good = at.scheme in ("http", "https") and at.hostname and written.isprintable()
    except ValueError:
        good = False
    if not good or " " in written:
        raise ValueError('write an address like "https://news.example.org/in/form"')
    return written


Page = Annotated[str, AfterValidator(_page)]


class FormIn(Answering):
    """``[transports.NAME]`` with ``kind = "form"``: a page at /in/NAME on ``[http]``. ``shown`` are
    the addresses that people are told, as an onion service has one."""

    kind: Literal["form"]
    channel: Name
    shown: Annotated[tuple[Page, ...], Field(strict=False, max_length=20)] = ()
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

    def mistakes(self, key: str, table: Mapping[str, Any]) -> Iterator[Mistake]:
        """A page waits for its answer, and not for long: nothing may put that off."""
        yield from super().mistakes(key, table)
        if self.answers_every:
            why = "would put off every answer until its page has gone"
            yield Mistake(f"{key}.answers_every", why, "take it out")

    def unsafe(self, key: str) -> Iterator[tuple[str, str]]:
        """A page that is read on its way."""
        if any(urlsplit(one).scheme == "http" and not _is_onion(one) for one in self.shown):
            why = "whoever carries this page reads what people write, and can change it"
            yield f"{key}.shown", why


def _is_onion(address: str) -> bool:
    return (urlsplit(address).hostname or "").endswith(".onion")
