"""Reading an address abroad, outside the United States: in any order and language, on lines or in one.

`signs` says for which countries a text has a sign; a sign is evidence, and excludes no other reading.
Countries that write addresses as the British do (Ireland, Australia ...) are read as British ones, without
their postcode and region. All others are read by the words that name the parts (`abroad_parts`), with the
street in the order of its language (`abroad_street`).
"""

from __future__ import annotations

import re

from matchers.address.abroad import (
    CITIES,
    LETTER_COUNTRIES,
    POSTCODES,
    PREFIXED,
    REGIONS,
    WORDS,
    abroad_fold,
    country_named,
    parts_of,
    spelt,
)
from matchers.address.abroad_british import read_as_british, region
from matchers.address.abroad_parts import (
    BOX,
    alternatives,
    as_units,
    designator,
    labelled,
    pieces,
    take_house,
    take_roads,
    take_units,
    written_out,
)
from matchers.address.abroad_signs import SHAPES, likeliest, signs
from matchers.address.abroad_street import find_street, house_number, is_number
from matchers.address.model import Address
from matchers.address.vocabulary import FLAGS, STRONG

__all__ = ["read_other", "signs"]

_LONGEST = 1000  # characters of a text that are read: an envelope holds fewer
_AS_BRITISH = frozenset("IE AU NZ CA ZA MT GI".split())
_BY_HOUSE = frozenset("IN PK BD LK NP NG GH KE UG TZ ZM ZW SL GM AE QA SA KW MY SG HK VN JM TT BB GY".split())


def read_other(text: str, folded: str) -> Address:
    """Read an address of another country, with the country where a sign tells it, "" otherwise."""
    body = abroad_fold(text, folded)[:_LONGEST]
    named, segments = country_named(parts_of(body))
    country = named if named not in ("GB", "US") else ""
    country = country or likeliest(body)
    if country in _AS_BRITISH:
        return read_as_british(text, segments, country)
    return _read_abroad(text, segments, country)


def _read_abroad(text: str, segments: list[str], country: str) -> Address:
    """Read an address by the words that name its parts, in any order of street and number."""
    lines = [_lettered(spelt(written_out(line, country).replace("#", " NO ")), country) for line in segments]
    box, lines = _box(lines)
    code, town, lines = _postcode(lines, country)
    county, lines = region(lines, country)
    if town in REGIONS:
        county, town = REGIONS[town][0], ""
    found = _Found()
    for line in lines:
        found.take(line, by_house=country in _BY_HOUSE)
    found.settle()
    street = find_street(found.parts, country, housed=bool(found.numbers))
    named = bool(street.name)
    bare = not named and not found.numbers
    head = found.head if not named else len(street.before)
    places = [*street.before[head:], *street.behind] if bare or found.at is not None else list(street.behind)
    if bare and found.at is None:
        head = 1 if "\n" in text and len(street.before) > 1 else 0
        places = [*street.before[head:], *street.behind]
    names, buildings = _before(street.before[:head])
    name = street.name
    if found.roads and not street.number:
        places = [*([name] if name else []), *places]
        name = found.roads[0]
    if not town:
        town, places = _town(places)
    places = [_own_town(place) for place in places]
    if places and not (name or street.number or found.numbers or buildings or found.village or box):
        buildings = [places.pop(0)]  # "FLAT 3, BLOCK 12, TANSY ESTATE", and a hamlet
    if found.areas and (not name or found.roads):
        name = " ".join(filter(None, (name, *found.areas)))
    elif found.areas:
        places = [*found.areas, *places]
    if places and name and any(name.startswith(one) for one in (*found.roads, *found.areas)):
        name = f"{name} {places[0]}"  # a road by number is told by its quarter
    if buildings and not found.units and not street.units:
        found.door_of_block()
    units = tuple(dict.fromkeys((*street.units, *as_units(found.units))))
    return Address(
        text=text,
        country=country,
        postcode=code,
        numbers=tuple(found.numbers[:1]) or ((street.number,) if street.number else ()),
        street=name,
        building=found.village or " ".join(buildings[:1]),
        units=units,
        town=_own_town(town),
        locality=" ".join(dict.fromkeys(places)),
        county=county,
        names=tuple(line.title() for line in names),
        po_box=box,
        sub_building=" ".join(filter(None, (*street.units, labelled(found.units)))),
    )


class _Found:
    """The parts of an address that words name, as they are taken out of its lines; and what is left."""

    def __init__(self) -> None:
        self.numbers: list[str] = []
        self.units: list[tuple[str, str]] = []
        self.roads: list[str] = []
        self.areas: list[str] = []
        self.parts: list[str] = []
        self.village = ""
        self.at: int | None = None  # how many parts stood before the first that a word names

    @property
    def head(self) -> int:
        """How many parts stand before the address itself: an addressee's name."""
        return self.at or 0

    def take(self, line: str, *, by_house: bool) -> None:
        """Take what words name out of a line, house numbers and numbered roads where `by_house`."""
        before = len(self.units) + len(self.numbers) + len(self.roads) + len(self.areas)
        if by_house:
            line = self._house(line)
        units, line = take_units(line)
        self.units += units
        left = pieces([line])
        if by_house and not self.numbers and (named := [one for one in left if _LETTERED.fullmatch(one)]):
            self.numbers.append(designator(named[0]))  # "D-12"
            left.remove(named[0])
        after = len(self.units) + len(self.numbers) + len(self.roads) + len(self.areas)
        if self.at is None and (after > before or self.village):
            self.at = len(self.parts)
        self.parts += left

    def settle(self) -> None:
        """Take a number between commas for the house's, where its road is one by number: "45, 5th Cross";

        for a flat's beside a wing of a block of flats: "403, A Wing, Larkmead Towers".
        """
        bare = [place for place, part in enumerate(self.parts) if is_number(part)]
        winged = len(self.units) == 1 and self.units[0][0] == "block" and self.units[0][1].isalpha()
        named = any(not WORDS["building"].keys().isdisjoint(part.split()) for part in self.parts)
        if winged and named and bare and not self.numbers:
            self.units.append(("door", self.parts.pop(bare[0])))
            self.at = min(bare[0], self.at or 0)
            return
        if self.roads and not self.numbers and bare:
            number, units = house_number(self.parts.pop(bare[0]))
            self.numbers.append(number)
            self.units += [("door", one) for one in units]
            self.at = min(bare[0], self.at or 0)

    def door_of_block(self) -> None:
        """Take a lettered number for a flat, where a block of flats is named: "A-403, Larkmead Towers"."""
        if self.numbers and _WING_AND_FLAT.fullmatch(self.numbers[0]):
            self.units.append(("door", self.numbers.pop(0)))

    def _house(self, line: str) -> str:
        numbers, within, line = take_house(line)
        roads, areas, line = take_roads(line)
        self.numbers += numbers
        self.units += [("door", one) for one in within]
        self.roads += roads
        self.areas += areas
        line = _NEAR.sub(",", line)
        named = _VILLAGE.match(line)
        if named is not None and not self.village:
            self.village = named[1].strip()
            return ""
        return _DISTRICT.sub("", line)


_INITIALS = re.compile(r"(?<!\w)[A-Z](?: [A-Z])+(?![\w/])")
_LETTERED = re.compile(r"(?!N[OR])[A-Z]{1,2}[- ]?\d{1,4}[A-Z]?")
_WING_AND_FLAT = re.compile(r"[A-Z]\d{1,4}")
_NEAR = re.compile(rf"(?<![\w/])(?:{alternatives('near')}) .*$")
_VILLAGE = re.compile(rf"(?:{alternatives('village')}) (.+)$")
_DISTRICT = re.compile(rf"^(?:{alternatives('district', 'parish')}) (?=[A-Z])|(?<= )P ?O$")


_DIGIT = re.compile(r"\d")
_CEDEX = re.compile(r" CEDEX(?: \d{1,2})?(?!\w)")


def _lettered(line: str, country: str) -> str:
    """A line with its initials as one word, "MG ROAD"; but for a letter in front that is a type of street."""
    line = _CEDEX.sub("", " ".join(line.split()))
    typed = country in LETTER_COUNTRIES.get(line[:1], ()) and line[1:2] == " "
    return line[:2] + _INITIALS.sub(_glued, line[2:]) if typed else _INITIALS.sub(_glued, line)


def _glued(match: re.Match[str]) -> str:
    return match[0].replace(" ", "")


def _box(lines: list[str]) -> tuple[str, list[str]]:
    """The number of a post office box, and the lines without it."""
    for place, line in enumerate(lines):
        match = BOX.search(line)
        if match is not None:
            rest = [line[: match.start()].strip(), line[match.end() :].strip()]
            return match[1].replace(" ", ""), [*lines[:place], *filter(None, rest), *lines[place + 1 :]]
    return "", lines


def _postcode(lines: list[str], country: str) -> tuple[str, str, list[str]]:
    """The postcode, the town beside it, and the lines without either."""
    shape = POSTCODES.get(country)
    shapes = (
        [(shape.pattern, shape.before)]
        if shape is not None
        else [(pattern, before) for pattern, before, _ in SHAPES]
    )
    for pattern, before in shapes:
        for place in range(len(lines) - 1, -1, -1):
            line = PREFIXED.sub("", lines[place])
            every = list(pattern.finditer(line))
            if not every:
                continue
            match = every[-1]
            front, rest = line[: match.start()].strip(" -"), line[match.end() :].strip(" -")
            found = _beside(front, rest, lines, place, before=before, short=len(match[0]) < 5)
            if found is not None:
                code = match[0].replace(" ", "")
                return (f"{code[:4]} {code[4:]}" if code[4:].isalpha() else code), *found
    return "", "", lines


def _beside(
    front: str, rest: str, lines: list[str], place: int, *, before: bool, short: bool
) -> tuple[str, list[str]] | None:
    """The town beside a postcode and the lines without both; None where the number is no postcode."""
    above, below = lines[:place], lines[place + 1 :]
    plain = [
        words for words in (front, rest) if words and (not _DIGIT.search(words) or _own_town(words) in _TOWNS)
    ]
    if rest and before and rest in plain:
        words = rest.split()
        if words[0] in WORDS["lead"] and len(words) > 1 and not front:
            return None  # "12345 RUE": a house number
        if not front and FLAGS.get(words[-1], 0) & STRONG:
            return None
        return rest, [*above, *filter(None, [front]), *below]
    if short and not plain:
        return None
    if front and front in plain and not before:
        words = front.split()
        return front, [*above, *filter(None, [rest]), *below]
    if not front and not rest:
        if before and below:
            return below[0], [*above, *below[1:]]
        named = len(above) > 1 and (not _DIGIT.search(above[-1]) or _own_town(above[-1]) in _TOWNS)
        return (above[-1], [*above[:-1], *below]) if named else ("", [*above, *below])  # no street for a town
    if plain:
        town = rest if rest in plain else front
        return town, [*above, *filter(None, [front if town is rest else rest]), *below]
    return "", [*above, *filter(None, [front, rest]), *below]


def _before(lines: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The people and the buildings in front of a street."""
    names: list[str] = []
    buildings: list[str] = []
    for line in lines:
        words = line.split()
        held = [word for word in words if word not in WORDS["building"]]
        if len(held) < len(words) and held:
            buildings.append(" ".join(word for word in held if word not in WORDS["small"]) or line)
        else:
            names.append(line)
    return names, buildings


def _town(places: list[str]) -> tuple[str, list[str]]:
    """The town, a known one or the last of the places, and the places without it."""
    for at in range(len(places) - 1, -1, -1):
        if _own_town(places[at]) in _TOWNS:
            return places[at], places[:at] + places[at + 1 :]
        words = places[at].split()
        for size in (3, 2, 1):
            if len(words) > size and (town := _own_town(" ".join(words[-size:]))) in _TOWNS:
                return town, [*places[:at], " ".join(words[:-size]), *places[at + 1 :]]
    return (places[-1], places[:-1]) if places else ("", [])


_TOWNS = frozenset(name for name, _ in CITIES.values())
_TOWN_TAIL = re.compile(r"(?: \d{1,2}(?:E|EME|ER)?| [A-Z]{2}| PO)$")


def _own_town(town: str) -> str:
    """A town as compared: its own name, without a quarter's number or a province's letters."""
    if town in CITIES:
        return CITIES[town][0]
    bare = _TOWN_TAIL.sub("", town)
    return CITIES[bare][0] if bare in CITIES else bare
