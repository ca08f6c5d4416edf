"""A browser of text alone, w3m, at a terminal of its own: by the keys that a person would press."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import time
from pathlib import Path

PRESSED_S = 30.0
_CONTROL = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]")


class W3m:
    """One page. What is written into a text field stands in ``text``: w3m opens an editor there."""

    def __init__(self, url: str, folder: Path, text: str) -> None:
        (folder / "text").write_text(text)
        editor = folder / "editor"
        editor.write_text(f'#!/bin/sh\ncat "{folder}/text" > "$1"\n')
        editor.chmod(0o755)
        said = {"EDITOR": str(editor), "HOME": str(folder), "TERM": "xterm", "LANG": "C.UTF-8"}
        size = {"COLUMNS": "100", "LINES": "60", "PATH": os.environ["PATH"]}
        self._pid, self._terminal = pty.fork()
        if not self._pid:
            command = ["w3m", "-o", "use_cookie=0", "-o", "confirm_qq=0", url]
            os.execvpe("w3m", command, said | size)
        self._shown = b""

    def press(self, keys: str, *, until: str) -> str:
        """Press keys; what is shown then, once these words are on the screen."""
        self._shown = b""
        os.write(self._terminal, keys.encode())
        return self.sees(until)

    def sees(self, words: str) -> str:
        """What is shown, once these words are."""
        end = time.monotonic() + PRESSED_S
        while time.monotonic() < end:
            if select.select([self._terminal], [], [], 0.1)[0]:
                self._shown += os.read(self._terminal, 65536)
            shown = _CONTROL.sub(b" ", self._shown).decode("utf-8", "replace")
            if words in " ".join(shown.split()):
                return shown
        raise AssertionError(f"not seen: {shown[-1000:]}")

    def close(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._terminal)
