"""What a door says of all that comes by one way: by SMS, and whether the page may be read back."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from relay.config import parse
from relay.rules.policy import may_be_read

SMS = """
[http]
listen = "127.0.0.1:0"
[channels.news]
[transports.phone]
kind = "sms"
gateway = "generic"
secret_file = "phone"
channel = "news"
{more}
"""
READ = """
answers = "asked"
answer_prefixes = ["+98"]
read = true
answer_url = "http://127.0.0.1:9/"
"""
MAIL = """
[channels.news]
[transports.phone]
kind = "smtp"
listen = "127.0.0.1:0"
channel = "news"
addresses = ["post@example.org"]
"""


@pytest.mark.parametrize(
    ("text", "marks", "reads"),
    [
        (MAIL, (), True),
        (SMS.format(more=""), ("sms",), False),
        (SMS.format(more=READ), ("sms", "may-read"), True),
    ],
)
def test_by_sms_the_page_is_not_read_back_unless_it_is_said(
    text: str, marks: tuple[str, ...], reads: bool, tmp_path: Path
) -> None:
    transport = parse(tomllib.loads(text), tmp_path / "relay.toml").transports["phone"]
    assert transport.marks() == marks
    assert may_be_read(transport.marks()) is reads
