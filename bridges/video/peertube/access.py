"""The account's session: an access token of about a day, and a refresh token that is new each time.

Log-ins and renewals are scarce (15 in 5 minutes by default), so a session outlives the process: it
lies beside the password (``kit.Session``), and a new pair is durable before it is used. The client
is the server's own, which it tells everybody (REST reference, "Session").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import urlencode

from bridges import kit
from bridges.video.peertube import answers
from relay.ports import Answer, Clock, Http, Instant, Later, Refused, Stopped, Unsure

LOGIN_S: Final = 30.0
REFUSED_FOR_S: Final = 600
"""Seconds that a refused log-in is not tried again: a wrong password must not use them up."""

NOT_KEPT: Final = (
    "the session cannot be written beside the password file: make room, or the folder writable"
)
_MOST: Final = 1000
_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    """A pair of them, and the server's client that they were given to."""

    access: str
    refresh: str
    client_id: str
    client_secret: str


class Access:
    """The session of one account. What it holds is in no repr."""

    def __init__(
        self, http: Http, clock: Clock, server: str, user: str, password_file: str
    ) -> None:
        self._http = http
        self._clock = clock
        self._server = server
        self._user = user
        self._password = kit.read_secret(password_file).decode("utf-8", "replace")
        self._session = kit.Session(password_file)
        self._tokens = self._stored()
        self._no: tuple[Instant, Later | Stopped] | None = None
        self.trouble = ""  #: what the operator should know of it

    async def token(self) -> str | Later | Stopped:
        """The access token there is, or a new one."""
        async with self._session.turn:
            return self._tokens.access if self._tokens else await self._logged_in()

    async def instead_of(self, used: str) -> str | Later | Stopped:
        """Another one than ``used``, which the server no longer took: renewed, or logged in."""
        async with self._session.turn:
            if self._tokens is None:
                return await self._logged_in()
            if self._tokens.access != used:
                return self._tokens.access  # another request has renewed it meanwhile
            return await self._renewed(self._tokens)

    # ------------------------------------------------------------ asking

    async def _renewed(self, tokens: Tokens) -> str | Later | Stopped:
        stored = None if self.trouble else self._stored()
        if stored is not None and stored.access != tokens.access:
            self._tokens = stored  # another process has renewed it meanwhile
            return stored.access
        said = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        client = (tokens.client_id, tokens.client_secret)
        answer = await self._given(client, said)
        made = _pair(answer, client)
        if made is not None:
            return await self._kept(made)
        if isinstance(answer, Answer) and answer.status in (400, 401):
            self._tokens = None  # it is over, and only the password helps
            return await self._logged_in()
        return _waits(answers.harmless(answer, self._clock.now()))

    async def _logged_in(self) -> str | Later | Stopped:
        now = self._clock.now()
        if self._no is not None and now < self._no[0]:
            return self._no[1]
        client = await self._client()
        if not isinstance(client, tuple):
            return client
        said = {"grant_type": "password", "username": self._user, "password": self._password}
        answer = await self._given(client, said)
        made = _pair(answer, client)
        if made is not None:
            self._no = None
            return await self._kept(made)
        refused = _refused(answer, now) if isinstance(answer, Answer) else kit.harmless(answer)
        told = _waits(refused)
        if isinstance(answer, Answer):
            until = told.not_before if isinstance(told, Later) else now + REFUSED_FOR_S
            self._no = (until or now, told)
        return told

    async def _client(self) -> tuple[str, str] | Later | Stopped:
        url = f"{self._server}/api/v1/oauth-clients/local"
        headers = {"accept": "application/json"}
        answer = await kit.ask(self._http, "GET", url, headers=headers, timeout_s=LOGIN_S)
        said = _object(answer)
        id, secret = said.get("client_id"), said.get("client_secret")
        if _word(id) and _word(secret):
            return str(id), str(secret)
        if isinstance(answer, Answer) and answer.status in (403, 404):
            return Stopped(
                "there is no PeerTube at this address, or it lets nobody in by it",
                "see that server is the address at which its people see it",
            )
        return _waits(answers.harmless(answer, self._clock.now()))

    async def _given(
        self, client: tuple[str, str], said: Mapping[str, str]
    ) -> Answer | Later | Unsure:
        form = {"client_id": client[0], "client_secret": client[1], **said}
        headers = {"accept": "application/json", "content-type": _FORM}
        url, body = f"{self._server}/api/v1/users/token", urlencode(form).encode()
        return await kit.ask(self._http, "POST", url, headers=headers, body=body, timeout_s=LOGIN_S)

    # ------------------------------------------------------------ keeping what came

    async def _kept(self, made: Tokens) -> str:
        self._tokens = made
        try:
            await self._session.store({"to": [self._server, self._user], **asdict(made)})
            self.trouble = ""
        except OSError:
            self.trouble = NOT_KEPT
        return made.access

    def _stored(self) -> Tokens | None:
        held = self._session.load()
        if held.get("to") != [self._server, self._user]:
            return None
        values = [held.get(name) for name in Tokens.__slots__]
        return Tokens(*map(str, values)) if all(map(_word, values)) else None


def _pair(answer: Answer | Later | Unsure, client: tuple[str, str]) -> Tokens | None:
    said = _object(answer)
    access, refresh = said.get("access_token"), said.get("refresh_token")
    return Tokens(str(access), str(refresh), *client) if _word(access) and _word(refresh) else None


def _object(answer: Answer | Later | Unsure) -> Mapping[str, Any]:
    if not isinstance(answer, Answer) or answer.status != 200:
        return {}
    return kit.json_object(answer) or {}


def _refused(answer: Answer, now: Instant) -> Later | Refused | Stopped:
    """Why a log-in was refused. Names: RFC 6749 5.2 and the server's own."""
    name = answers.name_of(answer)
    if name in ("missing_two_factor", "invalid_two_factor"):
        return Stopped("the account asks for a second factor", answers.NO_SECOND)
    if name == "account_waiting_for_approval":
        return Stopped("the account waits to be approved", answers.LOOK)
    if name == "account_approval_rejected":
        return Stopped("the account was not approved", answers.LOOK)
    if name == "invalid_client":  # the server has a new one, which is asked for next time
        return Later("the server does not know its own client", now + 1, "host")
    if name == "access_denied" or answer.status == 403:
        return Stopped("the account is blocked on the server", answers.LOOK)
    if answer.status in (400, 401):
        return Stopped("the server does not know the user or the password", answers.NEW_PASSWORD)
    return answers.judged(answer, now)


def _waits(told: Later | Refused | Stopped) -> Later | Stopped:
    """Whoever lost the answer to a log-in logs in again."""
    return Stopped(told.why, answers.NEW_PASSWORD) if isinstance(told, Refused) else told


def _word(said: Any) -> bool:
    """Whether it may stand in a header, and be kept: all of them fit into a file of secrets."""
    plain = isinstance(said, str) and said.isascii() and said.isprintable() and " " not in said
    return plain and 0 < len(said) <= _MOST
