"""Makes pictures of the README: the demo on a terminal, and /send in a browser.

    .venv/bin/python docs/pictures/make.py        (needs Debian's chromium)

Nothing is drawn by hand: the terminal is what `relay demo --once --act 2` printed, /send is what a
node serves. The page is photographed by `python -m bench.page_weight`, the desk by `desk.py`.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

from relay.testing.nodes import SETTINGS, Node, running

HERE = Path(__file__).parent


def terminal() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "relay", "demo", "--once", "--act", "2"],
        capture_output=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "FORCE_COLOR": "1", "COLUMNS": "80", "LANG": "C.UTF-8"},
    )
    console = Console(record=True, width=80, file=io.StringIO())
    console.print(Text.from_ansi("$ make demo ARGS='--once --act 2'\n" + done.stdout.decode()))
    drawn = console.export_svg(title="relay demo --once --act 2")
    # What the export adds of its own: fonts from another host, and its maker's name.
    for foreign in (r"@font-face \{.*?\}", r"<!--.*?-->"):
        drawn = re.sub(foreign, "", drawn, flags=re.DOTALL)
    (HERE / "demo.svg").write_text(drawn)


def send() -> None:
    """``/send``, as wide as a phone."""
    public = (
        SETTINGS.format(destinations='"page"')
        .replace("[http]", '[http]\nurl = "https://news.example.org"')
        .replace("addresses =", "public = true\naddresses =")
        .replace("gateway =", 'public = true\nnumber = "+15550100123"\ngateway =')
    )
    with tempfile.TemporaryDirectory() as folder, running(Node(Path(folder) / "n", public)) as node:
        while not (node.folder / "public/send/index.html").exists():
            time.sleep(0.1)
        photograph(f"{node.url}/send/", "send.png", "500,1180", folder)


def photograph(url: str, name: str, size: str, folder: str) -> None:
    """What a browser shows; ``size`` is width and height in pixels."""
    subprocess.run(
        [
            shutil.which("chromium") or "chromium",
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--hide-scrollbars", f"--window-size={size}", f"--user-data-dir={folder}/c",
            f"--screenshot={HERE / name}", url,
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip


if __name__ == "__main__":
    terminal()
    send()
