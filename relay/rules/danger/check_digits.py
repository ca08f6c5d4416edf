"""Check digits of the numbers that states and banks give to people.

Each function takes the ASCII digits (and letters) of a number without what parts them, of the right
length, and says whether its check digit is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final


def _sum(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, Annex B: bank cards."""
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    plain = sum(map(int, digits[-1::-2]))
    return (plain + sum(one // 10 + one % 10 for one in doubled)) % 10 == 0


def iban(signs: str) -> bool:
    """ISO 13616: the remainder by 97 is 1."""
    turned = signs[4:] + signs[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def iran(digits: str) -> bool:
    """The ten digits of Iran's national code: weights 10 to 2, by 11."""
    if len(set(digits)) == 1:
        return False
    left = _sum(digits, range(10, 1, -1)) % 11
    return int(digits[9]) == (left if left < 2 else 11 - left)


def turkey(digits: str) -> bool:
    """The eleven digits of Turkey's identity number: two check digits."""
    numbers = list(map(int, digits))
    tenth = (sum(numbers[0:9:2]) * 7 - sum(numbers[1:8:2])) % 10
    return numbers[0] != 0 and numbers[9] == tenth and numbers[10] == sum(numbers[:10]) % 10


def russia_insurance(digits: str) -> bool:
    """The eleven digits of Russia's SNILS: weights 9 to 1, by 101."""
    left = _sum(digits, range(9, 0, -1)) % 101 % 100
    return digits[:9] > "001001998" and int(digits[9:]) == left


_TAX: Final = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)


def russia_tax(digits: str) -> bool:
    """The twelve digits of a Russian person's INN: two check digits."""
    first = _sum(digits, _TAX[1:]) % 11 % 10
    second = _sum(digits, _TAX) % 11 % 10
    return int(digits[10]) == first and int(digits[11]) == second


def ukraine(digits: str) -> bool:
    """The ten digits of Ukraine's tax number."""
    left = _sum(digits, (-1, 5, 7, 9, 4, 6, 10, 5, 7)) % 11 % 10
    return len(set(digits)) > 1 and int(digits[9]) == left


def kazakhstan(digits: str) -> bool:
    """The twelve digits of Kazakhstan's IIN: begins with a day of birth; by 11, twice if need."""
    if not _is_day(digits[2:4], digits[4:6]) or digits[6] not in "123456":
        return False
    left = _sum(digits, range(1, 12)) % 11
    if left == 10:
        left = _sum(digits, (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)) % 11
    return int(digits[11]) == left


_CHINA: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def china(signs: str) -> bool:
    """The eighteen signs of China's resident number (GB 11643-1999), the last perhaps an X."""
    year, right = signs[6:10], "10X98765432"[_sum(signs, _CHINA) % 11]
    dated = "1900" <= year < "2100" and _is_day(signs[10:12], signs[12:14])
    return dated and signs[17].upper() == right


def egypt(digits: str) -> bool:
    """The fourteen digits of Egypt's national number: century, day of birth, governorate. How its
    last digit is made is not public."""
    return digits[0] in "23" and _is_day(digits[3:5], digits[5:7]) and digits[7:9] in _GOVERNORATES


_GOVERNORATES: Final = frozenset(
    f"{number:02}" for number in (*range(1, 5), *range(11, 20), *range(21, 30), *range(31, 36), 88)
)


def france(digits: str) -> bool:
    """The fifteen digits of France's NIR: sex, year and month of birth; the key is 97 minus the
    rest by 97 (Corsica's letters are not looked at)."""
    month = int(digits[3:5])
    dated = digits[0] in "12" and (1 <= month <= 12 or 20 <= month <= 42 or month >= 50)
    return dated and int(digits[13:]) == 97 - int(digits[:13]) % 97


_SPAIN: Final = "TRWAGMYFPDXBNJZSQVHLCKE"


def spain(signs: str) -> bool:
    """Spain's DNI (eight digits, a letter) and NIE (X, Y or Z, seven digits, a letter)."""
    number = signs[:-1].upper().translate(str.maketrans("XYZ", "012"))
    return _SPAIN[int(number) % 23] == signs[-1].upper()


def belarus(signs: str) -> bool:
    """The fourteen signs of Belarus's identification number: weights 7, 3, 1."""
    values = (int(sign, 36) for sign in signs[:13])
    return sum(value * (7, 3, 1)[at % 3] for at, value in enumerate(values)) % 10 == int(signs[13])


def _is_day(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31
