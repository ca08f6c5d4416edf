"""The gateways by their names in relay.toml: what each needs, and what its operator is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from relay.transports.gateways.africastalking import AfricasTalking
from relay.transports.gateways.android import Android
from relay.transports.gateways.generic import Generic
from relay.transports.gateways.infobip import Infobip
from relay.transports.gateways.kannel import Kannel
from relay.transports.gateways.messagebird import MessageBird
from relay.transports.gateways.plivo import Plivo
from relay.transports.gateways.said import Gateway
from relay.transports.gateways.smssync import SmsSync
from relay.transports.gateways.twilio import Twilio
from relay.transports.gateways.vonage import Vonage

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """What we have at a gateway. ``secret`` is what it signs with; ``url`` the public address of
    our /in/NAME; ``id`` names the account there; ``answer_*`` are for what we send."""

    secret: bytes = b""
    url: str = ""
    id: str = ""
    answer_url: str = ""
    answer_secret: bytes = b""
    remote: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of gateway.

    ``needs`` and ``answers_need`` are keys of the settings; ``takes`` those that may be there
    besides. ``answer_url`` is where it is called, if it is everywhere the same. ``makes`` are
    secrets that we may make ourselves. ``media_hosts``: where its media lie, the first of them with
    our login (``account`` and ``secret``) if ``media_login``; ``deletes``: they are deleted there.
    ``signs``: a request itself shows whose it is; ``signs_address``: and that it was meant for our
    address. ``secret`` and ``console`` are told to the operator: where the secret is got, and where
    our address is put.
    """

    make: Callable[[Account], Gateway]
    secret: str
    console: str
    needs: tuple[str, ...] = ()
    answers_need: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    answer_url: str = ""
    makes: tuple[str, ...] = ("path_secret_file",)
    media_hosts: tuple[str, ...] = ()
    media_login: bool = False
    deletes: bool = False
    signs: bool = True
    signs_address: bool = False
    methods: tuple[str, ...] = ("POST",)
    body_bytes: int = MIB // 4


GATEWAYS: Final[Mapping[str, Kind]] = {
    "android": Kind(
        lambda at: Android(at.secret, at.answer_url, at.id, at.answer_secret),
        secret="The signing key of the phone's app: Settings, Webhooks, Signing Key.",
        console="register it in the app for sms:received, mms:downloaded and system:ping",
        needs=("secret_file",),
        answers_need=("answer_url", "account", "answer_secret_file"),
        makes=("secret_file", "path_secret_file"),
        body_bytes=4 * MIB,
    ),
    "generic": Kind(
        lambda at: Generic(at.secret, at.answer_url),
        secret="The key of your script.",
        console="your script calls it",
        needs=("secret_file",),
        answers_need=("answer_url",),
        makes=("secret_file", "path_secret_file"),
    ),
    "twilio": Kind(
        lambda at: Twilio(at.secret, at.url, at.id, at.answer_url),
        secret="The auth token of the account: console.twilio.com, Account Info.",
        console="the number, Messaging, A message comes in: Webhook, HTTP POST",
        signs_address=True,
        needs=("secret_file", "account"),
        answers_need=("number",),
        answer_url="https://api.twilio.com",
        media_hosts=(
            "api.twilio.com",
            "mms.twiliocdn.com",
            "media.twiliocdn.com",
            "s3-external-1.amazonaws.com",
        ),
        media_login=True,
        deletes=True,
    ),
    "vonage": Kind(
        lambda at: Vonage(at.secret, at.id, at.answer_url, at.answer_secret),
        secret="The signature secret: dashboard.nexmo.com, API settings, SHA-256 HMAC.",
        console="API settings, Inbound SMS webhooks: POST-JSON or POST, signed; or Inbound URL of"
        " an application with Messages",
        needs=("secret_file", "account"),
        answers_need=("number", "answer_secret_file"),
        answer_url="https://rest.nexmo.com",
        media_hosts=("api-us.nexmo.com", "api-eu.nexmo.com", "api-ap.nexmo.com", "api.nexmo.com"),
    ),
    "africastalking": Kind(
        lambda at: AfricasTalking(at.id, at.answer_url, at.answer_secret),
        secret="It signs nothing.",
        console="SMS, SMS Callback URLs, Incoming Messages",
        signs=False,
        needs=("path_secret_file",),
        answers_need=("account", "answer_secret_file"),
        answer_url="https://api.africastalking.com",
    ),
    "infobip": Kind(
        lambda at: Infobip(at.answer_url, at.answer_secret),
        secret="It signs nothing that could be confirmed.",
        console="Channels and Numbers, the number, Keyword action: Forward to HTTP, MO_JSON_2",
        signs=False,
        needs=("path_secret_file",),
        answers_need=("number", "answer_url", "answer_secret_file"),
    ),
    "messagebird": Kind(
        lambda at: MessageBird(at.secret, at.url, at.answer_url, at.answer_secret),
        secret="The signing key: dashboard.messagebird.com, Developers, Developer settings.",
        console="the number, Forward to URL, POST",
        signs_address=True,
        needs=("secret_file",),
        answers_need=("number", "answer_secret_file"),
        answer_url="https://rest.messagebird.com",
        media_hosts=("media.messagebird.com",),
    ),
    "plivo": Kind(
        lambda at: Plivo(at.secret, at.url, at.id, at.answer_url),
        secret="The auth token of the account: console.plivo.com.",
        console="the application of the number, Message URL, method POST",
        signs_address=True,
        needs=("secret_file", "path_secret_file", "account"),
        answers_need=("number",),
        answer_url="https://api.plivo.com",
        media_hosts=("api.plivo.com", "media.plivo.com"),
        media_login=True,
    ),
    "smssync": Kind(
        lambda at: SmsSync(at.secret),
        secret="The secret key of the app: Custom Web Services, Secret key.",
        console="Custom Web Services, Sync URL; tasks on, for answers",
        needs=("secret_file", "path_secret_file"),
        makes=("secret_file", "path_secret_file"),
        methods=("GET", "POST"),
    ),
    "kannel": Kind(
        lambda at: Kannel(at.remote, at.answer_url, at.id, at.answer_secret),
        secret="It signs nothing.",
        console="post-url of a sms-service, with"
        " ?id=%I&coding=%c&charset=%C&udh=%u behind it; send-sender = true, max-messages = 0,"
        " omit-empty = true",
        signs=False,
        needs=("path_secret_file",),
        answers_need=("account", "answer_secret_file"),
        takes=("remote",),
        answer_url="http://127.0.0.1:13013/cgi-bin/sendsms",
    ),
}
"""Every gateway that ``kind = "sms"`` knows."""
