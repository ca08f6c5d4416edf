"""The account's session: an access token of two hours, and a refresh token that is new each time.

A log-in is scarce (30 in 5 minutes, 300 a day), so a session outlives the process: it lies beside
the password (``kit.Session``), and a new pair is durable before it is used. Methods:
com.atproto.server.createSession and .refreshSession.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bridges import kit
from bridges.atproto import answers
from bridges.atproto.houses import may_live_at, named_in
from bridges.atproto.keys import is_did
from relay.ports import Answer, Clock, Http, Instant, Later, Stopped, Unsure

LOGIN_S: Final = 30.0
REFUSED_FOR_S: Final = 600
"""Seconds that a refused log-in is not tried again: a wrong password must not use them up."""

NOT_KEPT: Final = (
    "the session cannot be written beside the password file: make room, or the folder writable"
)
_MOST: Final = 3000


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """Whose session it is (a DID), the server that holds its posts, and the two tokens."""

    did: str
    server: str
    access: str
    refresh: str


class Access:
    """The session of one account. What it holds is in no repr."""

    def __init__(
        self, http: Http, clock: Clock, service: str, handle: str, password_file: str
    ) -> None:
        self._http = http
        self._clock = clock
        self._service = service
        self._handle = handle
        self._password = kit.read_secret(password_file).decode("utf-8", "replace")
        self._session = kit.Session(password_file)
        self._account = self._stored()
        self._no: tuple[Instant, Later | Stopped] | None = None
        self.trouble = ""  #: what the operator should know of it

    @property
    def did(self) -> str:
        """The account's id, as far as it is known; else ""."""
        return self._account.did if self._account else ""

    async def account(self) -> Account | Later | Stopped:
        """The session there is, or a new one."""
        async with self._session.turn:
            return self._account or await self._logged_in()

    async def renewed(self, used: Account) -> Account | Later | Stopped:
        """Another session than the one that the server no longer took: refreshed, or logged in."""
        async with self._session.turn:
            if self._account is not None and self._account.access != used.access:
                return self._account  # another request has renewed it meanwhile
            elsewhere = self._stored()  # or another process: a command, while the node runs
            if elsewhere is not None and elsewhere.access != used.access:
                self._account = elsewhere
                return elsewhere
            made = await self._refreshed(used)
            return await self._logged_in() if made is None else made

    # ------------------------------------------------------------ asking

    async def _refreshed(self, used: Account) -> Account | Later | Stopped | None:
        """None: the session is over, and only the password helps."""
        answer = await self._post("refreshSession", bearer=used.refresh)
        if isinstance(answer, Answer):
            made = self._made(answer, used.server)
            if made is not None:
                return await self._kept(made)
            if answers.is_over(answer):
                return None
        outcome = answers.harmless(answer, self._clock.now())
        return outcome if isinstance(outcome, Later | Stopped) else None

    async def _logged_in(self) -> Account | Later | Stopped:
        now = self._clock.now()
        if self._no is not None and 0 < self._no[0] - now <= kit.MAX_WAIT_S:
            return self._no[1]
        said = {"identifier": self._handle, "password": self._password}
        answer = await self._post("createSession", said)
        made = self._made(answer, self._service) if isinstance(answer, Answer) else None
        if made is not None:
            self._no = None
            return await self._kept(made)
        if not isinstance(answer, Answer):
            return _waits(answer)
        self._account = None
        refused = _refused(answer, now)
        until = refused.not_before if isinstance(refused, Later) else None
        self._no = (until or now + (0 if isinstance(refused, Later) else REFUSED_FOR_S), refused)
        return refused

    async def _post(
        self, method: str, said: Mapping[str, Any] | None = None, bearer: str = ""
    ) -> Answer | Later | Unsure:
        headers = {"accept": "application/json"}
        if bearer:
            headers["authorization"] = f"Bearer {bearer}"
        body = b""
        if said is not None:
            headers["content-type"] = "application/json"
            body = json.dumps(said, ensure_ascii=False).encode()
        url = f"{self._service}/xrpc/com.atproto.server.{method}"
        return await kit.ask(self._http, "POST", url, headers=headers, body=body, timeout_s=LOGIN_S)

    # ------------------------------------------------------------ what came, and keeping it

    def _made(self, answer: Answer, server: str) -> Account | None:
        said = kit.json_object(answer) if answer.status == 200 else None
        if said is None:
            return None
        did, access, refresh = (said.get(name) for name in ("did", "accessJwt", "refreshJwt"))
        if not is_did(did) or not _token(access) or not _token(refresh):
            return None
        held = named_in(said.get("didDoc"))
        server = held if may_live_at(held, self._service) else server
        return Account(str(did), server, str(access), str(refresh))

    async def _kept(self, made: Account) -> Account:
        self._account = made
        held = {name: getattr(made, name) for name in ("did", "server", "access", "refresh")}
        try:
            await self._session.store({"to": [self._service, self._handle], **held})
            self.trouble = ""
        except OSError:
            self.trouble = NOT_KEPT
        return made

    def _stored(self) -> Account | None:
        held = self._session.load()
        values = [held.get(name) for name in ("did", "server", "access", "refresh")]
        if held.get("to") != [self._service, self._handle]:
            return None
        did, server, access, refresh = values
        if not is_did(did) or not _token(access) or not _token(refresh):
            return None
        server = str(server) if may_live_at(str(server), self._service) else self._service
        return Account(str(did), server, str(access), str(refresh))


def _refused(answer: Answer, now: Instant) -> Later | Stopped:
    name = answers.name_of(answer)
    if name == "AuthFactorTokenRequired":
        return Stopped("that is the account's own password", answers.NEW_PASSWORD)
    if answers.is_over(answer) or name == "InvalidRequest":
        return Stopped("the server does not know the handle or the password", answers.NEW_PASSWORD)
    outcome = answers.harmless(answer, now)
    if isinstance(outcome, Later | Stopped):
        return outcome
    return Stopped(f"the log-in was answered {answer.status}", answers.NEW_PASSWORD)


def _waits(answer: Later | Unsure) -> Later:
    """Whoever lost the answer to a log-in logs in again: the session before is not harmed."""
    return answer if isinstance(answer, Later) else Later("no whole answer came", scope="host")


def _token(said: Any) -> bool:
    """Whether it may stand in a header, and be kept: two of them fit into a file of secrets."""
    plain = isinstance(said, str) and said.isascii() and said.isprintable() and " " not in said
    return plain and 0 < len(said) <= _MOST
