"""What crosses between nodes ends as its vectors say: in relay, and in the document's reader."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from pathlib import Path

import by_the_book as book
import pytest
import roads_by_the_book as roads
from make_road_vectors import shown

from relay.errors import Damaged
from relay.links.folder.sheet import read_sheet
from relay.links.folder.strips import join
from relay.links.mail.parcel import Veil
from relay.wire.batch import read_batch
from relay.wire.bundle import read_bundle
from relay.wire.linkkeys import link_key, link_key_of

FOLDER = Path(__file__).parent / "vectors"


def cases(start):
    files = sorted(FOLDER.glob(f"{start}-*.json"))
    assert len(files) > 1
    read = [json.loads(file.read_bytes()) for file in files]
    return pytest.mark.parametrize("case", read, ids=[file.stem for file in files])


def b64(text):
    return base64.b64decode(text)


def verdicts(case, relays, books):
    """What relay and the document's reader make of it, both None where it is damaged."""
    said = []
    for reads, damaged in ((relays, Damaged), (books, book.Damaged)):
        try:
            said.append(reads())
        except damaged:
            said.append(None)
    assert [one is not None for one in said] == [case["verdict"] == "good"] * 2
    return said


@cases("link-written")
def test_a_written_link_key_ends_as_its_verdict_says(case):
    written = case["written"]
    ours, theirs = verdicts(case, lambda: link_key(written), lambda: roads.link_key(written))
    if ours:
        assert ours == link_key_of(bytes.fromhex(case["seed"]))
        assert ours.certificate.hex() == roads.certificate(*theirs).hex() == case["certificate"]
        assert ours.id.hex() == case["id"]


@cases("batch")
def test_a_batch_ends_as_its_verdict_says(case):
    file, sender, to = b64(case["file"]), link_key(case["from"]), link_key(case["to"])
    ours, theirs = verdicts(
        case,
        lambda: read_batch(file, sender, to),
        lambda: roads.batch(file, sender.public, to.public),
    )
    if ours:
        assert shown(tuples(asdict(ours))) == shown(theirs)
        assert case["contents"].items() <= shown(theirs).items()


@cases("sheet")
def test_a_sheet_ends_as_its_verdict_says(case):
    file, sender, to = b64(case["file"]), link_key(case["from"]), link_key(case["to"])
    ours, theirs = verdicts(
        case,
        lambda: read_sheet(file, sender, to),
        lambda: roads.sheet(file, sender.public, to.public),
    )
    if ours:
        assert shown(tuples(asdict(ours))) == shown(theirs) == case["contents"]


@cases("mailed")
def test_a_mailed_part_ends_as_its_verdict_says(case):
    attached, sender, to = b64(case["attached"]), link_key(case["from"]), link_key(case["to"])
    ours, theirs = verdicts(
        case,
        lambda: Veil(sender, to).under(attached),
        lambda: roads.mailed(attached, sender.public + sender.signature, to.public + to.signature),
    )
    if ours:
        digest, index, of, length, chunk = theirs
        assert (ours.digest, ours.index, ours.of, ours.length, ours.chunk) == theirs
        assert (digest.hex(), index, of, length) == tuple(
            case[name] for name in ("digest", "index", "of", "length")
        )
        assert chunk == b64(case["chunk"])


@cases("strips")
def test_strips_end_as_their_verdict_says(case):
    def ours():
        wholes = list(join(case["lines"]).wholes.values())
        if not wholes:
            raise Damaged
        return wholes

    whole, read = verdicts(case, ours, lambda: roads.strips(case["lines"]))
    if read:
        assert whole == [read] == [b64(case["batch"])]


@cases("bundle")
def test_a_bundle_ends_in_the_reader_made_from_the_document_as_in_relay(case):
    file, identity = b64(case["file"]), bytes.fromhex(case["identity"])
    ours, theirs = verdicts(
        case, lambda: read_bundle(file, identity), lambda: roads.bundle(file, identity)
    )
    if ours:
        assert shown(tuples(asdict(ours))) == shown(theirs)
        assert roads.key_at(theirs, case["at"]).hex() == case["key"]


@cases("request")
def test_a_request_ends_in_the_reader_made_from_the_document_as_it_should(case):
    try:
        made = roads.request(b64(case["file"]))
    except book.Damaged:
        assert case["verdict"] == "damaged"
    else:
        assert (case["verdict"], case["serial"]) == ("good", made["serial"])


def tuples(value):
    """Lists where a dataclass has tuples."""
    if isinstance(value, dict):
        return {key: tuples(one) for key, one in value.items()}
    return [tuples(one) for one in value] if isinstance(value, tuple) else value
