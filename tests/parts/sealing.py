"""Mails encrypted as a sender's program does it: with the two libraries, to the public halves."""

from __future__ import annotations

import base64
import zlib
from email.message import EmailMessage

import pyrage
import pysequoia

from relay.model import Ciphertext, Command, Encrypted, Message, Unreadable
from relay.reader.opened import read_opened
from relay.reader.opening import open_all
from relay.reader.read import guarded, read
from relay.wire.mailkeys import MailKeys, MailPublic


def by_openpgp(plain: bytes, to: MailPublic, *, armour: bool = True, signed: bool = False) -> bytes:
    """A message for the certificate; signed by somebody nobody knows, if it is to be."""
    certificate = pysequoia.Cert.from_bytes(to.certificate.encode())
    signer = pysequoia.Tsk.generate("<witness@example.org>").signer() if signed else None
    return bytes(pysequoia.encrypt(plain, recipients=[certificate], signer=signer, armor=armour))


def by_age(plain: bytes, to: MailPublic, *, armour: bool = True) -> bytes:
    recipient = pyrage.x25519.Recipient.from_str(to.recipient)
    return bytes(pyrage.encrypt(plain, [recipient], armored=armour))


def gigabyte() -> bytes:
    """An OpenPGP message that is a megabyte here and a gigabyte when it is unpacked: a compressed
    packet (RFC 9580 section 5.6) in which zeros lie in a literal packet. That it is not encrypted
    keeps nobody from unpacking it."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    size = 1 << 30
    head = b"\xcb\xff" + (size + 6).to_bytes(4, "big") + b"b\x00\x00\x00\x00\x00"
    begun = deflate.compress(head) + deflate.flush(zlib.Z_FULL_FLUSH)
    block = deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    packed = begun + block * (size >> 20) + deflate.flush()
    body = b"\x01" + packed
    return b"\xc8\xff" + len(body).to_bytes(4, "big") + body


def entity(text: str, subject: str = "") -> bytes:
    """What a program encrypts whole: a part with the real Subject in it (RFC 9788)."""
    protected = f"Subject: {subject}\r\nFrom: W <witness@example.org>\r\n" if subject else ""
    kind = 'text/plain; charset=utf-8; hp="cipher"'
    return f"{protected}Content-Type: {kind}\r\n\r\n{text}\r\n".encode()


def pgp_mime(sealed: bytes, container: str = "encrypted") -> bytes:
    """RFC 3156 section 4, as it comes out of an entry; without armour it travels as base64."""
    encoding = b""
    if not sealed.startswith(b"-----"):
        sealed, encoding = base64.encodebytes(sealed), b"Content-Transfer-Encoding: base64\r\n"
    return (
        b"Subject: ...\r\nMIME-Version: 1.0\r\nContent-Type: multipart/"
        + container.encode()
        + b'; protocol="application/pgp-encrypted"; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--b\r\n"
        b'Content-Type: application/octet-stream; name="encrypted.asc"\r\n'
        + encoding
        + b"\r\n"
        + sealed
        + b"\r\n--b--\r\n"
    )


def inline(sealed: bytes, before: str = "", after: str = "", subject: str = "") -> bytes:
    """Armour in the text."""
    head = f"Subject: {subject}\r\n" if subject else ""
    head += "Content-Type: text/plain; charset=utf-8\r\n\r\n" + before
    return head.encode() + sealed + after.encode()


def attached(*files: tuple[str, bytes], text: str = "") -> bytes:
    """Files beside a text, in base64 as programs send them."""
    made = EmailMessage()
    made["Subject"] = "papers"
    made.set_content(text)
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return bytes(made)


def opened(content: bytes, keys: MailKeys | None) -> Message | Command | Unreadable:
    """What a mail says, in the three steps of three processes, without the processes."""
    found = read(content, "mail")
    if not isinstance(found, Encrypted):
        return found
    plain = open_all(found.parts, keys) if keys else (None,) * len(found.parts)
    pairs = list(zip(found.parts, plain, strict=True))
    good = tuple(Ciphertext(p.scheme, p.form, text) for p, text in pairs if text is not None)
    bad = tuple(part for part, text in pairs if text is None)
    return guarded(lambda: read_opened(Encrypted(good, found.clear), bad))
