"""What may be said of a centre and of a modem in relay.toml, and what is refused there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from relay.config import load, warnings
from relay.config.inward import GammuIn, SmppIn
from relay.config.inward.common import AnsweringBySms
from relay.errors import SettingsError
from relay.node.ways import ways_in

ROOT = Path(__file__).parent.parent.parent
BEGINNING = '[channels.news]\ndestinations = ["page"]\n'
CENTRE = (
    '[transports.centre]\nkind = "smpp"\nhost = "smsc.example.org"\nuser = "relay"\n'
    'password_file = "secrets/centre"\nchannel = "news"\n'
)
MODEM = '[transports.modem]\nkind = "gammu"\ndatabase = "gammu/smsd.db"\nchannel = "news"\n'


def loaded(folder: Path, written: str):
    file = folder / "relay.toml"
    file.write_text(BEGINNING + written)
    return load(file)


def refused(folder: Path, written: str) -> str:
    with pytest.raises(SettingsError) as caught:
        loaded(folder, written)
    return str(caught.value)


def test_a_centre_is_reached_under_tls_and_answers_nobody_by_default(tmp_path):
    at = loaded(tmp_path, CENTRE).transports["centre"]
    assert isinstance(at, SmppIn)
    assert (at.tls, at.port, at.answers, at.default_alphabet) == (True, 3550, "none", "gsm")


def test_a_modem_leaves_what_was_there_and_answers_nobody_by_default(tmp_path):
    at = loaded(tmp_path, MODEM).transports["modem"]
    assert isinstance(at, GammuIn)
    assert (at.existing, at.answers, at.every) == ("leave", "none", 5)


@pytest.mark.parametrize("written", [CENTRE, MODEM])
def test_people_are_told_of_a_number_and_of_who_reads_it(tmp_path, written):
    settings = loaded(tmp_path, written + 'number = "+15550100123"\npublic = true\n')
    [way] = ways_in(settings)
    assert (way.kind, way.shown, way.warnings) == ("sms", "+15550100123", ("phone-company",))
    assert "number = " in refused(tmp_path, written + "public = true\n")


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("tls = false", "centre.tls"),
        ('bind = "receiver"\nanswers = "asked"\nanswer_prefixes = ["+98"]', "centre.bind"),
        ('answers = "asked"', "centre.answer_prefixes"),
        ('system_type = "رله"', "centre.system_type"),
        ('system_type = "1234567890123"', "centre.system_type"),
        ('default_alphabet = "utf-8"', "centre.default_alphabet"),
        ("no_credit = [0]", "centre.no_credit"),
        ("port = 0", "centre.port"),
    ],
)
def test_what_a_centre_cannot_be_is_named(tmp_path, more, key):
    assert key in refused(tmp_path, f"{CENTRE}{more}\n")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_the_near_end_of_a_tunnel_needs_no_tls(tmp_path, host):
    written = CENTRE.replace("smsc.example.org", host)
    assert loaded(tmp_path, written + "tls = false\n").transports["centre"].tls is False


def test_a_user_that_smpp_has_no_room_for_is_named(tmp_path):
    assert "centre.user" in refused(tmp_path, CENTRE.replace('"relay"', '"sixteen-letters-"'))


@pytest.mark.parametrize(
    ("more", "key"), [('every = "0s"', "modem.every"), ('existing = "delete"', "modem.existing")]
)
def test_what_a_modem_cannot_be_is_named(tmp_path, more, key):
    assert key in refused(tmp_path, f"{MODEM}{more}\n")


def test_a_database_that_is_no_file_is_named(tmp_path):
    written = MODEM.replace("gammu/smsd.db", "mysql://localhost/smsd")
    assert "modem.database" in refused(tmp_path, written)


@pytest.mark.parametrize("written", [CENTRE, MODEM])
def test_answers_by_sms_are_named_at_every_start(tmp_path, written):
    more = 'answers = "asked"\nanswer_prefixes = ["+98912"]\n'
    said = dict(warnings(loaded(tmp_path, written + more)))
    assert any("telephone company" in why for key, why in said.items() if "answers" in key)


@pytest.mark.parametrize(("name", "model"), [("centre", SmppIn), ("modem", GammuIn)])
def test_the_example_has_every_key_with_its_default(tmp_path, name, model):
    written = (ROOT / "relay.toml.example").read_text()
    section = written.partition(f"# [transports.{name}]")[2].partition("\n\n")[0]
    lines = [line.removeprefix("# ") for line in section.splitlines()[1:]]
    keys = {line.split(" = ")[0] for line in lines}
    shared = set(AnsweringBySms.model_fields) - {"answers"}
    assert keys == set(model.model_fields) - shared
    settings = loaded(tmp_path, f"[transports.{name}]\n" + "\n".join(lines))
    example, made = settings.transports[name], model.model_fields
    named = {"kind", "host", "user", "password_file", "database", "channel", "number"}
    for key in keys - named:
        assert getattr(example, key) == made[key].default, key
    assert re.search(r"secrets/centre", written)
