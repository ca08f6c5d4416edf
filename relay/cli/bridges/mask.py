"""What may be shown of a request or an answer: all of it, but for what would let somebody in.

Three nets, one behind the other. What came from a secret file goes wherever it stands, in whatever
form; what stands under a name that secrets have goes, and is known from then on, as a token is that
an answer gives; and in addresses goes what looks like a token. Too much is masked rather than too
little: a request with a few stars too many can still be read.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit, urlunsplit

MASK: Final = "***"

LEAST: Final = 4
"""Characters of a piece of a secret file that is masked by itself; the whole is, however short."""

LEAST_LEARNT: Final = 8
"""Characters of a value that is masked everywhere after it stood under a secret's name once."""

_NAMED: Final = re.compile(
    r"token|secret|passw|jwt|auth(?!or(?!i))|api.?key|access.?key|private|signature|cookie|session"
    r"|credential|assertion|verifier|bearer|idempotency|webhook-id",
    re.IGNORECASE,
)
_NAMED_IN_ADDRESSES: Final = frozenset({"key", "code", "sig", "hmac", "state", "upload_id"})
_ADDRESS: Final = re.compile(r"(?:https?|wss?)://[^\s\"'<>\\]+")
_TOKEN: Final = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_.~:%+=-]{24,}")
_BOT: Final = re.compile(r"(?:bot)?[0-9]{5,}:[A-Za-z0-9_-]{20,}")
_JWT: Final = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?")
_FIELD: Final = re.compile(r'(\bname="([^"]*)"[^\r\n]*(?:\r\n[^\r\n]+)*\r\n\r\n)([^\r\n]*)')
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")


class Mask:
    """Knows secrets, and what they look like."""

    def __init__(self) -> None:
        self._forms: list[str] = []

    def learn(self, held: bytes) -> None:
        """The content of a secret file: all of it, and each piece that a bridge may use alone."""
        try:
            text = held.decode().strip()
        except UnicodeDecodeError:
            self._know(held)
            return
        self._know(text.encode())
        for piece in _pieces(text):
            if len(piece) >= LEAST:
                self._know(piece.encode())

    def _know(self, secret: bytes) -> None:
        more = {form for form in _forms(secret) if form} - set(self._forms)
        self._forms = sorted({*self._forms, *more}, key=len, reverse=True)

    def _learn_value(self, value: str) -> None:
        for word in value.split():
            if len(word) >= LEAST_LEARNT:
                self._know(word.encode())

    def text(self, said: str) -> str:
        """Any text, without what is known."""
        said = _BASE64.sub(self._unpacked, said)
        for form in self._forms:
            said = said.replace(form, MASK)
        return _ADDRESS.sub(lambda found: self._address(found[0]), _JWT.sub(MASK, said))

    def _unpacked(self, found: re.Match[str]) -> str:
        """A run of base64 is a mask if what it holds is (AUTH PLAIN, Basic)."""
        packed = found[0].rstrip("=").replace("-", "+").replace("_", "/")
        try:
            held = base64.b64decode(packed + "=" * (-len(packed) % 4)).decode()
        except (ValueError, binascii.Error):
            return found[0]
        return MASK if any(form in held for form in self._forms) else found[0]

    # ------------------------------------------------------------ parts of a request

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Header fields; those that are made to let somebody in are masked whole."""
        for name, value in headers.items():
            if _NAMED.search(name):
                self._learn_value(value)
        return {
            name: MASK if _NAMED.search(name) else self.text(value)
            for name, value in headers.items()
        }

    def url(self, url: str) -> str:
        """The address of a request."""
        return self.text(self._address(url))

    def _address(self, url: str) -> str:
        try:
            parts = urlsplit(url)
        except ValueError:
            return MASK
        host = f"{MASK}@{parts.netloc.rpartition('@')[2]}" if "@" in parts.netloc else parts.netloc
        path = "/".join(_segment(one) for one in parts.path.split("/"))
        query = self._form(parts.query)
        return urlunsplit((parts.scheme, host, path, query, MASK if parts.fragment else ""))

    def body(self, content: bytes, kind: str) -> str:
        """A body as text; what is none is told by its size. ``kind`` is its Content-Type."""
        try:
            text = content.decode()
        except UnicodeDecodeError:
            return f"({len(content)} bytes)"
        if "x-www-form-urlencoded" in kind:
            return self.text(self._form(text))
        if "multipart/" in kind:
            return self.text(_FIELD.sub(self._field, text))
        try:
            made = json.loads(text)
        except (ValueError, RecursionError):
            return self.text(text)
        return self.text(json.dumps(self._masked(made), ensure_ascii=False))

    def _form(self, query: str) -> str:
        return "&".join(
            f"{name}={MASK if self._is_secret(name, value) else quote(value, safe='/:,@')}"
            for name, value in parse_qsl(query, keep_blank_values=True)
        )

    def _field(self, found: re.Match[str]) -> str:
        """One field of a multipart form (RFC 7578)."""
        return found[1] + (MASK if self._is_secret(found[2], found[3]) else found[3])

    def _is_secret(self, name: str, value: str) -> bool:
        if _NAMED.search(name) or name.lower() in _NAMED_IN_ADDRESSES:
            self._learn_value(value)
            return True
        return bool(_TOKEN.fullmatch(value))

    def _masked(self, made: Any) -> Any:
        """JSON values, without those whose name says what they are."""
        if isinstance(made, dict):
            return {name: self._value(str(name), value) for name, value in made.items()}
        return [self._masked(one) for one in made] if isinstance(made, list) else made

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, dict | list):
            return self._masked(value)
        if not isinstance(value, str) or not value or not _NAMED.search(name):
            return value
        self._learn_value(value)
        return MASK


def _pieces(text: str) -> Iterator[str]:
    """What a secret file may hold: JSON, lines of ``name = value``, or words."""
    try:
        yield from _leaves(json.loads(text))
        return
    except (ValueError, RecursionError):
        pass
    for line in text.splitlines():
        name, between, value = line.partition("=")
        named = bool(between and value.strip() and name.strip().isidentifier())
        yield from (value if named else line).strip().strip("\"'").split()
        yield (value if named else line).strip()
        yield from (word for word in line.split(":")[1:] if not named)


def _leaves(made: Any) -> Iterator[str]:
    if isinstance(made, str):
        yield made
    elif isinstance(made, dict | list):
        for one in made.values() if isinstance(made, dict) else made:
            yield from _leaves(one)
    elif isinstance(made, int) and not isinstance(made, bool):
        yield str(made)


def _forms(secret: bytes) -> Iterator[str]:
    """How a secret may be written in a request."""
    for packed in (base64.b64encode(secret), base64.urlsafe_b64encode(secret)):
        if len(secret) >= LEAST:
            yield packed.decode().rstrip("=")
    yield secret.hex() if len(secret) >= LEAST else ""
    try:
        text = secret.decode()
    except UnicodeDecodeError:
        return
    yield text
    yield from (quote(text, safe=""), quote(text), quote_plus(text), html.escape(text))
    yield from (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])


def _segment(one: str) -> str:
    return MASK if _BOT.fullmatch(one) or _TOKEN.fullmatch(one) else one
