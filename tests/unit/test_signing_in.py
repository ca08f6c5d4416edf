"""Coming in: a link once, a code once, and nobody learns anything by trying."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
from desk_people import PASSPHRASE, START, Office

from relay.errors import Asked
from relay.node.desk import proofs
from relay.node.desk.proofs import WRONG
from relay.rules.passphrase import fault, normal
from relay.wire import totp


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


async def link_of(office: Office, handle: str = "ada", *roles: str) -> str:
    told = await office.order("users", add=handle, roles=list(roles or ("editor",)))
    link: str = told["link"]
    return link


# ---------------------------------------------------------------- links


async def test_a_link_says_for_whom_it_is_and_shows_one_secret_until_it_is_used(
    office: Office,
) -> None:
    link = await link_of(office, "ada", "editor", "originals")
    told = await office.ask("joining", link=link)
    assert (told["handle"], told["roles"]) == ("ada", ["editor", "originals"])
    assert told["secret"] in told["uri"]
    office.begin()
    assert await office.ask("joining", link=link) == told


async def test_a_link_is_good_once(office: Office) -> None:
    link = await link_of(office)
    assert (await office.join(link))["handle"] == "ada"
    with pytest.raises(Asked, match="not good any more"):
        await office.ask("joining", link=link)
    with pytest.raises(Asked, match="not good any more"):
        await office.ask("join", link=link, passphrase="another one entirely", code="000000")
    assert (await office.enters("ada"))["handle"] == "ada"


async def test_of_two_who_use_a_link_at_once_one_has_joined(office: Office) -> None:
    link = await link_of(office)
    await office.takes_up(link)
    ended: list[str] = []

    async def joins(passphrase: str) -> None:
        try:
            await office.ask("join", link=link, passphrase=passphrase, code=office.code("ada"))
            ended.append("joined")
        except Asked:
            ended.append("refused")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(joins, PASSPHRASE)
        nursery.start_soon(joins, "eight brown owls wait")
    assert sorted(ended) == ["joined", "refused"]


@pytest.mark.parametrize("later_s", [86400, 400 * 86400, -86400])
async def test_a_link_is_good_for_a_day_whatever_becomes_of_the_clock(
    office: Office, later_s: int
) -> None:
    link = await link_of(office)
    office.clock.at = START + max(-86399, min(86399, later_s))
    await office.ask("joining", link=link)
    office.clock.at = START + later_s
    with pytest.raises(Asked, match="not good any more"):
        await office.ask("joining", link=link)


@pytest.mark.parametrize("link", ["", "x", "../..", "é" * 43, 7, None, "A" * 100_000])
async def test_what_is_no_link_lets_nobody_in(office: Office, link: object) -> None:
    await link_of(office)
    await office.has("bo")  # whose link is used up
    for word in ("joining", "join"):
        with pytest.raises(Asked, match="not good any more"):
            await office.ask(word, link=link, passphrase=PASSPHRASE, code="000000")


async def test_a_wrong_code_leaves_the_link_good(office: Office) -> None:
    link = await link_of(office)
    with pytest.raises(Asked, match="authenticator"):
        await office.ask("join", link=link, passphrase=PASSPHRASE, code="12345")
    assert (await office.join(link))["handle"] == "ada"


@pytest.mark.parametrize(
    "passphrase",
    ["", "short", "aaaaaaaaaaaaaaaa", "123456789012", "abababababab", "ada ada ada ada", "x" * 300],
)
async def test_a_passphrase_that_is_easily_guessed_is_refused(
    office: Office, passphrase: str
) -> None:
    link = await link_of(office)
    with pytest.raises(Asked, match="passphrase"):
        await office.ask("join", link=link, passphrase=passphrase, code="000000")


def test_a_passphrase_may_be_of_any_script_and_is_one_on_any_keyboard() -> None:
    assert fault("هفت مرغ خاکستری", "ada") == ""
    assert fault("七只灰鹭涉水而过慢慢走远", "ada") == ""
    assert normal("cafe\u0301\u00a0noir") == normal("caf\u00e9 noir")


async def test_a_new_link_ends_what_was_before(office: Office) -> None:
    session = await office.session("ada")
    told = await office.order("users", link="ada")
    with pytest.raises(Asked, match="signed out"):
        await office.ask("who", session=session)
    with pytest.raises(Asked, match=WRONG):
        await office.enters("ada")
    old = office.secrets["ada"]
    await office.join(told["link"])
    assert office.secrets["ada"] != old
    assert (await office.enters("ada"))["roles"] == ["editor"]


@pytest.mark.parametrize(
    ("handle", "roles"),
    [
        *(("Ada", ["editor"]), ("", ["editor"]), ("a" * 33, ["editor"]), ("a b", ["editor"])),
        *(("terminal", ["editor"]), ("ada\n", ["editor"]), ("ada", []), ("ada", ["chief"])),
        *(("ada", ["editor", "chief"]), ("ada", [7]), ("ада", ["editor"])),
    ],
)
async def test_who_cannot_be_a_user_is_refused(
    office: Office, handle: str, roles: list[object]
) -> None:
    with pytest.raises(Asked):
        await office.order("users", add=handle, roles=roles)
    assert (await office.order("users"))["users"] == []


# ---------------------------------------------------------------- codes


async def test_a_code_is_good_once(office: Office) -> None:
    await office.has("ada")
    office.clock.at += 30
    shown = {"name": "ada", "passphrase": PASSPHRASE, "code": office.code("ada")}
    assert (await office.ask("sign-in", **shown))["handle"] == "ada"
    with pytest.raises(Asked, match=WRONG):
        await office.ask("sign-in", **shown)
    office.begin()  # nor after a restart
    with pytest.raises(Asked, match=WRONG):
        await office.ask("sign-in", **shown)


async def test_the_code_by_which_somebody_joined_is_used(office: Office) -> None:
    await office.has("ada")
    with pytest.raises(Asked, match=WRONG):
        await office.ask("sign-in", name="ada", passphrase=PASSPHRASE, code=office.code("ada"))


async def test_of_two_who_use_a_code_at_once_one_is_in(office: Office) -> None:
    await office.has("ada")
    office.clock.at += 30
    shown = {"name": "ada", "passphrase": PASSPHRASE, "code": office.code("ada")}
    ended: list[bool] = []

    async def enters() -> None:
        try:
            await office.ask("sign-in", **shown)
            ended.append(True)
        except Asked:
            ended.append(False)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(enters)
        nursery.start_soon(enters)
    assert sorted(ended) == [False, True]


@pytest.mark.parametrize(
    ("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
async def test_a_telephone_may_be_a_step_off(office: Office, steps: int, good: bool) -> None:
    await office.has("ada")
    office.clock.at += 300
    shown = {"name": "ada", "passphrase": PASSPHRASE, "code": office.code("ada", steps)}
    if good:
        assert (await office.ask("sign-in", **shown))["handle"] == "ada"
    else:
        with pytest.raises(Asked, match=WRONG):
            await office.ask("sign-in", **shown)


async def test_a_clock_that_is_set_back_locks_nobody_out_and_lets_no_code_in_again(
    office: Office,
) -> None:
    await office.has("ada")
    office.clock.at += 3600
    seen = office.code("ada")
    await office.ask("sign-in", name="ada", passphrase=PASSPHRASE, code=seen)
    office.clock.at -= 1800
    assert (await office.enters("ada"))["handle"] == "ada"
    office.clock.at = START + 3600
    with pytest.raises(Asked, match=WRONG):
        await office.ask("sign-in", name="ada", passphrase=PASSPHRASE, code=seen)


async def test_a_code_may_be_typed_in_any_digits_and_with_a_blank(office: Office) -> None:
    await office.has("ada")
    office.clock.at += 30
    code = office.code("ada").translate({48 + n: 0x6F0 + n for n in range(10)})
    shown = {"name": " Ada ", "passphrase": PASSPHRASE, "code": f"{code[:3]} {code[3:]}"}
    assert (await office.ask("sign-in", **shown))["handle"] == "ada"


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238 appendix B, SHA-1, the last six digits."""
    secret = b"12345678901234567890"
    for at, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        assert totp.code(secret, at // totp.STEP_S) == code


# ---------------------------------------------------------------- whatever is wrong


@pytest.mark.parametrize(
    "wrong",
    [
        *({"name": "eve"}, {"passphrase": "seven grey herons wide"}, {"code": "000000"}),
        *({"name": None}, {"passphrase": None}, {"code": None}, {"code": ""}, {"name": ["ada"]}),
        *({"passphrase": "x" * 1_000_000}, {"name": "\ud800"}, {"passphrase": "\ud800" * 12}),
        *({"code": 7}, {"device": {"x": 1}, "code": "1" * 9999}),
    ],
)
async def test_whatever_is_wrong_the_same_is_said(
    office: Office, wrong: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.has("ada")
    office.clock.at += 30
    stretched: list[int] = []
    stretch = proofs.primitives.stretch

    def counted(*given: object) -> bytes:
        stretched.append(1)
        return stretch(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(proofs.primitives, "stretch", counted)
    shown = {"name": "ada", "passphrase": PASSPHRASE, "code": office.code("ada"), **wrong}
    with pytest.raises(Asked) as raised:
        await office.ask("sign-in", **shown)
    assert str(raised.value) == WRONG
    assert len(stretched) == 1  # the same work as well, whoever it may be


async def test_who_has_not_joined_yet_cannot_sign_in(office: Office) -> None:
    link = await link_of(office)
    await office.takes_up(link)
    for passphrase in ("", PASSPHRASE):
        with pytest.raises(Asked, match=WRONG):
            await office.ask("sign-in", name="ada", passphrase=passphrase, code=office.code("ada"))
