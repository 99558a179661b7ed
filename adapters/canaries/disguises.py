"""A canary's contact points in disguise: every way of dialling, writing or addressing that is known here.

The tables beside this module are the only place where ways are told: the tests of the engine and the
benchmarks take them from here, so that whatever a canary may ask was asked of the engine before.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any, NamedTuple


class Pieces(tuple[str, ...]):
    """Digits or words; a format's specification stands between them: f"{Pieces('07'):-}" is "0-7"."""

    __slots__ = ()

    def __format__(self, between: str) -> str:
        return between.join(self)

    def __str__(self) -> str:
        return "".join(self)


class Disguise(NamedTuple):
    """One way of dialling or writing, with the messages before it."""

    kind: str
    template: str
    earlier: tuple[str, ...] = ()

    def apply(self, national: str) -> tuple[str, tuple[str, ...]]:
        """The text for one number (national digits, "07700900123"), and the messages sent before it."""
        forms = forms_of(national)
        return self.template.format(**forms), tuple(text.format(**forms) for text in self.earlier)


@cache
def ways_of_dialling() -> tuple[Disguise, ...]:
    """Every way of `ways_of_dialling.toml`."""
    return tuple(Disguise(kind, one) for kind, one in _templates("ways_of_dialling"))


@cache
def ways_of_writing() -> tuple[Disguise, ...]:
    """Every way of `ways_of_writing.toml`."""
    found = []
    for kind, one in _templates("ways_of_writing"):
        *earlier, last = [one] if isinstance(one, str) else one
        found.append(Disguise(kind, last, tuple(earlier)))
    return tuple(found)


class CanaryAddress(NamedTuple):
    """A house with its street, where that is."""

    street: str
    """Number and street: "14 Larkmead Street"."""
    town: str
    postcode: str


def read_address(written: str) -> CanaryAddress:
    """An address as an operator gives it: number and street, town, postcode. Raises ValueError."""
    parts = [part.strip() for part in written.split(",")]
    if len(parts) != 3 or not all(parts) or not parts[0][0].isdigit() or " " not in parts[0]:
        raise ValueError("an address is given as: number and street, town, postcode")
    return CanaryAddress(*parts)


@cache
def ways_of_addressing() -> tuple[Disguise, ...]:
    """Every way of `ways_of_addressing.toml`, for `forms_of_address`."""
    return tuple(Disguise(kind, one) for kind, one in _templates("ways_of_addressing"))


def forms_of_address(address: CanaryAddress) -> dict[str, str]:
    """Every form of an address that a template may name."""
    house, _, road = address.street.partition(" ")
    *name, kind = road.split(" ")
    short = " ".join([house, *name, SHORT.get(kind.casefold(), kind)])
    word = max(name or [kind], key=len)
    at = max(1, len(word) // 2 - 1)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :] if len(word) > at + 2 else word
    plain = {
        "street": address.street,
        "short": short,
        "misspelt": address.street.replace(word, swapped),
        "doubled": address.street.replace(word, word[: at + 1] + word[at:]),
        "town": address.town,
        "postcode": address.postcode,
        "closed": address.postcode.replace(" ", ""),
    }
    in_capitals = {f"{name}_capitals": form.upper() for name, form in plain.items()}
    return plain | in_capitals | {f"{name}_small": form.lower() for name, form in plain.items()}


SHORT = {
    "avenue": "Ave", "close": "Cl", "court": "Ct", "crescent": "Cres", "drive": "Dr", "gardens": "Gdns",
    "grove": "Gr", "lane": "Ln", "place": "Pl", "road": "Rd", "square": "Sq", "street": "St",
    "terrace": "Terr",
}  # fmt: skip
"""How a kind of street is abbreviated."""


def _templates(name: str) -> Iterator[tuple[str, Any]]:
    table = files("adapters.canaries").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return ((block["kind"], one) for block in tomllib.loads(table)["ways"] for one in block["templates"])


OH = "oh one two three four five six seven eight nine".split()
_ZERO = ["zero", *OH[1:]]
_NOUGHT = ["nought", *OH[1:]]
_NIL = ["nil", *OH[1:]]
_DIM = "dim un dau tri pedwar pump chwech saith wyth naw".split()
_SERO = ["sero", *_DIM[1:]]
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_LOOK_ALIKE = "OlZ34S6789"
_KEYCAP = "\ufe0f\u20e3"


def forms_of(national: str) -> dict[str, Pieces]:
    """Every form of a number (national digits, "07700900123") that a template may name."""
    a, b, c = national[:5], national[5:8], national[8:]
    up = "".join(str((int(d) + 1) % 10) for d in national)
    down = "".join(str((int(d) - 1) % 10) for d in national)
    back = national[::-1]
    look_alike = _as(national, _LOOK_ALIKE)
    doubled = list(_repeats(national, OH, "double", "treble"))
    forms = {
        "national": national, "d": national, "significant": national[1:], "a": a, "b": b, "c": c,
        "area": a[1:], "after_two": national[2:], "up": up, "down": down, "reversed": back,
        "reversed_a": back[:5], "reversed_b": back[5:8], "reversed_c": back[8:],
        "up_a": up[:5], "up_b": up[5:8], "up_c": up[8:],
        "full_width": _as(national, "０１２３４５６７８９"), "arabic": _as(national, "٠١٢٣٤٥٦٧٨٩"),
        "devanagari": _as(national, "०१२३४५६७८९"), "bold": _as(national, "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"),
        "circled": _as(national, "⓪①②③④⑤⑥⑦⑧⑨"), "superscript": _as(national, "⁰¹²³⁴⁵⁶⁷⁸⁹"),
        "keycaps": [d + _KEYCAP for d in national],
        "oh_letters": national.replace("0", "O"), "look_alike": look_alike,
        "look_alike_a": look_alike[:5], "look_alike_b": look_alike[5:8], "look_alike_c": look_alike[8:],
        "pairs": [national[n : n + 2] for n in range(0, len(national), 2)],
        "oh": _as(national, OH), "zero": _as(national, _ZERO), "nought": _as(national, _NOUGHT),
        "nil": _as(national, _NIL), "shouted": [w.upper() for w in _as(national, OH)],
        "oh_capitals": [w.capitalize() for w in _as(national, OH)],
        "significant_words": _as(national[1:], OH), "oh_a": _as(a, OH), "b_words": _as(b, OH),
        "rest_words": _as(b + c, OH), "reversed_words": _as(back, OH),
        "doubled": doubled, "doubled_joined": [piece.replace(" ", "") for piece in doubled],
        "tens": _by_twos(national),
        "welsh": _as(national, _DIM), "sero": _as(national, _SERO),
        "welsh_doubled": list(_repeats(national, _DIM, "dwbl", "trebl")),
        "welsh_and_english": _by_turns(_as(national, _DIM), _as(national, OH)),
        "mixed": _by_turns(_as(national, OH), list(national)),
    }  # fmt: skip
    return {name: Pieces(form) for name, form in forms.items()}


def _as(digits: str, signs: str | list[str]) -> list[str]:
    return [signs[int(digit)] for digit in digits]


def _by_turns(one: list[str], other: list[str]) -> list[str]:
    return [(one, other)[n % 2][n] for n in range(len(one))]


def _repeats(digits: str, words: list[str], twice: str, thrice: str) -> Iterator[str]:
    for digit, run in groupby(digits):
        left = len(list(run))
        word = words[int(digit)]
        while left:
            taken = 3 if left in (3, 5) or left > 5 else min(left, 2)
            yield word if taken == 1 else f"{twice if taken == 2 else thrice} {word}"
            left -= taken


def _by_twos(digits: str) -> list[str]:
    """Pairs as people say them; "fifty" before "two" would be 52, so that a round ten there is "five oh"."""
    said: list[str] = []
    for n in range((len(digits) - 1) // 2 * 2, -1, -2):
        pair = digits[n : n + 2]
        ten, unit = int(pair[0]), int(pair[-1])
        before_a_unit = bool(said) and said[-1].split()[0] in OH[1:]
        if len(pair) == 1 or ten == 0 or (unit == 0 and ten > 1 and before_a_unit):
            said.append(" ".join(_as(pair, OH)))
        elif ten == 1:
            said.append(_TEENS[unit])
        else:
            said.append(TENS[ten - 2] + (f" {OH[unit]}" if unit else ""))
    return said[::-1]
