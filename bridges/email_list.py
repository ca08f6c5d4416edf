"""Sends each post as a mail: to a mailing list, or to a list of readers of its own.

SMTP has a gap that nobody can close: a connection that breaks between the end of a mail and the
server's answer leaves open whether the mail was taken. What happens before that is simply tried
again; what falls into the gap is held for a person. The work is in ``bridges.mail_out``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bridges import kit
from bridges.kit.words import clean
from bridges.mail_out import drafts, letters, replies
from bridges.mail_out.addresses import address, unsubscribing
from bridges.mail_out.dialogue import Dialogue
from bridges.mail_out.handing import NO_ADDRESS, NOT_LET, Handed, handed, may_send
from bridges.mail_out.letters import Style, fits_of, written
from bridges.mail_out.session import Server, opened
from relay.ports import (
    Attempt,
    Clock,
    Fits,
    Health,
    Http,
    Keep,
    Later,
    Lookup,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Refused,
    Said,
    Stopped,
    Unknown,
    Unsure,
)

MOST_RECIPIENTS: Final = 50
"""Of one transaction: each server must take 100 (RFC 5321, 4.5.3.1.8), and providers take less."""

CHECK_S: Final = 60.0

Address = Annotated[str, AfterValidator(address)]


def _user(written: str) -> str:
    if not written.isprintable():
        raise ValueError("a user name is one line")
    return written


class EmailList:
    """Mails of one sender. What was sent cannot be taken back, changed or looked up."""

    api = 1
    tested: ClassVar[str] = "real server"
    earlier_versions: ClassVar[bool] = False
    again: ClassVar[str] = (
        "nobody can ask a mail server for what it has taken: where its answer to a mail is lost, "
        "the mail is held for a person; sent again it has the same Message-ID, and most readers' "
        "programs and lists show it once"
    )
    once = Once("none")
    secrets: ClassVar[Mapping[str, str]] = {
        "password_file": "the password of the sender's mailbox at its provider; where log-in needs "
        "a second step, the provider's settings make an app password for it"
    }

    class Settings(BaseModel):
        """``[destinations.NAME]`` with ``bridge = "email"``."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        server: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]{1,253}$")]
        tls: Literal["now", "starttls"] = "now"  #: from the first byte, or before anything else
        port: int | None = Field(None, ge=1, le=65535)  #: None: 465, with "starttls" 587
        user: Annotated[str, AfterValidator(_user)] = ""  #: "" (and no password): no log-in
        password_file: str | None = None
        sender: Address
        name: str = Field("", max_length=60)  #: shown before the sender's address
        to: tuple[Address, ...] = Field(min_length=1, max_length=MOST_RECIPIENTS)
        unsubscribe: Annotated[str, AfterValidator(unsubscribing)] = ""  #: for a list of one's own
        message_bytes: int = Field(10_000_000, ge=100_000, le=50_000_000)
        patience: int = Field(90, ge=10, le=3600)  #: seconds for a mail to go out; below `deadline`

        @model_validator(mode="after")
        def _whole(self) -> EmailList.Settings:
            if bool(self.user) != (self.password_file is not None):
                raise ValueError("`user` and `password_file` go together")
            if len({one.lower() for one in self.to}) != len(self.to):
                raise ValueError("an address stands twice in `to`")
            return self

    @staticmethod
    def hosts(settings: EmailList.Settings) -> Collection[str]:
        """The mail server."""
        return {settings.server.lower()}

    def __init__(self, settings: EmailList.Settings, http: Http, clock: Clock) -> None:
        self.at_once = 1
        self._http = http
        self._clock = clock
        self._server = Server(
            settings.server,
            settings.port or (465 if settings.tls == "now" else 587),
            settings.tls,
            settings.user,
            _password(settings.password_file),
        )
        self.fits: Fits = fits_of(settings.message_bytes)
        self._sender = settings.sender
        self._to = settings.to
        self._patience_s = float(settings.patience)
        self._style = Style(
            settings.sender,
            clean(settings.name).replace("\n", " "),
            settings.to[0] if len(settings.to) == 1 else "",
            settings.unsubscribe,
            settings.message_bytes,
        )

    async def prepare(self, post: Post) -> Sequence[Part]:
        """One mail, or several where the media do not fit into one; the same bytes each time."""
        made = written(post, self._style)
        return [
            Part(kit.part_key(post.secret, index), index, len(made), drafts.frozen(draft))
            for index, draft in enumerate(made)
        ]

    def says(self, part: Part) -> Said:
        """As ``relay.ports.Previews``."""
        draft = drafts.thawed(part.payload)
        return letters.shown(draft, self._style)

    # ------------------------------------------------------------ send

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """Hand the mail over, to those who do not have it; once."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Refused(draft.refuse)
        if draft.after != (attempt.after or ""):
            return Refused("it answers another mail than the one before it")
        served = drafts.kept(attempt.kept)
        recipients = [one for one in self._to if not served.has(one)]
        if not recipients:
            return Posted(draft.id)
        dialogue = await opened(self._http, self._server, self._patience_s)
        if not isinstance(dialogue, Dialogue):
            return dialogue
        try:
            ended = await handed(dialogue, self._sender, recipients, draft.mail.encode())
        except BaseException:
            await dialogue.aclose()
            raise
        await dialogue.leave()
        if not isinstance(ended, Handed):
            return self._unless_served(ended, served, draft)
        return await self._handed(ended, served.and_these(ended.to), attempt, draft, keep)

    async def _handed(
        self,
        ended: Handed,
        served: drafts.Served,
        attempt: Attempt,
        draft: drafts.Draft,
        keep: Keep,
    ) -> Outcome:
        """Some have it, or all: the others, if they were only put off, get it later."""
        if ended.later is None:
            return Posted(draft.id)
        if ended.to:
            await keep(served.written())
        have = sum(served.has(one) for one in self._to)
        return replies.put_off(ended.later, attempt.n, self._clock.now(), have, len(self._to))

    def _unless_served(
        self, ended: Later | Refused | Stopped | Unsure, served: drafts.Served, draft: drafts.Draft
    ) -> Outcome:
        """A mail that some have is posted, though the others are refused for good."""
        some = any(served.has(one) for one in self._to)
        if some and (ended in (NO_ADDRESS, NOT_LET) or isinstance(ended, Refused)):
            return Posted(draft.id)
        return ended

    # ------------------------------------------------------------ find and check

    async def find(self, attempt: Attempt) -> Lookup:
        """Unknown: a server that takes mails shows none."""
        return Unknown("a mail server cannot be asked")

    async def check(self) -> Health:
        """Log in, and begin a mail that is never written."""
        account = f"email {self._sender.lower()}"
        dialogue = await opened(self._http, self._server, CHECK_S)
        if not isinstance(dialogue, Dialogue):
            return Health(account, _trouble(dialogue))
        try:
            trouble = await may_send(dialogue, self._sender)
        except BaseException:
            await dialogue.aclose()
            raise
        await dialogue.leave()
        return Health(account, "" if trouble is None else _trouble(trouble))


def _trouble(ended: Later | Refused | Stopped) -> str:
    return f"{ended.why}: {ended.action}" if isinstance(ended, Stopped) else ended.why


def _password(path: str | None) -> str:
    if path is None:
        return ""
    password = kit.read_secret(path)
    if not all(byte >= 0x20 and byte != 0x7F for byte in password):
        raise kit.BadSecret("a password is one line")
    try:
        return password.decode()
    except UnicodeDecodeError:
        raise kit.BadSecret("a password is text") from None
