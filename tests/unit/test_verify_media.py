"""``relay verify`` on a copy of the page: the files of media as well, where they lie beside it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from test_feed_folder import send, start
from test_feed_media import FILM, ROOF, SEED, signed

from relay.cli.verify import verify
from relay.wire.item import key_words
from relay.wire.primitives import signing_public

WORDS = key_words(signing_public(SEED))


def told(path, *more):
    ended = CliRunner().invoke(verify, [str(path), "--key", WORDS, *more])
    code = getattr(ended.exception, "exit_code", ended.exit_code)
    return code, ended.output


def refusal(path):
    return str(CliRunner().invoke(verify, [str(path), "--key", WORDS]).exception)


@pytest.fixture
async def public(tmp_path):
    await send(start(tmp_path), signed("one", ROOF, FILM))
    return tmp_path / "public"


def documents(public):
    return [public / "feed.json", public / "feed.xml", *(public / "items").glob("*.json")]


async def test_media_that_lie_beside_are_hashed(public):
    for path in documents(public):
        code, said = told(path)
        assert code == 0 and "good: 3 files of pictures, films and sounds" in said


async def test_a_changed_picture_is_found_and_named(public):
    [picture] = (path for path in (public / "media").iterdir() if path.read_bytes() == ROOF.content)
    picture.write_bytes(b"another roof")
    for path in documents(public):
        code, said = told(path)
        assert code == 65 and f"media/{picture.name}: it is not what was signed" in said
    assert refusal(path) == "1 file in media/ is not what was signed"
    code, said = told(public / "feed.json", "--json")
    made = json.loads(said.splitlines()[0] if said.startswith("{") else said)
    assert code == 65 and made["good"] is False and len(made["faults"]) == 1


async def test_media_that_lie_elsewhere_are_said_and_no_fault(public, tmp_path):
    copy = tmp_path / "copy.json"
    copy.write_bytes((public / "feed.json").read_bytes())
    code, said = told(copy)
    assert code == 0 and "not looked at: 3" in said
    code, said = told(copy, "--json")
    made = json.loads(said)
    assert (made["good"], made["media"], made["media_elsewhere"]) == (True, 0, 3)
