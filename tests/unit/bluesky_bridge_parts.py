"""A scripted server of the AT Protocol for the bridge: answers by method, and what was asked."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

from bridges.bluesky import Bluesky
from relay.model import Attempt, Media, Post
from relay.ports import Answer

NOW = 1_795_000_000 // 3600 * 3600
DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
SOMEBODY = "did:plc:z72i7hdynmk6r22z27h6tvur"
JSON = {"content-type": "application/json; charset=utf-8"}
CID = "bafyreie5737gdxlw5i64vzichcalba3z2v5n6icifvx5xytvske7mr3hpm"
BLOB = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"

CREATE, REFRESH = "createSession", "refreshSession"
PUT, GET, DELETE, UPLOAD = "putRecord", "getRecord", "deleteRecord", "uploadBlob"
WHO, RESOLVE, NOTICES = "getSession", "resolveHandle", "listNotifications"

PNG = Media(
    "image/png",
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (640).to_bytes(4) + (480).to_bytes(4) + b"\x08",
    "a roof at night",
)
MP4 = Media("video/mp4", b"\x00\x00\x00\x18ftypmp42", "the street")


def said(value: object, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): one for name, one in headers.items()}
    return Answer(status, JSON | named, json.dumps(value).encode())


def failed(name: str, status: int = 400, message: str = "no", **headers: str) -> Answer:
    return said({"error": name, "message": message}, status, **headers)


def session(n: int = 1, **more: object) -> Answer:
    made = {"did": DID, "handle": "us.example", "accessJwt": f"a{n}", "refreshJwt": f"r{n}"}
    return said({**made, "active": True, **more})


def document(endpoint: object) -> dict[str, object]:
    one = {
        "id": "#atproto_pds",
        "type": "AtprotoPersonalDataServer",
        "serviceEndpoint": endpoint,
    }
    return {"id": DID, "service": [one]}


def blob(cid: str = BLOB, kind: str = "image/png", size: int = 25) -> dict[str, object]:
    return {"$type": "blob", "ref": {"$link": cid}, "mimeType": kind, "size": size}


class Hands:
    def __init__(self, at: int = NOW):
        self.at = at

    def now(self) -> int:
        return self.at


class Scripted:
    """Answers by the last word of a method: an answer, a list of them (the last stays), an
    exception, or what is called with the request's body."""

    def __init__(self, **answers: object) -> None:
        self.answers: dict[str, object] = {
            CREATE: session(),
            PUT: lambda body: said(
                {"uri": f"at://{body['repo']}/{body['collection']}/{body['rkey']}", "cid": CID}
            ),
            GET: failed("RecordNotFound"),
            DELETE: said({}),
            UPLOAD: said({"blob": blob()}),
            WHO: said({"did": DID, "handle": "us.example", "active": True}),
            **answers,
        }
        self.asked: list[tuple[str, str, dict[str, str], dict[str, str], bytes]] = []

    async def request(self, method, url, *, headers=None, body=b"", timeout_s=60.0):
        parts = urlsplit(url)
        name = parts.path.rpartition(".")[2]
        query = dict(parse_qsl(parts.query))
        self.asked.append((name, parts.netloc, query, dict(headers or {}), body))
        found = self.answers.get(name, failed("MethodNotImplemented", 501))
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(found, Exception):
            raise found
        return found(json.loads(body)) if callable(found) else found

    @property
    def names(self) -> list[str]:
        return [name for name, *_ in self.asked]

    def bodies(self, name: str) -> list[dict]:
        return [json.loads(body) for asked, _, _, _, body in self.asked if asked == name]

    def records(self) -> list[dict]:
        return [body["record"] for body in self.bodies(PUT)]

    def headers(self, name: str) -> list[dict[str, str]]:
        return [headers for asked, _, _, headers, _ in self.asked if asked == name]


class Kept:
    last = b""

    async def __call__(self, what: bytes) -> None:
        assert len(what) <= 4096
        self.last = what


def a_bridge(tmp_path, http, *, clock=None, **settings) -> Bluesky:
    file = tmp_path / "password"
    if not file.exists():
        file.write_text("abcd-efgh-ijkl-mnop")
        file.chmod(0o600)
    made = {"handle": "us.example", "password_file": str(file), **settings}
    return Bluesky(Bluesky.Settings(**made), http, clock or Hands())


def post_of(text="hello", *, title="", language="en", media=(), secret=bytes(32)) -> Post:
    return Post(secret, text, title, language, NOW, media=tuple(media))


def attempt(part, n=1, after=None, kept=b"") -> Attempt:
    return Attempt(part, n, NOW, after, kept)


async def sent(bridge, text="hello", *, after=None, media=(), kept=b"", keep=None):
    [part] = await bridge.prepare(post_of(text, media=media))
    return await bridge.send(attempt(part, after=after, kept=kept), keep or Kept())
