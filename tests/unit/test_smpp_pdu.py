"""What a PDU says: octets as they came, alphabets, headers, and what no person has written."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.rules.join import MOST_BYTES
from relay.testing.smsc import Sms, eight, sar, sixteen
from relay.transports.smpp.coding import BINARY, WAITING, alphabet
from relay.transports.smpp.pdu import Deliver, Malformed, Pdu, deliver
from relay.transports.smpp.said import Heard, Nothing, Receipt, Said, Service, said
from relay.transports.userdata import NATIONAL, WHOLE, Header, Part, header_of, parted

FARSI = "درود".encode("utf-16-be")


def came(sms: Sms) -> Deliver:
    return deliver(Pdu(sms.command, 0, 1, sms.body()))


def told(sms: Sms, default: str = "gsm") -> Said:
    return said(came(sms), default)  # type: ignore[arg-type]


def test_a_deliver_sm_is_read_as_it_was_written():
    it = came(Sms(FARSI, sender=b"98912", recipient=b"30001", header=eight(7, 3, 2)))
    assert (it.source.ton, it.source.npi, it.source.written) == (1, 1, b"98912")
    assert (it.destination.ton, it.destination.written) == (3, b"30001")
    assert (it.esm_class, it.data_coding) == (0x40, 8)
    assert it.user_data == b"\x05\x00\x03\x07\x03\x02" + FARSI


@pytest.mark.parametrize("sms", [Sms(FARSI, payload=True), Sms(FARSI, data=True)])
def test_a_text_in_message_payload_is_the_same(sms):
    heard = told(sms)
    assert isinstance(heard, Heard) and (heard.kind, heard.content) == ("ucs2", FARSI)


def test_the_longest_payload_is_read():
    it = came(Sms(b"\x06\x2f" * 32767, payload=True))
    assert len(it.user_data) == 65534


@given(st.integers(0, 80), st.binary(max_size=4))
def test_whatever_is_cut_off_or_added_is_read_or_malformed(at, more):
    body = Sms(FARSI, tlvs=sar(7, 3, 2)).body()
    for made in (body[:at], body[:at] + more + body[at:]):
        try:
            said(deliver(Pdu(5, 0, 1, made)), "gsm")
        except Malformed as error:
            assert not error.args


@given(st.sampled_from([5, 0x103]), st.binary(max_size=400))
def test_any_octets_are_read_or_malformed(command, body):
    with contextlib.suppress(Malformed):
        said(deliver(Pdu(command, 0, 1, body)), "latin1")


# ---------------------------------------------------------------- alphabets


@pytest.mark.parametrize(
    ("data_coding", "written"),
    [
        (0, "gsm"), (1, "latin-1"), (2, BINARY), (3, "latin-1"), (4, BINARY), (6, "iso8859-5"),
        (8, "ucs2"), (9, BINARY), (11, "ucs2"), (12, "gsm"), (15, "gsm"), (0x10, "gsm"),
        (0x11, "gsm"), (0x14, BINARY), (0x18, "ucs2"),
        (0x19, "ucs2"), (0x1C, "gsm"), (0x28, BINARY), (0x48, "ucs2"), (0x80, "gsm"),
        (0xC8, WAITING), (0xD0, WAITING), (0xE0, WAITING), (0xF0, "gsm"), (0xF1, "gsm"),
        (0xF4, BINARY), (0xF6, BINARY),
    ],
)  # fmt: skip
def test_a_data_coding_names_an_alphabet_whatever_its_class(data_coding, written):
    assert alphabet(data_coding, "gsm") == written


@pytest.mark.parametrize("data_coding", range(256))
def test_every_data_coding_can_be_read(data_coding):
    assert isinstance(told(Sms(b"\xff\x00salam", data_coding=data_coding)), Heard | Service)


@pytest.mark.parametrize(
    ("data_coding", "default", "octets", "kind", "content"),
    [
        (0, "gsm", b"\x00salam\x1b\x65", "gsm", b"\x00salam\x1b\x65"),
        (0, "latin1", b"gar\xe7on", "text", "garçon".encode()),
        (3, "gsm", b"gar\xe7on", "text", "garçon".encode()),
        (1, "gsm", b"plain", "text", b"plain"),
        (6, "gsm", "привет".encode("iso8859-5"), "text", "привет".encode()),
        (14, "gsm", "안녕".encode("euc_kr"), "text", "안녕".encode()),
        (0x18, "gsm", FARSI, "ucs2", FARSI),
    ],
)
def test_a_whole_text_is_handed_over_as_it_is_or_as_utf8(
    data_coding, default, octets, kind, content
):
    heard = told(Sms(octets, data_coding=data_coding), default)
    assert isinstance(heard, Heard) and heard.part == WHOLE
    assert (heard.kind, heard.content) == (kind, content)


# ---------------------------------------------------------------- segments


@pytest.mark.parametrize(
    ("sms", "reference"),
    [
        (Sms(FARSI, header=eight(7, 3, 2)), b"\x07"),
        (Sms(FARSI, header=sixteen(7, 3, 2)), b"\x00\x07"),
        (Sms(FARSI, header=b"\x24\x01\x01" + eight(7, 3, 2)), b"\x07"),
        (Sms(FARSI, tlvs=sar(7, 3, 2)), b"\x00\x07"),
        (Sms(FARSI, header=eight(7, 3, 2), payload=True), b"\x07"),
        (Sms(FARSI, header=eight(7, 3, 2), data=True), b"\x07"),
    ],
)
def test_a_segment_has_its_number_however_it_is_said(sms, reference):
    heard = told(sms)
    assert isinstance(heard, Heard)
    assert heard.part == Part(2, 3, reference) and heard.content == FARSI


def test_a_segment_in_latin_letters_can_be_joined_with_any_other():
    heard = told(Sms(b"gar\xe7on", data_coding=3, header=eight(7, 2, 1)))
    assert isinstance(heard, Heard)
    assert (heard.kind, heard.content) == ("ucs2", "garçon".encode("utf-16-be"))


def test_half_a_pair_at_an_end_stays_what_it_is():
    octets = FARSI + "🌹".encode("utf-16-be")[:2]
    heard = told(Sms(octets, header=eight(7, 2, 1)))
    assert isinstance(heard, Heard) and heard.content == octets


@pytest.mark.parametrize("numbers", [(7, 1, 1), (7, 0, 0), (7, 3, 0), (7, 3, 4)])
def test_numbers_that_cannot_be_make_no_segment(numbers):
    for sms in (Sms(FARSI, header=eight(*numbers)), Sms(FARSI, tlvs=sar(*numbers))):
        heard = told(sms)
        assert isinstance(heard, Heard) and heard.part == WHOLE


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (b"", Header()),
        (eight(7, 3, 2), Header(Part(2, 3, b"\x07"))),
        (b"\x05\x04\x0b\x84\x23\xf0" + eight(7, 3, 2), Header(Part(2, 3, b"\x07"), True)),
        (b"\x04\x02\x01\x02", Header(for_a_program=True)),
        (b"\x01\x02\x00\x01", Header(waiting=True)),
        (b"\x23\x01\x00", Header(waiting=True)),
        (b"\x70\x00", Header(for_a_program=True)),
        (b"\x24\x01\x0d", Header(national=True)),
        (b"\x25\x01\x01", Header(national=True)),
        (b"\x00\x09\x01", Header()),
        (b"\x00\x02\x07\x03", Header()),
        (eight(1, 2, 1) + eight(7, 3, 2), Header(Part(2, 3, b"\x07"))),
    ],
)
def test_a_header_says_what_it_can(header, says):
    assert header_of(bytes([len(header)]) + header) == says


def test_a_header_that_is_longer_than_the_whole_is_text():
    assert parted(b"\x30abc") == (b"", b"\x30abc")
    assert parted(b"") == (b"", b"")


# ---------------------------------------------------------------- what is no text of a person


@pytest.mark.parametrize(
    "sms",
    [
        Sms(b"Your code is 1234", sender=b"MyBank", ton=5, data_coding=0),
        Sms(FARSI, sender=b"MyBank", ton=0),
        Sms(FARSI, sender=b"30007", ton=0),
        Sms(FARSI, sender=b"989120000001", ton=3),
        Sms(FARSI, sender=b"989120000001", ton=6),
        Sms(FARSI, sender=b"", ton=0),
        Sms(FARSI, header=b"\x05\x04\x0b\x84\x23\xf0"),
        Sms(FARSI, tlvs=((0x020B, b"\x0b\x84"),)),
        Sms(FARSI, header=b"\x01\x02\x00\x01"),
        Sms(b"\x01\x02", data_coding=4),
        Sms(b"one new voice mail", data_coding=0xC8),
        Sms(b"", protocol_id=0x40),
        Sms(FARSI, protocol_id=0x40),
        Sms(FARSI, protocol_id=0x7F),
    ],
)
def test_a_service_message_is_known(sms):
    assert told(sms) == Service()


@pytest.mark.parametrize("esm_class", [0x04, 0x08, 0x18, 0x20, 0x07])
def test_a_receipt_is_known(esm_class):
    assert told(Sms(b"id:1 stat:DELIVRD", data_coding=0, esm_class=esm_class)) == Receipt()


def test_a_receipt_that_does_not_say_so_is_known_by_what_it_carries():
    tlvs = ((0x001E, b"1\0"), (0x0427, b"\x02"))
    assert told(Sms(b"id:1 stat:DELIVRD", data_coding=0, tlvs=tlvs)) == Receipt()


RECEIPT = (
    b"id:0123456789 sub:001 dlvrd:001 submit date:2611231200 done date:2611231201 stat:DELIVRD"
    b" err:000"
)


@pytest.mark.parametrize("text", [RECEIPT, RECEIPT + b" text:Your code is 12", RECEIPT.upper()])
@pytest.mark.parametrize("payload", [True, False])
def test_a_receipt_that_says_it_nowhere_is_known_by_how_it_is_written(text, payload):
    assert told(Sms(text, data_coding=0, payload=payload)) == Receipt()


@pytest.mark.parametrize("text", [b"id:7 stat:DELIVRD", b"He wrote " + RECEIPT, RECEIPT + b" ?"])
def test_what_only_looks_a_little_like_a_receipt_is_a_text(text):
    assert isinstance(told(Sms(text, data_coding=0)), Heard)


@pytest.mark.parametrize("header", [b"\x24\x01\x01", b"\x25\x01\x0d", b"\x24\x01\x03\x25\x01\x03"])
def test_septets_of_a_national_table_are_marked_and_other_alphabets_are_not(header):
    for of in (b"", eight(7, 3, 2)):
        heard = told(Sms(b"\x1bcok", header=header + of, data_coding=0))
        assert isinstance(heard, Heard) and heard.flags == (NATIONAL,)
        heard = told(Sms(FARSI, header=header + of))
        assert isinstance(heard, Heard) and heard.flags == ()


@pytest.mark.parametrize("data_coding", [0, 3, 8])
def test_what_is_too_long_for_a_segment_is_none(data_coding):
    for size, segments in ((MOST_BYTES // 2, 255), (MOST_BYTES // 2 + 2, 0)):
        heard = told(Sms(b"A" * size, tlvs=sar(7, 255, 2), payload=True, data_coding=data_coding))
        assert isinstance(heard, Heard) and heard.part.segments == segments
        assert len(heard.content) <= MOST_BYTES or not segments


def test_what_a_person_wrote_in_a_receipt_is_a_text():
    assert isinstance(told(Sms(FARSI, esm_class=0x10)), Heard)


def test_nothing_is_nothing():
    assert told(Sms(b"")) == Nothing()


def test_no_value_shows_a_number_or_a_text():
    it = came(Sms(FARSI, sender=b"989120000001"))
    for one in (it, it.source, said(it, "gsm"), Pdu(5, 0, 1, FARSI)):
        assert "989120000001" not in repr(one) and "\\x06" not in repr(one)
