"""relay.toml: every mistake at once, with file, key and remedy, and no value echoed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from relay.config import load, warnings
from relay.config.inward import KINDS as BUILT
from relay.errors import SettingsError
from relay.node.ways import KINDS, ways_in
from relay.plugins import destinations, page_of, ticks
from relay.plugins import mistakes as mistakes_beyond

GOOD = """
[node]
name = "n1"
[http]
listen = "127.0.0.1:0"
[channels.news]
destinations = ["page"]
[transports.mail]
kind = "smtp"
listen = "127.0.0.1:0"
channel = "news"
addresses = ["post@example.org"]
"""


def mistakes(tmp_path: Path, text: str) -> dict[str, str]:
    file = tmp_path / "relay.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as raised:
        load(file)
    assert raised.value.exit_code == 78
    assert str(file) in str(raised.value)
    return {one.key: f"{one.what}; {one.remedy}" for one in raised.value.mistakes}


def test_a_good_file_has_the_safe_defaults(tmp_path: Path) -> None:
    (tmp_path / "relay.toml").write_text(GOOD)
    settings = load(tmp_path / "relay.toml")
    news = settings.channels["news"]
    assert (news.review, news.delay, news.danger) == ("all", (300, 2700), "hold")
    assert settings.data == tmp_path / "data"
    assert [key for key, _ in warnings(settings)] == ["node.role"]


@pytest.mark.parametrize(("written", "s"), [("", 1800), ('"1m"', 60), ('"6h"', 21600)])
def test_how_long_a_long_sms_is_waited_for(tmp_path: Path, written: str, s: int) -> None:
    file = tmp_path / "relay.toml"
    line = f"segments_wait = {written}" if written else ""
    file.write_text(GOOD.replace("[http]", f"{line}\n[http]"))
    assert load(file).node.segments_wait == s


@pytest.mark.parametrize("written", ['"59s"', '"7h"', '"0s"', "1800", '"soon"'])
def test_a_wait_that_is_too_short_or_too_long_is_a_mistake(tmp_path: Path, written: str) -> None:
    found = mistakes(tmp_path, GOOD.replace("[http]", f"segments_wait = {written}\n[http]"))
    assert list(found) == ["node.segments_wait"]


def test_each_unsafe_choice_is_warned_of(tmp_path: Path) -> None:
    unsafe = GOOD.replace(
        'destinations = ["page"]',
        'destinations = ["box"]\nreview = "none"\ndelay = ["0s", "0s"]\ndanger = "off"\n'
        'media_review = "none"',
    )
    unsafe += '[destinations.box]\nbridge = "folder"\nfolder = "box"\n'
    unsafe += '[destinations.page]\nbridge = "feed"\ntick = "0s"\n'
    (tmp_path / "relay.toml").write_text(unsafe)
    keys = [key for key, _ in warnings(load(tmp_path / "relay.toml"))]
    assert keys == [
        "channels.news.review",
        "channels.news.media_review",
        "channels.news.delay",
        "channels.news.danger",
        "channels.news.destinations",
        "destinations.page.tick",
        "node.role",
    ]


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        """
        [node]
        nmae = "n1"
        data = 7
        [channels.news]
        destinations = ["page", "mastodn"]
        delay = ["soon", "5m"]
        [transports.mail]
        kind = "smtp"
        listen = "everywhere"
        addresses = ["post@example.org"]
        channel = "news"
        """,
    )
    assert found.keys() >= {
        "node.nmae",
        "node.data",
        "channels.news.delay.0",
        "transports.mail.listen",
    }


def test_a_wrong_key_hides_no_mistake_elsewhere(tmp_path: Path) -> None:
    text = GOOD.replace('name = "n1"', "nmae = 7").replace('["page"]', '["page", "mastodn"]')
    text += '[transports.phone]\nkind = "sms"\n'  # two keys are missing
    text += '[transports.two]\nkind = "sms"\ngateway = "generic"\nchannel = "nwes"\n'
    text += 'secret_file = "secrets/none"\n[destinations.box]\nbridge = "floder"\n'
    file = tmp_path / "relay.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as raised:
        load(file, mistakes_beyond)
    assert [one.key for one in raised.value.mistakes] == [
        "node.nmae",
        "transports.phone.gateway",
        "transports.phone.channel",
        "channels.news.destinations",
        "transports.two.channel",
        "destinations.box.bridge",
        "transports.two.secret_file",
    ]


def test_a_missing_key_hides_no_mistake_beside_it(tmp_path: Path) -> None:
    bot = '[transports.bot]\nkind = "telegram"\nchannel = "new"\nmode = "webhook"\npublic = true\n'
    assert mistakes(tmp_path, GOOD + bot).keys() == {
        "transports.bot.token_file",
        "transports.bot.channel",
        "transports.bot.mode",
        "transports.bot.public",
    }
    assert mistakes(tmp_path, '[transports.mail]\nkind = "smtp"\n').keys() == {
        "transports.mail.listen",
        "transports.mail.addresses",
    }
    box = '[transports.box]\nkind = "imap"\ntls = false\nchannel = "news"\n'
    assert "transports.box.tls" not in mistakes(tmp_path, GOOD + box)  # of what host?
    assert mistakes(tmp_path, '[tls]\nkey = "k.pem"\n').keys() == {"tls.certificate"}


def test_a_value_of_no_type_it_may_have_is_one_mistake(tmp_path: Path) -> None:
    text = GOOD.replace('["post@example.org"]', '"post@example.org"')
    assert mistakes(tmp_path, text).keys() == {"transports.mail.addresses"}


@pytest.mark.parametrize(("port", "fine"), [("2525", False), ("0", True)])
def test_two_cannot_listen_at_one_address(tmp_path: Path, port: str, fine: bool) -> None:
    text = GOOD.replace("127.0.0.1:0", f"127.0.0.1:{port}")
    if fine:
        (tmp_path / "relay.toml").write_text(text)
        assert load(tmp_path / "relay.toml")
    else:
        assert mistakes(tmp_path, text).keys() == {"transports.mail.listen"}


def test_a_section_that_is_there_twice_is_called_so(tmp_path: Path) -> None:
    said = mistakes(tmp_path, GOOD + '[transports.mail]\nkind = "form"\n')
    assert "twice at line" in said["(file)"] and "another name" in said["(file)"]


def test_a_section_with_a_mistake_is_there_for_the_others(tmp_path: Path) -> None:
    text = GOOD.replace('["page"]', '["page", "box"]\nreview = "soon"')
    assert mistakes(tmp_path, text + "[destinations.box]\n").keys() == {
        "channels.news.review",
        "destinations.box.bridge",
    }


PUBLIC = 'addresses = ["post@example.org"]\npublic = true'
PHONE = """
[transports.phone]
kind = "sms"
gateway = "generic"
secret_file = "secrets/phone"
channel = "news"
"""


def told(tmp_path: Path, text: str) -> list[tuple[str, str]]:
    (tmp_path / "relay.toml").write_text(text)
    return [(way.kind, way.shown) for way in ways_in(load(tmp_path / "relay.toml"))]


def test_only_what_is_public_is_told(tmp_path: Path) -> None:
    assert told(tmp_path, GOOD) == []
    assert told(tmp_path, GOOD.replace('addresses = ["post@example.org"]', PUBLIC)) == [
        ("mail", "post@example.org")
    ]
    assert told(tmp_path, GOOD + PHONE + 'number = "+15550100123"\n') == []
    assert told(tmp_path, GOOD + PHONE + 'number = "+15550100123"\npublic = true\n') == [
        ("sms", "+15550100123")
    ]


def test_of_a_mailbox_its_address_is_told(tmp_path: Path) -> None:
    box = '[transports.box]\nkind = "imap"\nhost = "imap.example.org"\nuser = "box"\n'
    box += 'password_file = "secrets/box"\nfolder = "INBOX"\nchannel = "news"\npublic = true\n'
    assert "address = " in str(mistakes(tmp_path, GOOD + box))
    assert told(tmp_path, GOOD + box + 'address = "box@example.org"\n') == [
        ("mail", "box@example.org")
    ]


def test_every_kind_of_transport_has_a_name_that_people_know() -> None:
    assert set(BUILT) == set(KINDS)


def test_of_a_whole_domain_only_the_addresses_that_are_shown_are_told(tmp_path: Path) -> None:
    both = PUBLIC.replace("[", '["*@example.net", ')
    assert told(tmp_path, GOOD.replace('addresses = ["post@example.org"]', both)) == [
        ("mail", "post@example.org")
    ]
    one = both + '\nshown = ["NEWS@example.net", "Post@Example.org"]'
    assert told(tmp_path, GOOD.replace('addresses = ["post@example.org"]', one)) == [
        ("mail", "NEWS@example.net"),
        ("mail", "Post@Example.org"),
    ]


@pytest.mark.parametrize(
    ("more", "key", "remedy"),
    [
        ('addresses = ["*@example.org"]\npublic = true', "mail.public", "shown = "),
        (PUBLIC + '\nshown = ["other@example.org"]', "mail.shown", "add it to addresses"),
        (PUBLIC.replace("[", '["*@b.org", ') + '\nshown = ["*@b.org"]', "mail.shown", "post@"),
        (PUBLIC.replace("post", "p\\u202est"), "mail.public", "printable"),
        (PUBLIC.replace("post", "p" * 243), "mail.public", "at most 254"),
        (PUBLIC + PHONE + "public = true", "phone.public", "number = "),
        (PUBLIC + PHONE + 'number = "+1 555 0100"', "phone.number", "without blanks"),
        (PUBLIC + PHONE + 'number = "5550100"', "phone.number", "country"),
        (PUBLIC + PHONE + 'number = "+05550100"', "phone.number", "country"),
        (PUBLIC + PHONE + 'number = "+1555010"', "", ""),
        (PUBLIC + PHONE + 'number = "+155501"', "phone.number", "country"),
        (PUBLIC + PHONE + 'number = "+123456789012345"', "", ""),
        (PUBLIC + PHONE + 'number = "+1234567890123456"', "phone.number", "country"),
        (PUBLIC.replace("post", "p" * 242), "", ""),
    ],
)
def test_a_public_way_that_cannot_be_told_is_a_mistake(
    tmp_path: Path, more: str, key: str, remedy: str
) -> None:
    text = GOOD.replace('addresses = ["post@example.org"]', more)
    if not key:
        told(tmp_path, text)
        return
    found = mistakes(tmp_path, text)
    assert set(found) == {f"transports.{key}"}
    assert remedy in found[f"transports.{key}"]
    assert not any(written in str(found) for written in ("ppp", "1234567", "05550100", "\u202e"))


def test_thirty_two_ways_are_told_and_no_more(tmp_path: Path) -> None:
    for count in (32, 33):
        named = ", ".join(f'"post{n}@example.org"' for n in range(count))
        text = GOOD.replace('addresses = ["post@example.org"]', f"addresses = [{named}]")
        text = text.replace('channel = "news"', 'channel = "news"\npublic = true')
        if count == 32:
            assert len(told(tmp_path, text)) == 32
        else:
            assert "more than 32" in mistakes(tmp_path, text)["transports"]


@pytest.mark.parametrize("whole", ["node = 7", "channels = 7\ntransports = []", 'http = "x"'])
def test_a_section_that_is_no_table_is_one_mistake(tmp_path: Path, whole: str) -> None:
    found = mistakes(tmp_path, whole)
    assert found.keys() == {line.split(" ")[0] for line in whole.split("\n")}


def test_what_crosses_sections_is_found(tmp_path: Path) -> None:
    crossed = GOOD.replace('channel = "news"', 'channel = "nwes"')
    crossed = crossed.replace('["page"]', '["page", "mastodn"]\ndelay = ["9m", "5m"]')
    found = mistakes(tmp_path, crossed + '[destinations.mail]\nbridge = "folder"\n')
    assert found.keys() == {
        "transports.mail.channel",
        "channels.news.destinations",
        "channels.news.delay",
        "destinations.mail",
    }


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ('[spool]\nurl = "postgresql://a,b/outword"\n', "spool.url"),
    ],
)
def test_what_is_not_built_is_refused_by_name(tmp_path: Path, more: str, key: str) -> None:
    assert "is not built yet" in mistakes(tmp_path, GOOD + more)[key]


def test_two_doors_are_refused_by_name(tmp_path: Path) -> None:
    found = mistakes(tmp_path, GOOD.replace('name = "n1"', "doors = 2"))
    assert "is not built yet" in found["node.doors"]


def test_no_value_is_echoed(tmp_path: Path) -> None:
    secret = "hunter2secret"
    text = GOOD.replace('"n1"', f'["{secret}"]').replace('"127.0.0.1:0"', f'"{secret}"')
    text += f'[transports.phone]\nkind = "{secret}"\n{secret} = "{secret}"\n'
    file = tmp_path / "relay.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as raised:
        load(file)
    assert secret not in str(raised.value).replace(f".{secret}", "")


@pytest.mark.parametrize("broken", [b"\xff\xfe", b"[node", b"x" * (1024 * 1024 + 1)])
def test_a_file_that_is_no_toml_is_refused_in_one_line(tmp_path: Path, broken: bytes) -> None:
    file = tmp_path / "relay.toml"
    file.write_bytes(broken)
    with pytest.raises(SettingsError) as raised:
        load(file)
    assert len(raised.value.mistakes) == 1
    assert "(file)" not in str(raised.value)


def test_a_file_that_is_not_there_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        load(tmp_path / "relay.toml")
    said = "does not exist; make one with `relay init`"
    assert str(raised.value) == f"{tmp_path / 'relay.toml'}: {said}"


def test_a_byte_order_mark_and_dos_line_ends_are_read(tmp_path: Path) -> None:
    (tmp_path / "relay.toml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load(tmp_path / "relay.toml").node.name == "n1"


def test_keys_do_not_lie_in_the_data_folder(tmp_path: Path) -> None:
    found = mistakes(tmp_path, GOOD.replace('name = "n1"', 'keys = "data/keys"'))
    assert "node.keys" in found


@pytest.mark.parametrize("name", ["http", "send", "relay"])
def test_our_own_names_are_not_given_away(tmp_path: Path, name: str) -> None:
    found = mistakes(tmp_path, GOOD.replace("transports.mail", f"transports.{name}"))
    assert f"transports.{name}" in found


@pytest.mark.parametrize(
    ("written", "instead", "key"),
    [
        ('listen = "127.0.0.1:0"\n[ch', 'url = "ftp://news.example.org"\n[ch', "http.url"),
        ('listen = "127.0.0.1:0"\n[ch', 'url = "https://a b"\n[ch', "http.url"),
        ("[transports.mail]", "[transports.page]", "transports.page"),
        ('["post@example.org"]', "[]", "transports.mail.addresses"),
        ('["post@example.org"]', '["a@b.org", "A@B.org"]', "transports.mail.addresses"),
        ('["post@example.org"]', '{ "a@b.org" = "news" }', "transports.mail.channel"),
        ('name = "n1"', 'passphrase_file = "data/secret"', "node.passphrase_file"),
        ('name = "n1"', 'data = "d"\nkeys = "k/../d/keys"', "node.keys"),
    ],
)
def test_what_would_be_ignored_or_fail_later_is_a_mistake_at_once(
    tmp_path: Path, written: str, instead: str, key: str
) -> None:
    assert written in GOOD
    assert list(mistakes(tmp_path, GOOD.replace(written, instead, 1))) == [key]


def test_a_channel_cannot_be_called_as_the_page_is(tmp_path: Path) -> None:
    named = GOOD.replace("channels.news", "channels.page").replace('"news"', '"page"')
    assert list(mistakes(tmp_path, named)) == ["channels.page"]


@pytest.mark.parametrize(("deadline", "good"), [("1s", True), ("60s", True), ("0s", False)])
def test_a_deadline_of_the_page_needs_no_folder_beside_it(
    tmp_path: Path, deadline: str, good: bool
) -> None:
    file = tmp_path / "relay.toml"
    text = f'{GOOD}[destinations.page]\nbridge = "feed"\ndeadline = "{deadline}"\n'
    if not good:
        assert list(mistakes(tmp_path, text)) == ["destinations.page.deadline"]
        return
    file.write_text(text)
    page = page_of(load(file))
    assert (page.deadline, page.rest) == (int(deadline[:-1]), {"folder": "public"})


def test_lists_in_lists_without_end_are_no_settings(tmp_path: Path) -> None:
    assert list(mistakes(tmp_path, "a = " + "[" * 100_000)) == ["(file)"]


def test_a_pipe_that_nobody_writes_to_holds_up_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "relay.toml")
    assert load(tmp_path / "relay.toml").channels == {}


def test_every_page_of_ours_releases_by_its_own_tick(tmp_path: Path) -> None:
    (tmp_path / "relay.toml").write_text(
        GOOD.replace('["page"]', '["page", "mirror", "box"]')
        + '[destinations.mirror]\nbridge = "feed"\nfolder = "m"\ntick = "30m"\n'
        + '[destinations.box]\nbridge = "folder"\nfolder = "box"\n'
    )
    assert ticks(load(tmp_path / "relay.toml")) == {"page": 600, "mirror": 1800}


OPS = '[destinations.ops]\nbridge = "folder"\nfolder = "ops"\n'
MIRROR = '[destinations.mirror]\nbridge = "feed"\nfolder = "m"\n'


def test_alarms_go_to_a_destination_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "relay.toml").write_text(GOOD + OPS + '[alarms]\nto = ["ops"]\nwaiting = "2h"\n')
    settings = load(tmp_path / "relay.toml")
    assert settings.alarms is not None
    assert (settings.alarms.waiting, settings.alarms.every) == (7200, 3600)
    assert set(destinations(settings)) == {"page", "ops"}


@pytest.mark.parametrize("to", ["[]", '["page"]', '["nobody"]', '["mirror"]', '"ops"'])
def test_alarms_that_nobody_or_everybody_would_read_are_a_mistake(tmp_path: Path, to: str) -> None:
    found = mistakes(tmp_path, GOOD + OPS + MIRROR + f"[alarms]\nto = {to}\n")
    assert "alarms.to" in found
