"""Packages of third parties as pip leaves them: a module, and a dist-info folder that names it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

BADLY = Path(__file__).with_name("badly.py")


def offered(
    folder: Path, package: str, bridges: Mapping[str, str], *, version: str = "1.0"
) -> Path:
    """A folder for sys.path where a package offers these bridges ("module:Class" by name)."""
    info = folder / f"{package.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    lines = [f"{name} = {target}" for name, target in bridges.items()]
    (info / "entry_points.txt").write_text("\n".join(["[relay.bridges]", *lines]) + "\n")
    return folder


def modules(folder: Path, **sources: str) -> Path:
    """The same folder with these modules in it, each by its name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source)
    return folder
