"""The requests to the account's own server, and answers as ``kit.ask`` gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from bridges import kit
from bridges.atproto.access import Access, Account
from bridges.atproto.answers import is_over
from bridges.atproto.keys import COLLECTION, Place
from relay.ports import Answer, Http, Later, Stopped, Unsure

READ_S: Final = 15.0
POST_S: Final = 60.0
UPLOAD_S: Final = 120.0


class Api:
    """One account on the server that its session names."""

    def __init__(self, http: Http, access: Access) -> None:
        self._http = http
        self._access = access

    async def account(self) -> Account | Later | Stopped:
        """Whose the posts are: their ids begin with it."""
        return await self._access.account()

    async def query(
        self, method: str, params: Sequence[tuple[str, str]] = ()
    ) -> Answer | Later | Stopped | Unsure:
        """A question in the account's name."""
        return await self._named("GET", _path(method, params), None, READ_S)

    async def put(self, method: str, said: Mapping[str, Any]) -> Answer | Later | Stopped | Unsure:
        """A request that changes something. Later: it never left, or there is no session now."""
        body = json.dumps(said, ensure_ascii=False).encode()
        return await self._named("POST", _path(method), ("application/json", body), POST_S)

    async def upload(self, kind: str, content: bytes) -> Answer | Later | Stopped | Unsure:
        """Bytes that a record will name; until then nobody sees them."""
        path = _path("com.atproto.repo.uploadBlob")
        return await self._named("POST", path, (kind, content), UPLOAD_S)

    async def record(self, place: Place) -> Answer | Later | Stopped | Unsure:
        """What lies there. It is asked without a name: to read needs none."""
        params = [("repo", place.did), ("collection", COLLECTION), ("rkey", place.key)]
        return await self._plain(_path("com.atproto.repo.getRecord", params))

    async def records(
        self, did: str, collection: str, limit: int, before: str
    ) -> Answer | Later | Stopped | Unsure:
        """The account's records, newest key first; ``before`` this one, if it names one."""
        params = [("repo", did), ("collection", collection), ("limit", str(limit))]
        more = [("cursor", before)] if before else []
        return await self._plain(_path("com.atproto.repo.listRecords", [*params, *more]))

    async def resolved(self, handle: str) -> Answer | Later | Stopped | Unsure:
        """The account behind a handle."""
        path = _path("com.atproto.identity.resolveHandle", [("handle", handle)])
        return await self._plain(path)

    async def _plain(self, path: str) -> Answer | Later | Stopped | Unsure:
        account = await self._access.account()
        if not isinstance(account, Account):
            return account
        headers = {"accept": "application/json"}
        return await kit.ask(
            self._http, "GET", account.server + path, headers=headers, timeout_s=READ_S
        )

    async def _named(
        self, method: str, path: str, form: tuple[str, bytes] | None, timeout_s: float
    ) -> Answer | Later | Stopped | Unsure:
        account = await self._access.account()
        if not isinstance(account, Account):
            return account
        answer = await self._asked(account, method, path, form, timeout_s)
        if not isinstance(answer, Answer) or not is_over(answer):
            return answer
        again = await self._access.renewed(account)  # what was refused so did nothing
        if not isinstance(again, Account):
            return again
        return await self._asked(again, method, path, form, timeout_s)

    async def _asked(
        self,
        account: Account,
        method: str,
        path: str,
        form: tuple[str, bytes] | None,
        timeout_s: float,
    ) -> Answer | Later | Unsure:
        headers = {"accept": "application/json", "authorization": f"Bearer {account.access}"}
        body = b""
        if form is not None:
            headers["content-type"], body = form
        url = account.server + path
        return await kit.ask(
            self._http, method, url, headers=headers, body=body, timeout_s=timeout_s
        )


def _path(method: str, params: Sequence[tuple[str, str]] = ()) -> str:
    return f"/xrpc/{method}" + (f"?{urlencode(params)}" if params else "")
