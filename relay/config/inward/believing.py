"""What the ways in by mail share: whether a sender's domain is looked at, and who is answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from relay.config.inward.common import Answering, AnswersTo, GoingOut
from relay.config.values import Host, Line, MailAddress
from relay.errors import Mistake
from relay.serving.peers import is_loopback


class Believing(GoingOut, Answering):
    """``verdicts``: where DMARC's word on a sender's domain comes from; off by default.

    ``provider``: from the topmost Authentication-Results (RFC 8601) of ``authserv_id``, the name by
    which the operator's own mail server or provider signs there. Only a mail whose domain passes is
    ever answered; ``answer_...`` says by whose mail server the answer goes, as any mail program
    would send it.
    """

    answers: AnswersTo = "none"
    verdicts: Literal["off", "provider", "compute"] = "off"
    authserv_id: Line | Literal[""] = ""
    answer_from: MailAddress = ""
    answer_host: Host | Literal[""] = ""
    answer_port: Annotated[int, Field(ge=1, le=65535)] = 587
    answer_tls: Literal["starttls", "tls", "off"] = "starttls"
    answer_user: Line | Literal[""] = ""
    answer_password_file: str = ""
    ca_file: str = ""

    only_for_answers: ClassVar[tuple[str, ...]] = ("answer_from", "answer_host")
    could_believe: ClassVar[str] = '"provider"'
    """The verdicts that this kind can have."""

    def goes_out(self) -> bool:
        return self.answers == "asked"

    def own_addresses(self) -> tuple[str, ...]:
        """Addresses that are this node's own, and ``*@domain``: never answered."""
        return (self.answer_from,) if self.answer_from else ()

    def mistakes(self, key: str, table: Mapping[str, Any]) -> Iterator[Mistake]:
        yield from super().mistakes(key, table)
        if self.verdicts == "provider" and not self.authserv_id:
            remedy = "write what stands first in the Authentication-Results of a mail you received"
            yield Mistake(f"{key}.authserv_id", "is missing", remedy)
        if self.authserv_id and self.verdicts != "provider":
            why = "says nothing without the provider's verdicts"
            yield Mistake(f"{key}.authserv_id", why, 'set verdicts = "provider", or take it out')
        yield from self._wrong_answers(key)

    def _wrong_answers(self, key: str) -> Iterator[Mistake]:
        if self.answers == "none":
            return
        if self.verdicts == "off":
            why = "needs to know whether a sender is who it says"
            remedy = f'set verdicts = {self.could_believe}, or answers = "none"'
            yield Mistake(f"{key}.answers", why, remedy)
        for name, what in (("answer_from", "address"), ("answer_host", "mail server")):
            if not getattr(self, name):
                yield Mistake(f"{key}.{name}", "is missing", f"write the {what} that they go by")
        if bool(self.answer_user) != bool(self.answer_password_file):
            why = "is of no use without the other: user and password"
            yield Mistake(f"{key}.answer_user", why, "write both, or none")
        if self.answer_tls == "off" and not _here(self.answer_host):
            yield Mistake(f"{key}.answer_tls", "would send answers in clear", 'set "starttls"')

    def unsafe(self, key: str) -> Iterator[tuple[str, str]]:
        yield from super().unsafe(key)
        if self.answers == "asked":
            why = "each answer lies in its sender's mailbox, and both providers see that it went"
            yield f"{key}.answers", why


def _here(host: str) -> bool:
    return host in ("", "localhost") or is_loopback(host)
