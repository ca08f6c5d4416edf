"""The requests to one blog's REST API: where it is, our user, and what is answered.

Where it is the home page says in its headers (``Link`` with rel ``https://api.w.org/``; REST API
handbook, "Discovery"); without that it is below ``/wp-json``, or behind ``/?rest_route=``, which
needs no rewriting of addresses.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import regex

from bridges import kit
from bridges.press import answers
from bridges.press.answers import Told
from relay.ports import Answer, Clock, Http, Instant, Later, Stopped, Unsure

READ_S: Final = 20.0
POST_S: Final = 60.0
UPLOAD_S: Final = 300.0
ROUTE: Final = "rest_route="
_API: Final = regex.compile(
    r'<([^<>\s]{1,1024})>\s*;[^<]*?\brel="?https://api\.w\.org/"?', regex.IGNORECASE
)


class Api:
    """One user of one blog. The password is in no repr, and goes to the blog's own host only."""

    def __init__(self, http: Http, clock: Clock, site: str, user: str, password: str) -> None:
        self._http = http
        self._clock = clock
        self._site = site
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"accept": "application/json", "authorization": f"Basic {pair}"}
        self._root = ""

    def now(self) -> Instant:
        """Wall time, by our clock."""
        return self._clock.now()

    async def read(self, path: str, **query: str) -> Told:
        """A GET; ``path`` is below the API's root."""
        return await self._ask("GET", path, query, READ_S)

    async def post(self, path: str, said: Mapping[str, Any], fields: str) -> Told:
        """A POST of JSON; ``fields`` are those that the answer is to have."""
        body = json.dumps(said, ensure_ascii=False).encode()
        form = ("application/json; charset=utf-8", body)
        return await self._ask("POST", path, {"_fields": fields}, POST_S, form)

    async def upload(self, path: str, form: tuple[str, bytes], fields: str) -> Told:
        """A POST of a form."""
        return await self._ask("POST", path, {"_fields": fields}, UPLOAD_S, form)

    async def delete(self, path: str) -> Told:
        """A DELETE, past the trash."""
        return await self._ask("DELETE", path, {"force": "true"}, POST_S)

    async def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        timeout_s: float,
        form: tuple[str, bytes] | None = None,
    ) -> Told:
        if not self._root:
            found = await self._discovered()
            if not isinstance(found, str):
                return found
            self._root = found
        headers, body = dict(self._headers), b""
        if form is not None:
            headers["content-type"], body = form
        url = _below(self._root, path, query)
        answer = await kit.ask(
            self._http, method, url, headers=headers, body=body, timeout_s=timeout_s
        )
        if isinstance(answer, Answer) and answer.status == 404 and not answers.code_of(answer):
            self._root = ""  # the blog may have changed how it writes its addresses
        return answer

    # ------------------------------------------------------------ where it is

    async def _discovered(self) -> str | Later | Stopped | Unsure:
        """The root; or why it cannot be found (now)."""
        home = await self._open("HEAD", self._site + "/", {})
        if isinstance(home, Later):
            return home
        if isinstance(home, Answer) and (said := _linked(home, self._site)):
            return said
        if isinstance(home, Answer) and 300 <= home.status < 400:
            return Stopped(
                "the blog's address leads to another one", "write that one as site, if it is yours"
            )
        for root in (f"{self._site}/wp-json/", f"{self._site}/?{ROUTE}/"):
            url = _below(root, "", {"_fields": "namespaces"})
            answer = await self._open("GET", url, self._headers)
            if _is_root(answer):
                return root
            if not isinstance(answer, Answer) or answer.status in (401, 403, 406, *range(429, 600)):
                told = answers.judged(answer, self.now())
                return told if isinstance(told, Later | Stopped) else Later("it does not say now")
        return Stopped("there is no REST API of WordPress", answers.SITE)

    async def _open(
        self, method: str, url: str, headers: Mapping[str, str]
    ) -> Answer | Later | Unsure:
        return await kit.ask(self._http, method, url, headers=headers, timeout_s=READ_S)


def _below(root: str, path: str, query: Mapping[str, str]) -> str:
    """The address of a path below a root of either kind."""
    asked = urlencode(query)
    if f"?{ROUTE}" in root:
        return root + path + (f"&{asked}" if asked else "")
    return root + path + (f"?{asked}" if asked else "")


def _linked(home: Answer, site: str) -> str:
    """The root that a home page names, if it is on the same host."""
    found = _API.search(home.headers.get("link", ""))
    if found is None:
        return ""
    root = str(found[1])
    try:
        there, here = urlsplit(root), urlsplit(site)
    except ValueError:
        return ""
    if (there.scheme, there.netloc.lower()) != (here.scheme, here.netloc.lower()):
        return ""
    return root if root.endswith("/") else root + "/"


def _is_root(answer: Answer | Later | Unsure) -> bool:
    if not isinstance(answer, Answer) or answer.status != 200:
        return False
    spaces = (kit.json_object(answer) or {}).get("namespaces")
    return isinstance(spaces, list) and "wp/v2" in spaces


def good(answer: Told) -> Mapping[str, Any]:
    """The object that a yes gives: 200 or 201, and JSON; else nothing."""
    if not isinstance(answer, Answer) or answer.status not in (200, 201):
        return {}
    return kit.json_object(answer) or {}


def listed(answer: Told) -> Sequence[Mapping[str, Any]] | None:
    """The rows of a list: 200 and a JSON array of objects; None for anything else."""
    if not isinstance(answer, Answer) or answer.status != 200:
        return None
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        rows = json.loads(answer.body) if kind == "application/json" else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return None
    return rows


def number(said: Any) -> int:
    """An id of WordPress (a BIGINT of MySQL); 0 for anything else."""
    return said if type(said) is int and 0 < said < 1 << 63 else 0
