"""The corpus of hostile mails, each through a real reader process with its real limits.

What each costs is the kernel's word (wait4): at most two seconds of CPU and 256 MiB above what the
reader began with. What becomes of each has a type: a message, a command, something encrypted, or
what cannot be read, with a reason of our own; none kills its reader.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from corpus import Corpus
from hostile_bombs import BOMBS, MOST
from hostile_files import FILES
from hostile_mails import MAILS
from hostile_words import WORDS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_apart import Apart, oddness

from relay.entry.headers import filter_headers
from relay.node.read_said import believed
from relay.node.reader import CPU_S, MEMORY_BYTES
from relay.reader.read import read

CORPUS = Corpus({**BOMBS, **MAILS, **WORDS, **FILES})


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    with Apart("reader") as started:
        yield started


@pytest.mark.parametrize("name", CORPUS)
def test_a_hostile_mail_is_read_or_set_aside_within_the_limits(apart: Apart, name: str) -> None:
    mail = CORPUS[name]()
    assert len(mail) <= MOST
    content, _ = filter_headers(mail)
    cost = apart.costs(content, "mail")
    assert cost.end in ("message", "command", "encrypted", "unreadable"), cost
    assert cost.cpu_s < CPU_S and cost.memory < MEMORY_BYTES, cost
    assert cost.odd == "", cost


def test_they_are_more_than_two_hundred() -> None:
    assert len(CORPUS) >= 300


# ---------------------------------------------------------------- by chance

CHANCE = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TYPES = ["text/plain", "text/html", "multipart/mixed; boundary=b", "multipart/alternative", "a/b"]
TYPES += ["message/rfc822", "text/plain; charset*0=utf-7", "text/plain; format=flowed; delsp=yes"]
TYPES += ["multipart/encrypted; boundary=b", "application/pgp-encrypted", "text/calendar", ""]
ENCODINGS = ["7bit", "8bit", "base64", "quoted-printable", "x-uuencode", "gzip", "", "binary"]
BODIES = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60).map(lambda one: one.encode("utf-8", "surrogatepass")),
    st.sampled_from(
        [b"--b\r\n", b"--b--\r\n", b"<p>", b"-----BEGIN PGP MESSAGE-----\r\n", b"> a\r\n"]
    ),
)
HEADS = st.builds(
    lambda kind, encoding, more: (
        f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n".encode() + more
    ),
    st.sampled_from(TYPES),
    st.sampled_from(ENCODINGS),
    st.sampled_from(
        [b"", b"Content-Disposition: attachment\r\n", b"Subject: =?utf-8?B?2A==?=\r\n"]
    ),
)


def entities(inner: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Entities around these: a header, and bodies with borders before, between and after them."""
    bodies = st.lists(inner, max_size=4).map(lambda some: b"--b\r\n" + b"\r\n--b\r\n".join(some))
    return st.builds(lambda head, body: head + b"\r\n" + body, HEADS, bodies)


ENTITIES = st.recursive(
    st.builds(
        lambda head, some: head + b"\r\n" + b"".join(some), HEADS, st.lists(BODIES, max_size=5)
    ),
    entities,
    max_leaves=8,
)


@CHANCE
@given(ENTITIES, st.booleans())
def test_any_entities_within_entities_are_read_or_set_aside(mail: bytes, ends: bool) -> None:
    content, _ = filter_headers(mail + b"\r\n--b--\r\n" * ends)
    said = read(content, "mail")
    assert oddness(said) == ""
    assert believed(said)
