"""The bridge through Apprise: the real library, and receivers of ours."""

from __future__ import annotations

import json
import logging
import sys
from contextlib import asynccontextmanager

import pydantic
import pytest
from chat_bridge_parts import PNG, Hands, Kept, attempt, post_of, secret_file
from stands.apprise import Receiver, address

from bridges import kit
from bridges.by_apprise import SILENT, ByApprise, NoLibrary
from bridges.kit import drafts
from relay.model import Media, Once, Posted, Refused, Stopped, Unknown, Unsure
from relay.testing import recorder as faults
from relay.testing.loopback import on_loopback


def a_bridge(tmp_path, *urls: str, **settings) -> ByApprise:
    file = secret_file(tmp_path, "\n".join(urls))
    return ByApprise(ByApprise.Settings(url_file=file, **settings), None, Hands())


@asynccontextmanager
async def receiver():
    async with on_loopback(Receiver(keys=False)) as platform:
        yield platform


async def sent(bridge, text="hello", media=()):
    [part] = await bridge.prepare(post_of(text, media=media))
    return await bridge.send(attempt(part), Kept())


# ---------------------------------------------------------------- settings, addresses


@pytest.mark.parametrize("more", [{"timeout_s": 0}, {"timeout_s": 200}, {"name": ""}, {"url": "x"}])
def test_settings_have_their_values(more):
    with pytest.raises(pydantic.ValidationError):
        ByApprise.Settings.model_validate({"url_file": "x", **more})


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("hidden", "none that Apprise knows"),
        ("nosuch://hidden.example", "none that Apprise knows"),
        ("json://hidden.example/in", "not encrypted"),
        ("json://192.0.2.7/in", "not encrypted"),
        ("mailto://hidden:hidden@example.org", "not encrypted"),
        ("jsons://hidden.example/?retry=3", "repeats"),
        ("jsons://hidden.example/?redirect=yes", "follows"),
        ("jsons://hidden.example/?verify=no", "certificates"),
    ],
)
def test_an_address_that_breaks_our_rules_is_refused_and_not_quoted(tmp_path, url, told):
    with pytest.raises(kit.BadSecret) as caught:
        a_bridge(tmp_path, "jsons://example.org/in", url)
    assert told in str(caught.value) and "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["jsons://example.org/in", "json://localhost/in", "json://127.0.0.1:8/in", "ntfys://h/t"]
)
def test_what_is_encrypted_or_stays_on_this_machine_is_taken(tmp_path, url):
    assert a_bridge(tmp_path, "# ours", "", url).once == Once("none")


def test_it_has_a_process_of_its_own_and_says_that_it_goes_by_itself():
    assert ByApprise.blocking and ByApprise.goes_by_itself
    assert set(ByApprise.secrets) <= set(ByApprise.Settings.model_fields)
    for name in ("remove", "edit", "replies"):
        assert not hasattr(ByApprise, name)


def test_without_the_library_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(NoLibrary) as caught:
        a_bridge(tmp_path, "jsons://example.org/in")
    assert "outword[apprise]" in str(caught.value)


async def test_addresses_are_named_by_a_hash_whatever_their_order(tmp_path):
    one, two = "jsons://hidden.example/a", "jsons://hidden.example/b"
    first = await a_bridge(tmp_path, one, two).check()
    again = await a_bridge(tmp_path, two, "# a note", one).check()
    assert first == again and not first.trouble and "hidden" not in first.account


async def test_a_file_without_an_address_is_told(tmp_path):
    bridge = a_bridge(tmp_path, "# none yet")
    assert (await bridge.check()).trouble
    assert isinstance(await sent(bridge), Stopped)


# ---------------------------------------------------------------- what is sent


async def test_what_is_sent(tmp_path):
    async with receiver() as platform:
        bridge = a_bridge(tmp_path, address(platform), name="Newsroom")
        [part] = await bridge.prepare(post_of("متن *a* :smile: \\n @bob", title="عنوان"))
        posted = await bridge.send(attempt(part), Kept())
        assert posted == Posted(part.key)
        assert platform.texts == ["عنوان\n\nمتن *a* :smile: \\n @\u2060bob"]
        [request] = platform.requests
        assert request.headers["user-agent"] == "Newsroom"
        assert "apprise" not in json.dumps([dict(request.headers), request.target]).lower()
        assert isinstance(await bridge.find(attempt(part)), Unknown)


async def test_pictures_go_along_from_memory_and_what_they_show_in_words(tmp_path):
    async with receiver() as platform:
        assert isinstance(await sent(a_bridge(tmp_path, address(platform)), media=[PNG]), Posted)
        [one] = json.loads(platform.requests[0].body)["attachments"]
        assert (one["filename"], one["mimetype"]) == ("1.png", "image/png")
        assert platform.texts == ["hello\n\n[a roof at night]"]


async def test_where_one_service_takes_no_media_the_post_is_refused(tmp_path):
    bridge = a_bridge(tmp_path, "jsons://example.org/in", "gotifys://example.org/token")
    outcomes = [await sent(bridge, media=media) for media in ([PNG], [Media("image/png", b"")])]
    assert all(isinstance(outcome, Refused) for outcome in outcomes)


async def test_a_text_is_cut_to_what_the_narrowest_service_takes(tmp_path):
    text = "می‌خواهیم 👩‍👩‍👧‍👦 🇮🇷 " * 200
    bridge = a_bridge(tmp_path, "jsons://example.org/in", "discord://417421629/hidden-word")
    texts = [drafts.thawed(part.payload).text for part in await bridge.prepare(post_of(text))]
    assert len(texts) > 1 and all(len(one) <= 2000 for one in texts)
    words = [word for one in texts for word in one.rsplit("\n", 1)[0].split()]
    assert words == text.split()


# ---------------------------------------------------------------- what it comes to


@pytest.mark.parametrize(
    "fault",
    [
        faults.error(400),
        faults.error(401),
        faults.too_many("7"),
        faults.error(500, made=True),
        faults.maintenance("60"),
        faults.cut(),
        faults.hang(),
        faults.redirect("https://example.org/"),
    ],
)
async def test_all_but_a_plain_success_is_doubt_and_is_asked_once(tmp_path, fault):
    async with receiver() as platform:
        platform.script(fault)
        ended = await sent(a_bridge(tmp_path, address(platform)))
        assert isinstance(ended, Unsure) and "127" not in ended.why
        assert len(platform.requests) == 1


async def test_a_service_that_takes_too_long_is_doubt(tmp_path):
    async with receiver() as platform:
        platform.script(faults.hang())
        url = address(platform).replace("rto=0.3", "rto=2")
        assert await sent(a_bridge(tmp_path, url, timeout_s=1)) == Unsure("Apprise says TIMEOUT")


async def test_of_two_services_one_that_failed_leaves_doubt(tmp_path):
    async with receiver() as good, receiver() as bad:
        bad.script(faults.error(500))
        ended = await sent(a_bridge(tmp_path, address(good), address(bad)))
        assert isinstance(ended, Unsure) and len(good.public) == 1


async def test_what_the_library_raises_is_doubt_and_is_not_quoted(tmp_path, monkeypatch):
    bridge = a_bridge(tmp_path, "jsons://hidden.example/in")

    def fails(*args, **kwargs):
        raise RuntimeError("hidden")

    monkeypatch.setattr(bridge._all, "notify", fails)
    ended = await sent(bridge)
    assert isinstance(ended, Unsure) and "hidden" not in ended.why


async def test_a_medium_that_the_library_cannot_hold_is_doubt_and_is_not_quoted(
    tmp_path, monkeypatch
):
    bridge = a_bridge(tmp_path, "jsons://hidden.example/in")

    def fails(*args, **kwargs):
        raise RuntimeError("hidden")

    monkeypatch.setattr(bridge._library.attachment.memory, "AttachMemory", fails)
    assert await sent(bridge, media=[PNG]) == Unsure("Apprise says FAILURE")


async def test_nothing_is_logged_and_nothing_shows_an_address(tmp_path, caplog, capfd):
    caplog.set_level(0)
    async with receiver() as platform:
        platform.script(faults.error(500))
        bridge = a_bridge(tmp_path, address(platform))
        await sent(bridge)
        assert "127.0.0.1" not in repr(bridge) + repr(vars(bridge))
    assert not [one for one in caplog.records if one.name.split(".")[0] in SILENT]
    assert capfd.readouterr() == ("", "")
    assert all(logging.getLogger(name).level > logging.CRITICAL for name in SILENT)


async def test_nothing_is_written_beside_it(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "home").mkdir()
    (tmp_path / "tmp").mkdir()
    async with receiver() as platform:
        await sent(a_bridge(tmp_path, address(platform)), media=[PNG])
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == [tmp_path / "secret"]
