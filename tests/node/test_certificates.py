"""A node with a certificate of its own: mail over STARTTLS, the page over HTTPS, and renewal."""

from __future__ import annotations

import signal
import smtplib
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from conftest import relay, soon, status

from relay.testing.certificates import NAME, Pair, make_pair
from relay.testing.ledger import marker
from relay.testing.nodes import Node, running
from relay.testing.senders import mail

POST = "post@example.org"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return make_pair(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, pair: Pair) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("node") / "n"
    with running(Node(folder, more=pair.settings)) as started:
        yield started


def shown(node: Node) -> bytes:
    """The certificate that STARTTLS shows now, believed or not."""
    lax = ssl.create_default_context()
    lax.check_hostname, lax.verify_mode = False, ssl.CERT_NONE
    with smtplib.SMTP(*node.mail, timeout=10) as client:
        client.starttls(context=lax)
        assert isinstance(client.sock, ssl.SSLSocket)
        return client.sock.getpeercert(binary_form=True) or b""


def on_disk(pair: Pair) -> bytes:
    return ssl.PEM_cert_to_DER_cert(pair.certificate.read_text())


def hang_up(node: Node, says: str) -> None:
    before = node.log.read_text().count(says)
    assert node.process is not None
    node.process.send_signal(signal.SIGHUP)
    soon(lambda: node.log.read_text().count(says) > before, 15)


def test_a_mail_over_starttls_stands_on_the_page_over_https(node: Node, pair: Pair) -> None:
    text = f"over TLS {marker()}"
    with smtplib.SMTP(*node.mail, timeout=10) as client:
        client.starttls(context=pair.trusting())
        client.sendmail("m@example.net", [POST], mail(text, to=POST))
    with httpx.Client(verify=pair.trusting(), trust_env=False) as client:
        base = f"https://{node.at['http']}"
        feed = soon(lambda: text in (got := client.get(f"{base}/feed.json").text) and got)
        assert base in feed  # its links lead to where it is served
        assert client.get(f"{base}/healthz").text == "ok"
        with pytest.raises(httpx.HTTPError):
            client.get(f"http://{node.at['http']}/healthz")


def test_a_renewed_certificate_is_shown_after_a_hang_up_and_a_broken_one_is_not(
    node: Node, pair: Pair
) -> None:
    first = on_disk(pair)
    assert shown(node) == first
    make_pair(pair.key.parent)
    assert on_disk(pair) != first
    hang_up(node, "new settings are in force")
    soon(lambda: shown(node) == on_disk(pair))
    good = pair.key.read_bytes()
    pair.key.write_bytes(b"broken")
    hang_up(node, "the old ones stay in force")
    assert "tls.key: names a file without a key in PEM" in node.log.read_text()
    assert shown(node) == on_disk(pair)
    pair.key.write_bytes(good)


def test_a_door_that_starts_anew_with_broken_files_takes_mail_and_says_so(
    tmp_path: Path,
) -> None:
    pair = make_pair(tmp_path, NAME)
    with running(Node(tmp_path / "n", more=pair.settings)) as node:
        good = pair.key.read_bytes()
        pair.key.write_bytes(b"broken")
        [door] = [one["pid"] for one in status(node)["processes"] if one["role"] == "door"]
        import os

        os.kill(door, signal.SIGKILL)
        soon(lambda: "no TLS until they can" in node.log.read_text())
        soon(lambda: "key no-key" in status(node)["board"]["mail"]["why"])

        def taken() -> bool:
            with smtplib.SMTP(*node.mail, timeout=10) as client:
                assert client.docmd("STARTTLS")[0] == 454
                return client.sendmail("m@example.net", [POST], mail("x", to=POST)) == {}

        assert soon(taken)
        pair.key.write_bytes(good)
        hang_up(node, "new settings are in force")
        soon(lambda: shown(node) == on_disk(pair))


def test_a_check_says_when_a_certificate_ends(tmp_path: Path) -> None:
    pair = make_pair(tmp_path, days=3.5)
    node = Node(tmp_path / "n", more=pair.settings)
    done = relay(node, "check")
    assert done.returncode == 0
    assert b"warning: tls.certificate: it ends in 3 days" in done.stderr
    pair.key.write_bytes(b"")
    done = relay(node, "check")
    assert done.returncode == 78
    assert b"tls.key: names a file without a key in PEM; " in done.stderr
