"""Every vector ends as its verdict says: in relay, and in a second reader made from the document.

The vectors are made by ``make_vectors``, which shares no code with relay; docs/wire.md says how to
use them from another language.
"""

from __future__ import annotations

import base64
import json
import uuid
from pathlib import Path

import by_the_book as book
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.errors import Damaged, KeyFileError, NotMine, WrongPassphrase
from relay.model import HOUR
from relay.wire import names
from relay.wire.bundle import read_bundle, read_request
from relay.wire.custody import reveal
from relay.wire.envelope import Inside, open_envelope, seal
from relay.wire.epochs import EpochKey, StorageKey, key_id
from relay.wire.exitfile import unlock_exit
from relay.wire.item import key_words, verify_document
from relay.wire.keys import read_door_file, read_link_file
from relay.wire.primitives import public_of
from relay.wire.ways import is_ways_file, verify_ways
from relay.wire.withdrawn import is_withdrawn_file, verify_withdrawn

FILES = sorted((Path(__file__).parent / "vectors").glob("*.json"))
VECTORS = {path.stem: json.loads(path.read_bytes()) for path in FILES}


def cases(start):
    found = [name for name in VECTORS if name.startswith(start)]
    return pytest.mark.parametrize("case", [VECTORS[name] for name in found], ids=found)


def envelope_of(case):
    """The envelope of a case, or that of another with some bytes put over it."""
    if "envelope" in case:
        return base64.b64decode(case["envelope"])
    whole = bytearray(base64.b64decode(VECTORS[case["of"]]["envelope"]))
    for at, some in case["put"]:
        whole[at : at + len(some) // 2] = bytes.fromhex(some)
    return bytes(whole)


def ring(*seeds):
    keys = [EpochKey(key_id(public_of(seed)), seed) for seed in seeds]
    return {key.id: key for key in keys}


def flat(inside):
    """An inside as a vector shows it: what is empty is left out."""
    shown = {}
    for name in book.TYPES:
        value = getattr(inside, name)
        if name == "flags":
            value = " ".join(value)
        elif isinstance(value, tuple):
            value = b"".join(value)
        if value or name in book.NEEDED:
            shown[name] = value.hex() if isinstance(value, bytes) else value
    return shown


def test_there_are_vectors_of_each_kind_and_verdict():
    verdicts = {(name.partition("-")[0], case.get("verdict")) for name, case in VECTORS.items()}
    assert {("envelope", verdict) for verdict in ("opened", "not mine", "damaged")} <= verdicts
    assert {("record", "damaged"), ("exit", "wrong passphrase"), ("item", "fault")} <= verdicts
    assert len(VECTORS) > 100


@cases("envelope-")
def test_an_envelope_ends_as_its_verdict_says(case):
    try:
        opened = open_envelope(envelope_of(case), ring(*map(bytes.fromhex, case["keys"])))
    except NotMine:
        assert case["verdict"] == "not mine"
    except Damaged:
        assert case["verdict"] == "damaged"
    else:
        assert case["verdict"] == "opened"
        assert (opened.id.hex(), opened.secret.hex()) == (case["id"], case["secret"])
        wanted = {k: v for k, v in case["inside"].items() if v or k in book.NEEDED}
        assert flat(opened.inside) == wanted


@cases("envelope-")
def test_the_reader_made_from_the_document_says_the_same(case):
    try:
        id, inside, secret = book.read(envelope_of(case), [*map(bytes.fromhex, case["keys"])])
    except book.NotMine:
        assert case["verdict"] == "not mine"
    except book.Damaged:
        assert case["verdict"] == "damaged"
    else:
        assert case["verdict"] == "opened"
        assert (id.hex(), secret.hex()) == (case["id"], case["secret"])
        assert inside.keys() == case["inside"].keys()


@cases("inside-")
def test_an_inside_that_is_sealed_as_it_should_be_ends_as_its_verdict_says(case):
    seed = bytes(96)
    plain = bytes.fromhex(case["inside"])
    envelope = book.write(plain, [seed], [b"\x11" * 32], [b"\x31" * 32])
    if case["verdict"] == "opened":
        assert open_envelope(envelope, ring(seed)).id == book.read(envelope, [seed])[0]
    else:
        with pytest.raises(Damaged) as said:
            open_envelope(envelope, ring(seed))
        assert said.type is Damaged
        with pytest.raises(book.Damaged):
            book.read(envelope, [seed])


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=5000), st.sampled_from(["mail", "text"]), st.integers(1, 4))
def test_what_relay_seals_is_opened_by_the_book(content, kind, exits):
    seeds = [bytes([n]) * 96 for n in range(exits)]
    inside = Inside(kind, "sms", content, "news", ("list", "bulk"), (bytes(16), b"k" * 16))
    recipients = [key.public for key in ring(*seeds).values()]
    sealed = seal(inside, recipients, arrival=9 * HOUR, expiry=99 * HOUR)
    for seed in seeds:
        id, read, secret = book.read(sealed.envelope, [seed])
        assert id == sealed.id and read["content"] == content
        assert read["flags"] == "list bulk" and read["repeat_keys"] == bytes(16) + b"k" * 16
        assert open_envelope(sealed.envelope, ring(seed)).secret == secret


@cases("record-")
def test_a_record_ends_as_its_verdict_says(case):
    key = StorageKey(bytes.fromhex(case["storage_id"]), bytes.fromhex(case["storage_key"]))
    kept, bind = base64.b64decode(case["kept"]), bytes.fromhex(case["bind"])
    if case["verdict"] == "opened":
        assert reveal(kept, [key], bind=bind).hex() == case["record"]
    else:
        with pytest.raises(Damaged):
            reveal(kept, [key], bind=bind)


@cases("door-key-")
def test_a_door_key_file_ends_as_its_verdict_says(case):
    file = base64.b64decode(case["file"])
    if case["verdict"] == "opened":
        keys = read_door_file(file)
        for name in ("entry", "node_secret", "join_secret", "join_previous"):
            assert getattr(keys, name).hex() == case[name]
    else:
        with pytest.raises(KeyFileError):
            read_door_file(file)


@cases("exit-key-")
def test_an_exit_key_file_ends_as_its_verdict_says(case):
    try:
        keys = unlock_exit(base64.b64decode(case["file"]), bytes.fromhex(case["passphrase"]))
    except WrongPassphrase:
        assert case["verdict"] == "wrong passphrase"
    except KeyFileError:
        assert case["verdict"] == "damaged"
    else:
        assert case["verdict"] == "opened"
        assert keys.epochs[0].seed.hex() == case["seed"] and keys.page.hex() == case["page"]
        assert keys.public.page.hex() == case["page_public"]


@cases("link-key-")
def test_a_link_key_file_ends_as_its_verdict_says(case):
    file = base64.b64decode(case["file"])
    if case["verdict"] == "opened":
        assert read_link_file(file).hex() == case["seed"]
    else:
        with pytest.raises(KeyFileError):
            read_link_file(file)


@cases("bundle-")
def test_a_bundle_ends_as_its_verdict_says(case):
    file, identity = base64.b64decode(case["file"]), bytes.fromhex(case["identity"])
    if case["verdict"] == "good":
        key = read_bundle(file, identity).of(case["at"])
        assert (key.id.hex() if key else "") == case["key"]
    else:
        with pytest.raises(Damaged):
            read_bundle(file, identity)


@cases("request-")
def test_a_request_ends_as_its_verdict_says(case):
    file = base64.b64decode(case["file"])
    if case["verdict"] == "good":
        bundle = read_request(file)
        assert (bundle.identity.hex(), bundle.serial) == (case["identity"], case["serial"])
    else:
        with pytest.raises(Damaged):
            read_request(file)


@cases("item-")
def test_an_item_file_ends_as_its_verdict_says(case):
    file, key = json.dumps(case["file"]).encode(), bytes.fromhex(case["key"])
    assert key_words(key) == case["words"]
    for given_as in (key, case["words"]):
        verified = verify_document(file, given_as)
        assert verified.count == 1
        assert bool(verified.faults) == (case["verdict"] == "fault")


@cases("ways-")
def test_a_statement_of_ways_ends_as_its_verdict_says(case):
    file, key = json.dumps(case["file"]).encode(), bytes.fromhex(case["key"])
    assert key_words(key) == case["words"]
    assert is_ways_file(file)
    for given_as in (key, case["words"]):
        verified = verify_ways(file, given_as)
        assert bool(verified.fault) == (case["verdict"] == "fault")
        assert (verified.statement is None) == bool(verified.fault)
    assert book.ways_are_good(case["file"], key) == (case["verdict"] == "good")


@cases("withdrawn-")
def test_a_list_of_what_was_withdrawn_ends_as_its_verdict_says(case):
    file, key = json.dumps(case["file"]).encode(), bytes.fromhex(case["key"])
    assert is_withdrawn_file(file) and not is_ways_file(file)
    for given_as in (key, case["words"]):
        verified = verify_withdrawn(file, given_as)
        assert bool(verified.fault) == (case["verdict"] == "fault")
        assert (verified.listed is None) == bool(verified.fault)
    assert book.withdrawn_is_good(case["file"], key) == (case["verdict"] == "good")


def test_the_names_are_what_the_vectors_say():
    case = VECTORS["names"]
    secret, text, at = bytes.fromhex(case["secret"]), "سلام", b"2026-11-23 13:05"
    made = {
        "repeat_key": names.repeat_key(secret, "sms", b"gw-17", "news"),
        "second_key": names.second_key(secret, b"+98", text.encode(), at, "news"),
        "author_tag": names.author_tag(secret, b"+98"),
        "network_tag": names.network_tag(secret, b"tel:98912"),
        "account_secret": names.account_secret(secret, "mastodon example.org 7"),
        "content_id": names.content_id(secret, text),
        "item_id": uuid.UUID(names.item_id(secret)).bytes,
    }
    wanted = {one["name"]: bytes.fromhex(one["value"]) for one in case["names"]}
    as_uuid = bytearray(wanted["item_id"])  # version and variant, RFC 9562 section 5.8
    as_uuid[6], as_uuid[8] = as_uuid[6] & 0x0F | 0x80, as_uuid[8] & 0x3F | 0x80
    assert made == wanted | {"item_id": bytes(as_uuid)}
