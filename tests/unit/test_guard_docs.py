"""What docs/guard.md says of kinds, reasons, settings, processes and limits is what there is."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path

import pytest

from relay.bridging import settings_of
from relay.cleaning.pictures import MAX_PIXELS, MAX_SIDE
from relay.cli.doctoring.reaches import ROLES, Reached
from relay.config import Channel, Destination, Node, SpoolAt, seconds
from relay.exit.clean import MOST, ROOM
from relay.exit.fitting import MAKING
from relay.model import HOUR
from relay.node import cleaner, reader
from relay.rules.danger import SAID, UNCUT
from relay.spool.bodies import FILE_OVER, Bodies

ROOT = Path(__file__).parent.parent.parent
GUARD = (ROOT / "docs/guard.md").read_text("utf-8")
WORDS = " ".join(GUARD.split())
SECTIONS = dict(re.findall(r"^#+ (.+?)\n(.*?)(?=^#+ |\Z)", GUARD, re.M | re.S))


def rows(section: str) -> list[list[str]]:
    """The cells of its tables, without heads."""
    lines = re.findall(r"^\|(.+)\|$", SECTIONS[section], re.M)
    return [[cell.strip() for cell in line.split("|")] for line in lines if "---" not in line]


def test_the_picture_is_as_its_script_draws_it() -> None:
    drawing = runpy.run_path(str(ROOT / "docs/pictures/guard.py"))
    assert drawing["PICTURE"].read_text("utf-8") == drawing["drawn"]()


def test_every_kind_of_danger_has_its_row() -> None:
    kinds = [kind for cells in rows("Danger") for kind in re.findall(r"`(\w+)`", cells[0])]
    assert set(SAID) <= set(kinds)


def test_what_cannot_be_cut_is_named() -> None:
    assert all(
        f"`{kind}`" in next(c[1] for c in rows("Danger") if "redact" in c[0]) for kind in UNCUT
    )


@pytest.mark.parametrize("mode", Channel.model_fields["danger"].annotation.__args__)  # type: ignore[union-attr]
def test_every_mode_of_danger_has_its_row(mode: str) -> None:
    assert any(f'`"{mode}"`' in cells[0] for cells in rows("Danger"))


def test_every_process_that_doctor_tries_is_in_the_table_and_in_what_it_prints() -> None:
    section = SECTIONS["What each process can reach"]
    assert re.findall(r"^good   reach of ([\w-]+):", section, re.M) == list(ROLES)
    assert Reached(own=True, inward=True).said("core") in section
    named = " ".join(cells[0] for cells in rows("What each process can reach"))
    assert all(role in named for role in ROLES)


def test_its_numbers_are_those_of_the_code() -> None:
    assert (MAX_PIXELS, MAX_SIDE, MOST, ROOM) == (40_000_000, 20_000, 50, 14_000_000)
    assert "40 million pixels and 20,000 a side" in WORDS
    assert "50 media and 14 MB a message" in WORDS
    assert (cleaner.PICTURE_CPU_S, cleaner.FILM_CPU_S, cleaner.MEMORY_BYTES) == (20, 300, 1 << 30)
    assert (reader.MOST, cleaner.MOST) == (500, 50)
    assert "Readers are replaced after 500 items" in WORDS and "cleaners after 50" in WORDS


def test_its_defaults_are_those_of_the_settings() -> None:
    assert (Node().door_accepts, seconds("1h")) == (1000, Node().door_age)
    assert SpoolAt().keep == SpoolAt().keep_originals == seconds("7d")
    defaults = {key: Channel.model_fields[key].default for key in ("danger", "media_review")}
    assert defaults == {"danger": "hold", "media_review": "all"}


def test_its_plug_in_is_the_example_that_we_ship_and_takes_these_settings() -> None:
    [written] = re.findall(r"^## Plug-ins of others\n.*?```toml\n(.*?)```", GUARD, re.M | re.S)
    [section] = tomllib.loads(written)["destinations"].values()
    pigeon = runpy.run_path(str(ROOT / "examples/outword-pigeon/outword_pigeon.py"))["Pigeon"]
    assert section["bridge"] == "pigeon"
    own = Destination.model_validate(section).rest
    assert pigeon.hosts(settings_of(pigeon, own, "")) == {"loft.example.org"}


@pytest.mark.parametrize("document", ["guard.md", "threats.md"])
def test_it_says_that_files_tell_the_instant_whatever_we_set(document: str, tmp_path: Path) -> None:
    [name] = Bodies(tmp_path / "bodies").write([bytes(FILE_OVER + 1)], HOUR)
    about = (tmp_path / "bodies" / str(name)).stat()
    assert about.st_mtime == HOUR and about.st_ctime != HOUR
    said = " ".join((ROOT / "docs" / document).read_text("utf-8").split())
    assert FILE_OVER == 256 * 1024 and "256 KiB" in said
    assert "A file system without times of birth does not" in said
    assert "the time of any message finer" not in said


def test_a_reason_it_explains_is_one_that_is_given() -> None:
    given = " ".join(source.read_text("utf-8") for source in (ROOT / "relay").rglob("*.py"))
    reasons = [
        re.sub(r"\.\.\..*", "", one)
        for one in re.findall(
            r"^\| `([^`]+)`", SECTIONS["For the editor: a message with a photo"], re.M
        )
    ]
    assert len(reasons) > 7 and f"{MAKING}" in " ".join(reasons)
    for reason in reasons:
        assert reason.split(":")[0].strip() in given.replace('"\n        "', ""), reason
