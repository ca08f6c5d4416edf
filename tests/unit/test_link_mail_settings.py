"""What a link by mail may say in the settings, and what it needs to be told."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from relay.config.linking import MailLink

WHOLE = {
    "kind": "mail",
    "peer": "b",
    "to": "two@b.example.net",
    "sender": "one@a.example.org",
    "smtp": "smtp.a.example.org:465",
    "imap": "imap.a.example.org:993",
    "user": "one",
    "password_file": "secrets/post",
}


def mistakes(**changed: object) -> list[str]:
    """The keys of what is wrong."""
    written = {**WHOLE, **changed}
    at = MailLink.model_validate({key: one for key, one in written.items() if one is not None})
    return [one.key for one in at.mistakes("links.post")]


def test_one_account_at_a_provider_is_enough() -> None:
    assert mistakes() == []
    at = MailLink.model_validate(WHOLE)
    assert (at.smtp, at.imap) == (("smtp.a.example.org", 465), ("imap.a.example.org", 993))
    assert (at.subject, at.file_name, at.delete, at.every) == ("Backup", "backup.bin", True, 300)


@pytest.mark.parametrize(
    ("changed", "keys"),
    [
        ({"smtp": None, "imap": None, "user": None, "password_file": None}, ["links.post"]),
        ({"listen": "127.0.0.1:25"}, ["links.post"]),
        ({"peer": None}, ["links.post.peer"]),
        ({"to": None}, ["links.post.to"]),
        ({"sender": None}, ["links.post.sender"]),
        ({"user": None}, ["links.post.user"]),
        ({"password_file": None}, ["links.post.password_file"]),
        ({"smtp_tls": "none"}, ["links.post.smtp_tls"]),
        ({"imap_tls": "none"}, ["links.post.imap_tls"]),
        ({"to": "a>@b.example"}, ["links.post.to"]),
        ({"sender": "نام@b.example"}, ["links.post.sender"]),
    ],
)
def test_what_is_missing_or_unsafe_is_named(changed: dict[str, object], keys: list[str]) -> None:
    assert mistakes(**changed) == keys


@pytest.mark.parametrize(
    "changed",
    [
        {"imap": None},
        {"smtp": None, "to": None},
        {"smtp": None, "imap": None, "listen": "127.0.0.1:2525", "peer": None},
        {"smtp": "127.0.0.1:2525", "smtp_tls": "none"},
        {"imap": "[::1]:143", "imap_tls": "none"},
        {"smtp": "smtp.example.org:587", "smtp_tls": "starttls"},
    ],
)
def test_a_link_may_have_one_direction_and_talk_plainly_to_this_machine(
    changed: dict[str, object],
) -> None:
    assert mistakes(**changed) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("smtp", "smtp.example.org"),
        ("smtp", "smtp.example.org:0"),
        ("imap", "2001:db8::1:993"),
        ("imap", "[imap.example.org:993"),
        ("imap_tls", "starttls"),
        ("subject", "two\r\nlines"),
        ("file_name", "../x"),
        ("file_name", 'x"; y'),
        ("text", "x" * 1001),
        ("most_bytes", 1000),
        ("every", "0s"),
        ("again", "31d"),
    ],
)
def test_a_value_that_cannot_be_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValidationError):
        MailLink.model_validate({**WHOLE, key: value})
