"""Numbers of votes, people and money: as long as a telephone's, and told by the word beside them.

Only what could be no telephone number as most are written: it begins with no zero and no plus, and
is in one go or in groups of three. No speaker has checked the words.
"""

from __future__ import annotations

import re
from typing import Final

from relay.rules.seen import unified

_AMOUNT: Final = re.compile(r"[1-9]\d{6,11}|[1-9]\d{0,2}([ .\u00a0\u202f])\d{3}(?:\1\d{3}){1,3}")
_BEFORE: Final = re.compile(r"(?:[$€£¥₽₺₴₸﷼₪]|\b(?:usd|eur|rub|irr|try|mmk|ves)) ?\Z")
_AFTER: Final = re.compile(
    unified(
        r"[ \u00a0]?(?:[$€£¥₽₺₴₸﷼₪]|(?:usd|eur|dollars?|euros?|people|persons|votes|voters"
        r"|inhabitants|refugees|deaths|cases|total|views|followers|signatures"
        r"|votos|personas|habitantes|electores|bolívares|pesos|dólares|millones|firmas"
        r"|voix|habitants|personnes|déplacés|fcfa|francs"
        r"|человек\w?|людей|жител\w{1,3}|голос\w{0,3}|руб\w{0,4}|долларов|гривен|беженцев"
        r"|чалавек|рублёў|рублеў|галасоў"
        r"|kişi\w{0,3}|oy|seçmen|tl|lira|dolar"
        r"|تومان|ریال|نفر|رای|دلار|یورو|امضا|تن"
        r"|شخص\w?|ناخب\w{0,2}|صوت\w?|دینار|لیره|جنیه|دولار|نازح\w{0,2}|لاجی)(?!\w)"
        r"|ကျပ်|ဦး|万|萬|亿|億|元|人|票|美元)"
    )
)


def is_counted(text: str, start: int, end: int) -> bool:
    """Whether what stands there is so many of something. ``text``: as ``Seen.small``."""
    if not _AMOUNT.fullmatch(text, start, end) or text[max(0, start - 1) : start] == "+":
        return False
    beside = _BEFORE.search(text, max(0, start - 5), start) or _AFTER.match(text, end)
    return beside is not None
