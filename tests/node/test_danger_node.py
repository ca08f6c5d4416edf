"""A real node cuts dangers out before anything is public, and knows the words of its operator."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from conftest import listed, relay, shown, soon
from looking import message_of

from relay.testing.ledger import marker
from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.senders import mail, page_texts, post_sms, send_mail, sms

POST = "post@example.org"

pytestmark = pytest.mark.slow  # the same is shown by parts in test_redact.py


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node whose channel redacts, with a list of words of its own."""
    written = SETTINGS.format(destinations='"page"').replace(
        'review = "none"',
        'review = "none"\ndanger = "redact"\ndanger_words_file = "secrets/words"',
    )
    made = Node(tmp_path_factory.mktemp("redacting") / "n", written)
    made.write("secrets/words", "Sunflower Street\n# whom we protect\nرضا محمدی\n".encode())
    with running(made) as started:
        yield started


def only(node: Node, part: str) -> list[str]:
    return [one for one in page_texts(node.url) if part in one]


def test_the_page_shows_the_rest_and_who_decides_what_was_cut(node: Node) -> None:
    made = marker()
    text = f"call +34 612 345 000 at 14:35, sunflower street {made}"
    assert send_mail(*node.mail, mail(text, to=POST, subject="رضا محمدی آمد"), to=POST)
    [said] = soon(lambda: only(node, made))
    assert f"call […] at […] {made}" in said
    assert "612" not in said and "sunflower" not in said and "رضا" not in said
    seen = shown(node, message_of(node, made)["id"])
    assert seen["title"] == "[…] آمد"
    assert seen["taken_out"] == {"phone": 1, "time": 1, "word": 2}
    assert seen["written"]["text"] == text
    read = relay(node, "queue", "show", seen["id"]).stdout.decode()
    assert "cut out  1 phone, 1 time, 2 word" in read
    assert "as it was written" in read and text in read


def test_what_cannot_be_cut_is_held_and_cut_all_the_same_when_it_is_released(node: Node) -> None:
    made = marker()
    assert (
        post_sms(f"{node.url}/in/phone", sms(f"Ivаnov, a@b.org {made}", id=made), node.secret)
        == 200
    )
    [row] = soon(lambda: [r for r in listed(node) if "homoglyph" in r["why"]])
    assert row["why"] == "danger: homoglyph; taken out: mail"
    assert relay(node, "queue", "release", row["id"][:12]).returncode == 0
    [said] = soon(lambda: only(node, made))
    assert f"Ivаnov, […] {made}" in said


def test_no_word_of_the_list_is_in_a_log_or_in_what_check_says(node: Node) -> None:
    assert "unflower" not in node.log.read_text()
    node.write("secrets/words", b"Sunflower Street\nx\n")
    checked = relay(node, "check")
    assert checked.returncode == 78
    assert b"channels.news.danger_words_file" in checked.stderr and b"line 2" in checked.stderr
    assert b"unflower" not in checked.stderr + checked.stdout


def test_a_list_that_is_gone_or_open_to_others_leaves_the_old_one_in_force(node: Node) -> None:
    words = node.folder / "secrets/words"
    words.unlink()
    hung_up(node, "the old ones stay in force")
    assert cut_of(node, "Sunflower Street") == "[…]"
    words.write_text("Maple Lane\n")
    words.chmod(0o644)
    hung_up(node, "the old ones stay in force")
    assert cut_of(node, "Maple Lane") == "Maple Lane"
    words.chmod(0o600)
    hung_up(node, "new settings are in force")
    assert cut_of(node, "Maple Lane") == "[…]"
    assert "aple" not in node.log.read_text()


def hung_up(node: Node, says: str) -> None:
    """Send SIGHUP, and wait until the node says what it made of it."""
    before = node.log.read_text().count(says)
    assert node.process is not None
    node.process.send_signal(signal.SIGHUP)
    soon(lambda: node.log.read_text().count(says) > before, 15)


def cut_of(node: Node, words: str) -> str:
    """What the page shows for these words."""
    made = marker()
    assert send_mail(*node.mail, mail(f"{made}: {words}", to=POST), to=POST)
    [said] = soon(lambda: only(node, made), 15)
    return str(said.partition(f"{made}: ")[2]).strip()
