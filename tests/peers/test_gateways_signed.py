"""What our stand-ins of SMS gateways sign, before the providers' own libraries.

They are written by the published descriptions; here twilio, messagebird, plivo and vonage's own
code says whether they were read rightly, and that what is wrong to us is wrong to them.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from running import SERVERS
from sms_gateways import CASES, KEY, NOW, OTHER, Case, asked

from relay.testing.gateways import Post

HERE = Path(__file__).parent

BY = {
    "twilio": "twilio",
    "twilio by SHA-256": "twilio",
    "twilio with its port": "twilio",
    "vonage": "vonage",
    "vonage as a form, by SHA-512": "vonage",
    "vonage messages": "vonage_messages",
    "messagebird": "messagebird",
    "plivo": "plivo_v2",
    "plivo by V3": "plivo_v3",
}
TEXTS = ("hello", "سلام 😀 &=+%", "a=b&c=d", " x ")


def judged(*requests: tuple[str, Post]) -> list[bool]:
    """What their libraries say."""
    python = SERVERS / "gateways/bin/python"
    asks = [_plain(by, post) for by, post in requests]
    run = subprocess.run(
        [python, str(HERE / "gateways_judge.py")],
        input=json.dumps(asks).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    said: list[bool] = json.loads(run.stdout)
    return said


def _plain(by: str, post: Post) -> dict[str, object]:
    body = post.body.decode()
    is_json = post.headers["content-type"] == "application/json"
    fields = json.loads(body) if is_json else dict(parse_qsl(body, keep_blank_values=True))
    plain = {"by": by, "url": post.url, "headers": dict(post.headers), "body": body}
    return plain | {"fields": fields, "key": KEY.decode(), "now": NOW}


def ours(case: Case, post: Post) -> bool:
    return case.made().verify(asked(post), NOW)


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    if not (SERVERS / "gateways/whole").exists():
        pytest.fail("not installed: gateways; make test-peers does it", pytrace=False)


def test_what_we_sign_for_a_provider_is_right_to_its_own_library() -> None:
    posts = [(name, CASES[name].post(text)) for name in BY for text in TEXTS]
    assert all(ours(CASES[name], post) for name, post in posts)
    said = judged(*((BY[name], post) for name, post in posts))
    assert dict(zip([name for name, _ in posts], said, strict=True)) == dict.fromkeys(BY, True)
    assert all(said)


def test_what_is_wrong_to_us_is_wrong_to_them() -> None:
    wrong = []
    for name in BY:
        case = CASES[name]
        forged = case.post(key=OTHER)
        assert not ours(case, forged)
        wrong.append((name, forged))
        if BY[name] not in ("plivo_v2", "vonage_messages"):  # theirs do not look at the body
            post = case.post()
            wrong.append((name, replace(post, body=post.body.replace(b"hello", b"HELLO"))))
        if BY[name] in ("twilio", "messagebird", "plivo_v2", "plivo_v3"):
            wrong.append((name, case.post().to(case.url("other"))))
    assert not any(judged(*((BY[name], post) for name, post in wrong)))
