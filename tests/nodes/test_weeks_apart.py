"""An entry that is cut off for weeks. Both nodes live by one clock, which libfaketime moves on.

Time goes on in leaps, and each leap is a machine that was started anew: that is what a node has to
bear, and what it is told (``Node.boots``).
"""

from __future__ import annotations

import smtplib
from pathlib import Path
from typing import Final

import pytest
from apart import LIBRARY, POST, Apart, Story, counted, in_a_thread, leap, story
from looking import soon, status

from relay.testing.recorder import recorder
from relay.testing.senders import mail

LINK_S: Final = 60.0

ALARMS: Final = """
[alarms]
to = ["ops"]

[destinations.ops]
bridge = "webhook"
url = "{url}"
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(LIBRARY is None, reason="apt-get install faketime"),
]


def answer(node: Apart, written: bytes) -> int:
    """What the entry answers to the end of a mail."""
    with smtplib.SMTP(*node.mail, "client.example.net", timeout=30) as client:
        client.ehlo()
        client.mail("someone@example.net")
        code, _ = client.rcpt(POST)
        if code >= 400:
            return code
        return client.data(written)[0]


def cut(made: Story) -> None:
    """Nobody gets through any more."""
    for line in made.lines.values():
        line.blocked = True
        line.cut()


def back(made: Story) -> None:
    """The link is there again."""
    for line in made.lines.values():
        line.blocked = False


def known(made: Story) -> None:
    soon(lambda: (made.entry.folder / "keys/exits/b.bundle").exists())


def test_cut_off_for_25_days_it_accepts_to_the_end_and_all_of_it_is_posted_once(
    tmp_path: Path,
) -> None:
    with story(tmp_path, road="30d", apart=False) as made:
        entry, exit = made.entry, made.exits["b"]
        leap([exit, entry], 0)
        known(made)
        cut(made)
        made.send(10)
        for days in (5, 10, 15, 20, 24.9):
            leap([exit, entry], days)
            made.send(10)
        assert counted(entry, "accepted", "waiting", "handed") == (60, 60, 0)
        leap([exit, entry], 25)
        back(made)
        verdicts = made.all_are_posted(LINK_S)
        assert verdicts.acknowledged == 60 and verdicts.good, made.told()
        soon(lambda: counted(entry, "handed", "waiting", "expired") == (60, 0, 0), LINK_S)
        assert counted(exit, "accepted", "quarantined", "expired") == (60, 0, 0)


def test_past_its_last_key_it_answers_4xx_having_warned_two_weeks_before(tmp_path: Path) -> None:
    with (
        in_a_thread(recorder) as pager,
        story(tmp_path, road="30d", apart=False, entry_more=ALARMS.format(url=pager.url)) as made,
    ):
        entry, exit = made.entry, made.exits["b"]

        def warned() -> bool:
            return any(b"the keys of exit b end in" in one.body for one in list(pager.made))

        leap([exit, entry], 0)
        known(made)
        cut(made)
        leap([exit, entry], 44)
        assert status(entry)["peers"]["b"]["keys_days"] > 14 and not warned()
        leap([exit, entry], 47)
        assert status(entry)["peers"]["b"]["keys_days"] < 14
        soon(warned, 150)
        leap([exit, entry], 59)
        made.send(5)
        leap([exit, entry], 62)
        assert 400 <= answer(entry, mail("too late", to=POST)) < 500
        assert counted(entry, "accepted", "waiting") == (5, 5)
        back(made)
        verdicts = made.all_are_posted(LINK_S)
        assert verdicts.acknowledged == 5 and verdicts.good, made.told()
        soon(lambda: counted(entry, "handed", "waiting") == (5, 0), LINK_S)
        assert counted(entry, "accepted") == counted(exit, "accepted") == (5,)
        soon(lambda: answer(entry, mail("keys came with the link", to=POST)) == 250, LINK_S)
