"""Makes tests/wire/vectors: ``python tests/wire/make_vectors.py`` in the repository's root.

Each file is one case with its verdict, for readers in any language. They are written by the book
(``by_the_book``), not by the program they test. Everything in them is fixed but what ML-KEM-768
draws when it encapsulates, so making them anew changes the envelopes and no verdict.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

import by_the_book as book
import make_road_vectors
import msgpack
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

VECTORS = Path(__file__).parent / "vectors"
ONE, TWO, STRANGER = bytes(range(96)), bytes(range(96, 192)), bytes(range(160, 256))
CONTENT_KEY, OTHER_KEY = b"\x11" * 32, b"\x22" * 32
EPHEMERALS = [bytes([n]) * 32 for n in (0x31, 0x32, 0x33, 0x34)]

PLAIN = {"kind": "text", "transport": "sms", "content": "سلام".encode(), "channel": "news"}
FULL = PLAIN | {
    "kind": "mail",
    "content": b"Subject: =?utf-8?B?2LPZhNin2YU=?=\r\n\r\n" + "سلام\r\n".encode(),
    "flags": "auto-submitted list",
    "repeat_keys": bytes(range(48)),
    "author_tags": bytes(range(64, 96)),
    "network_tags": bytes(range(160, 192)),
    "segment": 2,
    "segments": 255,
    "join_keys": bytes(range(96, 128)),
    "return_token": bytes(range(256)) * 2 + bytes(66),
    "answer_key": bytes(range(128, 160)),
}
SLOT, BODY = 33 + 8, 33 + 1176 + 32  # where the first wrap begins, and the body after one slot


def main():
    VECTORS.mkdir(exist_ok=True)
    for old in VECTORS.glob("*.json"):
        old.unlink()
    envelopes_that_open()
    envelopes_that_are_not_ours()
    envelopes_that_were_altered()
    envelopes_that_were_made_wrong()
    insides()
    records()
    key_files()
    bundles()
    make_road_vectors.main()
    names()
    items()
    ways()
    withdrawn()
    print(f"{len(list(VECTORS.glob('*.json')))} vectors")


def save(name, **case):
    """One file; bytes as hex. Envelopes and files come as base64, since they are long."""
    text = json.dumps(case, default=bytes.hex, ensure_ascii=False, indent=1)
    (VECTORS / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def b64(whole):
    return base64.b64encode(whole).decode()


# ---------------------------------------------------------------- envelopes


def envelope(inside=None, *, seeds=(ONE,), content_keys=None, **changed):
    """An envelope around a map, or around bytes as they are."""
    inside = PLAIN if inside is None else inside
    plain = inside if isinstance(inside, bytes) else msgpack.packb(inside)
    keys = content_keys or [CONTENT_KEY] * len(seeds)
    return book.write(plain, seeds, keys, EPHEMERALS[: len(seeds)], **changed)


def opened(name, whole, *keys):
    id, inside, secret = book.read(whole, keys)
    said = {"id": id, "secret": secret, "inside": inside}
    save(f"envelope-opened-{name}", verdict="opened", keys=keys, **said, envelope=b64(whole))


def refused(verdict, name, whole, *keys):
    name = f"envelope-{verdict.replace(' ', '-')}-{name}"
    save(name, verdict=verdict, keys=keys or (ONE,), envelope=b64(whole))


def altered(verdict, name, of, *puts):
    """As another envelope, but with other bytes at an offset."""
    name = f"envelope-{verdict.replace(' ', '-')}-{name}"
    save(name, verdict=verdict, keys=(ONE,), of=f"envelope-opened-{of}", put=puts)


def envelopes_that_open():
    room = 4_000 - BODY - 16 - 1  # what is left in the smallest class for one exit
    fixed = len(msgpack.packb(PLAIN | {"content": b"x" * 300})) - 300
    opened("a-text", envelope(), ONE)
    opened("a-mail-with-everything", envelope(FULL), ONE)
    opened("no-content", envelope(PLAIN | {"content": b""}), ONE)
    opened("content-that-looks-like-padding", envelope(PLAIN | {"content": b"\x80\0\0\x80\0"}), ONE)
    opened("the-last-byte-of-a-class", envelope(PLAIN | {"content": b"x" * (room - fixed)}), ONE)
    opened("long-past-its-expiry", envelope(hours=(0, 0)), STRANGER, ONE)
    opened("empty-values-instead-of-none", envelope(PLAIN | {"flags": "", "segment": 0}), ONE)
    both = envelope(seeds=(ONE, TWO))
    opened("at-the-first-of-two-exits", both, ONE)
    opened("at-the-second-of-two-exits", both, TWO)
    four = envelope(seeds=(STRANGER, STRANGER, TWO, ONE))
    opened("at-the-last-of-four-exits", four, ONE)
    unlike = envelope(seeds=(ONE, TWO), content_keys=[CONTENT_KEY, OTHER_KEY])
    opened("two-content-keys-at-the-first-exit", unlike, ONE)
    refused("damaged", "two-content-keys-at-the-second-exit", unlike, TWO)


def envelopes_that_are_not_ours():
    refused("not mine", "two-exits-and-we-are-neither", envelope(seeds=(STRANGER, TWO)))
    key_id = book.hashlib.sha256(book.public_of(ONE)).digest()[:8]
    altered("not mine", "a-flipped-key-id", "a-text", [33, bytes([key_id[0] ^ 1])])


def envelopes_that_were_altered():
    text = json.loads((VECTORS / "envelope-opened-a-text.json").read_text())
    good = base64.b64decode(text["envelope"])
    for name, at in {
        "magic": 3,
        "version": 4,
        "suite": 5,
        "flag": 6,
        "id": 7,
        "arrival": 24,
        "expiry": 31,
        "encapsulated-ml-kem": SLOT,
        "encapsulated-x25519": SLOT + 1088,
        "wrapped-content-key": SLOT + 1120,
        "tag-of-the-wrap": SLOT + 1167,
        "commitment": SLOT + 1168,
        "first-byte-of-the-body": BODY,
        "last-byte": 3_999,
    }.items():
        altered("damaged", f"a-flipped-{name}", "a-text", [at, bytes([good[at] ^ 1])])
    altered("damaged", "an-x25519-point-of-low-order", "a-text", [SLOT + 1088, bytes(32)])
    altered("damaged", "a-size-class-that-is-not-its-length", "a-text", [23, b"\x01"])
    altered("damaged", "a-size-class-that-is-none", "a-text", [23, b"\x05"])
    altered("damaged", "no-slots", "a-text", [32, b"\x00"])
    altered("damaged", "five-slots", "a-text", [32, b"\x05"])
    altered("damaged", "a-slot-more-than-there-is", "a-text", [32, b"\x02"])
    two = "at-the-first-of-two-exits"
    altered("damaged", "a-slot-less-than-there-is", two, [32, b"\x01"])
    altered("damaged", "another-wrap-at-the-other-exit", two, [SLOT + 1176, bytes(32)])


def envelopes_that_were_made_wrong():
    """All but the last six are sealed as they should be, by a door that is hostile or broken."""
    for name, start in {
        "a-later-version": b"OUTW\x02\x01\x00",
        "an-unknown-suite": b"OUTW\x01\x02\x00",
        "an-unknown-flag": b"OUTW\x01\x01\x80",
    }.items():
        refused("damaged", name, envelope(start=start))
    rest = 4_000 - BODY - 16 - len(msgpack.packb(PLAIN))
    for name, padding in {
        "padding-without-a-mark": bytes(rest),
        "padding-with-another-mark": b"\x81".ljust(rest, b"\0"),
        "padding-that-is-not-zeros": b"\x80".ljust(rest - 1, b"\0") + b"\x01",
    }.items():
        refused("damaged", name, envelope(padding=padding))
    refused("damaged", "deep-maps-inside", envelope(b"\x81\xa1a" * 900 + b"\xc0"))
    refused("damaged", "a-list-of-four-billion-inside", envelope(b"\xdd\xff\xff\xff\xff"))
    refused("damaged", "an-unknown-kind-inside", envelope(PLAIN | {"kind": "video"}))
    good, both, other = envelope(), envelope(seeds=(ONE, TWO)), envelope(id=b"\xee" * 16)
    refused("damaged", "swapped-slots", both[:33] + both[1209:2385] + both[33:1209] + both[2385:])
    refused("damaged", "a-wrap-under-another-key-id", good[:33] + both[1209:1217] + good[41:], TWO)
    refused("damaged", "the-body-of-another", good[:BODY] + other[BODY:])
    refused("damaged", "the-slot-of-another", good[:33] + other[33:1209] + good[1209:])
    refused("damaged", "one-byte-short", good[:-1])
    refused("damaged", "one-byte-long", good + b"\0")


# ---------------------------------------------------------------- insides


def insides():
    """What an envelope may not have inside, however well it is sealed: seal each, and open it."""
    good = msgpack.packb(PLAIN)
    fifth = b"\x85" + good[1:]  # the map with a fifth pair, which follows
    save("inside-opened-a-text", verdict="opened", inside=good)
    for kind in ("multipart", "gsm", "ucs2"):
        plain = msgpack.packb(PLAIN | {"kind": kind, "code": "1234567809"})
        save(f"inside-opened-{kind}-with-a-code", verdict="opened", inside=plain)
    for name, plain in {
        "nothing": b"",
        "no-map": msgpack.packb(b"text"),
        "a-list": msgpack.packb([PLAIN]),
        "a-byte-after-the-map": good + b"\xc0",
        "half-a-map": good[:-3],
        "a-byte-that-msgpack-never-uses": b"\x81\xa4kind\xc1",
        "deep-maps": b"\x81\xa1a" * 600 + b"\xc0",
        "deep-lists": b"\x91" * 2_000,
        "deep-keys": b"\x81" * 2_000,
        "a-list-of-four-billion": b"\x81\xa4kind\xdd\xff\xff\xff\xff",
        "a-map-of-four-billion": b"\xdf\xff\xff\xff\xff",
        "content-of-four-billion": b"\x81\xa7content\xc6\xff\xff\xff\xff",
        "text-that-is-not-utf-8": good.replace(b"\xa4news", b"\xa4\xff\xfe\xfd\xfc"),
        "a-key-twice": fifth + msgpack.packb("kind") + msgpack.packb("text"),
        "a-number-as-a-key": fifth + b"\x01\x01",
        "bytes-as-a-key": fifth + msgpack.packb(b"flags") + msgpack.packb(""),
        "a-timestamp": fifth + msgpack.packb("segment") + b"\xd6\xff\0\0\0\1",
        "an-extension": fifth + msgpack.packb("flags") + b"\xd4\x05a",
    }.items():
        save(f"inside-damaged-{name}", verdict="damaged", inside=plain)
    for name, changed in {
        "an-unknown-key": {"more": 1},
        "twenty-five-keys": {f"more{n}": n for n in range(21)},
        "an-unknown-kind": {"kind": "video"},
        "content-as-text": {"content": "text"},
        "a-channel-as-bytes": {"channel": b"news"},
        "a-channel-without-a-name": {"channel": ""},
        "a-channel-of-65-characters": {"channel": "c" * 65},
        "a-transport-of-65-characters": {"transport": "t" * 65},
        "nil-as-content": {"content": None},
        "a-list-of-flags": {"flags": ["list"]},
        "a-map-in-the-map": {"flags": {}},
        "seventeen-flags": {"flags": " ".join("abcdefghijklmnopq")},
        "a-flag-of-65-characters": {"flags": "f" * 65},
        "a-flag-with-a-line-feed": {"flags": "list\nbulk"},
        "two-blanks-between-flags": {"flags": "list  bulk"},
        "a-repeat-key-of-15-bytes": {"repeat_keys": bytes(15)},
        "nine-author-tags": {"author_tags": bytes(9 * 16)},
        "a-network-tag-of-15-bytes": {"network_tags": bytes(15)},
        "true-as-a-number": {"segment": True, "segments": 1},
        "a-fraction-as-a-number": {"segment": 1.0, "segments": 1},
        "not-a-number": {"segment": float("nan"), "segments": 1},
        "segment-none-of-three": {"segment": 0, "segments": 3},
        "segment-four-of-three": {"segment": 4, "segments": 3},
        "segment-minus-one": {"segment": -1, "segments": 3},
        "two-hundred-and-fifty-six-segments": {"segment": 1, "segments": 256},
        "a-return-token-of-1025-bytes": {"return_token": bytes(1025)},
        "a-code-of-33-characters": {"code": "1" * 33},
        "an-answer-key-of-31-bytes": {"answer_key": bytes(31)},
    }.items():
        plain = msgpack.packb(PLAIN | changed)
        save(f"inside-damaged-{name}", verdict="damaged", inside=plain)
    for key in PLAIN:
        without = {name: value for name, value in PLAIN.items() if name != key}
        save(f"inside-damaged-no-{key}", verdict="damaged", inside=msgpack.packb(without))


# ---------------------------------------------------------------- records and key files


def records():
    storage, bind, plain = (b"storage1", b"\x41" * 32), b"\x42" * 16, "سلام".encode()
    given = {"storage_id": storage[0], "storage_key": storage[1]}
    for name, padded in (("padded", True), ("as-it-is", False)):
        kept = book.write_record(plain, storage, b"\x43" * 32, b"\x44" * 12, bind, padded=padded)
        said = {"kept": b64(kept), "record": plain}
        save(f"record-opened-{name}", verdict="opened", **given, bind=bind, **said)
    moved = {"bind": b"\x45" * 16, "kept": b64(kept)}
    save("record-damaged-in-another-row", verdict="damaged", **given, **moved)


def key_files():
    door = {name: bytes([n]) * 32 for n, name in enumerate(
        ("entry", "node_secret", "join_secret", "join_previous"), 0x51)}  # fmt: skip
    file = book.write_door_key(door | {"join_since": 1_700_000_000})
    save("door-key-opened", verdict="opened", **door, file=b64(file))
    save("door-key-damaged-one-byte-short", verdict="damaged", file=b64(file[:-1]))

    salt, random, chosen = b"\x64" * 16, b"3a" * 32, "گذرواژه".encode()
    opening = book.hkdf(random, b"outword/1/exit.key", salt)
    file = exit_file(salt, opening)
    exit_key("opened", "random-passphrase", file, random)
    exit_key("wrong passphrase", "random-passphrase", file, b"3b" * 32)
    exit_key("damaged", "one-byte-short", file[:-1], random)

    cost = {"memory_kib": 8_192, "passes": 1, "lanes": 1}
    stretched = Argon2id(salt=salt, length=32, iterations=1, lanes=1, memory_cost=8_192)
    opening = stretched.derive(chosen)
    exit_key("opened", "chosen-passphrase", exit_file(salt, opening, cost), chosen)
    greedy = exit_file(salt, opening, cost | {"memory_kib": 2**22})
    exit_key("damaged", "four-gibibytes", greedy, chosen)
    posing = exit_file(salt, opening, cost, signed_by=b"\x66" * 32)
    exit_key("damaged", "public-keys-that-identity-did-not-sign", posing, chosen)

    turned_key_files(salt)
    seed = b"\x67" * 32
    file = book.write_link_key(seed)
    save("link-key-opened", verdict="opened", seed=seed, file=b64(file))
    save("link-key-damaged-one-byte-long", verdict="damaged", file=b64(file + b"\0"))


def turned_key_files(salt):
    """Files of a node that ran for three days: in their head is a bundle in place of epochs."""
    random = b"3a" * 32
    first = book.hkdf(random, b"outword/1/exit.key", salt)
    bundle = book.write_bundle(a_bundle(), IDENTITY)
    file = exit_file(salt, book.turned(first, 3), turn=3, bundle=bundle)
    exit_key("opened", "turned-three-times", file, random)
    file = exit_file(salt, first, turn=3, bundle=bundle)
    exit_key("wrong passphrase", "turned-and-sealed-as-if-not", file, random)
    stranger = Ed25519PrivateKey.from_private_bytes(b"\x66" * 32)
    other = book.write_bundle(a_bundle(), stranger)
    file = exit_file(salt, book.turned(first, 3), turn=3, bundle=other)
    exit_key("damaged", "a-bundle-that-identity-did-not-sign", file, random)
    file = exit_file(salt, first, turn=100_001, bundle=bundle)
    exit_key("damaged", "turned-more-often-than-any", file, random)


IDENTITY = Ed25519PrivateKey.from_private_bytes(b"\x61" * 32)
DAY = 1_700_006_400


def a_bundle(**changed):
    """Of an exit with the key of one day."""
    public = book.public_of(ONE)
    key_id = book.hashlib.sha256(public).digest()[:8]
    day = {"not_before": DAY, "not_after": DAY + 86_400}
    return {
        "identity": ed25519_public(b"\x61" * 32),
        "page": ed25519_public(b"\x62" * 32),
        "serial": 1_700_010_000,
        "made": 1_700_010_000,
        "road_s": 1_209_600,
        "epochs": [{"_": "EpochPublic", "id": key_id, "public": public, **day}],
        "revoked": [],
        "ended": False,
        "mail": None,
    } | changed


def bundles():
    made, identity = a_bundle(), ed25519_public(b"\x61" * 32)
    said = {"identity": identity, "at": DAY, "key": made["epochs"][0]["id"]}

    def bundle(verdict, name, file, **more):
        save(f"bundle-{verdict}-{name}", verdict=verdict, identity=identity, **more, file=b64(file))

    def signed(**changed):
        return book.write_bundle(a_bundle(**changed), IDENTITY)

    good = signed()
    bundle("good", "of-one-day", good, at=DAY, key=said["key"])
    bundle("good", "the-day-before", good, at=DAY - 1, key=b"")
    bundle("good", "the-day-after", good, at=DAY + 86_400, key=b"")
    bundle("good", "revoked", signed(revoked=[said["key"]]), at=DAY, key=b"")
    over = signed(page=bytes(32), serial=2**62, road_s=1, epochs=[], ended=True)
    bundle("good", "a-revocation-of-the-exit", over, at=DAY, key=b"")

    stranger = Ed25519PrivateKey.from_private_bytes(b"\x66" * 32)
    bundle("damaged", "signed-by-another", book.write_bundle(made, stranger))
    bundle("damaged", "one-byte-short", good[:-1])
    bundle("damaged", "one-byte-altered", good[:600] + bytes([good[600] ^ 1]) + good[601:])
    twice = made["epochs"] + [made["epochs"][0] | {"not_before": DAY + 1}]
    bundle("damaged", "overlapping-days", signed(epochs=twice))
    years = [made["epochs"][0] | {"not_after": DAY + 365 * 86_400}]
    bundle("damaged", "a-key-of-a-year", signed(epochs=years))
    noon = [made["epochs"][0] | {"not_before": DAY + 43_200, "not_after": DAY + 129_600}]
    bundle("damaged", "a-day-from-noon-on", signed(epochs=noon))
    bundle("damaged", "made-in-no-year", signed(made=2**40))
    bundle("damaged", "no-keys-and-not-ended", signed(epochs=[]))
    bundle("damaged", "the-last-serial-and-not-ended", signed(serial=2**62))
    bundle("damaged", "a-later-version", b"OUTK\x02" + good[5:])

    asked = book.write_request(made)
    save("request-good", verdict="good", identity=identity, serial=made["serial"], file=b64(asked))
    save("request-damaged-one-byte-altered", verdict="damaged", file=b64(asked[:-1] + b"\0"))


def exit_file(salt, opening_key, cost=None, signed_by=b"\x61" * 32, **more):
    identity, page, public = b"\x61" * 32, b"\x62" * 32, book.public_of(ONE)
    key_id = book.hashlib.sha256(public).digest()[:8]
    times = {"not_before": 1_700_000_000, "not_after": 2**40}
    keys = {
        "identity": identity,
        "epochs": [{"_": "EpochKey", "id": key_id, "seed": ONE, **times}],
        "page": page,
        "storage": [{"_": "StorageKey", "id": b"storage1", "key": b"\x41" * 32, **times}],
        "desk_secret": b"\x63" * 32,
    }
    shown = {
        "identity": ed25519_public(identity),
        "epochs": [{"_": "EpochPublic", "id": key_id, "public": public, **times}],
        "page": ed25519_public(page),
    }
    if more:  # then the epochs stand in the bundle
        shown |= {"epochs": []}
    signer = Ed25519PrivateKey.from_private_bytes(signed_by)
    return book.write_exit_key(keys, signer, shown, salt, b"\x65" * 12, opening_key, cost, **more)


def ed25519_public(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def exit_key(verdict, name, file, passphrase):
    said = {"verdict": verdict, "passphrase": passphrase}
    if verdict == "opened":
        page = b"\x62" * 32
        said |= {"seed": ONE, "page": page, "page_public": ed25519_public(page)}
    save(f"exit-key-{verdict.replace(' ', '-')}-{name}", **said, file=b64(file))


# ---------------------------------------------------------------- names and items


def names():
    secret = bytes(range(32))
    made = [
        ("repeat_key", [b"repeat", b"sms", b"news", b"gw-17"], 16),
        ("second_key", [b"again", b"news", b"+98", "سلام".encode(), b"2026-11-23 13:05"], 16),
        ("author_tag", [b"author", b"+98"], 16),
        ("network_tag", [b"network", b"tel:98912"], 16),
        ("account_secret", [b"account", b"mastodon example.org 7"], 32),
        ("content_id", [b"content", "سلام".encode()], 16),
        ("item_id", [b"item"], 16),
    ]
    shown = [
        {"name": name, "parts": parts, "value": book.mac(secret, *parts)[:length]}
        for name, parts, length in made
    ]
    save("names", secret=secret, names=shown)


def items():
    page = Ed25519PrivateKey.from_private_bytes(b"\x62" * 32)
    public = page.public_key().public_bytes_raw()
    item = {
        "v": 1,
        "id": "urn:uuid:0f1e2d3c-4b5a-8978-8796-a5b4c3d2e1f0",
        "date": "2026-11-23T13:00:00Z",
        "title": "سلام",
        "titled": False,
        "text": 'سلام\n\n"دنیا" \\ \u2028 \x7f',
        "language": "fa",
        "key": b64(public),
    }
    signed = json.dumps(item, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    loose = json.dumps(item, ensure_ascii=False).encode()
    sig = page.sign(b"outword/1/item" + signed)
    words, other = book.words(public), book.words(bytes(32))
    changed = signed.replace(b'"fa"', b'"en"')
    for verdict, name, what, by, key, said in (
        ("good", "an-item", signed, sig, public, words),
        *later_items(item, page, public, words),
        *items_with_media(item, page, public, words),
        ("fault", "another-key", signed, sig, bytes(32), other),
        ("fault", "signed-without-its-purpose", signed, page.sign(signed), public, words),
        ("fault", "one-word-changed", changed, sig, public, words),
        ("fault", "not-canonical", loose, page.sign(b"outword/1/item" + loose), public, words),
    ):
        file = {"signed": b64(what), "sig": b64(by)}
        save(f"item-{verdict}-{name}", verdict=verdict, key=key, words=said, file=file)


def later_items(item, page, public, words):
    """An item that was corrected, and revisions that there are not."""
    at = "2026-11-23T17:00:00Z"
    for verdict, name, more in (
        ("good", "an-item-that-was-corrected", {"revision": 2, "updated": at}),
        ("fault", "a-first-text-that-says-so", {"revision": 1, "updated": at}),
        ("fault", "a-revision-below-nothing", {"revision": -2, "updated": at}),
        ("fault", "true-as-its-revision", {"revision": True, "updated": at}),
        ("fault", "a-revision-in-words", {"revision": "2", "updated": at}),
        ("fault", "more-revisions-than-there-are", {"revision": 1001, "updated": at}),
        ("fault", "a-revision-of-no-time", {"revision": 2}),
        ("fault", "a-revision-of-an-empty-time", {"revision": 2, "updated": ""}),
        ("fault", "a-first-text-that-was-updated", {"updated": at}),
        ("good", "a-correction-that-hides", {"revision": 2, "updated": at, "hides": True}),
        (
            "fault",
            "a-correction-that-hides-nothing",
            {"revision": 2, "updated": at, "hides": False},
        ),
        ("fault", "a-correction-that-hides-in-numbers", {"revision": 2, "updated": at, "hides": 1}),
        ("fault", "a-first-text-that-hides", {"hides": True}),
    ):
        said = item | more
        signed = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        sig = page.sign(b"outword/1/item" + signed.encode())
        yield verdict, name, signed.encode(), sig, public, words


def items_with_media(item, page, public, words):
    """An item with a picture and a film, and media that there are not."""
    picture = {"type": "image/png", "sha256": "a1" * 32, "bytes": 4096}
    picture |= {"alt": "دیوار", "width": 1200, "height": 800}
    film = {"type": "video/mp4", "sha256": "b2" * 32, "bytes": 5_000_000, "poster": "c3" * 32}
    film |= {"width": 1280, "height": 720, "seconds": 31}
    bare = {"type": "image/jpeg", "sha256": "d4" * 32, "bytes": 1}
    for verdict, name, media in (
        ("good", "an-item-with-a-picture-and-a-film", [picture, film]),
        ("good", "an-item-with-a-picture-of-no-words", [bare]),
        ("fault", "an-item-with-no-media-that-says-so", []),
        ("fault", "media-that-are-no-list", bare),
        ("fault", "a-medium-without-its-size", [{k: bare[k] for k in ("type", "sha256")}]),
        ("fault", "a-medium-of-no-bytes", [bare | {"bytes": 0}]),
        ("fault", "a-medium-with-empty-words", [bare | {"alt": ""}]),
        ("fault", "a-medium-of-no-width", [bare | {"width": 0}]),
        ("fault", "a-medium-that-is-true-pixels-wide", [bare | {"width": True}]),
        ("fault", "a-medium-of-a-type-that-is-not-shown", [bare | {"type": "text/html"}]),
        ("fault", "a-digest-in-capitals", [bare | {"sha256": "D4" * 32}]),
        ("fault", "half-a-digest", [bare | {"sha256": "d4" * 16}]),
        ("fault", "a-medium-that-says-where-it-lies", [bare | {"url": "https://x/"}]),
        ("fault", "more-media-than-an-item-has", [bare] * 51),
    ):
        said = item | {"media": media}
        signed = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        sig = page.sign(b"outword/1/item" + signed.encode())
        yield verdict, name, signed.encode(), sig, public, words


# ---------------------------------------------------------------- ways


def ways():
    page = Ed25519PrivateKey.from_private_bytes(b"\x62" * 32)
    public = page.public_key().public_bytes_raw()
    mail = {"kind": "mail", "shown": "post@example.org", "warnings": ["mail-provider"]}
    sms = {"kind": "sms", "shown": "+15550100123", "warnings": ["phone-company"]}
    later = {"kind": "pigeon", "shown": "نان@example.org", "warnings": []}
    said = {"v": 1, "kind": "ways", "day": "2026-11-23", "key": b64(public), "ways": [mail, sms]}
    item = {
        "v": 1,
        "id": "urn:uuid:0f1e2d3c-4b5a-8978-8796-a5b4c3d2e1f0",
        "date": "2026-11-23T13:00:00Z",
        "title": "x",
        "titled": False,
        "text": "x",
        "language": "und",
        "key": b64(public),
    }

    def case(verdict, name, statement, *, purpose="outword/1/ways", as_item=False, **changed):
        exact = {"ensure_ascii": False, "sort_keys": True, "separators": (",", ":")}
        signed = json.dumps(statement, **exact | changed.pop("spelt", {})).encode()
        file = {"signed": b64(changed.get("shown", signed))}
        file["sig"] = b64(page.sign(purpose.encode() + signed))
        file |= {} if as_item else {"kind": changed.get("outer", "ways")}
        key = changed.get("key", public)
        start = "item" if as_item else "ways"
        words = book.words(key)
        save(f"{start}-{verdict}-{name}", verdict=verdict, key=key, words=words, file=file)

    case("good", "two-ways", said)
    case("good", "none", said | {"ways": []})
    case("good", "a-kind-that-is-not-known", said | {"ways": [later]})
    case("good", "thirty-two-ways", said | {"ways": [sms] * 32})
    case("good", "an-address-of-254-characters", said | {"ways": [mail | {"shown": "a" * 254}]})
    case("fault", "thirty-three-ways", said | {"ways": [sms] * 33})
    case("fault", "an-address-of-255-characters", said | {"ways": [mail | {"shown": "a" * 255}]})
    case("fault", "nothing-to-write-to", said | {"ways": [mail | {"shown": ""}]})
    case("fault", "an-address-that-turns", said | {"ways": [mail | {"shown": "\u202egro@x"}]})
    case("fault", "nine-warnings", said | {"ways": [mail | {"warnings": ["x"] * 9}]})
    case("fault", "a-warning-that-is-no-name", said | {"ways": [mail | {"warnings": ["A b"]}]})
    case("fault", "a-way-with-more", said | {"ways": [mail | {"url": "x"}]})
    case("fault", "another-field", said | {"more": 1})
    case("fault", "no-day", {name: said[name] for name in said if name != "day"})
    case("fault", "a-day-there-is-not", said | {"day": "2026-02-30"})
    case("fault", "to-the-second", said | {"day": "2026-11-23T13:05:07Z"})
    case("fault", "a-later-version", said | {"v": 2})
    case("fault", "true-as-its-version", said | {"v": True})
    case("fault", "not-canonical", said, spelt={"separators": None})
    case("fault", "another-key", said, key=bytes(32))
    case("fault", "signed-without-its-purpose", said, purpose="")
    one_digit = json.dumps(said, sort_keys=True, separators=(",", ":")).replace("0123", "0124")
    case("fault", "another-number", said, shown=one_digit.encode())
    case("fault", "an-item", item, purpose="outword/1/item")
    case("fault", "signed-as-an-item", said, purpose="outword/1/item")
    case("fault", "a-statement-of-ways", said, as_item=True)
    case("fault", "an-item-signed-as-ways", item, as_item=True)


# ---------------------------------------------------------------- what was withdrawn


def withdrawn():
    page = Ed25519PrivateKey.from_private_bytes(b"\x62" * 32)
    public = page.public_key().public_bytes_raw()
    first = "urn:uuid:00000000-0000-8000-8000-000000000001"
    second = "urn:uuid:0f1e2d3c-4b5a-8978-8796-a5b4c3d2e1f0"
    said = {"v": 1, "kind": "withdrawn", "day": "2026-11-23", "key": b64(public)}
    said |= {"items": [first, second]}
    many = [f"urn:uuid:{n:08x}-0000-8000-8000-000000000000" for n in range(2001)]

    def case(verdict, name, listed, *, purpose="outword/1/withdrawn", key=public, **changed):
        exact = {"ensure_ascii": False, "sort_keys": True, "separators": (",", ":")}
        signed = json.dumps(listed, **exact | changed.pop("spelt", {})).encode()
        sig = b64(page.sign(purpose.encode() + signed))
        file = {"kind": "withdrawn", "signed": b64(changed.get("shown", signed)), "sig": sig}
        words = book.words(key)
        save(f"withdrawn-{verdict}-{name}", verdict=verdict, key=key, words=words, file=file)

    case("good", "two-items", said)
    case("good", "none", said | {"items": []})
    case("good", "two-thousand", said | {"items": many[:2000]})
    case("fault", "two-thousand-and-one", said | {"items": many})
    case("fault", "out-of-order", said | {"items": [second, first]})
    case("fault", "one-twice", said | {"items": [first, first]})
    case("fault", "what-is-no-id", said | {"items": ["items/order"]})
    case("fault", "an-id-in-capitals", said | {"items": [second.upper()]})
    case("fault", "no-list", said | {"items": first})
    case("fault", "with-a-text", said | {"text": "x"})
    case("fault", "a-day-there-is-not", said | {"day": "2026-02-30"})
    case("fault", "to-the-second", said | {"day": "2026-11-23T13:05:07Z"})
    case("fault", "a-later-version", said | {"v": 2})
    case("fault", "true-as-its-version", said | {"v": True})
    case("fault", "not-canonical", said, spelt={"separators": None})
    case("fault", "another-key", said, key=bytes(32))
    case("fault", "signed-without-its-purpose", said, purpose="")
    case("fault", "signed-as-ways", said, purpose="outword/1/ways")
    shorter = json.dumps(said | {"items": [second]}, sort_keys=True, separators=(",", ":"))
    case("fault", "one-taken-off", said, shown=shorter.encode())


if __name__ == "__main__":
    main()
