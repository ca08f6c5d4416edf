"""Mail in relay.toml: LMTP, what is believed of senders, and who is answered by which account."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_config import GOOD, mistakes

from relay.config import ImapIn, LmtpIn, SmtpIn, load, warnings

BEHIND = """
[transports.behind]
kind = "lmtp"
listen = "127.0.0.1:2424"
channel = "news"
addresses = ["post@example.org"]
"""
SMTP = BEHIND.replace("lmtp", "smtp").replace("2424", "2526")
IMAP = """
[transports.behind]
kind = "imap"
host = "imap.example.org"
user = "relay"
password_file = "secrets/box"
folder = "relay"
channel = "news"
"""
PROVIDER = 'verdicts = "provider"\nauthserv_id = "mx.example.org"\n'
ASKED = 'answers = "asked"\nanswer_from = "post@example.org"\nanswer_host = "smtp.example.org"\n'
ACCOUNT = 'answer_user = "relay"\nanswer_password_file = "secrets/answers"\n'


def read(folder: Path, section: str) -> SmtpIn | LmtpIn | ImapIn:
    (folder / "relay.toml").write_text(GOOD + section)
    found = load(folder / "relay.toml").transports["behind"]
    assert isinstance(found, SmtpIn | LmtpIn | ImapIn)
    return found


def unsafe(folder: Path, section: str) -> list[str]:
    (folder / "relay.toml").write_text(GOOD + section)
    settings = load(folder / "relay.toml")
    return [key for key, _ in warnings(settings) if key.startswith("transports.behind")]


@pytest.mark.parametrize("section", [BEHIND, SMTP, IMAP])
def test_nobody_is_judged_and_nobody_answered_by_default(tmp_path: Path, section: str) -> None:
    found = read(tmp_path, section)
    assert (found.verdicts, found.answers) == ("off", "none")
    assert unsafe(tmp_path, section) == []


def test_lmtp_is_at_a_port_or_at_a_socket(tmp_path: Path) -> None:
    at_port = read(tmp_path, BEHIND)
    assert isinstance(at_port, LmtpIn) and at_port.listens() == ("127.0.0.1", 2424)
    place = 'socket = "run/lmtp"\nclients = ["postfix"]\n'
    at_socket = read(tmp_path, BEHIND.replace('listen = "127.0.0.1:2424"\n', place))
    assert isinstance(at_socket, LmtpIn) and at_socket.listens() is None
    assert at_socket.told() == ("post@example.org",)


def test_a_mailbox_is_waited_on_where_its_server_can_tell(tmp_path: Path) -> None:
    box = read(tmp_path, IMAP)
    assert isinstance(box, ImapIn) and (box.idle, box.idle_again) == (True, 300)


@pytest.mark.parametrize(
    ("section", "more", "key", "says"),
    [
        (BEHIND.replace("listen =", "# listen ="), "", "listen", "socket ="),
        (BEHIND, 'socket = "run/lmtp"\n', "listen", "socket ="),
        (BEHIND, 'clients = ["postfix"]\n', "clients", "socket"),
        (BEHIND, 'verdicts = "compute"\n', "verdicts", "provider"),
        (IMAP, 'verdicts = "compute"\n', "verdicts", "provider"),
        (SMTP, 'verdicts = "provider"\n', "authserv_id", "Authentication-Results"),
        (SMTP, 'authserv_id = "mx.example.org"\n', "authserv_id", "provider"),
        (SMTP, 'resolver = ["127.0.0.1:53"]\n', "resolver", "compute"),
        (SMTP.replace("127.0.0.1", "0.0.0.0"), PROVIDER, "verdicts", "compute"),
        (SMTP, 'verdicts = "compute"\nresolver = ["dns"]\n', "resolver.0", "like"),
        (BEHIND, ASKED, "answers", 'verdicts = "provider"'),
        (SMTP, ASKED, "answers", '"compute" or "provider"'),
        (BEHIND, PROVIDER + 'answers = "asked"\nanswer_host = "h"\n', "answer_from", "address"),
        (
            BEHIND,
            PROVIDER + 'answers = "asked"\nanswer_from = "a@b.example"\n',
            "answer_host",
            "mail server",
        ),
        (BEHIND, PROVIDER + ASKED + 'answer_user = "relay"\n', "answer_user", "both"),
        (BEHIND, PROVIDER + ASKED + 'answer_tls = "off"\n', "answer_tls", "starttls"),
        (BEHIND, 'answer_host = "smtp.example.org"\n', "answer_host", "asked"),
        (BEHIND, 'answer_from = "a@b.example"\n', "answer_from", "asked"),
        (IMAP, 'idle_again = "26m"\n', "idle_again", '"25m"'),
        (IMAP, 'idle_again = "9s"\n', "idle_again", '"10s"'),
    ],
)
def test_what_is_wrong_is_said_with_its_remedy(
    tmp_path: Path, section: str, more: str, key: str, says: str
) -> None:
    found = mistakes(tmp_path, GOOD + section + more)
    assert says in found.pop(f"transports.behind.{key}")
    assert not found


@pytest.mark.parametrize(
    ("section", "key"),
    [
        (BEHIND.replace("127.0.0.1", "192.0.2.1"), "listen"),
        (SMTP + 'verdicts = "compute"\n', "verdicts"),
        (BEHIND + PROVIDER + ASKED + ACCOUNT, "answers"),
        (IMAP + PROVIDER + ASKED + ACCOUNT, "answers"),
    ],
)
def test_what_is_unsafe_is_named_at_each_start(tmp_path: Path, section: str, key: str) -> None:
    assert unsafe(tmp_path, section) == [f"transports.behind.{key}"]


def test_a_provider_is_believed_without_a_warning(tmp_path: Path) -> None:
    assert unsafe(tmp_path, BEHIND + PROVIDER) == []
