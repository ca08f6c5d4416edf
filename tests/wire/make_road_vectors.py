"""Makes the vectors of link keys, batches, sheets, mails and strips anew: ``python
tests/wire/make_road_vectors.py``. It shares no code with relay; docs/wire.md says what is in them.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from pathlib import Path

import msgpack
from by_the_book import hkdf, mac
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from roads_by_the_book import BEFORE, BETWEEN, b32name, certificate, sha256

VECTORS = Path(__file__).parent / "vectors"
HERE, THERE, STRANGER = bytes(range(32)), b"\x71" * 32, b"\x72" * 32


def main():
    link_keys()
    batches()


def save(name, **case):
    shown = {key: one.hex() if isinstance(one, bytes) else one for key, one in case.items()}
    (VECTORS / f"{name}.json").write_text(json.dumps(shown, indent=1) + "\n")


def b64(file):
    return base64.b64encode(file).decode()


def public(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def signature(seed):
    tbs = (BEFORE + public(seed) + BETWEEN)[3:157]
    return Ed25519PrivateKey.from_private_bytes(seed).sign(tbs)


def written(seed):
    return base64.urlsafe_b64encode(public(seed) + signature(seed)).decode()


def framed(magic, context, kind, contents, seed=HERE, to=THERE, version=1, filling=b"\0", more=0):
    packed = msgpack.packb({"_": kind, **contents})
    head = struct.pack(">4sB32s32sI", magic, version, public(seed), sha256(public(to)), len(packed))
    filled = -(-(len(head) + len(packed) + 64) // 1024) * 1024 - 64 + more
    made = (head + packed).ljust(filled, filling)
    return made + Ed25519PrivateKey.from_private_bytes(seed).sign(context + made)


def batch(contents, **more):
    return framed(b"OUTB", b"outword/1/batch", "Batch", contents, **more)


def sheet(contents, **more):
    return framed(b"OUTL", b"outword/1/folder", "Sheet", contents, **more)


def mailed(made, index, of, size):
    both = public(HERE) + signature(HERE) + public(THERE) + signature(THERE)
    veil, salt = hkdf(both, b"outword/1/mail"), b"\x11" * 16
    plain = struct.pack(">32sHHI", sha256(made), index, of, len(made))
    plain += made[index * size : (index + 1) * size]
    once = ChaCha20Poly1305(hkdf(veil, b"outword/1/mail/one", salt))
    return salt + mac(veil, b"mark", salt)[:16] + once.encrypt(bytes(12), plain, salt)


def strips(made):
    text = base64.b32encode(zlib.compress(made, 9)).decode().rstrip("=")
    pieces = [text[at : at + 1400] for at in range(0, len(text), 1400)]
    return [f"{b32name(made)}:{n}:{len(pieces)}:{one}" for n, one in enumerate(pieces, 1)]


def link_keys():
    for name, seed in (("here", HERE), ("there", THERE)):
        key, made = public(seed), certificate(public(seed), signature(seed))
        more = {"seed": seed, "id": sha256(key), "certificate": made}
        save(f"link-written-good-{name}", verdict="good", written=written(seed), **more)
    own = written(HERE)
    save("link-written-damaged-one-short", verdict="damaged", written=own[:-1])
    mixed = base64.urlsafe_b64encode(public(HERE) + signature(THERE)).decode()
    save("link-written-damaged-signed-by-another", verdict="damaged", written=mixed)


def batches():
    ways = {"from": written(HERE), "to": written(THERE)}

    def one(verdict, name, file, **more):
        save(f"batch-{verdict}-{name}", verdict=verdict, **ways, **more, file=b64(file))

    envelope, token, sealed = b"\x21" * 4000, b"\x22" * 578, b"\x23" * 1040
    entry = {
        "envelopes": [{"_": "Carried", "envelope": envelope, "after": True}],
        "heard": [b"\x24" * 16],
        "serial": 1_700_010_000,
    }
    leaving = {
        "durable": [b"\x25" * 16],
        "whole": b"\x26" * 32,
        "answers": [{"_": "Returned", "token": token, "sealed": sealed}],
        "bundle": b"\x27" * 90,
    }
    good = batch(entry)
    one("good", "of-an-entry", good, contents=shown(entry))
    one("good", "of-an-exit", batch(leaving), contents=shown(leaving))
    one("good", "a-question", batch({}), contents={})
    one("damaged", "one-byte-altered", good[:100] + bytes([good[100] ^ 1]) + good[101:])
    one("damaged", "a-kibibyte-short", good[:-1024])
    one("damaged", "for-another", batch(entry, to=STRANGER))
    one("damaged", "of-another", batch(entry, seed=STRANGER))
    one("damaged", "a-later-version", batch(entry, version=2))
    one("damaged", "an-unknown-key", batch(entry | {"more": 1}))
    one("damaged", "an-id-of-15-bytes", batch({"durable": [b"\x25" * 15]}))
    many = [{"_": "Carried", "envelope": b"", "after": False}] * 65
    one("damaged", "65-envelopes", batch({"envelopes": many}))
    one("damaged", "signed-as-a-sheet", framed(b"OUTB", b"outword/1/folder", "Batch", entry))

    one("damaged", "filled-with-ones", batch(entry, filling=b"\1"))
    one("damaged", "filled-with-more", batch(entry, more=1024))

    put = [{"_": "Put", "name": "k3x7q2mb.bin", "size": len(good), "digest": sha256(good)}]
    listed = {"serial": 4, "put": put, "took": [b"\x28" * 32]}
    file = sheet(listed)
    save("sheet-good", verdict="good", **ways, contents=shown(listed), file=b64(file))
    wrong = sheet(listed | {"took": [b"\x28" * 31]})
    save("sheet-damaged-a-digest-of-31-bytes", verdict="damaged", **ways, file=b64(wrong))

    for name, more in (("ones", {"filling": b"\1"}), ("more", {"more": 1024})):
        wrong = sheet(listed, **more)
        save(f"sheet-damaged-filled-with-{name}", verdict="damaged", **ways, file=b64(wrong))

    attached, size = mailed(good, 1, 3, 1707), 1707
    more = {"digest": sha256(good), "index": 1, "of": 3, "length": len(good)}
    chunk = b64(good[size : 2 * size])
    save("mailed-good", verdict="good", **ways, **more, chunk=chunk, attached=b64(attached))
    altered = b64(attached[:-1] + bytes([attached[-1] ^ 1]))
    save("mailed-damaged-one-byte-altered", verdict="damaged", **ways, attached=altered)
    turned = {"from": ways["to"], "to": ways["from"]}
    save("mailed-damaged-the-other-way-round", verdict="damaged", **turned, attached=b64(attached))

    random = b"".join(sha256(bytes([n])) for n in range(125))
    printed = batch({"envelopes": [{"_": "Carried", "envelope": random, "after": False}]})
    lines = strips(printed)
    save("strips-good", verdict="good", lines=lines[::-1] + lines[:1], batch=b64(printed))
    save("strips-damaged-one-is-missing", verdict="damaged", lines=lines[1:])
    mixed = [lines[0].replace("A", "B"), *lines[1:]]
    save("strips-damaged-one-is-altered", verdict="damaged", lines=mixed)


def shown(value):
    """As a vector shows it: bytes in hex, without the names of types."""
    if isinstance(value, dict):
        return {key: shown(one) for key, one in value.items() if key != "_"}
    if isinstance(value, list):
        return [shown(one) for one in value]
    return value.hex() if isinstance(value, bytes) else value


if __name__ == "__main__":
    main()
