"""What the providers' own libraries say of requests: run by the Python of ``.servers/gateways``.

Standard input has a JSON list of requests, ``{"by", "url", "headers", "body", "fields", "key",
"now"}``; standard output gets a list of true and false in the same order.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from functools import partial
from typing import Any
from unittest import mock

import jwt
from messagebird.request_validator import RequestValidator as Bird
from plivo.utils import validate_signature, validate_v3_signature
from twilio.request_validator import RequestValidator, get_signature_algorithm
from vonage_http_client.auth import Auth
from vonage_jwt.verify_jwt import verify_signature


def twilio(one: dict[str, Any]) -> bool:
    headers = one["headers"]
    algorithm = get_signature_algorithm(headers.get("x-twilio-webhooks-signature-settings"))
    judge = RequestValidator(one["key"])
    return bool(judge.validate(one["url"], one["fields"], headers["x-twilio-signature"], algorithm))


def messagebird(one: dict[str, Any]) -> bool:
    token = one["headers"]["messagebird-signature-jwt"]
    try:
        Bird(one["key"]).validate_signature(token, one["url"], one["body"].encode())
    except Exception:
        return False
    return True


def plivo_v2(one: dict[str, Any]) -> bool:
    headers = one["headers"]
    nonce, made = headers["x-plivo-signature-v2-nonce"], headers["x-plivo-signature-v2"]
    return bool(validate_signature(one["url"], nonce, made, one["key"]))


def plivo_v3(one: dict[str, Any]) -> bool:
    headers = one["headers"]
    nonce, made = headers["x-plivo-signature-v3-nonce"], headers["x-plivo-signature-v3"]
    fields = dict(one["fields"])
    return bool(validate_v3_signature("POST", one["url"], nonce, one["key"], made, fields))


def vonage(one: dict[str, Any]) -> bool:
    method = {64: "sha256", 128: "sha512"}[len(one["fields"]["sig"])]
    auth = Auth(api_key="key", signature_secret=one["key"], signature_method=method)
    return bool(auth.check_signature(dict(one["fields"])))


def vonage_messages(one: dict[str, Any]) -> bool:
    return bool(verify_signature(one["headers"]["authorization"].partition(" ")[2], one["key"]))


def at(now: int) -> Any:
    """Their clock, which for web tokens is datetime's."""

    class Then(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.fromtimestamp(now, tz or UTC)

    return mock.patch.object(jwt.api_jwt, "datetime", Then)


JUDGES = {one.__name__: one for one in (twilio, messagebird, plivo_v2, plivo_v3, vonage)}
JUDGES["vonage_messages"] = vonage_messages

if __name__ == "__main__":
    said = []
    for request in json.load(sys.stdin):
        with at(request["now"]), mock.patch.object(time, "time", partial(float, request["now"])):
            said.append(JUDGES[request["by"]](request))
    json.dump(said, sys.stdout)
