"""A conversation: a message with a code, STATUS, answers that an editor released, DELETE.

By mail, whose sender DMARC vouches for, with answers through a provider's server; and by chat. What
is said stands on the page and on two platforms, and is gone from there in the end: at once where
the channel says so, else by the operator's word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from looking import message_of, printed, relay, shown, soon, status
from name_server import name_server
from signing import record, signed, text

from relay.testing.aside import Aside, aside
from relay.testing.bluesky import Bluesky, bluesky
from relay.testing.fediverse import Fediverse, fediverse
from relay.testing.mailserver import MailServer, mailserver
from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.senders import mail, page_texts, send_mail
from relay.testing.telegram import People, people

POST, PERSON, CHAT = "post@example.org", "person@example.net", 4815
CODE, NOBODYS = "48151623", "99990000"
SAID = "The bridge at the river is open again."
ASKED, REPLIED = "How many people are there?", "We can see the bridge from the hill."
DMARC = {
    ("_dmarc.example.net", "TXT"): ['"v=DMARC1; p=reject"'],
    ("s._domainkey.example.net", "TXT"): [text(record())],
}

PLATFORMS = """
[destinations.masto]
bridge = "mastodon"
server = "{masto}"
token_file = "secrets/masto"

[destinations.sky]
bridge = "bluesky"
service = "{sky}"
handle = "{handle}"
password_file = "secrets/sky"
ask_replies = "1s"
"""

BY_MAIL = """addresses = ["post@example.org"]
verdicts = "compute"
resolver = ["127.0.0.1:{dns}"]
answers = "asked"
answer_from = "{address}"
answer_host = "127.0.0.1"
answer_port = {port}
answer_user = "{user}"
answer_password_file = "secrets/answers"
ca_file = "{authority}"
"""

BY_CHAT = """
[transports.bot]
kind = "telegram"
token_file = "secrets/bot"
channel = "news"
base_url = "{base}"
"""


@dataclass(frozen=True)
class Stage:
    """A node before its two platforms, and a person who writes to it."""

    node: Node
    masto: Aside[Fediverse]
    sky: Aside[Bluesky]
    says: Callable[[str], None]
    answers: Callable[[], list[str]]

    def asks(self, *questions: str) -> list[str]:
        """An answer to each question, in whatever order they come."""
        before = self.answers()
        for question in questions:
            self.says(question)
        soon(lambda: len(self.answers()) >= len(before) + len(questions))
        return self.answers()[len(before) :]

    def ask(self, question: str) -> str:
        """The one answer to a question."""
        [answer] = self.asks(question)
        return answer

    @property
    def public(self) -> tuple[list[str], list[str], list[str]]:
        """What everybody sees: on the page and on both platforms."""
        masto = self.masto.ask(lambda one: one.texts)
        return page_texts(self.node.url), masto, self.sky.ask(lambda one: one.texts)


@contextmanager
def platforms() -> Iterator[tuple[Aside[Fediverse], Aside[Bluesky], str]]:
    """Two platforms, and the settings of a node that posts there."""
    with aside(fediverse) as masto, aside(bluesky) as sky:
        more = PLATFORMS.format(
            masto=masto.ask(lambda one: one.base),
            sky=sky.ask(lambda one: one.base),
            handle=sky.ask(lambda one: one.handle),
        )
        yield masto, sky, more


def made(folder: Path, masto: Aside[Fediverse], sky: Aside[Bluesky], settings: str) -> Node:
    node = Node(folder / "n", settings)
    node.write("secrets/masto", masto.ask(lambda one: one.token).encode())
    node.write("secrets/sky", sky.ask(lambda one: one.password).encode())
    return node


def settings_of(more: str, channel: str = "") -> str:
    """Everything is reviewed, and goes to the page and to both platforms."""
    written = SETTINGS.format(destinations='"page", "masto", "sky"')
    return written.replace('review = "none"', f'review = "all"\n{channel}', 1) + more


@contextmanager
def by_mail(folder: Path) -> Iterator[Stage]:
    """Somebody with a mail account; what they take back is taken away at once."""
    with ExitStack() as stack:
        masto, sky, more = stack.enter_context(platforms())
        dns = stack.enter_context(name_server(DMARC))
        provider = stack.enter_context(aside(mailserver))
        node = made(folder, masto, sky, with_mail(more, provider, dns.address[1]))
        node.write("secrets/answers", provider.ask(lambda one: one.policy.password).encode())
        stack.enter_context(running(node))

        def says(words: str) -> None:
            written = signed(mail(words, to=POST, sender=PERSON), "example.net")
            assert send_mail(*node.mail, written, to=POST, sender=PERSON)

        def answers() -> list[str]:
            mails = provider.ask(lambda one: list(one.mails))
            assert all(one.recipients == (PERSON,) and one.secure for one in mails)
            return [one.text for one in mails]

        yield Stage(node, masto, sky, says, answers)


def with_mail(more: str, provider: Aside[MailServer], dns: int) -> str:
    """Settings by which mail is believed as the name server says, and answered through a server."""
    answering = BY_MAIL.format(
        dns=dns,
        address=provider.ask(lambda one: one.address),
        port=provider.ask(lambda one: one.port),
        user=provider.ask(lambda one: one.policy.user),
        authority=provider.ask(lambda one: one.certificate),
    )
    written = settings_of(more, 'withdraw = "at once"')
    return written.replace('addresses = ["post@example.org"]\n', answering)


@contextmanager
def by_chat(folder: Path) -> Iterator[Stage]:
    """Somebody who writes to a bot; what they take back waits for the operator, as by default."""
    with ExitStack() as stack:
        masto, sky, more = stack.enter_context(platforms())
        chats: Aside[People] = stack.enter_context(aside(people))
        more += BY_CHAT.format(base=chats.ask(lambda one: one.base))
        node = made(folder, masto, sky, settings_of(more))
        node.write("secrets/bot", chats.ask(lambda one: one.token).encode())
        stack.enter_context(running(node))

        def says(words: str) -> None:
            chats.ask(lambda one: one.write(CHAT, words))

        def answers() -> list[str]:
            sent = chats.ask(lambda one: list(one.sent))
            assert {chat for chat, _ in sent} <= {CHAT}
            return [answer for _, answer in sent]

        yield Stage(node, masto, sky, says, answers)


def is_told(stage: Stage) -> str:
    """From the message to the answers of others; its id."""
    node = stage.node
    stage.says(f"{SAID}\n#{CODE}")
    soon(lambda: message_of(node, SAID).get("state") == "held")
    id = str(message_of(node, SAID)["id"])
    assert stage.answers() == [] and stage.public == ([], [], [])
    assert "waits" in stage.ask(f"STATUS {CODE}")
    printed(node, "queue", "release", id)
    soon(lambda: stage.public == ([SAID], [SAID], [SAID]))
    soon(lambda: status(node)["posted"] == 1)
    assert "done" in stage.ask(f"?{CODE}")

    stage.sky.ask(lambda one: one.reply(one.public[0], f"{REPLIED} t.example/x", "reader.example"))
    soon(lambda: shown(node, id)["replies"])
    assert "nothing for you" in stage.ask(f"ANSWERS {CODE}")  # nobody has released it
    printed(node, "queue", "answer", id, "--reply", "1")
    assert relay(node, "queue", "answer", id, stdin=ASKED.encode()).returncode == 0
    told = stage.ask(f"ANSWERS {CODE}")
    assert REPLIED in told and ASKED in told and "t.example" not in told
    return id


def is_forgotten(stage: Stage) -> None:
    """Its code is one that nobody has ever had."""
    both = (f"{word} {code}" for word in ("STATUS", "ANSWERS") for code in (CODE, NOBODYS))
    assert set(Counter(stage.asks(*both)).values()) == {2}


def nothing_came_unasked(stage: Stage) -> None:
    """One answer to each command, and nothing else."""

    def counted() -> tuple[int, int, int]:
        now = status(stage.node)
        return now["waiting"], now["command"], now["answers"]["answered"]

    answers = len(stage.answers())
    soon(lambda: counted() == (0, answers, answers))
    assert len(stage.answers()) == answers


def test_a_conversation_by_mail_ends_with_all_of_it_gone_at_once(tmp_path: Path) -> None:
    with by_mail(tmp_path) as stage:
        is_told(stage)
        assert "take it back" in stage.ask(f"DELETE {CODE}")
        soon(lambda: stage.public == ([], [], []))
        is_forgotten(stage)
        assert status(stage.node)["withdrawn"] == 1
        nothing_came_unasked(stage)


@pytest.mark.slow
def test_a_conversation_by_chat_ends_when_the_operator_takes_it_away(tmp_path: Path) -> None:
    with by_chat(tmp_path) as stage:
        node, id = stage.node, is_told(stage)
        assert "take it back" in stage.ask(f"-{CODE}")
        soon(lambda: status(node)["asked_back"] == 1)
        assert stage.public == ([SAID], [SAID], [SAID])
        is_forgotten(stage)
        gone = printed(node, "queue", "withdraw", id)
        assert {one["destination"] for one in gone if one["gone"]} == {"page", "masto", "sky"}
        assert stage.public == ([], [], [])
        is_forgotten(stage)
        nothing_came_unasked(stage)
