"""Words for numbers, so that "three" and "3" are one. No speaker of these languages has checked
them; one that is missing is a word like others, which never equals another number either."""

from __future__ import annotations

from typing import Final

from relay.rules.alike.folding import folded

_UNITS: Final = """
1 یەک one un une uno bir yek yak jeden один одна одно адзін یک واحد واحده eins eine
2 دوو двоє дві two dos deux iki два две двое дзве دو اثنان اثنین اثنتان zwei dois
3 سێ троє три three tres trois üç три трое тры سه ثلاث ثلاثه drei
4 چوار четверо чотири four cuatro quatre dört четыре четверо чатыры چهار أربع أربعة vier quatro
5 پێنج пятеро пять five cinco cinq beş пять пятеро пяць پنج خمس خمسة fünf
6 شەش шестеро шість six seis altı шесть шестеро шэсць شش شیش ست ستة sechs
7 حەوت семеро сім seven siete sept yedi семь семеро сем هفت سبع سبعة sieben sete
8 هەشت вісім eight ocho huit sekiz восемь восем هشت ثمان ثمانية acht oito
9 نۆ девять nine nueve neuf dokuz девять дзевяць نه تسع تسعة neun nove
"""
_OTHERS: Final = """
10 ten diez dix десять дзесяць ده عشر عشرة zehn dez
11 eleven once onze одиннадцать یازده elf
12 twelve doce douze двенадцать دوازده zwölf
13 thirteen trece treize тринадцать سیزده dreizehn
14 fourteen catorce quatorze четырнадцать چهارده vierzehn
15 fifteen quince quinze пятнадцать پانزده پونزده fünfzehn
16 sixteen dieciséis seize шестнадцать شانزده sechzehn
17 seventeen diecisiete семнадцать هفده siebzehn
18 eighteen dieciocho восемнадцать هجده هیجده achtzehn
19 nineteen diecinueve девятнадцать نوزده neunzehn
100 hundred ciento cent сто صد مائة مئة hundert
1000 thousand mil mille тысяча тысячи тысяч тыс هزار ألف آلاف bin tausend
200 دویست مائتان مئتان مائتین مئتین двести
300 سیصد триста
400 چهارصد четыреста
500 پانصد پونصد пятьсот
1000000 million millions millón millones milyon миллион миллиона миллионов млн میلیون مليون ملايين
1000000000 billion milliard milliards milyar миллиард миллиардов млрд میلیارد مليار
1 တစ်
2 နှစ်
3 သုံး
4 လေး
5 ငါး
6 ခြောက်
8 ရှစ်
9 ကိုး
100 ရာ
1000 ထောင်
10000 သောင်း
100000 သိန်း
"""
_TENS: Final = """
10 on ဆယ် ဆယ့်
20 двадцять twenty veinte vingt yirmi двадцать بیست عشرون عشرین zwanzig
30 тридцять thirty treinta trente otuz тридцать سی ثلاثون ثلاثین dreißig
40 forty cuarenta quarante kırk сорок چهل أربعون أربعین vierzig
50 fifty cincuenta cinquante elli пятьдесят پنجاه خمسون خمسین fünfzig
60 sixty sesenta soixante altmış шестьдесят شصت ستون ستین sechzig
70 seventy setenta yetmiş семьдесят هفتاد سبعون سبعین siebzig
80 eighty ochenta seksen восемьдесят هشتاد ثمانون ثمانین achtzig
90 ninety noventa doksan девяносто نود تسعون تسعین neunzig
"""
_AMBIGUOUS: Final = frozenset(map(folded, ("on", "once", "bin", "elf", "sept", "mil", "cent")))
"""Other words in other languages: these stay words."""

_AND: Final = frozenset(("و", "and", "y", "et", "und"))


def _read(lines: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in lines.strip().splitlines():
        number, *words = line.split()
        found |= {folded(word): int(number) for word in words}
    return {word: number for word, number in found.items() if word not in _AMBIGUOUS}


UNITS: Final = _read(_UNITS)
TENS: Final = _read(_TENS)
WORDS: Final = {**_read(_OTHERS), **UNITS, **TENS}
"""Each word to its number."""

_HAN: Final = {"零": 0, "两": 2, "兩": 2} | {
    sign: n for n, sign in enumerate("〇一二三四五六七八九")
}
_HAN_TENS: Final = {"十": 10, "百": 100, "千": 1000}
HAN: Final = frozenset((*_HAN, *_HAN_TENS, "万", "萬"))
"""The signs that Chinese numbers are written with."""


def of_han(signs: str) -> int:
    """The number that Chinese signs say ("三十五" is 35)."""
    if not any(sign in _HAN_TENS or sign in "万萬" for sign in signs):
        return int("".join(str(_HAN[sign]) for sign in signs))
    total = part = digit = 0
    for sign in signs:
        if sign in _HAN:
            digit = _HAN[sign]
        elif sign in _HAN_TENS:
            part += (digit or 1) * _HAN_TENS[sign]
            digit = 0
        else:
            total += (part + digit or 1) * 10_000
            part = digit = 0
    return total + part + digit


def with_digits(words: list[str]) -> list[str]:
    """The words, those for numbers as digits, tens and what is added to them as one
    ("twenty-three", "بیست و سه")."""
    if WORDS.keys().isdisjoint(words):
        return words
    made: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        ten = TENS.get(word)
        if ten is not None:
            skip = 1 if words[at : at + 1] and words[at] in _AND else 0
            unit = UNITS.get(words[at + skip]) if at + skip < len(words) else None
            if unit is not None:
                made.append(str(ten + unit))
                at += skip + 1
                continue
        number = WORDS.get(word)
        made.append(word if number is None else str(number))
    return made
