"""What the documents name exists, and says what they say it does."""

from __future__ import annotations

import importlib
import re
import runpy
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
NAMED = re.compile(r"`((?:relay|bridges)(?:\.\w+)+)`")


def names(document: str) -> list[str]:
    return sorted(set(NAMED.findall((ROOT / document).read_text())))


def exists(dotted: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


@pytest.mark.parametrize("name", names("docs/path.md"))
def test_every_name_in_the_path_exists(name: str) -> None:
    assert exists(name)


def test_every_document_that_is_named_anywhere_exists() -> None:
    named = re.compile(r"\bdocs/[a-z-]+\.md\b")
    places = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "relay.toml.example"]
    for folder in ("relay", "bridges", "packaging"):
        places += [*(ROOT / folder).rglob("*.py"), *(ROOT / folder).rglob("*.html")]
    said = {(place, one) for place in places for one in named.findall(place.read_text("utf-8"))}
    assert len(said) > 50
    assert [(place.name, one) for place, one in said if not (ROOT / one).exists()] == []


def test_a_name_that_does_not_exist_is_found() -> None:
    assert not exists("relay.exit.post.Postage")
    assert not exists("relay.nowhere")


def test_the_path_is_under_a_hundred_lines() -> None:
    assert len((ROOT / "docs/path.md").read_text().splitlines()) < 100


def test_the_path_in_the_package_names_files_that_exist() -> None:
    import relay

    for step in re.findall(r"``([a-z]+/[a-z]+)``", relay.__doc__ or ""):
        assert (ROOT / "relay" / f"{step}.py").exists() or step.startswith("docs/"), step


def test_the_example_settings_are_good_and_are_the_defaults(tmp_path: Path) -> None:
    from relay.config import Channel, Node, SmtpIn, SpoolAt, load, seconds
    from relay.plugins import mistakes

    written = (ROOT / "relay.toml.example").read_text()
    file = tmp_path / "relay.toml"
    file.write_text(written)
    (tmp_path / "secrets").mkdir()
    for name in re.findall(r'^\w+_file = "secrets/([\w-]+)"', written, re.M):
        (tmp_path / "secrets" / name).touch(mode=0o600)
        (tmp_path / "secrets" / name).write_text("x" * 32)
    settings = load(file)
    assert list(mistakes(settings)) == []
    assert settings.node == Node()
    assert settings.spool == SpoolAt()
    assert settings.channels["news"] == Channel()
    mail = settings.transports["mail"]
    assert isinstance(mail, SmtpIn)
    for key in ("message_bytes", "sessions", "sessions_per_network"):
        assert getattr(mail, key) == SmtpIn.model_fields[key].default
    assert seconds(settings.destinations["page"].rest["tick"]) == 600
    assert {f for f in Node.model_fields} == set(
        re.findall(r"^(?:# )?(\w+) = ", _section(written, "node"), re.M)
    )


def _section(written: str, name: str) -> str:
    return written.partition(f"[{name}]")[2].partition("\n[")[0]


SPOKEN = re.compile(r"docs/([a-z-]+)\.md, ([A-Z][^\"']*?)[\"']")
"""A document and one of its headings, as a remedy names them: ``docs/operate.md, Mail``."""


def headings(document: Path) -> list[str]:
    return re.findall(r"^#+ (.*)$", document.read_text("utf-8"), re.M)


def test_every_heading_that_a_remedy_names_exists() -> None:
    said = {
        (document, heading)
        for source in (ROOT / "relay").rglob("*.py")
        for document, heading in SPOKEN.findall(source.read_text("utf-8"))
    }
    assert len(said) >= 3
    for document, heading in said:
        there = headings(ROOT / f"docs/{document}.md")
        assert any(one.startswith(heading) for one in there), (document, heading)


def test_every_link_between_documents_leads_somewhere() -> None:
    for document in (ROOT / "README.md", *ROOT.glob("docs/*.md")):
        for link in re.findall(r"\]\(([^)#:]+)\)", document.read_text("utf-8")):
            assert (document.parent / link).exists(), (document.name, link)


QUOTED = re.compile(r"blocked\.md\)?,\s+\"([^\"]+)\"")


def test_every_heading_of_the_bad_day_that_is_named_exists() -> None:
    there = headings(ROOT / "docs/blocked.md")
    named = [
        heading
        for document in ROOT.glob("docs/*.md")
        for heading in QUOTED.findall(document.read_text("utf-8"))
    ]
    assert named and set(named) <= set(there)


BAD_DAY = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/blocked.md").read_text("utf-8"), re.S)


def test_the_settings_of_the_bad_day_are_keys_that_exist() -> None:
    """Each block is held against the example, which has every key there is."""
    written = (ROOT / "relay.toml.example").read_text("utf-8")
    assert len(BAD_DAY) >= 5
    for block in BAD_DAY:
        tomllib.loads(block)
        for key in re.findall(r"^(\w+) = ", block, re.M):
            assert re.search(rf"^(?:# )?{key} = ", written, re.M), key


def test_the_picture_of_a_delivery_is_as_its_script_draws_it() -> None:
    drawing = runpy.run_path(str(ROOT / "docs/pictures/delivery.py"))
    assert drawing["PICTURE"].read_text("utf-8") == drawing["drawn"]()
