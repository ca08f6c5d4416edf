"""The whole path: a mail and an SMS of a real client become items on a signed page."""

from __future__ import annotations

import json
import smtplib
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import feedparser
import pytest
from conftest import listed, printed, relay, shown, soon, status

from relay.model import State
from relay.testing.ledger import marker
from relay.testing.nodes import Node
from relay.testing.senders import mail, page_texts, post_sms, request, send_mail, sms

POST = "post@example.org"


def on_page(node: Node, text: str) -> bool:
    return any(text in one for one in page_texts(node.url))


def document(node: Node, name: str) -> bytes:
    code, body = request("GET", f"{node.url}/{name}")
    assert code == 200
    return body


def test_a_mail_is_in_both_feeds_and_on_the_page(node: Node) -> None:
    text = f"آب محله‌ی ما از دیروز قطع است و کسی پاسخگو نیست {marker()}"
    assert send_mail(*node.mail, mail(text, to=POST, subject="آب"), to=POST)
    soon(lambda: on_page(node, text))
    soon(lambda: text.encode() in document(node, ""))
    assert text in document(node, "feed.xml").decode()
    [item] = [
        i for i in json.loads(document(node, "feed.json"))["items"] if text in i["content_text"]
    ]
    assert item["content_text"] == text
    assert item["title"] == "آب"
    assert item["language"] == "fa"
    assert item["date_published"].endswith(":00:00Z")


def test_the_same_webhook_twice_is_one_item(node: Node) -> None:
    text = f"a bridge is open {marker()}"
    before = status(node)
    for _ in range(2):
        assert post_sms(f"{node.url}/in/phone", sms(text, id=text), node.secret) == 200
    soon(lambda: on_page(node, text))
    after = status(node)
    assert (after["accepted"] - before["accepted"], after["repeats"] - before["repeats"]) == (1, 1)
    time.sleep(0.3)
    assert sum(text in one for one in page_texts(node.url)) == 1


def test_the_same_mail_twice_is_one_item(node: Node) -> None:
    written = mail(text := f"twice {marker()}", to=POST)
    assert send_mail(*node.mail, written, to=POST)
    assert send_mail(*node.mail, written, to=POST)
    soon(lambda: on_page(node, text))
    assert sum(text in one for one in page_texts(node.url)) == 1


def test_a_message_from_standard_input_is_posted(node: Node) -> None:
    text = f"from this machine {marker()}"
    done = relay(node, "send", stdin=text.encode())
    assert done.returncode == 0, done.stderr.decode()
    soon(lambda: on_page(node, text))


def test_a_danger_is_held_and_released_by_a_person(node: Node) -> None:
    made = marker()
    assert send_mail(*node.mail, mail(f"call 0912 345 6789 {made}", to=POST), to=POST)
    rows = soon(lambda: [r for r in listed(node) if "phone" in r["why"]])
    seen = shown(node, rows[0]["id"])
    assert seen["marks"][0]["kind"] == "phone"
    assert not on_page(node, made)
    assert relay(node, "queue", "release", rows[0]["id"][:12]).returncode == 0
    soon(lambda: on_page(node, made))
    assert relay(node, "queue", "release", rows[0]["id"][:12]).returncode == 65


def test_a_held_message_can_be_dropped_and_counts_as_dropped(node: Node) -> None:
    made = marker()
    assert send_mail(*node.mail, mail(f"code 4821 {made}", to=POST), to=POST)
    rows = soon(lambda: [r for r in listed(node) if "login_code" in r["why"]])
    before = status(node)["dropped"]
    assert relay(node, "queue", "drop", rows[0]["id"]).returncode == 0
    assert status(node)["dropped"] == before + 1
    assert not on_page(node, made)


def test_the_sum_adds_up(node: Node) -> None:
    now = soon(lambda: (s := status(node))["waiting"] == 0 and s)
    assert now["accepted"] == sum(now[state.value] for state in State)


def test_feed_readers_and_verify_take_the_page(node: Node, tmp_path: Path) -> None:
    atom = document(node, "feed.xml")
    read = feedparser.parse(atom)
    assert not read.bozo and read.entries
    for name in ("feed.json", "feed.xml"):
        file = tmp_path / name
        file.write_bytes(document(node, name))
        assert relay(node, "verify", str(file)).returncode == 0
        assert relay(node, "verify", f"{node.url}/{name}").returncode == 0
    text = ET.fromstring(atom).findtext(".//{http://www.w3.org/2005/Atom}content")
    assert text
    changed = text[0] + ("x" if text[1] != "x" else "y") + text[2:]
    file = tmp_path / "feed.xml"
    file.write_bytes(atom.replace(text.encode(), changed.encode()))
    assert relay(node, "verify", str(file)).returncode == 65


def test_a_page_without_items_is_neither_good_nor_bad(node: Node, tmp_path: Path) -> None:
    empty = tmp_path / "feed.json"
    empty.write_text('{"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": []}')
    done = relay(node, "verify", str(empty))
    assert done.returncode == 0 and b"nothing to check" in done.stdout


def test_what_is_not_there_cannot_be_verified(node: Node) -> None:
    assert relay(node, "verify", f"{node.url}/nothing.json").returncode == 1
    assert relay(node, "verify", "http://127.0.0.1:1/feed.json").returncode == 1


def test_health_is_told_to_this_machine_only(node: Node) -> None:
    assert request("GET", f"{node.url}/healthz") == (200, b"ok")
    assert request("GET", f"{node.url}/healthz", headers={"X-Forwarded-For": "1.2.3.4"})[0] == 404


def test_what_can_never_succeed_is_refused_for_good(node: Node) -> None:
    with smtplib.SMTP(*node.mail) as client:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            client.sendmail("a@example.net", ["nobody@example.org"], b"x")
        assert refused.value.recipients["nobody@example.org"][0] == 550
        with pytest.raises(smtplib.SMTPResponseException) as large:
            client.sendmail("a@example.net", [POST], b"x" * (10 * 1024 * 1024 + 100))
        assert large.value.smtp_code == 552
    hook = f"{node.url}/in/phone"
    assert post_sms(hook, sms("x", id="9"), b"another secret") == 403
    assert post_sms(hook, sms("x" * 300_000, id="9"), node.secret) == 413
    assert request("POST", f"{node.url}/in/nobody", b"{}")[0] == 404


def test_a_mail_that_is_no_mail_is_set_aside_and_the_rest_runs_on(node: Node) -> None:
    before = status(node)["quarantined"]
    bomb = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\n" * 100_000
    assert send_mail(*node.mail, bomb, to=POST)
    soon(lambda: status(node)["quarantined"] == before + 1)
    text = f"still here {marker()}"
    assert send_mail(*node.mail, mail(text, to=POST), to=POST)
    soon(lambda: on_page(node, text), 15)


def test_a_picture_that_is_none_is_kept_aside_for_a_person(node: Node) -> None:
    made = marker()
    content = (
        f"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain\r\n\r\nlook {made}\r\n"
        f"--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        f"iVBORw0KGgo=\r\n--b--\r\n"
    )
    assert send_mail(*node.mail, content.encode(), to=POST)
    rows = soon(lambda: [r for r in listed(node) if r["why"].startswith("media; ")])
    seen = shown(node, rows[0]["id"])
    [came] = seen["originals"]
    assert (seen["media"], came["type"], came["bytes"]) == ([], "image/png", 8)
    assert f"media not published: {came['why']}" in rows[0]["why"]


def test_nothing_that_was_opened_names_its_sender(node: Node) -> None:
    said = json.dumps([shown(node, row["id"]) for row in listed(node, everything=True)])
    for name in ("someone@example.net", "15550100199", "127.0.0.1", POST):
        assert name not in said


def test_the_commands_print_what_the_node_answers(node: Node) -> None:
    [now] = printed(node, "status")
    assert now.keys() == status(node).keys()
    url = f"{node.url}/feed.json"
    assert relay(node, "verify", "--key", now["page_key"].upper(), url).returncode == 0
    wrong = now["page_key"].replace(now["page_key"][:5], "babab")
    assert relay(node, "verify", "--key", wrong, url).returncode == 65
    [board] = printed(node, "board")
    assert board.keys() == status(node)["board"].keys()
    rows = printed(node, "queue", "list", "--all")
    assert [row["id"] for row in rows] == [row["id"] for row in listed(node, everything=True)]
    assert set(rows[0]) == {
        "id", "queue", "state", "channel", "destination", "since_s", "among", "why"
    }  # fmt: skip
    [message] = printed(node, "queue", "show", rows[0]["id"])
    assert message.keys() == shown(node, rows[0]["id"]).keys()
    for words in (("status",), ("board",), ("queue", "list"), ("queue", "show", rows[0]["id"])):
        assert relay(node, *words).returncode == 0
