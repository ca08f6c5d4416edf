"""Ways in that go out: their routes in the settings, and nothing of theirs goes another way."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path

import pytest
import trio
from false_proxies import connect_proxy, platform, serving, socks
from on_asyncio import on_asyncio
from test_config import GOOD, mistakes

from relay.config import load
from relay.mailing.imap.session import Session
from relay.mailing.imap.session import Where as Folder
from relay.mailing.imap.trouble import Trouble
from relay.mailing.submission import Account, NotTaken, hand_in
from relay.node.inward.opening import Opening
from relay.node.inward.reaching import routes_of
from relay.node.routed import ways_in
from relay.reach.routes import Routes, Way
from relay.reach.way import Target
from relay.testing.certificates import make_pair
from relay.transports.smpp.connect import Where as Centre
from relay.transports.smpp.connect import connected
from relay.transports.smpp.trouble import Trouble as CentreTrouble
from relay.transports.telegram.api import Where as Api
from relay.transports.telegram.api import name_of

HERE = "127.0.0.1"
DIRECT = Way("direct")

# ---------------------------------------------------------------- settings

TOR = '\n[routes.tor]\nproxy = "socks5://127.0.0.1:9050"\n'
BOX = """
[transports.box]
kind = "imap"
host = "imap.example.org"
user = "relay@example.org"
password_file = "secrets/box"
folder = "relay"
channel = "news"
"""
BOT = '\n[transports.bot]\nkind = "telegram"\ntoken_file = "secrets/bot"\nchannel = "news"\n'
PHONE = """
[transports.sms]
kind = "sms"
gateway = "generic"
secret_file = "secrets/phone"
channel = "news"
"""
ROUTES = 'routes = ["direct", "tor"]\n'


@pytest.mark.parametrize(("section", "name"), [(BOX, "box"), (BOT, "bot")])
def test_a_way_in_that_goes_out_has_routes(tmp_path: Path, section, name):
    (tmp_path / "relay.toml").write_text(GOOD + TOR + section + ROUTES)
    assert load(tmp_path / "relay.toml").transports[name].routes == ("direct", "tor")
    (tmp_path / "relay.toml").write_text(GOOD + section)
    assert load(tmp_path / "relay.toml").transports[name].routes == ("direct",)


@pytest.mark.parametrize(
    ("written", "key", "says"),
    [
        (BOX + ROUTES, "transports.box.routes", "add [routes.NAME]"),
        (BOX + 'routes = ["direct", "direct"]\n', "transports.box.routes", "once"),
        (BOX + "routes = []\n", "transports.box.routes", "at least one"),
        (TOR + PHONE + ROUTES, "transports.sms.routes", "for answers, or for media"),
        (
            TOR + BOT + ROUTES + 'proxy = "http://[::1]:80"\n',
            "transports.bot.proxy",
            "[routes.NAME]",
        ),
    ],
)
def test_routes_that_lead_nowhere_are_refused(tmp_path: Path, written, key, says):
    found = mistakes(tmp_path, GOOD + written)
    assert says in found[key]


def test_a_transport_that_only_listens_has_none(tmp_path: Path):
    found = mistakes(tmp_path, GOOD.replace('kind = "smtp"', 'kind = "smtp"\n' + ROUTES) + TOR)
    assert any("answers, or for media" in said for said in found.values())


# ---------------------------------------------------------------- nothing goes another way


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return make_pair(tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def other_pair(tmp_path_factory):
    return make_pair(tmp_path_factory.mktemp("false"))


def under_tls(pair, talk, heard, *, greeting=b""):
    """A server under TLS that answers each line, and remembers all of them."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)

    async def serve(stream):
        under = trio.SSLStream(stream, context, server_side=True, https_compatible=True)
        with suppress(trio.BrokenResourceError):
            await under.send_all(greeting)
            async for chunk in under:
                for line in bytes(chunk).splitlines():
                    heard.append(line.decode())
                    if answer := talk(line.decode()):
                        await under.send_all(answer.encode())

    return serve


def imap(line):
    tag, _, rest = line.partition(" ")
    said = {
        "CAPABILITY": "* CAPABILITY IMAP4rev1\r\n",
        "SELECT": "* 0 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 5] x\r\n",
    }
    return said.get(rest.split()[0], "") + f"{tag} OK done\r\n"


@pytest.mark.parametrize("kind", [socks, connect_proxy])
async def test_a_mailbox_is_opened_by_the_next_route_and_no_password_by_the_first(
    pair, other_pair, kind
):
    false, real = [], []
    greeting = b"* OK here\r\n"
    async with (
        serving(under_tls(other_pair, imap, false, greeting=greeting)) as interceptor,
        serving(under_tls(pair, imap, real, greeting=greeting)) as there,
        kind({HERE: there}) as proxy,
    ):
        where = Folder(HERE, interceptor, "me", "relay", True, str(pair.certificate))

        def opened(*ways):
            session = Session(where, 5, Routes(ways, "box"))
            try:
                return session.open(b"PASSWORD")
            finally:
                session.abort()
                session.close()

        with pytest.raises(Trouble, match="certificate cannot be trusted"):
            await trio.to_thread.run_sync(opened, DIRECT)
        folder = await trio.to_thread.run_sync(opened, DIRECT, proxy.way())
        with pytest.raises(Trouble, match=r"no route leads there \(direct: tls; far: proxy\)"):
            await trio.to_thread.run_sync(opened, DIRECT, Way("far", "http", HERE, 1))
    assert (folder.validity, folder.next) == (7, 5)
    assert false == [] and any("PASSWORD" in line for line in real)


async def test_a_mailbox_that_is_cut_where_it_should_greet_is_opened_by_the_next_route(pair):
    cut_off, real, told = [], [], []
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)

    async def cuts(stream):
        under = trio.SSLStream(stream, context, server_side=True, https_compatible=True)
        await under.do_handshake()
        cut_off.append(1)

    async with (
        serving(cuts) as filtered,
        serving(under_tls(pair, imap, real, greeting=b"* OK here\r\n")) as there,
        socks({HERE: there}) as proxy,
    ):
        where = Folder(HERE, filtered, "me", "relay", True, str(pair.certificate))
        routes = Routes([DIRECT, proxy.way()], "box", lambda *said: told.append(said))

        def opened():
            session = Session(where, 5, routes)
            try:
                return session.open(b"PASSWORD")
            finally:
                session.abort()
                session.close()

        assert (await trio.to_thread.run_sync(opened)).validity == 7
    assert cut_off == [1] and told == [("proxy", {"direct": "reset"})]


@pytest.mark.parametrize("kind", [socks, connect_proxy])
async def test_a_centre_is_reached_by_the_next_route(pair, other_pair, kind):
    false, real = [], []
    async with (
        serving(under_tls(other_pair, str, false)) as interceptor,
        serving(under_tls(pair, str, real)) as there,
        kind({HERE: there}) as proxy,
    ):
        where = Centre(HERE, interceptor, True, str(pair.certificate))

        async def said(*ways):
            reader, writer = await connected(where, 5, Routes(ways, "centre"))
            writer.write(b"bind\n")
            got = await reader.readexactly(4)
            writer.transport.abort()
            return got

        assert await on_asyncio(lambda: said(DIRECT, proxy.way())) == b"bind"
        with pytest.raises(CentreTrouble, match="certificate cannot be trusted"):
            await on_asyncio(lambda: said(DIRECT))
    assert false == [] and real == ["bind"]


def smtp(line):
    words = {"EHLO": "250-x\r\n250 AUTH PLAIN\r\n", "AUTH": "235 ok\r\n", "DATA": "354 go\r\n"}
    return next((said for word, said in words.items() if line.startswith(word)), "250 ok\r\n")


@pytest.mark.parametrize("kind", [socks, connect_proxy])
async def test_an_answer_is_handed_in_by_the_next_route(pair, other_pair, kind):
    false, real = [], []
    async with (
        serving(under_tls(other_pair, smtp, false, greeting=b"220 x\r\n")) as interceptor,
        serving(under_tls(pair, smtp, real, greeting=b"220 x\r\n")) as there,
        kind({HERE: there}) as proxy,
    ):
        account = Account(HERE, interceptor, "tls", "me", str(pair.certificate))

        async def sent(*ways):
            routes = Routes(ways, "mail")
            await hand_in(account, b"PASSWORD", ("a@example.org",), "b@example.org", b"x", routes)

        with pytest.raises(NotTaken) as raised:
            await on_asyncio(lambda: sent(DIRECT))
        assert raised.value.step == "connect" and not false
        await on_asyncio(lambda: sent(DIRECT, proxy.way()))
    assert false == [] and any(line.startswith("AUTH PLAIN") for line in real)


@pytest.mark.parametrize("kind", [socks, connect_proxy])
async def test_a_bot_goes_by_its_proxy_or_by_its_routes_and_looks_up_no_name(kind):
    me = b'{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"a","username":"OutBot"}}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"

    async def api(stream):
        while (await stream.receive_some(65536)).startswith(b"POST /bot1:T/getMe"):
            await stream.send_all(head % len(me) + me)

    async with serving(api) as there, kind({HERE: there, "localhost": there}) as proxy:
        base = f"http://localhost:{there}"
        way = proxy.way()
        word = "socks5" if way.kind == "socks5" else "http"
        own = Api(base, f"{word}://me:secret@{HERE}:{way.port}")
        assert await on_asyncio(lambda: name_of(own, "1:T")) == "@OutBot"
        routes = Routes([Way("far", "socks5", HERE, 1), way], "bot")
        assert await on_asyncio(lambda: name_of(Api(base), "1:T", routes)) == "@OutBot"
    assert proxy.hosts == ["localhost", "localhost"] and proxy.logins[0] == "me:secret"


async def test_a_bots_token_is_told_to_nobody_elses_certificate(other_pair):
    async with platform(other_pair) as interceptor:
        where = Api(f"https://{HERE}:{interceptor.port}")
        with pytest.raises(Exception, match="no connection \\(direct: tls\\)"):
            await on_asyncio(lambda: name_of(where, "1:T"))
    assert interceptor.came >= 1 and interceptor.requests == []


def test_without_tls_a_centre_is_this_machine():
    with pytest.raises(CentreTrouble, match="tls = true"):
        asyncio.run(connected(Centre("192.0.2.1", 1, tls=False), 1, Routes([DIRECT])))


# ---------------------------------------------------------------- in the door


def opening(tmp_path: Path, written: str, told) -> Opening:
    (tmp_path / "relay.toml").write_text(GOOD + written)
    nothing = {"turned_away": None, "service": None, "alive": None, "faring": None}
    return Opening(
        "box",
        load(tmp_path / "relay.toml"),
        clock=None,
        journal=None,
        node_secret=b"",
        take_in=None,
        routed=told,
        **nothing,
    )


def test_a_door_probes_the_routes_of_a_way_in_and_says_which_is_used(tmp_path: Path):
    told = []
    at = opening(tmp_path, TOR + BOX + ROUTES, lambda *said: told.append(said))
    box = at.settings.transports["box"]
    routes = routes_of(box, at)
    assert routes_of(box, at) is routes and at.probing == [routes]
    assert [way.name for way in routes.ways] == ["direct", "tor"]
    assert routes.login(routes.ways[1]) is not None
    routes.failed(routes.ways[0], "dns", Target("imap.example.org", 993))
    assert told == [("tor", {"direct": "dns"})]


def test_only_what_goes_out_has_routes_on_the_board(tmp_path: Path):
    (tmp_path / "relay.toml").write_text(GOOD + TOR + BOX + ROUTES + PHONE)
    assert ways_in(load(tmp_path / "relay.toml")) == {"box": ("direct", "tor")}


def test_a_proxy_whose_password_is_gone_closes_no_other_way(tmp_path: Path):
    login = 'user = "me"\npassword_file = "secrets/gone"\n'
    at = opening(tmp_path, TOR + login + BOX + ROUTES, lambda *said: None)
    direct, tor = routes_of(at.settings.transports["box"], at).ways
    assert direct.kind == "direct" and (tor.user, tor.password) == (b"me", b"")
