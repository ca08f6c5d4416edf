"""Twenty people who write while processes are killed, and the ledger of what they were told."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from relay.testing.ledger import Ledger
from relay.testing.nodes import Node
from relay.testing.senders import mail, post_sms, send_mail, sms

ADDRESS = "post@example.org"


@dataclass
class Crowd:
    """Senders by mail and by SMS, with a pause (on average) before each message. Those with an odd
    number repeat, with the same bytes or the same id, whatever was not acknowledged, until it is;
    the others forget it."""

    node: Node
    people: int = 20
    pause_s: float = 0.0
    ledger: Ledger = field(default_factory=Ledger)
    stop: threading.Event = field(default_factory=threading.Event)
    enough: int = 1 << 30
    repeated: int = 0

    def start(self) -> list[threading.Thread]:
        threads = [
            threading.Thread(target=self._write, args=(n,), daemon=True) for n in range(self.people)
        ]
        for thread in threads:
            thread.start()
        return threads

    def wait(self) -> None:
        """Until enough was acknowledged."""
        while len(self.ledger.acknowledged) < self.enough:
            self.stop.wait(0.05)

    def _write(self, n: int) -> None:
        chance = random.Random(n)
        while not self.stop.is_set():
            self.stop.wait(chance.random() * 2 * self.pause_s)
            marker = self.ledger.sends()
            send = self._by_mail(marker) if chance.random() < 0.5 else self._by_sms(marker)
            taken = self._try(send)
            while n % 2 and not taken and not self.stop.is_set():
                self.stop.wait(0.1)
                self.repeated += 1
                taken = self._try(send)
            if taken:
                self.ledger.yes(marker)
            else:
                self.stop.wait(0.1)

    def _by_mail(self, marker: str) -> Callable[[], bool]:
        written = mail(f"a mail says {marker}", to=ADDRESS)
        return lambda: send_mail(*self.node.mail, written, to=ADDRESS)

    def _by_sms(self, marker: str) -> Callable[[], bool]:
        # each from a number of its own: one person is limited, and these are many
        number = f"+1555{random.Random(marker).randrange(10**7):07}"
        body = sms(f"an sms says {marker}", id=marker, number=number)
        return lambda: post_sms(f"{self.node.url}/in/phone", body, self.node.secret) == 200

    @staticmethod
    def _try(send: Callable[[], bool]) -> bool:
        try:
            return send()
        except OSError:
            return False
