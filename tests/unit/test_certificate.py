"""The two files of [tls]: which pairs are taken, when they are read again, and what is said."""

from __future__ import annotations

import asyncio
import io
import os
import ssl
from pathlib import Path

import pytest

from relay.config import Settings, parse
from relay.errors import SettingsError
from relay.journal import Journal
from relay.node.watch import Watch
from relay.plugins import expiring, mistakes
from relay.serving.certificate import (
    MAX_BYTES,
    SOON_S,
    BadCertificate,
    Certificate,
    context,
    days_left,
)
from relay.testing.certificates import Pair, make_pair

NOW = 1_800_000_000
DAY = 86400


class Hands:
    at = NOW

    def now(self) -> int:
        return self.at


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return make_pair(tmp_path, now=NOW)


def spoil(pair: Pair, how: str) -> None:
    """Break a pair in one way."""
    other = make_pair(pair.key.parent, "other", now=NOW, passphrase=b"x" * 9)
    match how:
        case "certificate missing":
            pair.certificate.unlink()
        case "key missing":
            pair.key.unlink()
        case "certificate unreadable":
            pair.certificate.unlink()
            os.mkfifo(pair.certificate)
        case "key unreadable":
            pair.key.unlink()
            pair.key.mkdir()
        case "certificate no-certificate":
            pair.certificate.write_bytes(pair.key.read_bytes())
        case "key no-key":
            pair.key.write_bytes(b"-----BEGIN PRIVATE KEY-----\n")
        case "key encrypted":
            pair.key.write_bytes(other.key.read_bytes())
        case "key does-not-fit":
            pair.key.write_bytes(make_pair(pair.key.parent, "third", now=NOW).key.read_bytes())


SPOILT = [
    "certificate missing",
    "certificate unreadable",
    "certificate no-certificate",
    "key missing",
    "key unreadable",
    "key no-key",
    "key encrypted",
    "key does-not-fit",
]


def settings_of(tmp_path: Path, **more: object) -> Settings:
    tls = {"certificate": "node.pem", "key": "node.key"}
    return parse({"channels": {"news": {}}, "tls": tls, **more}, tmp_path / "relay.toml")


# ---------------------------------------------------------------- taking up


def test_a_pair_is_read_again_and_another_one_is_noticed(pair: Pair) -> None:
    certificate = Certificate(pair.certificate, pair.key)
    assert (certificate.mail, certificate.web, certificate.shown) == (None, None, None)
    assert certificate.look() is True
    assert certificate.look() is False
    make_pair(pair.key.parent, now=NOW, days=30)
    assert certificate.look() is True
    assert certificate.shown is not None
    assert (certificate.shown.begins, certificate.shown.ends) == (NOW - DAY, NOW + 30 * DAY)


def test_each_look_forgets_the_sessions_of_the_one_before(pair: Pair) -> None:
    certificate = Certificate(pair.certificate, pair.key)
    certificate.look()
    mail, web = certificate.mail, certificate.web
    certificate.look()
    assert certificate.mail is not mail and certificate.web is not web


def test_a_link_that_is_turned_to_a_new_pair_is_followed(pair: Pair, tmp_path: Path) -> None:
    links = Pair(tmp_path / "live.pem", tmp_path / "live.key")
    links.certificate.symlink_to(pair.certificate)
    links.key.symlink_to(pair.key)
    certificate = Certificate(links.certificate, links.key)
    assert certificate.look() is True
    newer = make_pair(tmp_path, "newer", now=NOW)
    for link, to in ((links.certificate, newer.certificate), (links.key, newer.key)):
        link.unlink()
        link.symlink_to(to)
    assert certificate.look() is True


@pytest.mark.parametrize("how", SPOILT)
def test_a_broken_pair_is_named_and_leaves_the_old_one_in_force(pair: Pair, how: str) -> None:
    certificate = Certificate(pair.certificate, pair.key)
    certificate.look()
    before = (certificate.mail, certificate.web, certificate.shown)
    spoil(pair, how)
    with pytest.raises(BadCertificate) as raised:
        certificate.look()
    assert f"{raised.value.of} {raised.value.word}" == how
    assert (certificate.mail, certificate.web, certificate.shown) == before


def test_a_file_at_the_limit_is_read_and_one_byte_more_is_not(pair: Pair) -> None:
    written = pair.key.read_bytes()
    pair.key.write_bytes(written + b"\n" * (MAX_BYTES - len(written)))
    assert isinstance(context(pair.certificate, pair.key), ssl.SSLContext)
    with pair.key.open("ab") as key:
        key.write(b"\n")
    with pytest.raises(BadCertificate):
        context(pair.certificate, pair.key)


def test_what_is_made_is_new_enough_and_keeps_no_key_of_tickets(pair: Pair) -> None:
    made = context(pair.certificate, pair.key)
    assert made.minimum_version is ssl.TLSVersion.TLSv1_2
    assert made.options & ssl.OP_NO_RENEGOTIATION and made.options & ssl.OP_NO_TICKET
    assert made.num_tickets == 0
    assert made.verify_mode is ssl.CERT_NONE  # no client is asked for a certificate


def test_an_end_is_near_from_fourteen_days_on() -> None:
    assert days_left(NOW + SOON_S, NOW) is None
    assert days_left(NOW + SOON_S - 1, NOW) == 13
    assert days_left(NOW, NOW) == 0
    assert days_left(NOW - 1, NOW) == -1


# ---------------------------------------------------------------- the settings


@pytest.mark.parametrize("how", SPOILT)
def test_a_check_of_the_settings_names_the_key_and_a_remedy(
    pair: Pair, tmp_path: Path, how: str
) -> None:
    assert list(mistakes(settings_of(tmp_path))) == []
    spoil(pair, how)
    (mistake,) = mistakes(settings_of(tmp_path))
    assert mistake.key == f"tls.{how.split()[0]}" and mistake.remedy
    assert str(tmp_path) not in mistake.what + mistake.remedy


def test_a_key_may_be_read_by_a_group_and_not_by_everybody(pair: Pair, tmp_path: Path) -> None:
    pair.key.chmod(0o640)
    assert list(mistakes(settings_of(tmp_path))) == []
    pair.key.chmod(0o644)
    (mistake,) = mistakes(settings_of(tmp_path))
    assert (mistake.key, mistake.remedy) == ("tls.key", "use chmod o=")


@pytest.mark.parametrize(
    ("days", "begins", "word"),
    [(90, -1, ""), (15, -1, ""), (13.5, -1, "13 days"), (-0.5, -9, "ended"), (90, 1, "not valid")],
)
def test_a_check_warns_of_an_end_that_is_near(
    tmp_path: Path, days: float, begins: float, word: str
) -> None:
    make_pair(tmp_path, days=days, begins_in_days=begins, now=NOW)
    said = dict(expiring(settings_of(tmp_path), NOW))
    assert list(said) == (["tls.certificate"] if word else [])
    assert word in said.get("tls.certificate", "")


def test_https_is_spoken_unless_a_proxy_does(tmp_path: Path) -> None:
    assert settings_of(tmp_path, http={}).https
    assert not settings_of(tmp_path, http={"behind": ["127.0.0.1"]}).https
    assert not settings_of(tmp_path).https
    assert not parse({"http": {}}, tmp_path / "relay.toml").https


def test_starttls_cannot_be_required_without_a_certificate(tmp_path: Path) -> None:
    mail = {
        "kind": "smtp",
        "listen": "127.0.0.1:0",
        "channel": "news",
        "addresses": ["a@b.example"],
    }
    strict = {"mail": mail | {"starttls": "require"}}
    assert settings_of(tmp_path, transports=strict).transports["mail"].starttls == "require"
    with pytest.raises(SettingsError) as raised:
        parse({"channels": {"news": {}}, "transports": strict}, tmp_path / "relay.toml")
    assert [m.key for m in raised.value.mistakes] == ["transports.mail.starttls"]


@pytest.mark.parametrize(
    ("behind", "good"),
    [
        (["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"], True),
        ([f"10.0.{n}.1" for n in range(100)], True),
        ([f"10.0.{n}.1" for n in range(101)], False),
        (["10.0.0.1/8"], False),
        (["proxy.example.org"], False),
        (["0.0.0.0/0"], False),
        (["::/0"], False),
        ("127.0.0.1", False),
    ],
)
def test_proxies_are_addresses_and_networks_and_not_everybody(
    tmp_path: Path, behind: object, good: bool
) -> None:
    if good:
        assert settings_of(tmp_path, http={"behind": behind}).http is not None
        return
    with pytest.raises(SettingsError) as raised:
        settings_of(tmp_path, http={"behind": behind})
    assert all(m.key.startswith("http.behind") for m in raised.value.mistakes)


# ---------------------------------------------------------------- the watch


class Core:
    def __init__(self) -> None:
        self.said: list[str] = []

    def __call__(self, why: str) -> None:
        self.said.append(why)


def watching(pair: Pair) -> tuple[Watch, Core, io.StringIO, Hands]:
    core, said, clock = Core(), io.StringIO(), Hands()
    certificate = Certificate(pair.certificate, pair.key)
    return Watch(certificate, Journal("door", said), clock, core), core, said, clock


def lines(said: io.StringIO) -> list[str]:
    written = said.getvalue().splitlines()
    said.truncate(0)
    said.seek(0)
    return [line.removeprefix("relay: ") for line in written]


def test_a_good_pair_is_not_worth_a_word_and_a_new_one_is_worth_one(pair: Pair) -> None:
    watch, core, said, _ = watching(pair)
    watch.look()
    watch.look()
    assert lines(said) == [] and core.said == [""]  # the core may know of an earlier one
    make_pair(pair.key.parent, now=NOW)
    watch.look()
    assert lines(said) == ["a new certificate is in force"] and core.said == [""]


def test_files_that_broke_are_told_of_until_they_are_mended(pair: Pair) -> None:
    watch, core, said, _ = watching(pair)
    watch.look()
    spoil(pair, "key does-not-fit")
    watch.look()
    watch.look()
    why = "the files of [tls] cannot be used (key does-not-fit)"
    broken = "the files of [tls] cannot be used (key-does-not-fit): the old ones stay in force"
    assert lines(said) == [broken]
    assert core.said == ["", why]
    make_pair(pair.key.parent, now=NOW)
    watch.look()
    assert lines(said) == ["a new certificate is in force"] and core.said[2:] == [""]


def test_files_that_were_never_good_leave_us_without_tls_until_they_are(pair: Pair) -> None:
    watch, core, said, _ = watching(pair)
    spoil(pair, "key missing")
    watch.look()
    assert watch.certificate.mail is None
    assert lines(said) == ["the files of [tls] cannot be used (key-missing): no TLS until they can"]
    make_pair(pair.key.parent, now=NOW)
    watch.look()
    assert watch.certificate.mail is not None and watch.certificate.web is not None
    assert core.said[-1] == ""


def test_a_certificate_that_ends_is_told_of_once_a_day(pair: Pair) -> None:
    watch, core, said, clock = watching(pair)
    watch.look()
    clock.at = NOW + 76 * DAY + 1
    watch.look()
    watch.look()
    assert lines(said) == ["the certificate ends in 13 days"]
    clock.at = NOW + 88 * DAY + 1
    watch.look()
    clock.at = NOW + 90 * DAY + 1
    watch.look()
    assert lines(said) == [
        "the certificate ends in 1 days",
        "the certificate is not valid now (ended)",
    ]
    assert core.said == [
        "",
        "the certificate ends in 13 days",
        "the certificate ends in 1 days",
        "the certificate has ended",
    ]
    clock.at = NOW - 2 * DAY
    watch.look()
    assert lines(said) == ["the certificate is not valid now (not-yet)"]


def test_the_watch_looks_again_by_itself(pair: Pair) -> None:
    certificate = Certificate(pair.certificate, pair.key)
    said = io.StringIO()
    watch = Watch(certificate, Journal("door", said), Hands(), Core(), look_s=0.001)
    watch.look()

    async def story() -> None:
        running = asyncio.create_task(watch.run())
        for change, word in ((spoil_key, "key-no-key"), (mend, "a new certificate")):
            change(pair)
            async with asyncio.timeout(5):
                while word not in said.getvalue():  # noqa: ASYNC110 - it is the watch that waits
                    await asyncio.sleep(0.002)
        running.cancel()

    asyncio.run(story())


def spoil_key(pair: Pair) -> None:
    pair.key.write_bytes(b"")


def mend(pair: Pair) -> None:
    make_pair(pair.key.parent, now=NOW)
