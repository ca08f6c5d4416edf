"""``relay keys`` from the first to the last: made, listed, signed elsewhere, carried, revoked."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from relay.cli.keys import keys
from relay.config import load
from relay.errors import Busy, CannotMake, KeyFileError, OutwordError, WrongPassphrase
from relay.keyfiles import read_secret
from relay.node.before import lock
from relay.plugins import bundle_file, bundle_of
from relay.wire import identityfile
from relay.wire.bundle import LAST_SERIAL, make_request, read_bundle, read_request, sign_bundle
from relay.wire.exitfile import exit_bundle, exit_public, lock_exit, unlock_exit
from relay.wire.keys import Passphrase, make_exit_keys
from relay.wire.linkkeys import identity_of, link_key, link_key_of
from relay.wire.primitives import Argon2
from relay.wire.rolling import rolled, with_bundle

EXIT = '[node]\nrole = "both"\nroad = "14d"\n[channels.news]\n'
ENTRY = """
[node]
name = "a"
role = "entry"
[channels.news]
[peers.b]
link = "{link}"
identity = "{identity}"
[links.to-b]
kind = "https"
peer = "b"
url = "https://127.0.0.1:8443"
"""
WORD = "one long sentence\n"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon2.__init__, "__defaults__", (8 * 1024, 1, 1))


def relay(*words: object, given: str = "") -> Result:
    return CliRunner().invoke(keys, list(map(str, words)), input=given)


def good(*words: object, given: str = "") -> str:
    done = relay(*words, given=given)
    assert done.exception is None, (done.exception, done.output)
    return done.output


def told(*words: object, given: str = "") -> Mapping[str, Any]:
    done = relay(*words, "--json", given=given)
    assert done.exception is None, (done.exception, done.output)
    said: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def refused(*words: object, given: str = "") -> OutwordError:
    error = relay(*words, given=given).exception
    assert isinstance(error, OutwordError), error
    return error


class Exit:
    """An exit in a folder, with a passphrase file."""

    def __init__(self, folder: Path, *options: object) -> None:
        folder.mkdir()
        self.file = folder / "relay.toml"
        self.file.write_text(EXIT)
        good("init", *options, "-c", self.file)
        self.key = folder / "keys" / "exit.key"
        self.word = (folder / "secrets" / "passphrase").read_text()

    def keys(self) -> Any:
        return unlock_exit(read_secret(self.key), self.word.strip().encode())

    def listed(self) -> Mapping[str, Any]:
        return told("list", "-c", self.file)


def entry_of(folder: Path, an_exit: Exit) -> Path:
    """An entry that knows an exit."""
    folder.mkdir()
    listed, file = an_exit.listed(), folder / "relay.toml"
    file.write_text(ENTRY.format(**{key: listed[key] for key in ("link", "identity")}))
    good("init", "-c", file)
    return file


@pytest.fixture
def exit_b(tmp_path: Path) -> Exit:
    return Exit(tmp_path / "b")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder on a machine that no network reaches, with an identity in it."""
    good("init", "--offline", tmp_path / "vault", given=WORD)
    return tmp_path / "vault"


# ---------------------------------------------------------------- made and listed


def test_what_is_missing_is_made_and_what_is_there_stays(exit_b: Exit) -> None:
    assert {one.name for one in exit_b.key.parent.iterdir()} == {
        "door.key",
        "exit.key",
        "link.key",
    }
    before = exit_b.key.read_bytes()
    assert told("init", "-c", exit_b.file) == {"made": []}
    assert exit_b.key.read_bytes() == before


def test_before_there_are_keys_it_is_said_how_they_are_made(tmp_path: Path) -> None:
    (tmp_path / "relay.toml").write_text(EXIT)
    assert "relay keys init" in str(refused("list", "-c", tmp_path / "relay.toml"))


def test_what_is_listed_is_what_the_other_side_needs_and_nothing_secret(exit_b: Exit) -> None:
    listed, own = exit_b.listed(), exit_b.keys()
    assert link_key(listed["link"]).written == listed["link"]
    assert identity_of(listed["identity"]) == own.identity_public
    assert len(listed["link_words"].split()) == len(listed["identity_words"].split()) == 8
    assert listed["days_ahead"] == 60 and not listed["ended"] and listed["serial"] > 0
    shown = good("list", "--qr", "--epochs", "-c", exit_b.file)
    assert "below [peers.NAME]" in shown and "peers.n1" not in shown  # two exits are both n1
    assert f'link = "{listed["link"]}"' in shown and f'identity = "{listed["identity"]}"' in shown
    assert listed["identity_words"] in shown and "60 days more" in shown and "▀" in shown
    assert own.epochs[0].id.hex() in shown


def test_an_entry_lists_its_link_and_the_keys_of_its_exits(tmp_path: Path, exit_b: Exit) -> None:
    file = entry_of(tmp_path / "a", exit_b)
    assert not (file.parent / "keys" / "exit.key").exists()
    listed = told("list", "-c", file)
    assert listed["identity"] is None and "epochs" not in listed
    assert listed["peers"] == {"b": {"serial": 0, "until": 0, "days_ahead": 0, "ended": False}}
    assert "relay keys import" in good("list", "-c", file)


@pytest.mark.parametrize("words", [["roll"], ["revoke", "--all", "--yes"], ["export"], ["show"]])
def test_an_entry_has_no_keys_that_roll_or_are_revoked(
    tmp_path: Path, exit_b: Exit, words: list[str]
) -> None:
    file = entry_of(tmp_path / "a", exit_b)
    assert "role entry" in str(refused(*words, "-c", file))


def test_a_passphrase_is_chosen_for_an_exit_key_that_is_made(tmp_path: Path) -> None:
    file = tmp_path / "relay.toml"
    file.write_text(EXIT)
    good("init", "--ask", "-c", file, given=WORD)
    key = read_secret(tmp_path / "keys" / "exit.key")
    assert unlock_exit(key, WORD.strip().encode()) and not (tmp_path / "secrets").exists()
    assert isinstance(refused("init", "--ask", "-c", file, given=WORD), CannotMake)


# ---------------------------------------------------------------- an identity elsewhere


def test_an_identity_is_made_with_what_others_need_and_its_revocation(elsewhere: Path) -> None:
    assert sorted(one.name for one in elsewhere.iterdir()) == [
        "identity.key",
        "identity.pub",
        "identity.revocation",
    ]
    assert (elsewhere / "identity.key").stat().st_mode & 0o777 == 0o600
    public = identityfile.identity_in((elsewhere / "identity.key").read_bytes())
    assert read_bundle((elsewhere / "identity.revocation").read_bytes(), public).ended
    assert isinstance(refused("init", "--offline", elsewhere, given=WORD), CannotMake)


def signed(an_exit: Exit, elsewhere: Path, to: Path) -> Path:
    asked = told("export", "--request", to, "-c", an_exit.file, given=an_exit.word)
    good("sign", elsewhere, to, "--words", asked["words"], given=WORD)
    return to.with_name(f"{to.name}.bundle")


def test_the_ceremony_of_an_exit_whose_identity_is_elsewhere(
    tmp_path: Path, elsewhere: Path
) -> None:
    an_exit = Exit(tmp_path / "b", "--identity", elsewhere / "identity.pub")
    public = identityfile.identity_in((elsewhere / "identity.key").read_bytes())
    assert an_exit.keys().identity == b"" and exit_public(an_exit.key.read_bytes()).epochs == ()
    assert "--request" in good("list", "-c", an_exit.file)
    assert "--request" in str(refused("export", "-", "-c", an_exit.file))
    bundle = signed(an_exit, elsewhere, tmp_path / "request")
    now = told("import", bundle, "-c", an_exit.file, given=an_exit.word)
    assert now["unsigned"] == 0 and now["serial"] == an_exit.listed()["serial"] > 0
    assert len(exit_public(an_exit.key.read_bytes()).epochs) == 61
    assert read_bundle(exit_bundle(an_exit.key.read_bytes()), public).until() == now["until"]
    # The same once more is no fault; an entry takes what the exit exports.
    assert told("import", bundle, "-c", an_exit.file, given=an_exit.word) == now
    file = entry_of(tmp_path / "a", an_exit)
    good("export", tmp_path / "exported", "-c", an_exit.file)
    assert told("import", tmp_path / "exported", "-c", file)["became"] == "taken"


def test_a_request_is_signed_when_its_words_are_those_that_the_exit_showed(
    tmp_path: Path, elsewhere: Path
) -> None:
    an_exit = Exit(tmp_path / "b", "--identity", elsewhere / "identity.pub")
    request = tmp_path / "request"
    shown = told("export", "--request", request, "-c", an_exit.file, given=an_exit.word)
    other = "babab " * 8
    assert "nothing was signed" in str(
        refused("sign", elsewhere, request, "--words", other, given=WORD)
    )
    assert relay("sign", elsewhere, request, given=WORD).exit_code == 2  # nobody compared them
    wrong = refused("sign", elsewhere, request, "--words", shown["words"], given="wrong\n")
    assert isinstance(wrong, WrongPassphrase)
    assert not (tmp_path / "request.bundle").exists()


def test_a_request_of_another_exit_is_not_signed(tmp_path: Path, elsewhere: Path) -> None:
    good("init", "--offline", tmp_path / "other", given=WORD)
    an_exit = Exit(tmp_path / "b", "--identity", tmp_path / "other" / "identity.pub")
    good("export", "--request", tmp_path / "request", "-c", an_exit.file, given=an_exit.word)
    said = refused("sign", elsewhere, tmp_path / "request", "--words", "x", given=WORD)
    assert "another identity" in str(said) and said.exit_code == 65


def test_a_request_that_names_no_key_to_seal_to_is_not_signed(
    tmp_path: Path, elsewhere: Path
) -> None:
    an_exit = Exit(tmp_path / "b", "--identity", elsewhere / "identity.pub")
    request = tmp_path / "request"
    good("export", "--request", request, "-c", an_exit.file, given=an_exit.word)
    asked = read_request(request.read_bytes())
    revoked = replace(asked, revoked=tuple(one.id for one in asked.epochs))
    request.write_bytes(make_request(revoked))
    said = refused("sign", elsewhere, request, "--words", "x", given=WORD)
    assert "no key" in str(said) and not (tmp_path / "request.bundle").exists()


def test_a_revocation_can_be_read_by_nobody_else_and_no_link_leads_it_elsewhere(
    tmp_path: Path, exit_b: Exit, elsewhere: Path
) -> None:
    theirs, file = tmp_path / "theirs", tmp_path / "revocation"
    theirs.write_bytes(b"theirs")
    (tmp_path / ".revocation.new").symlink_to(theirs)
    good("export", "--revocation", file, "-c", exit_b.file, given=exit_b.word)
    assert theirs.read_bytes() == b"theirs"
    for one in (file, elsewhere / "identity.revocation"):
        assert one.stat().st_mode & 0o077 == 0


def test_an_exit_that_has_its_identity_makes_no_request(exit_b: Exit) -> None:
    said = refused("export", "--request", "-", "-c", exit_b.file, given=exit_b.word)
    assert said.exit_code == 65 and "relay keys export" in str(said)


def test_another_identity_is_another_exit(exit_b: Exit, elsewhere: Path) -> None:
    before = exit_b.key.read_bytes()
    public = elsewhere / "identity.pub"
    assert isinstance(refused("init", "--identity", public, "-c", exit_b.file), CannotMake)
    assert exit_b.key.read_bytes() == before


@pytest.mark.parametrize("told", ["", "no key", "A" * 42, "/no/such/file", "\0"])
def test_what_is_no_identity_is_refused(tmp_path: Path, told: str) -> None:
    file = tmp_path / "relay.toml"
    file.write_text(EXIT)
    (tmp_path / "pub").write_text(told)
    for given in filter(None, (told, str(tmp_path / "pub"))):
        assert refused("init", "--identity", given, "-c", file).exit_code in (66, 78)
    assert not (tmp_path / "keys" / "exit.key").exists()


# ---------------------------------------------------------------- bundles at an entry


def exported(an_exit: Exit, to: Path) -> Path:
    good("export", to, "-c", an_exit.file)
    return to


def test_an_entry_takes_the_keys_of_its_exit_out_of_a_file(tmp_path: Path, exit_b: Exit) -> None:
    file = entry_of(tmp_path / "a", exit_b)
    bundle = exported(exit_b, tmp_path / "usb")
    first = told("import", bundle, "-c", file)
    assert (first["exit"], first["became"]) == ("b", "taken")
    assert told("import", bundle, "-c", file)["became"] == "known"
    assert told("list", "-c", file)["peers"]["b"]["days_ahead"] == 60
    path = bundle_file(load(file), "b")
    assert path.read_bytes() == bundle.read_bytes() and path.stat().st_mode & 0o777 == 0o600


def bad_bundles(good: bytes, an_exit: Exit) -> Mapping[str, bytes]:
    old = with_bundle(an_exit.keys(), int(time.time()) - 9 * 86400, 1209600)
    older = read_bundle(old.bundle, old.identity_public)
    keys = an_exit.keys()
    return {
        "junk": os.urandom(10_000_000),
        "zeros": bytes(10_000_000),
        "empty": b"",
        "cut": good[:-1],
        "half": good[: len(good) // 2],
        "longer": good + b"\x00",
        "altered": good[:99] + bytes([good[99] ^ 1]) + good[100:],
        "of another identity": rolled(make_exit_keys(), 9 * 86400, 3600, 2).bundle,
        "older": sign_bundle(type(older)(**{**fields_of(older), "serial": 5}), keys.identity),
        "text": b'[node]\nrole = "both"\n',
    }


def fields_of(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}


def test_what_is_bad_is_refused_and_the_keys_before_it_are_kept(
    tmp_path: Path, exit_b: Exit
) -> None:
    file = entry_of(tmp_path / "a", exit_b)
    bundle = exported(exit_b, tmp_path / "usb").read_bytes()
    good("import", tmp_path / "usb", "-c", file)
    for name, content in bad_bundles(bundle, exit_b).items():
        (tmp_path / "bad").write_bytes(content)
        said = refused("import", tmp_path / "bad", "-c", file)
        assert said.exit_code == 65, name
        assert bundle_file(load(file), "b").read_bytes() == bundle, name
    assert refused("import", tmp_path / "nothing", "-c", file).exit_code == 66
    assert refused("import", tmp_path, "-c", file).exit_code == 66


def test_the_bad_are_refused_by_an_exit_as_well(tmp_path: Path, elsewhere: Path) -> None:
    an_exit = Exit(tmp_path / "b", "--identity", elsewhere / "identity.pub")
    bundle = signed(an_exit, elsewhere, tmp_path / "request")
    good("import", bundle, "-c", an_exit.file, given=an_exit.word)
    before = an_exit.key.read_bytes()
    whole = bundle.read_bytes()
    for content in (os.urandom(10_000_000), b"", whole[:-1], whole[:500], whole + b"\x00"):
        (tmp_path / "bad").write_bytes(content)
        said = refused("import", tmp_path / "bad", "-c", an_exit.file, given=an_exit.word)
        assert said.exit_code == 65 and an_exit.key.read_bytes() == before
    request = tmp_path / "request"
    assert refused("import", request, "-c", an_exit.file, given=an_exit.word).exit_code == 65


# ---------------------------------------------------------------- revoked


def test_a_revocation_that_was_kept_elsewhere_ends_the_exit_at_an_entry(
    tmp_path: Path, exit_b: Exit
) -> None:
    file = entry_of(tmp_path / "a", exit_b)
    kept = tmp_path / "kept"
    good("export", "--revocation", kept, "-c", exit_b.file, given=exit_b.word)
    good("import", exported(exit_b, tmp_path / "usb"), "-c", file)
    done = told("import", kept, "-c", file)
    assert done["ended"] and done["serial"] == LAST_SERIAL
    bundle = bundle_of(load(file), "b")
    assert bundle is not None and bundle.ended
    good("roll", "-c", exit_b.file, given=exit_b.word)
    refused("import", exported(exit_b, tmp_path / "usb"), "-c", file)  # it is over for ever
    assert told("list", "-c", file)["peers"]["b"]["ended"]


def test_revoked_keys_are_replaced_by_others(exit_b: Exit) -> None:
    before = exit_b.listed()
    first, second = (one["id"] for one in before["epochs"][:2])
    good("revoke", first, second[:6], "-c", exit_b.file, given=exit_b.word)
    after = exit_b.listed()
    assert not {first, second} & {one["id"] for one in after["epochs"]}
    assert after["days_ahead"] == 60 and after["serial"] > before["serial"]
    assert {bytes.fromhex(one) for one in (first, second)} == set(exit_b.keys().revoked)
    good("revoke", "--each-key", "-c", exit_b.file, given=exit_b.word)
    whole = {one["id"] for one in exit_b.listed()["epochs"]}
    assert not whole & {one["id"] for one in after["epochs"]} and len(whole) == 61


@pytest.mark.parametrize("ids", [["0123456789abcdef"], ["abc"], ["zz zz"], [""]])
def test_an_id_that_is_none_revokes_nothing(exit_b: Exit, ids: list[str]) -> None:
    before = exit_b.key.read_bytes()
    assert refused("revoke", *ids, "-c", exit_b.file, given=exit_b.word).exit_code == 65
    assert exit_b.key.read_bytes() == before


def test_one_says_what_is_to_be_revoked(exit_b: Exit) -> None:
    assert relay("revoke", "-c", exit_b.file).exit_code == 2
    assert relay("revoke", "--all", "--each-key", "-c", exit_b.file).exit_code == 2
    assert relay("revoke", "--all", "-c", exit_b.file, given="n\n").exit_code == 1


def test_an_exit_that_is_ended_says_so(tmp_path: Path, exit_b: Exit) -> None:
    file = entry_of(tmp_path / "a", exit_b)
    assert told("revoke", "--all", "--yes", "-c", exit_b.file, given=exit_b.word)["ended"]
    assert exit_b.listed()["ended"] and exit_b.listed()["epochs"] == []
    assert exit_b.keys().epochs  # what is on its way is opened
    assert "ended" in good("list", "-c", exit_b.file)
    assert told("import", exported(exit_b, tmp_path / "usb"), "-c", file)["ended"]


def test_an_exit_without_its_identity_is_ended_by_what_was_made_with_it(
    tmp_path: Path, elsewhere: Path
) -> None:
    an_exit = Exit(tmp_path / "b", "--identity", elsewhere / "identity.pub")
    all_of_it = ("revoke", "--all", "--yes", "-c", an_exit.file)
    assert "another machine" in str(refused(*all_of_it, given=an_exit.word))
    revocation = elsewhere / "identity.revocation"
    assert told("import", revocation, "-c", an_exit.file, given=an_exit.word)["ended"]


# ---------------------------------------------------------------- whatever stands in the way


def test_a_wrong_passphrase_and_a_running_node_change_nothing(exit_b: Exit) -> None:
    before = exit_b.key.read_bytes()
    wrong = refused("revoke", "--each-key", "-c", exit_b.file, given="wrong\n")
    assert isinstance(wrong, WrongPassphrase)
    held = lock(load(exit_b.file).data, wait_s=0.0)
    try:  # it runs, and its socket is not there yet
        for words in (["roll"], ["init"]):
            assert isinstance(refused(*words, "-c", exit_b.file, given=exit_b.word), Busy)
    finally:
        os.close(held)
    assert exit_b.key.read_bytes() == before


def test_an_exit_key_of_before_there_were_days_rolls(exit_b: Exit) -> None:
    old = make_exit_keys()
    exit_b.key.write_bytes(lock_exit(old, Passphrase(b"00", stretched=False)))
    done = told("roll", "-c", exit_b.file, given="00\n")
    assert done["epochs"] == 62 and done["until"] > time.time() + 60 * 86400
    assert unlock_exit(read_secret(exit_b.key), b"00").keyring.keys() >= old.keyring.keys()


def test_what_cannot_be_written_is_said_and_nothing_is_left(tmp_path: Path, exit_b: Exit) -> None:
    said = refused("export", tmp_path / "no" / "where", "-c", exit_b.file)
    assert isinstance(said, CannotMake) and said.exit_code == 73
    assert isinstance(refused("export", tmp_path, "-c", exit_b.file), CannotMake)
    assert not [one for one in tmp_path.iterdir() if one.name.endswith(".new")]


def test_a_damaged_exit_key_is_told_before_anybody_types(exit_b: Exit) -> None:
    exit_b.key.write_bytes(exit_b.key.read_bytes()[:-1])
    for words in (["roll"], ["list"], ["export", "-"], ["revoke", "--each-key"]):
        said = refused(*words, "-c", exit_b.file, given="")
        assert isinstance(said, KeyFileError) and "damaged" in str(said)


def test_a_link_key_is_that_of_the_door(exit_b: Exit) -> None:
    from relay.wire.keys import read_door_file

    door = read_door_file(read_secret(exit_b.key.with_name("door.key")))
    assert exit_b.listed()["link"] == link_key_of(door.entry).written
