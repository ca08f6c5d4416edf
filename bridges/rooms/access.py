"""The account's session: a device with a fixed name, since what we sent is remembered by device.

A homeserver knows a repeat by the device that makes it. So the session outlives the process
(``kit.Session``); one that the server ended softly goes on with the same device; and whatever
happened to it, ``since`` says from when on it has been the same: what was tried before that is
looked for before it is repeated.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import regex

from bridges import kit
from bridges.rooms import answers
from relay.ports import Answer, Clock, Http, Instant, Later, Stopped, Unsure

LOGIN: Final = "/_matrix/client/v3/login"
WHO: Final = "/_matrix/client/v3/account/whoami"
LOGIN_S: Final = 30.0
REFUSED_FOR_S: Final = 600
"""Seconds that a refused log-in is not tried again: servers allow few."""

SHOWN_AS: Final = "Relay"
"""The device's name where the account's owner sees the list of them."""

NOT_KEPT: Final = (
    "the session cannot be written beside its secret file: make room, or the folder writable"
)
ENDED: Final = Stopped(
    "somebody ended the session",
    "see who did, and whether another node uses the same device_id; then put the secret into its "
    "file again: relay login",
)
_USER: Final = regex.compile(r"@[!-~]{1,253}")
_WORD: Final = regex.compile(r"[!-~]{1,2000}")


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """Who we are there, and with what token. ``since``: from when on this device has known what
    we sent. ``renewing``: a new token was asked for, and the old one may be gone."""

    user: str
    device: str
    token: str
    since: Instant
    renewing: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Named:
    """How to log in: a user with a password and the device's name, or (``user`` is "") a token."""

    user: str
    device: str
    secret_file: str


class Access:
    """The session of one account. What it holds is in no repr."""

    def __init__(self, http: Http, clock: Clock, server: str, named: Named) -> None:
        self._http = http
        self._clock = clock
        self._server = server
        self._named = named
        self._secret = kit.read_secret(named.secret_file).decode("utf-8", "replace")
        if not named.user and not _WORD.fullmatch(self._secret):
            raise kit.BadSecret("a token is one word of plain characters")
        self._session = kit.Session(named.secret_file)
        self._ended = False
        self.user = ""  #: the account's id, as far as it is known
        self._login = self._stored()
        self._no: tuple[Instant, Later | Stopped] | None = None
        self.trouble = ""  #: what the operator should know of it

    async def login(self) -> Login | Later | Stopped:
        """The session there is, or a new one."""
        async with self._session.turn:
            if self._ended:
                return ENDED
            return self._login or await self._begun()

    async def renewed(self, used: Login, answer: Answer) -> Login | Later | Stopped:
        """Another session than the one that was answered so (``answers.is_over``)."""
        async with self._session.turn:
            held = self._login
            if held is None or held.token != used.token:
                return held or ENDED  # another request has seen to it meanwhile
            elsewhere = self._stored()  # or another process: a command, while the node runs
            if elsewhere is not None and elsewhere.token != used.token:
                self._login = elsewhere
                return elsewhere
            held = elsewhere or held
            if not self._named.user:
                return Stopped("the server does not know the token", answers.NEW_SECRET)
            if not answers.is_soft(answer) and not held.renewing:
                await self._end()
                return ENDED
            # Written down first: the old token ends with the log-in, whether we hear of it or not.
            await self._keep(replace(held, renewing=True))
            return await self._logged_in(held.since)

    # ------------------------------------------------------------ asking

    async def _begun(self) -> Login | Later | Stopped:
        now = self._clock.now()
        return await (self._logged_in(now) if self._named.user else self._recognised(now))

    async def _logged_in(self, since: Instant) -> Login | Later | Stopped:
        if self._no is not None and 0 < self._no[0] - self._clock.now() <= kit.MAX_WAIT_S:
            return self._no[1]
        said = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": self._named.user},
            "password": self._secret,
            "device_id": self._named.device,
            "initial_device_display_name": SHOWN_AS,
        }
        body = json.dumps(said, ensure_ascii=False).encode()
        answer = await self._ask("POST", LOGIN, {"content-type": "application/json"}, body)
        return await self._made(answer, since, "access_token")

    async def _recognised(self, since: Instant) -> Login | Later | Stopped:
        """Whose a given token is. A server before 1.1 does not name its device."""
        bearer = {"authorization": f"Bearer {self._secret}"}
        return await self._made(await self._ask("GET", WHO, bearer), since, "")

    async def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer | Later | Unsure:
        sent = {"accept": "application/json", **headers}
        url = self._server + path
        return await kit.ask(self._http, method, url, headers=sent, body=body, timeout_s=LOGIN_S)

    async def _made(
        self, answer: Answer | Later | Unsure, since: Instant, field: str
    ) -> Login | Later | Stopped:
        if isinstance(answer, Later):
            return answer
        if isinstance(answer, Unsure):  # whoever lost the answer logs in again, as the same device
            return Later("no whole answer came", scope="host")
        said = kit.json_object(answer) if answer.status == 200 else None
        if said is not None:
            token = said.get(field) if field else self._secret
            made = _login(said.get("user_id"), said.get("device_id", ""), token, since)
            if made is not None:
                self._no = None
                await self._keep(made)
                return made
        return self._refused(answer)

    def _refused(self, answer: Answer) -> Later | Stopped:
        now = self._clock.now()
        wrong = ("the server does not know the user, the password or the token", answers.NEW_SECRET)
        outcome = answers.harmless(answer, now, forbidden=wrong)
        if not isinstance(outcome, Later | Stopped):
            outcome = Stopped(f"the log-in was answered {answer.status}", answers.NEW_SECRET)
        until = outcome.not_before if isinstance(outcome, Later) else now + REFUSED_FOR_S
        self._no = (until or now, outcome)
        return outcome

    # ------------------------------------------------------------ keeping

    async def _keep(self, made: Login) -> None:
        self._login = made
        self.user = made.user
        await self._store({name: getattr(made, name) for name in Login.__slots__})

    async def _end(self) -> None:
        self._login = None
        self._ended = True
        await self._store({"ended": self._written_at(), "user": self.user})

    async def _store(self, held: Mapping[str, Any]) -> None:
        try:
            await self._session.store({"to": self._to(), **held})
            self.trouble = ""
        except OSError:
            self.trouble = NOT_KEPT

    def _stored(self) -> Login | None:
        held = self._session.load()
        if held.pop("to", None) != self._to():
            return None
        # The secret put into its file once more, be it the same, is the operator's word to go on.
        self._ended = "ended" in held and held["ended"] == self._written_at()
        user, device, token, since = (held.get(n) for n in ("user", "device", "token", "since"))
        self.user = user if isinstance(user, str) and _USER.fullmatch(user) else ""
        made = _login(user, device, token, since)
        return made and replace(made, renewing=held.get("renewing") is True)

    def _to(self) -> list[str]:
        return [self._server, self._named.user, self._named.device]

    def _written_at(self) -> int:
        return os.stat(self._named.secret_file).st_mtime_ns


def _login(user: Any, device: Any, token: Any, since: Any) -> Login | None:
    if not isinstance(user, str) or not _USER.fullmatch(user) or not isinstance(since, int):
        return None
    if not isinstance(token, str) or not _WORD.fullmatch(token) or not isinstance(device, str):
        return None
    return Login(user, device[:255], token, since)
