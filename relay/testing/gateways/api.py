"""The other direction: one server that takes what each gateway's API takes, and has its pictures.

Each is as strict as its description: the login, the type of the body, the fields that must be
there. What an account without credit and a login that is refused are answered differs, and is here
as each provider documents it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from relay.testing.loopback import Fault, Loopback, Request

ACCOUNT: Final = "AC00000000000000000000000000000001"
SECRET: Final = b"an api key"


@dataclass(frozen=True, slots=True, repr=False)
class Sms:
    """An SMS that left."""

    to: str
    sender: str
    text: str


class Api(Loopback):
    """All of them at once. ``sent`` has what left, ``credit`` how many more may; ``secret`` is what
    every login must show. ``pictures`` lie at their paths, ``moved`` elsewhere; ``deleted`` are the
    paths of those that were taken away."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Sms] = []
        self.credit = 1000
        self.secret = SECRET
        self.pictures: dict[str, tuple[str, bytes]] = {}
        self.moved: dict[str, str] = {}
        self.deleted: list[str] = []

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        if request.path in self.pictures or request.path in self.moved:
            return fault or self._picture(request)
        take = _PATHS.get(request.path)
        answer = take(self, request) if take and request.method == "POST" else _said(404, {})
        return fault or answer

    def _picture(self, request: Request) -> Fault:
        if request.path.startswith("/2010-04-01") and not self._basic(request):
            return _said(401, {"code": 20003})
        if request.method == "DELETE":
            self.deleted.append(request.path)
            return Fault(204, body=b"")
        if request.path in self.moved:
            return Fault(307, {"location": self.moved[request.path]}, b"")
        type_, content = self.pictures[request.path]
        return Fault(200, {"content-type": type_}, content)

    def _basic(self, request: Request) -> bool:
        made = base64.b64encode(f"{ACCOUNT}:".encode() + self.secret).decode()
        return request.headers.get("authorization") == f"Basic {made}"

    def _leaves(self, to: str, sender: str, text: str) -> bool:
        """Whether there is credit for it; then it leaves."""
        if self.credit < 1:
            return False
        self.credit -= 1
        self.sent.append(Sms(to, sender, text))
        return True

    # ------------------------------------------------------------ each of them

    def android(self, request: Request) -> Fault:
        """docs.sms-gate.app, "Sending messages"."""
        if not self._basic(request):
            return _said(401, {"message": "Unauthorized"})
        whole = json.loads(request.body)
        if not isinstance(whole["textMessage"]["text"], str) or not whole["phoneNumbers"]:
            return _said(400, {"message": "bad request"})
        self._leaves(whole["phoneNumbers"][0], "", whole["textMessage"]["text"])
        return _said(202, {"id": whole["id"], "state": "Pending"})

    def generic(self, request: Request) -> Fault:
        """Our own."""
        stamp = request.headers["x-outword-timestamp"].encode()
        made = hmac.new(self.secret, stamp + b"." + request.body, hashlib.sha256).hexdigest()
        if request.headers["x-outword-signature"] != made:
            return _said(403, {})
        whole = json.loads(request.body)
        good = self._leaves(whole["to"], whole.get("from", ""), whole["text"])
        return _said(200 if good else 402, {})

    def twilio(self, request: Request) -> Fault:
        """twilio.com/docs, "Message resource" and "Error and warning dictionary"."""
        if not self._basic(request):
            return _said(401, {"code": 20003, "message": "Authenticate", "status": 401})
        form = _form(request)
        sender = form.get("From") or form.get("MessagingServiceSid", "")
        if not (form.get("To", "").startswith("+") and sender and form.get("Body")):
            return _said(400, {"code": 21604, "status": 400})
        if not self._leaves(form["To"], sender, form["Body"]):
            return _said(403, {"code": 30002, "message": "Account suspended", "status": 403})
        return _said(201, {"sid": "SM1", "status": "queued", "error_code": None})

    def vonage(self, request: Request) -> Fault:
        """developer.vonage.com, "SMS API reference": 200 whatever happens."""
        form = _form(request)
        status, text = "0", ""
        if (form["api_key"], form["api_secret"].encode()) != (ACCOUNT, self.secret):
            status, text = "4", "Bad Credentials"
        elif not (form["to"].isdigit() and form["from"] and form["text"]):
            status, text = "2", "Missing params"
        elif not form["text"].isascii() and form.get("type") != "unicode":
            status, text = "6", "Invalid message"
        elif not self._leaves(form["to"], form["from"], form["text"]):
            status, text = "9", "Partner quota violation"
        part = {"status": status} | ({"error-text": text} if text else {"message-id": "1"})
        return _said(200, {"message-count": "1", "messages": [part]})

    def africastalking(self, request: Request) -> Fault:
        """africastalking.com, "Send SMS"."""
        if request.headers.get("apikey") != self.secret.decode():
            return Fault(401, {"content-type": "text/plain"}, b"The supplied auth is invalid")
        form = _form(request)
        assert form["username"] == ACCOUNT
        good = self._leaves(form["to"], form.get("from", ""), form["message"])
        code, status = (101, "Success") if good else (405, "InsufficientBalance")
        recipient = {"statusCode": code, "number": form["to"], "status": status, "messageId": "1"}
        data = {"Message": f"Sent to {good:d}/1", "Recipients": [recipient]}
        return _said(201, {"SMSMessageData": data})

    def infobip(self, request: Request) -> Fault:
        """infobip.com/docs/api, "Send SMS messages" (version 3) and its status codes."""
        if request.headers.get("authorization") != f"App {self.secret.decode()}":
            return _said(401, {"requestError": {"serviceException": {"messageId": "UNAUTHORIZED"}}})
        [message] = json.loads(request.body)["messages"]
        to = message["destinations"][0]["to"]
        good = self._leaves(to, message["sender"], message["content"]["text"])
        status = {"groupId": 1, "groupName": "PENDING", "id": 26, "name": "PENDING_ACCEPTED"}
        if not good:
            status = {"groupId": 5, "groupName": "REJECTED", "id": 12}
            status["name"] = "REJECTED_NOT_ENOUGH_CREDITS"
        return _said(200, {"messages": [{"messageId": "1", "status": status, "destination": to}]})

    def messagebird(self, request: Request) -> Fault:
        """developers.messagebird.com, "Send outbound SMS" and "API errors"."""
        if request.headers.get("authorization") != f"AccessKey {self.secret.decode()}":
            return _said(401, _bird(2, "Request not allowed (incorrect access_key)"))
        whole = json.loads(request.body)
        if whole["datacoding"] == "plain" and not whole["body"].isascii():
            return _said(422, _bird(9, "body is invalid"))
        if not self._leaves(whole["recipients"][0], whole["originator"], whole["body"]):
            return _said(422, _bird(25, "Not enough balance"))
        return _said(201, {"id": "1", "recipients": {"totalCount": 1}})

    def plivo(self, request: Request) -> Fault:
        """plivo.com/docs, "Send a message": 402 for an account without credit."""
        if not self._basic(request):
            return Fault(401, {"content-type": "text/plain"}, b"Could not verify your access level")
        whole = json.loads(request.body)
        if not self._leaves(whole["dst"], whole["src"], whole["text"]):
            return _said(402, {"api_id": "1", "error": "insufficient credit"})
        return _said(202, {"message": "message(s) queued", "message_uuid": ["1"], "api_id": "1"})

    def kannel(self, request: Request) -> Fault:
        """Kannel's user guide, "SMS push": everything in headers, the text in the body."""
        user, secret = (
            request.headers.get(f"x-kannel-{one}", "") for one in ("username", "password")
        )
        if (user, secret.encode()) != (ACCOUNT, self.secret):
            return _plain(403, "Authorization failed for sendsms")
        to, sender = (request.headers.get(f"x-kannel-{one}", "") for one in ("to", "from"))
        self._leaves(to, sender, request.body.decode(request.headers["x-kannel-charset"]))
        return _plain(202, "0: Accepted for delivery")


_PATHS: Final[Mapping[str, Callable[[Api, Request], Fault]]] = {
    "/3rdparty/v1/messages": Api.android,
    "/script": Api.generic,
    f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json": Api.twilio,
    "/sms/json": Api.vonage,
    "/version1/messaging": Api.africastalking,
    "/sms/3/messages": Api.infobip,
    "/messages": Api.messagebird,
    f"/v1/Account/{ACCOUNT}/Message/": Api.plivo,
    "/cgi-bin/sendsms": Api.kannel,
}


def _form(request: Request) -> dict[str, str]:
    assert request.headers["content-type"].startswith("application/x-www-form-urlencoded")
    return dict(parse_qsl(request.body.decode(), strict_parsing=True))


def _said(status: int, whole: Mapping[str, Any]) -> Fault:
    return Fault(status, {"content-type": "application/json"}, json.dumps(whole).encode())


def _plain(status: int, text: str) -> Fault:
    return Fault(status, {"content-type": "text/plain"}, text.encode())


def _bird(code: int, text: str) -> dict[str, Any]:
    return {"errors": [{"code": code, "description": text, "parameter": None}]}
