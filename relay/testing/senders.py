"""People who write to a node over real sockets: a mail, an SMS by webhook. Plain and blocking."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import smtplib
import time
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import urlsplit

from relay.model import hour_of

TIMEOUT_S = 30.0


def mail(text: str, *, to: str, sender: str = "someone@example.net", subject: str = "") -> bytes:
    """The bytes of a mail as an ordinary mail program writes it."""
    made = EmailMessage()
    made["From"] = sender
    made["To"] = to
    made["Date"] = formatdate(hour_of(int(time.time())))  # the same bytes for the same words
    if subject:
        made["Subject"] = subject
    made.set_content(text)
    return made.as_bytes().replace(b"\n", b"\r\n")


def send_mail(
    host: str, port: int, written: bytes, *, to: str, sender: str = "someone@example.net"
) -> bool:
    """Hand a mail over by SMTP; whether the answer was 250. Raises OSError if nobody listens."""
    try:
        with smtplib.SMTP(host, port, "client.example.net", timeout=TIMEOUT_S) as client:
            client.sendmail(sender, [to], written)
            return True
    except smtplib.SMTPException:
        return False


def sms(text: str, *, id: str, number: str = "+15550100199", at: str = "") -> bytes:
    """The body of a webhook of the gateway "generic"."""
    return json.dumps({"id": id, "from": number, "text": text, "at": at}).encode()


def post_sms(url: str, body: bytes, secret: bytes, *, off_s: int = 0) -> int:
    """Sign and post a webhook of the gateway "generic", by a clock that is so far off; the status
    of the answer.

    Raises OSError if nobody listens or the connection breaks.
    """
    stamp = str(int(time.time()) + off_s)
    signature = hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Outword-Timestamp": stamp,
        "X-Outword-Signature": signature,
    }
    return request("POST", url, body, headers)[0]


def request(
    method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """One plain HTTP request on a connection of its own: status and body. Raises OSError."""
    at = urlsplit(url)
    target = (at.path or "/") + (f"?{at.query}" if at.query else "")
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=TIMEOUT_S)
    try:
        connection.request(method, target, body or None, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except http.client.HTTPException as error:
        raise ConnectionError(type(error).__name__) from None
    finally:
        connection.close()


def page_texts(url: str) -> list[str]:
    """The text of every item of a page, newest first, through all its older pages."""
    texts: list[str] = []
    following = url.rstrip("/") + "/feed.json"
    while following:
        status, body = request("GET", following)
        if status != 200:
            raise ConnectionError(f"the feed answers {status}")
        feed = json.loads(body)
        texts += [item["content_text"] for item in feed["items"]]
        following = feed.get("next_url", "")
    return texts
