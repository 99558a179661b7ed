"""Reading an address of the United States, with `usaddress`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from html import unescape
from itertools import groupby
from typing import Any

from matchers.address.abroad import COUNTRY_NAMES
from matchers.address.model import Address
from matchers.address.postcode import POSTCODE
from matchers.address.us_names import TABLES, ordinal
from matchers.address.vocabulary import fold

STATES = TABLES["state"]
_LONGEST = 1000  # characters of a text that are read: an envelope holds fewer
_ZIP = re.compile(r"(?<![0-9])(\d{5})-?(?:\d{4})?(?![0-9])")
_LAST_ZIP = re.compile(_ZIP.pattern + "[ ,.]*$")
_NOUGHT_STATES = frozenset("CT MA ME NH NJ PR RI VI VT".split())  # whose ZIP codes begin with 0
_COMMAS = re.compile(r" +[ .]*,[ ,.]*|,[ ,]*")  # with the spaces around them, and stops that stand alone
_MARKS = re.compile(r'([.()"&])')  # kept for `usaddress`, which tells "St. Louis" from "St" by them
_INITIALS = re.compile(r"[A-Z](?:\.[A-Z])+\.?")
_CROSSING = re.compile(  # "near Hudson St", "between 90th and 91st Sts", "at 6th St": not part of the address
    r"(?<=[A-Z0-9.])[ ,]+(?:BETWEEN|BTWN|BET|NEAR|AT|OFF|CORNER OF|OPPOSITE|ACROSS FROM)(?= [A-Z0-9])[^,]*"
)
_NUMBER = frozenset(("AddressNumberPrefix", "AddressNumber", "AddressNumberSuffix"))
_STREET = frozenset(
    f"StreetName{part}"
    for part in ("PreModifier", "PreDirectional", "PreType", "", "PostType", "PostDirectional")
)
_PLACE = frozenset(("PlaceName", "StateName", "ZipCode"))


def is_british(folded: str) -> bool:
    """Whether a postcode of the British form stands in a folded text; its area may be misread."""
    return POSTCODE.search(folded) is not None


def read_us(text: str, folded: str) -> Address:
    """Read an address of the United States; where `usaddress` cannot, its words stay as the street."""
    body = _CROSSING.sub("", without_country(_with_marks(text[:_LONGEST], folded), "US"))
    body = _FARM.sub("FM ", _RURAL.sub(r"RR \1 BOX \2", _STOPS_OF_STATE.sub(_unstopped, body)))
    parsed = _parser().parse(body)
    tokens = [(word, label) for token, label in parsed if (word := _word(token.strip(" ,;"), label))]
    tagged: dict[str, str] = {}
    for word, label in tokens:
        tagged[label] = f"{tagged[label]} {word}" if label in tagged else word
    number = _number("".join(word for word, label in tokens if label in _NUMBER).replace(" ", ""))
    street = _street(tokens)
    code, fragment = _zip_code(tagged, body)
    units = _units(tokens)
    unit = tagged.get("OccupancyIdentifier", "") or tagged.get("SubaddressIdentifier", "")
    name = tagged.get("Recipient", "")
    route = _route(tagged) if tagged.get("USPSBoxID") else ""
    if not street and not number and not tagged.get("USPSBoxID"):
        rest = [word for word, label in tokens if label not in _PLACE] or [word for word, _ in tokens]
        street = " ".join(word for word in rest if word != code)
    return Address(
        text=text,
        country="US",
        postcode=code,
        numbers=(number,) if number else (),
        street=route or " ".join(street.split()),
        building=tagged.get("BuildingName", ""),
        units=units,
        town=_town(parsed),
        county=_state(tagged),
        names=(name.title(),) if name else (),
        po_box=tagged.get("USPSBoxID", ""),
        sub_building=_labels(tagged, unit),
        postcode_fragment=fragment,
    )


def _number(written: str) -> str:
    """A house number: the hyphen of Queens ("77-12") is no range, and often left out."""
    low, mark, high = written.partition("-")
    if mark and low.isdecimal() and high.isdecimal() and len(low) > 1:
        return written if len(low) == len(high) and int(low) < int(high) else low + high
    return written


def _unstopped(match: re.Match[str]) -> str:
    """The two letters of a state that is written with stops; other words as they stand."""
    return STATES.get(f"{match[1]} {match[2]}") or STATES.get(f"{match[1]}{match[2]}") or match[0]


_RURAL = re.compile(
    r"\b(?:R\.? ?R\.?|RURAL (?:ROUTE|RT|RTE)|RFD|R\.? ?D\.?) ?(?:NO\.? ?|# ?)?(\d{1,3})[ ,]+"
    r"(?:BOX|BX)\.? ?#? ?(\d+[A-Z]?)(?!\w)"
)
_STOPS_OF_STATE = re.compile(r"(?<=[ ,])([A-Z])\. ?([A-Z][A-Z]*)\.?(?=[ ,\d]*$)")  # "W. Va.", "N.Y. 10099"
_FARM = re.compile(r"\b(?:FARM|RANCH)[ -]TO[ -]MARKET (?:(?:ROAD|RD)\.? )?")  # `usaddress` knows it short


def _labels(tagged: dict[str, str], unit: str) -> str:
    """The parts of a building with what each is: "BUILDING 4 APT 2"."""
    part = tagged.get("SubaddressIdentifier", "") if tagged.get("OccupancyIdentifier") else ""
    labels = [f"{tagged.get('OccupancyType', 'UNIT')} {unit}"] if unit else []
    if part and tagged.get("SubaddressType", "") in _BUILDINGS:
        labels.insert(0, f"BUILDING {part}")
    return " ".join(labels)


_BUILDINGS = frozenset("BLDG BLD BLDNG BUILDING BUILD TOWER TWR BLK BLOCK".split())


def _route(tagged: dict[str, str]) -> str:
    """The rural route or highway contract that a box is on, "RR 2" or "HC 61"; each has a box of a number."""
    words = f"{tagged.get('USPSBoxGroupType', '')} {tagged.get('USPSBoxGroupID', '')}"
    match = _GROUP.search(words)
    if match is None:
        return ""
    return f"{'HC' if words.lstrip()[:1] in ('H', 'S') else 'RR'} {match[1]}"


_GROUP = re.compile(r"(?<!\d)0*(\d{1,3})(?!\d)")


def _units(tokens: list[tuple[str, str]]) -> tuple[str, ...]:
    """The part of a building, the floor and the flat, each by itself: "4", "3RD", "12", "3B"."""
    return tuple(dict.fromkeys((*_designators(tokens, "Subaddress"), *_designators(tokens, "Occupancy"))))


def _designators(tokens: list[tuple[str, str]], kind: str) -> list[str]:
    """What stands behind words of one kind, "Occupancy" or "Subaddress", in the order written."""
    found: list[str] = []
    floor = False
    for label, group in groupby(tokens, key=lambda token: token[1]):
        words = " ".join(word for word, _ in group).replace("#", " ").split()
        if label == f"{kind}Type":
            floor = bool(words) and words[-1] in _FLOOR_WORDS
            if floor and found and _COUNT.fullmatch(found[-1]):
                found[-1] = ordinal(found[-1])
        elif label == f"{kind}Identifier" and words:
            if floor and len(words) == 1 and _COUNT.fullmatch(words[0]):
                words = [ordinal(words[0])]
            floor = False
            found.extend(_unit_words(words))
    return found


def _unit_words(words: list[str]) -> list[str]:
    """The words of a unit's designator: letters and digits that a space or hyphen parts are one, "3-B"."""
    joined: list[str] = []
    for word in (word.replace("-", "") if _LETTERED.fullmatch(word) else word for word in words):
        if word in _FLOOR_WORDS:
            continue
        if joined and joined[-1].isdecimal() and len(word) == 1 and word.isalpha():
            joined[-1] += word
        else:
            joined.append(TABLES["ordinal"].get(word, word))
    return joined


_FLOOR_WORDS = frozenset(("FL", "FLOOR", "FLR"))
_COUNT = re.compile(r"\d{1,3}(?:ST|ND|RD|TH)?")
_LETTERED = re.compile(r"\d+-[A-Z]|[A-Z]-\d+")


def _street(tokens: Iterable[tuple[str, str]]) -> str:
    """The street in the order written: suffixes written out, directions and ordinals short."""
    parts: list[str] = []
    for label, group in groupby(tokens, key=lambda token: token[1]):
        if label not in _STREET:
            continue
        words = " ".join(word for word, _ in group).split()
        if label.endswith("Directional"):
            direction = TABLES["direction"]
            whole = direction.get("".join(words))
            parts.extend([whole] if whole else (direction.get(word, word) for word in words))
        else:
            table = TABLES["suffix" if label.endswith("Type") else "ordinal"]
            parts.extend(table.get(word, word) for word in words)
    return " ".join(parts)


def _word(token: str, label: str) -> str:
    """A token in normal form: "U.S." and "N.W." without stops, other stops and brackets as spaces."""
    if _INITIALS.fullmatch(token) and label not in ("Recipient", "BuildingName"):
        return token.replace(".", "")
    return " ".join(_plain(token).split())


def _plain(words: str) -> str:
    return _MARKS.sub(" ", words.replace("&", "AND"))


def _with_marks(text: str, folded: str) -> str:
    """The folded text with the marks that folding takes out."""
    if not _MARKS.search(text):
        return folded
    pieces = _MARKS.split(unescape(text))
    return "".join(piece if _MARKS.fullmatch(piece) else fold(piece) for piece in pieces)


def _zip_code(tagged: dict[str, str], body: str) -> tuple[str, str]:
    """The ZIP code without its four-digit extension, and a code of another length as a fragment.

    Four digits in a state of the north-east are a code whose first nought a spreadsheet took off.
    """
    labelled = tagged.get("ZipCode", "")
    match = _ZIP.search(labelled) or _LAST_ZIP.search(body)
    if match is not None:
        return match.group(1), ""
    if len(labelled) == 4 and labelled.isdecimal() and _state(tagged) in _NOUGHT_STATES:
        return f"0{labelled}", ""
    return "", labelled.replace(" ", "") if any(char.isdecimal() for char in labelled) else ""


def _town(parsed: Iterable[tuple[str, str]]) -> str:
    """The town without the county behind it: "Seattle, King County"."""
    places = " ".join(token for token, label in parsed if label == "PlaceName").split(",")
    names = [name for place in places if (name := " ".join(_plain(place).split()))]
    return " ".join([name for name in names if not name.endswith(" COUNTY")] or names)


def _state(tagged: dict[str, str]) -> str:
    """The state's two letters, or what is written for it; one at the very end may be labelled a ZIP code."""
    state = tagged.get("StateName", "")
    return _state_named(state) or state or _state_named(tagged.get("ZipCode", ""))


def _state_named(name: str) -> str:
    return STATES.get(name) or STATES.get(name.replace(" ", ""), "")


def without_country(folded: str, country: str = "") -> str:
    """The address without the name of its country at the end: of `country` only, where it is given."""
    body = _COMMAS.sub(", ", folded).strip(" ,")
    words = body.split()
    for size in (4, 3, 2, 1):
        if len(words) <= size:
            continue
        code = COUNTRY_NAMES.get(" ".join(_plain(" ".join(words[-size:])).replace("-", " ").split()))
        if code and code == (country or code):
            return without_country(body[: body.rfind(words[-size])], country)
    return body


@cache
def _parser() -> Any:
    """`usaddress`, loaded at the first American address: its model takes a while to open."""
    import usaddress

    return usaddress
