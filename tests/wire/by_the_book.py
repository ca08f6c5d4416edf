"""A second writer and reader of the envelope, made from docs/wire.md alone: no code of relay.

It is here so that the document is tested, not only the program: each must open what the other
seals. The hybrid key encapsulation and HPKE's key schedule are done by hand from ML-KEM-768, X25519
and SHA-3; the rest is the standard library, ChaCha20-Poly1305 and msgpack.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import struct
from datetime import date

import msgpack
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

CLASSES = (4_000, 32_768, 262_144, 2_097_152, 16_777_216)
KINDS = {"mail", "text", "multipart", "gsm", "ucs2"}
TYPES = {
    "kind": str,
    "transport": str,
    "content": bytes,
    "channel": str,
    "flags": str,
    "repeat_keys": bytes,
    "author_tags": bytes,
    "network_tags": bytes,
    "segment": int,
    "segments": int,
    "join_keys": bytes,
    "return_token": bytes,
    "answer_key": bytes,
    "code": str,
}
NEEDED = {"kind", "transport", "content", "channel"}


class NotMine(Exception):
    """None of the keys is named in a slot."""


class Damaged(Exception):
    """Anything else."""


# ---------------------------------------------------------------- RFC 5869, RFC 2104


def hmac_sha256(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def extract(salt, secret):
    return hmac_sha256(salt or bytes(32), secret)


def expand(key, info, length):
    made, block = b"", b""
    for n in range(1, -(-length // 32) + 1):
        block = hmac_sha256(key, block + info + bytes([n]))
        made += block
    return made[:length]


def hkdf(secret, info, salt=b"", length=32):
    return expand(extract(salt, secret), info, length)


def mac(key, *parts):
    return hmac_sha256(key, b"".join(struct.pack(">Q", len(part)) + part for part in parts))


# ---------------------------------------------------------------- the KEM and RFC 9180

SUITE_ID = b"HPKE" + struct.pack(">HHH", 0x647A, 0x0001, 0x0003)


def public_of(seed):
    ml = MLKEM768PrivateKey.from_seed_bytes(seed[:64]).public_key().public_bytes_raw()
    return ml + X25519PrivateKey.from_private_bytes(seed[64:]).public_key().public_bytes_raw()


def combined(ml_secret, x_secret, x_encapsulated, x_public):
    label = bytes.fromhex("5c2e2f2f5e5c")  # draft-connolly-cfrg-xwing-kem: a crossed wing
    return hashlib.sha3_256(ml_secret + x_secret + x_encapsulated + x_public + label).digest()


def encapsulate(public, ephemeral):
    ml_secret, ml_encapsulated = MLKEM768PublicKey.from_public_bytes(public[:1184]).encapsulate()
    own = X25519PrivateKey.from_private_bytes(ephemeral)
    x_secret = own.exchange(X25519PublicKey.from_public_bytes(public[1184:]))
    x_encapsulated = own.public_key().public_bytes_raw()
    shared = combined(ml_secret, x_secret, x_encapsulated, public[1184:])
    return shared, ml_encapsulated + x_encapsulated


def decapsulate(encapsulated, seed):
    ml_secret = MLKEM768PrivateKey.from_seed_bytes(seed[:64]).decapsulate(encapsulated[:1088])
    own = X25519PrivateKey.from_private_bytes(seed[64:])
    x_secret = own.exchange(X25519PublicKey.from_public_bytes(encapsulated[1088:]))
    x_public = own.public_key().public_bytes_raw()
    return combined(ml_secret, x_secret, encapsulated[1088:], x_public)


def hpke_key_and_nonce(shared, info):
    """RFC 9180 section 5.1, mode_base."""

    def labelled_extract(salt, label, secret):
        return extract(salt, b"HPKE-v1" + SUITE_ID + label + secret)

    def labelled_expand(key, label, context, length):
        labelled = struct.pack(">H", length) + b"HPKE-v1" + SUITE_ID + label + context
        return expand(key, labelled, length)

    psk_id_hash = labelled_extract(b"", b"psk_id_hash", b"")
    context = b"\x00" + psk_id_hash + labelled_extract(b"", b"info_hash", info)
    secret = labelled_extract(shared, b"secret", b"")
    return labelled_expand(secret, b"key", context, 32), labelled_expand(
        secret, b"base_nonce", context, 12
    )


def wrap(content_key, public, info, ephemeral):
    shared, encapsulated = encapsulate(public, ephemeral)
    key, nonce = hpke_key_and_nonce(shared, info)
    return encapsulated + ChaCha20Poly1305(key).encrypt(nonce, content_key, b"")


def unwrap(wrapped, seed, info):
    key, nonce = hpke_key_and_nonce(decapsulate(wrapped[:1120], seed), info)
    return ChaCha20Poly1305(key).decrypt(nonce, wrapped[1120:], b"")


# ---------------------------------------------------------------- the envelope


def write(plain, seeds, content_keys, ephemerals, *, padding=None, **changed):
    """An envelope around ``plain``, which need not be a good one. A content key for each slot;
    the first is that of the body and of the commitment."""
    around = 33 + 1176 * len(seeds) + 32 + 16
    said = {
        "start": b"OUTW\x01\x01\x00",
        "id": bytes(range(16)),
        "index": next(n for n, room in enumerate(CLASSES) if len(plain) + 1 + around <= room),
        "hours": (498_000, 498_072),
        "slots": len(seeds),
    } | changed
    head = said["start"] + said["id"] + bytes([said["index"]])
    head += struct.pack(">IIB", *said["hours"], said["slots"])
    slots = b""
    for seed, content_key, ephemeral in zip(seeds, content_keys, ephemerals, strict=True):
        key_id = hashlib.sha256(public_of(seed)).digest()[:8]
        info = b"outword/1/wrap" + head + key_id
        slots += key_id + wrap(content_key, public_of(seed), info, ephemeral)
    clear = head + slots + mac(hkdf(content_keys[0], b"outword/1/commit", head), head, slots)
    if padding is None:
        padding = b"\x80".ljust(CLASSES[said["index"]] - around - len(plain), b"\0")
    body_key = hkdf(content_keys[0], b"outword/1/body", head)
    return clear + ChaCha20Poly1305(body_key).encrypt(bytes(12), plain + padding, clear)


def read(envelope, seeds):
    """(id, inside, message secret), or NotMine, or Damaged."""
    try:
        return _read(envelope, {hashlib.sha256(public_of(s)).digest()[:8]: s for s in seeds})
    except (InvalidTag, ValueError, TypeError, msgpack.UnpackException):
        raise Damaged from None


def _read(envelope, seeds):
    head = envelope[:33]
    if len(head) < 33 or head[:7] != b"OUTW\x01\x01\x00":
        raise Damaged
    id, index, slots = head[7:23], head[23], head[32]
    if index > 4 or not 1 <= slots <= 4 or len(envelope) != CLASSES[index]:
        raise Damaged
    body_at = 33 + 1176 * slots + 32
    clear, commitment = envelope[:body_at], envelope[body_at - 32 : body_at]
    for at in range(33, 33 + 1176 * slots, 1176):
        key_id = envelope[at : at + 8]
        if key_id in seeds:
            info = b"outword/1/wrap" + head + key_id
            content_key = unwrap(envelope[at + 8 : at + 1176], seeds[key_id], info)
            break
    else:
        raise NotMine
    committed = mac(hkdf(content_key, b"outword/1/commit", head), head, clear[33:-32])
    if not hmac.compare_digest(commitment, committed):
        raise Damaged
    body_key = hkdf(content_key, b"outword/1/body", head)
    padded = ChaCha20Poly1305(body_key).decrypt(bytes(12), envelope[body_at:], clear)
    plain = padded.rstrip(b"\0")
    if plain[-1:] != b"\x80":
        raise Damaged
    return id, _inside(plain[:-1]), hkdf(content_key, b"outword/1/message", id)


def _inside(plain):
    shown = msgpack.unpackb(plain, object_pairs_hook=_pairs, max_array_len=0, max_ext_len=0)
    if type(shown) is not dict or len(shown) > 24 or not shown.keys() >= NEEDED:
        raise Damaged
    for key, value in shown.items():
        if type(value) is not TYPES[key] if key in TYPES else True:
            raise Damaged
    tags = [
        shown.get(key, b"") for key in ("repeat_keys", "author_tags", "network_tags", "join_keys")
    ]
    flags = shown.get("flags", "")
    segment, segments = shown.get("segment", 0), shown.get("segments", 0)
    good = (
        shown["kind"] in KINDS
        and 1 <= len(shown["transport"]) <= 64
        and 1 <= len(shown["channel"]) <= 64
        and all(len(some) % 16 == 0 and len(some) <= 128 for some in tags)
        and (not flags or len(flags.split(" ")) <= 16)
        and all(1 <= len(f) <= 64 for f in (flags.split(" ") if flags else ()))
        and all("!" <= letter <= "~" or letter == " " for letter in flags)
        and (segment == segments == 0 or 1 <= segment <= segments <= 255)
        and len(shown.get("return_token", b"")) <= 1024
        and len(shown.get("answer_key", b"")) in (0, 32)
        and len(shown.get("code", "")) <= 32
    )
    if not good:
        raise Damaged
    return shown


def _pairs(pairs):
    if len(dict(pairs)) != len(pairs):
        raise ValueError
    return dict(pairs)


# ---------------------------------------------------------------- records and key files


def write_record(plain, storage, record_key, nonce, bind, *, padded):
    """``storage`` is (id, key)."""
    version = b"\x01" if padded else b"\x02"
    if padded:
        room = next(room for room in CLASSES if len(plain) + 1 + 69 + 16 <= room)
        plain = (plain + b"\x80").ljust(room - 69 - 16, b"\0")
    bound = b"outword/1/record-key" + version + storage[0] + bind
    wrapped = nonce + ChaCha20Poly1305(storage[1]).encrypt(nonce, record_key, bound)
    bound = b"outword/1/record" + version + bind
    sealed = ChaCha20Poly1305(record_key).encrypt(bytes(12), plain, bound)
    return version + storage[0] + wrapped + sealed


def with_checksum(magic, rest):
    return magic + hashlib.sha256(magic + rest).digest() + rest


def write_door_key(keys):
    return with_checksum(b"OUTWD1\n", msgpack.packb({"_": "DoorKeys", **keys}))


def write_link_key(seed):
    return with_checksum(b"OUTWL1\n", seed)


def turned(opening_key, turns):
    """The key that seals the file after so many turns."""
    for _ in range(turns):
        opening_key = hkdf(opening_key, b"outword/1/exit.key/turn", b"")
    return opening_key


def write_exit_key(keys, identity, public, salt, nonce, opening_key, cost=None, **more):
    """``keys`` and ``public`` are maps, ``identity`` an Ed25519 private key; ``more`` may be the
    ``turn`` and the signed ``bundle``, which newer files have."""
    shown = msgpack.packb({"_": "ExitPublic", **public})
    lock = {
        "_": "Lock",
        "public": shown,
        "signature": identity.sign(b"outword/1/exit-public" + shown),
        "salt": salt,
        "cost": cost and {"_": "Argon2", **cost},
        **more,
    }
    head = msgpack.packb(lock)
    clear = struct.pack(">I", len(head)) + head
    plain = msgpack.packb({"_": "ExitKeys", **keys})
    sealed = ChaCha20Poly1305(opening_key).encrypt(nonce, plain, b"OUTWX1\n" + clear)
    return with_checksum(b"OUTWX1\n", clear + nonce + sealed)


# ---------------------------------------------------------------- bundles and batches


def write_bundle(contents, identity):
    """``contents`` is a map, ``identity`` an Ed25519 private key."""
    packed = msgpack.packb({"_": "Bundle", **contents})
    signed = b"OUTK\x01" + struct.pack(">I", len(packed)) + packed
    return signed + identity.sign(b"outword/1/bundle" + signed)


def write_request(contents):
    packed = msgpack.packb({"_": "Bundle", **contents})
    made = b"OUTQ\x01" + struct.pack(">I", len(packed)) + packed
    return made + hashlib.sha256(b"outword/1/bundle-request" + made).digest()


# ---------------------------------------------------------------- the page key in words


def words(public):
    """arXiv:0901.4016: each 16 bits are consonant 4, vowel 2, consonant 4, vowel 2, consonant 4."""
    bits = int.from_bytes(hashlib.sha256(public).digest()[:16], "big")
    made = ""
    for n in range(128, 0, -16):
        word = bits >> n - 16 & 0xFFFF
        for shift, letters in ((12, C), (10, V), (6, C), (4, V), (0, C)):
            made += letters[word >> shift & len(letters) - 1]
        made += "-"
    return made.rstrip("-")


# ---------------------------------------------------------------- the ways in


def ways_are_good(file, key):
    """The verdict on a statement of the ways in, given as the value of its file's JSON."""
    try:
        if set(file) != {"kind", "signed", "sig"} or file["kind"] != "ways":
            return False
        signed, sig = (base64.b64decode(file[name], validate=True) for name in ("signed", "sig"))
        said = json.loads(signed)
        exact = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if exact.encode() != signed or set(said) != {"v", "kind", "day", "key", "ways"}:
            return False
        if repr(said["v"]) != "1" or said["kind"] != "ways" or len(said["ways"]) > 32:
            return False
        if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", said["day"]):
            return False
        date.fromisoformat(said["day"])
        if not all(is_a_way(way) for way in said["ways"]) or base64.b64decode(said["key"]) != key:
            return False
        Ed25519PublicKey.from_public_bytes(key).verify(sig, b"outword/1/ways" + signed)
    except (ValueError, TypeError, KeyError, InvalidSignature):
        return False
    return True


def is_a_way(way):
    names = [way["kind"], *way["warnings"]]
    return (
        set(way) == {"kind", "shown", "warnings"}
        and len(names) <= 9
        and all(re.fullmatch("[a-z][a-z-]{0,31}", name) for name in names)
        and re.fullmatch(r"\S{1,254}", way["shown"]) is not None
        and way["shown"].isprintable()
    )


C, V = "bdfghjklmnprstvz", "aiou"


# ---------------------------------------------------------------- what was withdrawn


def withdrawn_is_good(file, key):
    """The verdict on a list of what was withdrawn, given as the value of its file's JSON."""
    try:
        if set(file) != {"kind", "signed", "sig"} or file["kind"] != "withdrawn":
            return False
        signed, sig = (base64.b64decode(file[name], validate=True) for name in ("signed", "sig"))
        said = json.loads(signed)
        exact = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if exact.encode() != signed or set(said) != {"v", "kind", "day", "key", "items"}:
            return False
        if repr(said["v"]) != "1" or said["kind"] != "withdrawn" or len(said["items"]) > 2000:
            return False
        if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", said["day"]):
            return False
        date.fromisoformat(said["day"])
        id = "urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
        before = ""
        for one in said["items"]:
            if not re.fullmatch(id, one) or not before < one:
                return False
            before = one
        if not isinstance(said["items"], list) or base64.b64decode(said["key"]) != key:
            return False
        Ed25519PublicKey.from_public_bytes(key).verify(sig, b"outword/1/withdrawn" + signed)
    except (ValueError, TypeError, KeyError, InvalidSignature):
        return False
    return True
