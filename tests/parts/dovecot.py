"""A real IMAP server on this machine: Debian's dovecot, in a folder of its own, on free ports.

Any user name logs in with PASSWORD, so that each test has a mailbox of its own. TLS is with the
certificate of a throw-away authority, for 127.0.0.1.
"""

from __future__ import annotations

import contextlib
import datetime
import imaplib
import ipaddress
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from imap_tools.utils import encode_folder

START_S = 10.0
PASSWORD = "sesame"
OTHER_USER, OTHER_PASSWORD = "کاربر", 'رمز "من" \\'

SETTINGS = """\
base_dir = {folder}/run
state_dir = {folder}/state
instance_name = t{plain}
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
auth_username_chars =
log_path = {folder}/log
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 100
mail_plugins = acl
mail_fsync = never
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  service_count = 0
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
  }}
}}
service imap {{
  service_count = 1000
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
plugin {{
  acl = vfile
}}
"""


def missing() -> str:
    """Why a test cannot have one here; empty if it can."""
    if not shutil.which("dovecot"):
        return "dovecot is not installed: make test-tools"
    return "" if os.geteuid() == 0 else "dovecot wants to be started by root"


class Dovecot:
    """One server. ``plain`` and ``tls`` are its ports, ``ca_file`` its authority's certificate,
    ``other_file`` that of an authority that signed nothing here."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.folder.chmod(0o755)  # its processes run as several users
        self.plain, self.tls = free_port(), free_port()
        self.ca_file, self.other_file = self.folder / "ca.pem", self.folder / "other.pem"
        self._process: subprocess.Popen[bytes] | None = None
        owner = pwd.getpwnam("nobody")  # dovecot lets no mail belong to root
        (self.folder / "mail").mkdir()
        os.chown(self.folder / "mail", owner.pw_uid, owner.pw_gid)
        make_certificates(self.folder)
        (self.folder / "users").write_text(f"{OTHER_USER}:{{PLAIN}}{OTHER_PASSWORD}\n")
        (self.folder / "users").chmod(0o644)  # its auth process is not root
        (self.folder / "conf").write_text(
            SETTINGS.format(
                folder=self.folder,
                uid=owner.pw_uid,
                gid=owner.pw_gid,
                plain=self.plain,
                tls=self.tls,
                password=PASSWORD,
            )
        )

    def start(self) -> None:
        """Start it and wait until it lets somebody in. Raises RuntimeError if it does not."""
        with open(self.folder / "out", "ab") as out:
            self._process = subprocess.Popen(
                ["dovecot", "-F", "-c", str(self.folder / "conf")],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            with contextlib.suppress(OSError, imaplib.IMAP4.error), self.client("someone"):
                return
            time.sleep(0.02)
        raise RuntimeError((self.folder / "out").read_text())

    def stop(self) -> None:
        """End it, and wait until it is gone; its mails stay."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(START_S)
            self._process = None

    def remove(self) -> None:
        """Stop it and forget everything."""
        self.stop()
        shutil.rmtree(self.folder)

    def client(self, user: str) -> imaplib.IMAP4:
        """A connection of the stock client, logged in. Raises OSError."""
        client = imaplib.IMAP4("127.0.0.1", self.plain, timeout=START_S)
        try:
            client.login(user, PASSWORD)
        except BaseException:
            client.shutdown()
            raise
        return client


class Account:
    """One mailbox of a server, with one folder that a relay may fetch from."""

    def __init__(self, server: Dovecot, user: str, folder: str = "relay") -> None:
        self.server, self.user, self.folder = server, user, folder
        self.name = encode_folder(folder).decode()
        with server.client(user) as client:
            client.create(self.name)

    def deliver(self, *mails: bytes) -> None:
        """Put mails into the folder, as the provider would."""
        with self.server.client(self.user) as client:
            for mail in mails:
                done, said = client.append(self.name, "", "", mail)
                assert done == "OK", said

    def do(self, command: str, *words: str) -> list[bytes]:
        """A UID command of somebody else's mail program, with the folder open."""
        with self.server.client(self.user) as client:
            done, said = client.select(self.name)
            assert done == "OK", said
            done, said = client.uid(command, *words)
            assert done == "OK", said
            return [one for one in said if isinstance(one, bytes)]

    def uids(self) -> list[int]:
        """What lies in the folder."""
        [found] = self.do("SEARCH", "ALL")
        return [int(word) for word in found.split()]

    def flags(self) -> list[bytes]:
        """The flags of each mail there."""
        return self.do("FETCH", "1:*", "(FLAGS)")

    def made_anew(self) -> None:
        """The provider gives the folder another UIDVALIDITY and all mails other UIDs."""
        before = self.validity()
        for _ in range(5):  # a process of the server that has just ended may write the old one back
            self._forget()
            if self.validity() != before:
                return
        raise AssertionError("the folder has the UIDVALIDITY that it had")

    def validity(self) -> bytes:
        """The UIDVALIDITY of the folder (RFC 3501, 2.3.1.1)."""
        with self.server.client(self.user) as client:
            _, said = client.status(self.name, "(UIDVALIDITY)")
            assert isinstance(said[0], bytes)
            return said[0]

    def _forget(self) -> None:
        for file in (self.server.folder / "mail" / self.user).rglob("dovecot*"):
            if file.is_file() and file.name != "dovecot-acl":
                file.unlink()
        time.sleep(1.1 - time.time() % 1)  # UIDVALIDITY is the second in which it is made


@contextlib.contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    """A server that runs inside the block and is gone after it."""
    server = Dovecot()
    try:
        server.start()
        yield server
    finally:
        server.remove()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens at now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def make_certificates(folder: Path) -> None:
    """``ca.pem``, and ``server.pem`` with ``server.key`` signed by it; and ``other.pem``."""
    authority = ec.generate_private_key(ec.SECP256R1())
    key = ec.generate_private_key(ec.SECP256R1())
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    is_authority = x509.BasicConstraints(ca=True, path_length=0)
    for name, made in {
        "ca": _certificate("ca", "ca", authority, authority, is_authority),
        "other": _certificate("ca", "ca", key, key, is_authority),
        "server": _certificate("server", "ca", key, authority, here),
    }.items():
        (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    written = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "server.key").touch(mode=0o600)
    (folder / "server.key").write_bytes(written)


def _certificate(
    name: str,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(extension, critical=False)
        .sign(signer, hashes.SHA256())
    )


class Between:
    """A server's lines pass through here: ``answers`` may change each line it says, ``heard`` is
    told each line a client says before it is passed on. In clear, so that lines can be seen."""

    def __init__(
        self,
        port: int,
        *,
        answers: Callable[[bytes], bytes] = lambda line: line,
        heard: Callable[[bytes], None] = lambda line: None,
    ) -> None:
        self._to = port
        self._answers, self._heard = answers, heard
        self._sock = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = [self._sock]
        self.port = int(self._sock.getsockname()[1])

    def __enter__(self) -> Between:
        Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def cut(self) -> None:
        """Break every connection, and listen no more."""
        for sock in self._open:
            self._broken(sock)
            sock.close()

    def cut_what_is_open(self) -> None:
        """Break every connection, and go on listening."""
        for sock in self._open[1:]:
            self._broken(sock)

    @staticmethod
    def _broken(sock: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the other side may have gone before
            sock.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                ours, _ = self._sock.accept()
                theirs = socket.create_connection(("127.0.0.1", self._to))
                self._open += [ours, theirs]
                for sock in (ours, theirs):  # lines are short, and each waits for the other side
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                Thread(target=self._pass, args=(ours, theirs, self._told), daemon=True).start()
                Thread(target=self._pass, args=(theirs, ours, self._answers), daemon=True).start()

    def _told(self, line: bytes) -> bytes:
        self._heard(line)
        return line

    @staticmethod
    def _pass(source: socket.socket, to: socket.socket, changed: Callable[[bytes], bytes]) -> None:
        with contextlib.suppress(OSError, ValueError), source.makefile("rb") as lines:
            for line in lines:
                to.sendall(changed(line))
        with contextlib.suppress(OSError):
            to.shutdown(socket.SHUT_RDWR)
