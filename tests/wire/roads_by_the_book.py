"""A second reader of what crosses between nodes, made from docs/wire.md alone: no code of relay."""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from base64 import b32decode, b32encode, urlsafe_b64decode

import msgpack
from by_the_book import Damaged, hkdf, mac
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

BEFORE = bytes.fromhex(
    "3081e4308197a003020102020101300506032b6570300f310d300b06035504030c046c696e6b3020170d30303031"
    "30313030303030305a180f39393939313233313233353935395a300f310d300b06035504030c046c696e6b302a30"
    "0506032b6570032100"
)
BETWEEN = bytes.fromhex("a316301430120603551d130101ff040830060101ff020100300506032b6570034100")

FIELDS = {
    "Batch": {
        "envelopes": ["Carried"], "heard": [bytes], "serial": int, "durable": [bytes],
        "whole": bytes, "answers": ["Returned"], "bundle": bytes,
    },
    "Carried": {"envelope": bytes, "after": bool},
    "Returned": {"token": bytes, "sealed": bytes},
    "Sheet": {"serial": int, "put": ["Put"], "took": [bytes]},
    "Put": {"name": str, "size": int, "digest": bytes},
    "EpochPublic": {"id": bytes, "public": bytes, "not_before": int, "not_after": int},
    "MailPublic": {"certificate": str, "fingerprint": str, "recipient": str},
    "Bundle": {
        "identity": bytes, "page": bytes, "serial": int, "made": int, "road_s": int,
        "epochs": ["EpochPublic"], "revoked": [bytes], "ended": bool, "mail": "MailPublic?",
    },
}  # fmt: skip
DEFAULTS = {
    "after": False, "envelopes": [], "heard": [], "durable": [], "whole": b"", "answers": [],
    "bundle": b"", "put": [], "took": [], "not_before": 0, "not_after": 2**40, "revoked": [],
    "ended": False, "mail": None,
}  # fmt: skip


def sha256(data):
    return hashlib.sha256(data).digest()


def signed_by(public, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        raise Damaged from None


# ---------------------------------------------------------------- packed values


def unpacked(kind, data):
    def pairs(found):
        if len({key for key, _ in found}) != len(found):
            raise Damaged
        return dict(found)

    try:
        value = msgpack.unpackb(data, raw=False, object_pairs_hook=pairs)
    except Damaged:
        raise
    except Exception:
        raise Damaged from None
    return checked(kind, value)


def checked(kind, value):
    if isinstance(kind, list):
        if not isinstance(value, list):
            raise Damaged
        return [checked(kind[0], one) for one in value]
    if not isinstance(kind, str):
        if type(value) is not kind:
            raise Damaged
        return value
    if kind.endswith("?"):
        return None if value is None else checked(kind[:-1], value)
    if not isinstance(value, dict) or value.pop("_", None) != kind:
        raise Damaged
    fields = FIELDS[kind]
    if kind == "Batch":
        value = {"serial": 0} | value
    for name in fields.keys() - value.keys() & DEFAULTS.keys():
        value[name] = DEFAULTS[name]
    if value.keys() != fields.keys():
        raise Damaged
    return {name: checked(one, value[name]) for name, one in fields.items()}


# ---------------------------------------------------------------- link keys


def link_key(written):
    """Public key and signature."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{128}", written):
        raise Damaged
    raw = urlsafe_b64decode(written)
    public, signature = raw[:32], raw[32:]
    signed_by(public, (BEFORE + public + BETWEEN)[3:157], signature)
    return public, signature


def certificate(public, signature):
    return BEFORE + public + BETWEEN + signature


# ---------------------------------------------------------------- batches and sheets


def framed(magic, context, most, file, sender, to):
    if len(file) % 1024 or not 73 + 64 <= len(file) <= most:
        raise Damaged
    begins, version, public, for_whom, length = struct.unpack_from(">4sB32s32sI", file)
    if (begins, version, public, for_whom) != (magic, 1, sender, sha256(to)):
        raise Damaged
    signed_by(public, context + file[:-64], file[-64:])
    contents, zeros = file[73:-64][:length], file[73:-64][length:]
    if len(contents) != length or zeros.strip(b"\0") or len(zeros) >= 1024:
        raise Damaged
    return contents


def batch(file, sender, to):
    contents = framed(b"OUTB", b"outword/1/batch", 17_825_792, file, sender, to)
    made = unpacked("Batch", contents)
    good = (
        len(made["envelopes"]) <= 64
        and sum(len(one["envelope"]) for one in made["envelopes"]) <= 16_777_216
        and all(len(made[name]) <= 4096 for name in ("heard", "durable"))
        and all(len(one) == 16 for one in made["heard"] + made["durable"])
        and len(made["whole"]) in (0, 32)
        and len(made["answers"]) <= 64
        and all(len(one["token"] + one["sealed"]) <= 9216 for one in made["answers"])
        and len(made["bundle"]) <= 262_144
        and made["serial"] >= 0
    )
    if not good:
        raise Damaged
    return made


def sheet(file, sender, to):
    made = unpacked("Sheet", framed(b"OUTL", b"outword/1/folder", 2_097_152, file, sender, to))
    digests = made["took"] + [one["digest"] for one in made["put"]]
    if max(len(made["put"]), len(made["took"])) > 10_000 or made["serial"] < 0:
        raise Damaged
    if any(len(one) != 32 for one in digests):
        raise Damaged
    return made


# ---------------------------------------------------------------- bundles


def bundle(file, identity):
    contents, end = headed(b"OUTK", file, 64)
    signed_by(identity, b"outword/1/bundle" + file[:-64], end)
    made = good_bundle(contents)
    if made["identity"] != identity:
        raise Damaged
    return made


def request(file):
    contents, end = headed(b"OUTQ", file, 32)
    if end != sha256(b"outword/1/bundle-request" + file[:-32]):
        raise Damaged
    return good_bundle(contents)


def headed(magic, file, end):
    if not 9 + end < len(file) <= 262_144:
        raise Damaged
    if struct.unpack_from(">4sBI", file) != (magic, 1, len(file) - 9 - end):
        raise Damaged
    return file[9:-end], file[-end:]


def good_bundle(contents):
    made = unpacked("Bundle", contents)
    epochs = made["epochs"]
    ends = [0] + [one["not_after"] for one in epochs]
    good = (
        len(made["identity"]) == len(made["page"]) == 32
        and 1 <= made["serial"] <= 2**62
        and (made["ended"] or (made["serial"] < 2**62 and epochs))
        and made["road_s"] > 0
        and len(epochs) <= 130
        and len(made["revoked"]) <= 1000
        and all(len(one) == 8 for one in made["revoked"])
        and all(one["id"] == sha256(one["public"])[:8] for one in epochs)
        and all(len(one["public"]) == 1216 for one in epochs)
        and 0 <= made["made"] < 2**40
        and all(a <= one["not_before"] for a, one in zip(ends, epochs, strict=False))
        and all(one["not_before"] % 86_400 == 0 for one in epochs)
        and all(one["not_after"] == one["not_before"] + 86_400 < 2**40 for one in epochs)
        and len({one["id"] for one in epochs}) == len(epochs)
    )
    if not good:
        raise Damaged
    return made


def key_at(made, at):
    if made["ended"]:
        return b""
    good = [
        one
        for one in made["epochs"]
        if one["not_before"] <= at < one["not_after"] and one["id"] not in made["revoked"]
    ]
    return max(good, key=lambda one: one["not_before"])["id"] if good else b""


# ---------------------------------------------------------------- mails and paper


def mailed(attached, sender, to):
    """Digest, index, number of parts, length and the part; a link key is its 96 bytes here."""
    salt, mark, sealed = attached[:16], attached[16:32], attached[32:]
    veil = hkdf(sender + to, b"outword/1/mail")
    if mark != mac(veil, b"mark", salt)[:16]:
        raise Damaged
    once = ChaCha20Poly1305(hkdf(veil, b"outword/1/mail/one", salt))
    try:
        plain = once.decrypt(bytes(12), sealed, salt)
    except InvalidTag:
        raise Damaged from None
    digest, index, of, length = struct.unpack_from(">32sHHI", plain)
    if not index < of <= 512 or not 0 < len(plain) - 40 <= length <= 17_825_792:
        raise Damaged
    return digest, index, of, length, plain[40:]


def strips(lines):
    """The one batch that is on these."""
    found = {}
    for line in lines:
        for name, n, of, text in re.findall(
            r"([A-Z2-7]{8}):(\d{1,2}):(\d{1,2}):([A-Z2-7]{1,1400})", line
        ):
            found.setdefault((name, int(of)), {})[int(n)] = text
    for (name, of), pieces in found.items():
        if pieces.keys() != set(range(1, of + 1)):
            continue
        text = "".join(pieces[n] for n in range(1, of + 1))
        try:
            made = zlib.decompressobj().decompress(
                b32decode(text + "=" * (-len(text) % 8)), 262_144
            )
        except (ValueError, zlib.error):
            continue
        if b32name(made) == name:
            return made
    raise Damaged


def b32name(made):
    return b32encode(sha256(made))[:8].decode()
