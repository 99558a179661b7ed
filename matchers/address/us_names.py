"""American streets and towns by any of their names: roads by number, directions, ordinals, short names."""

from __future__ import annotations

import re
from functools import lru_cache

from matchers.address.names import Likeness, Why, likeness
from matchers.address.vocabulary import rows

TABLES: dict[str, dict[str, str]] = {}
"""Words of American addresses by their kind, with their normal form."""
for _kind, _form, _full in rows("us_words"):
    TABLES.setdefault(_kind, {})[_form] = _full

_WAYS = frozenset(TABLES["direction"].values())
_SUFFIXES = frozenset(TABLES["suffix"].values())
_ROUTE = r"(?: ?(?:ROUTE|RTE|RT|ROAD|RD|HIGHWAY|HWY|TRUNK HIGHWAY))"
_STATE = "|".join(sorted(TABLES["state"], key=lambda name: (-len(name), name)))
_ROADS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"(?<![\w-])(?:{pattern})[ -]*(?:NO |# ?)?(?=\d{more})"), name)
    for pattern, name, more in (
        (rf"(?:COUNTY|CO|CTY|CNTY|CNT){_ROUTE}|C ?R|CTH", "COUNTY ROAD", r"|[A-Z]{1,3}(?: [NSEW]{1,2})?$"),
        (rf"(?:U ?S|UNITED STATES)(?:[ -]{_ROUTE})?", "US HIGHWAY", ""),
        (rf"(?:I|I ?H|INTERSTATE){_ROUTE}?", "INTERSTATE", ""),
        (rf"F ?M{_ROUTE}?|FARM TO MARKET{_ROUTE}?", "FM", ""),
        (rf"(?:STATE|ST){_ROUTE}|S ?R|S ?H|STH|(?:{_STATE})(?:[ -]{_ROUTE})?", "STATE ROUTE", ""),
    )
)
_NUMBERED = re.compile(
    r"(?<!\w)(COUNTY ROAD|US HIGHWAY|INTERSTATE|FM|STATE ROUTE|HIGHWAY|ROUTE) (\d+\w?|[A-Z]{1,3}$)"
)
_ANY_ROAD = ("HIGHWAY", "ROUTE")  # of a county, a state or the nation: not said
_TENS = {
    word: 10 * number
    for number, word in enumerate("TWENTY THIRTY FORTY FIFTY SIXTY SEVENTY EIGHTY NINETY".split(), 2)
}
_ONES = {form: int(full.rstrip("STNDRH")) for form, full in TABLES["ordinal"].items()}
_WHOLE = {f"{word[:-1]}IETH": number for word, number in _TENS.items()} | {
    f"{word}TH": number
    for number, word in enumerate("THIRTEEN FOURTEEN FIFTEEN SIXTEEN SEVENTEEN EIGHTEEN NINETEEN".split(), 13)
}
_SPELT = re.compile(
    rf"(?<!\w)(?:({'|'.join(_TENS)})[ -]?({'|'.join(_ONES)})|({'|'.join([*_WHOLE, *_ONES])}))(?!\w)"
)
_BARE = re.compile(rf"^((?:[NSEW]{{1,2}} )?)(\d{{1,3}}) (?=(?:{'|'.join(sorted(_SUFFIXES))})(?!\w))")
_KING = re.compile(
    r"(?<!\w)(?:(?:DR|DOCTOR|REV) )?(?:MLK|M L KING|MARTIN LUTHER KING|MARTIN L KING)(?: (?:JR|JUNIOR))?"
)
_TOWN_WORDS = {"ST": "SAINT", "STE": "SAINTE", "FT": "FORT", "MT": "MOUNT"} | {
    short: form for form, short in TABLES["direction"].items() if form != short
}


def is_route(street: str) -> bool:
    """Whether a box's street is a rural route or a highway contract: "RR 2", "HC 61"."""
    return _RURAL.fullmatch(street) is not None


_RURAL = re.compile(r"(?:RR|HC) \d+")


def ordinal(number: str) -> str:
    """A number as an ordinal: "3" and "3RD" are "3RD"."""
    digits = number.rstrip("STNDRH")
    last = "TH" if digits[-2:-1] == "1" else {"1": "ST", "2": "ND", "3": "RD"}.get(digits[-1:], "TH")
    return f"{digits}{last}"


@lru_cache(maxsize=4096)
def own_street(street: str) -> str:
    """A street's name in the form it is compared and looked up by, roads by number in one spelling.

    "CR 12" is COUNTY ROAD 12, "OH-9" STATE ROUTE 9, "US-41" US HIGHWAY 41, "I-35" INTERSTATE 35;
    "THIRTY-FIFTH AVENUE" and "35 AVENUE" are 35TH AVENUE.
    """
    name = _KING.sub("MARTIN LUTHER KING", street)
    name = TABLES["street"].get(name, name)
    name = _BARE.sub(lambda match: f"{match[1]}{ordinal(match[2])} ", _SPELT.sub(_counted, name))
    for pattern, road in _ROADS:
        found = pattern.sub(f"{road} ", name, count=1)
        if found != name:
            return " ".join(found.split())
    return name


def _counted(match: re.Match[str]) -> str:
    if match[3]:
        return ordinal(str(_WHOLE.get(match[3]) or _ONES[match[3]]))
    return ordinal(str(_TENS[match[1]] + _ONES[match[2]]))


@lru_cache(maxsize=4096)
def own_town(town: str) -> str:
    """A town's name in the form it is compared and looked up by: NYC is NEW YORK, ST LOUIS SAINT LOUIS."""
    name = TABLES["city"].get(town, town)
    first, _, rest = name.partition(" ")
    return f"{_TOWN_WORDS.get(first, first)} {rest}" if rest else name


def street_likeness(one: str, other: str) -> tuple[Likeness, Why]:
    """How alike two street names are:

    directions on one side only do not tell them apart, two that differ do; roads are told by their number.
    """
    one, other = own_street(one), own_street(other)
    found = likeness(one, other)
    if one == other:
        return found
    words, others = one.split(), other.split()
    ways = {word for word in words if word in _WAYS}, {word for word in others if word in _WAYS}
    if ways[0] == ways[1] and found[0] == "same":
        return found
    if not (ways[0] <= ways[1] or ways[1] <= ways[0]):
        return "different", Why.DIRECTIONS
    bare = " ".join(word for word in words if word not in _WAYS)
    bare_other = " ".join(word for word in others if word not in _WAYS)
    if not bare or not bare_other:
        return found
    if any(char.isdecimal() for char in bare + bare_other) and bare != bare_other:
        return _numbered_likeness(bare, bare_other)
    found = likeness(bare, bare_other)
    if found[0] == "same" and ways[0] != ways[1]:
        return "similar", Why.DIRECTION_ONCE
    if found[0] == "partial" and _without_type(bare, bare_other):
        return "similar", Why.STREET_TYPE_ONCE
    return found


def _numbered_likeness(one: str, other: str) -> tuple[Likeness, Why]:
    """How alike two names are of which one at least has a number, and which are not equal."""
    road, other_road = _NUMBERED.search(one), _NUMBERED.search(other)
    if road is not None and other_road is not None and road[2] == other_road[2]:
        if road[1] == other_road[1] or road[1] in _ANY_ROAD or other_road[1] in _ANY_ROAD:
            return "similar", Why.ROAD_IN_OTHER_WORDS
        return "partial", Why.OTHER_ROAD
    numbers = [word for word in one.split() + other.split() if word[0].isdecimal()]
    if len(set(numbers)) > 1 or len(numbers) == 1:
        return "different", Why.OTHER_NUMBER
    return likeness(one, other)


def _without_type(one: str, other: str) -> bool:
    """Whether one name is the other without the type of street behind it: "MAPLE RIDGE"."""
    shorter, longer = sorted((one, other), key=len)
    return longer.startswith(f"{shorter} ") and longer[len(shorter) + 1 :] in _SUFFIXES
