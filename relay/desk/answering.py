"""What every answer of the desk has: kept by nobody, nothing from elsewhere, in no frame."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import Message, Send

PAGES_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
OTHERS_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""For what is no page: a picture from a stranger, gone to by itself, is nobody of ours."""

HEADERS: Final = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), clipboard-read=()",
    # "no-referrer" would make browsers send "null" as the origin of our own forms.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Out:
    """Puts what every answer has into it, and knows whether one has begun."""

    def __init__(self, request: Request, send: Send) -> None:
        self._request = request
        self._send = send
        self.started = False
        self.ended = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(raw=message.setdefault("headers", []))
            for name, value in HEADERS.items():
                headers[name] = value
            is_page = headers.get("content-type", "").startswith("text/html")
            headers["content-security-policy"] = PAGES_POLICY if is_page else OTHERS_POLICY
            headers.setdefault("cache-control", "no-store")
            for cookie in getattr(self._request.state, "cookies", ()):
                headers.append("set-cookie", cookie)
        elif message["type"] == "http.response.body":
            self.ended = not message.get("more_body", False)
        await self._send(message)
