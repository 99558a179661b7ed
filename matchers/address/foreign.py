"""Reading an address abroad, outside the United States: in any order and language, on lines or in one.

`signs` says for which countries a text has a sign; a sign is evidence, and excludes no other reading.
Countries that write addresses as the British do (Ireland, Australia ...) are read as British ones, without
their postcode and region. All others are read by the words that name the parts (`abroad_parts`), with the
street in the order of its language (`abroad_street`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import msgspec

from matchers.address.abroad import (
    CITIES,
    COUNTRY_NAMES,
    POSTCODES,
    PREFIXED,
    PREFIXES,
    REGIONS,
    SIGN_WORDS,
    SUFFIX_COUNTRIES,
    WORDS,
    abroad_fold,
    country_named,
    eircode,
    spelt,
)
from matchers.address.abroad_parts import (
    BOX,
    alternatives,
    as_units,
    pieces,
    take_house,
    take_roads,
    take_units,
)
from matchers.address.abroad_street import find_street
from matchers.address.model import Address
from matchers.address.uk import read_uk
from matchers.address.us import STATES

_LONGEST = 1000  # characters of a text that are read: an envelope holds fewer
_AS_BRITISH = frozenset("IE AU NZ CA ZA MT GI".split())
_BY_HOUSE = frozenset("IN PK BD LK NP NG GH KE UG TZ ZM ZW SL GM AE QA SA KW MY SG HK VN JM TT BB GY".split())
_SUFFIX = re.compile(rf"(?:{'|'.join(form for form in SUFFIX_COUNTRIES if len(form) > 3)})(?![A-Z])")
_CODE = re.compile(
    r"\d{4}|\d{2}[ -]\d{3}(?!\d)|\d{3} \d{2}(?!\d)|[A-Z]\d[0-9W][ -]{0,2}[0-9A-Z]{4}(?![A-Z0-9])"
)
_LAST_WORDS = frozenset(
    name.split()[-1]
    for table in (
        [name for name, code in COUNTRY_NAMES.items() if code != "GB"],
        CITIES,
        REGIONS,
        STATES,
    )
    for name in table
)
# The quick look; "Ms" is a title, and York, Hampshire and Jersey are ours unless they are new.
_NEW = frozenset(("YORK", "HAMPSHIRE", "JERSEY"))
_SIGNS = frozenset(word for word in _LAST_WORDS if len(word) > 1 and word != "MS") - _NEW | frozenset(
    SIGN_WORDS
)


def signs(folded: str) -> tuple[str, ...]:
    """The countries but the United Kingdom for which a folded text has a sign, the likeliest first.

    A country's name in any language, a postcode with its town, an Eircode, words of streets, a large town, a
    region; "US" for the name of a state or its two letters at the end of a line, with or without a ZIP code.
    """
    body = folded[:_LONGEST]
    words = body.replace(",", " ").replace("-", " ").split()
    if (
        _CODE.search(body) is None
        and _SIGNS.isdisjoint(words)
        and ("NEW" not in words or _NEW.isdisjoint(words))
        and _SUFFIX.search(body) is None
    ):
        return ()
    return tuple(code for code, _ in _evidence(body).most_common())


def read_other(text: str, folded: str) -> Address:
    """Read an address of another country, with the country where a sign tells it, "" otherwise."""
    body = abroad_fold(text, folded)[:_LONGEST]
    named, segments = country_named(_segments(body))
    country = named if named not in ("GB", "US") else ""
    country = country or _likeliest(body)
    if country in _AS_BRITISH:
        return _read_as_british(text, segments, country)
    return _read_abroad(text, segments, country)


def _segments(body: str) -> list[str]:
    return [part for part in (" ".join(segment.split()) for segment in body.split(",")) if part]


def _likeliest(body: str) -> str:
    """The country that most signs are for; "" where none or two are."""
    found = _evidence(body)
    found.pop("US", None)
    best = found.most_common(2)
    if not best or best[0][1] < 2 or (len(best) > 1 and best[0][1] == best[1][1]):
        return ""
    return best[0][0]


def _evidence(body: str) -> Counter[str]:
    """The countries for which a text has a sign, with how much each sign weighs."""
    found: Counter[str] = Counter()
    named, segments = country_named(_segments(body))
    if named not in ("", "GB"):
        found[named] += 10
    if eircode(body)[0]:
        found["IE"] += 6
    prefix = PREFIXED.search(body)
    if prefix is not None:
        found[PREFIXES[prefix[1]]] += 4
    for word in spelt(body.replace(",", " ")).split():
        for place, code in enumerate(SIGN_WORDS.get(word, ())):
            found[code] += 2 if place else 3
    for match in _SUFFIX.finditer(body):
        for place, code in enumerate(SUFFIX_COUNTRIES[match[0]]):
            found[code] += 2 if place else 3
    for place, segment in enumerate(segments):
        _place_signs(segment, found, first=place == 0 and len(segments) > 1)
    for code in _postcode_signs(segments):
        found[code] += 3 if code in ("PL", "PT") else 1
    return found


def _place_signs(segment: str, found: Counter[str], *, first: bool) -> None:
    """Count the town, the region and the American state that a part ends with."""
    words = _DIGITS.sub(" ", segment).split()
    if len(words) > 1 and len(words[-1]) == 2 and (city := CITIES.get(spelt(" ".join(words[:-1])))):
        found[city[1]] += 3  # with the letters of its province
    if not words or words[-1] not in _LAST_WORDS or (first and len(words) < 3):
        return
    for size in (3, 2, 1):
        ending = " ".join(words[-size:]) if len(words) >= size else ""
        if city := CITIES.get(spelt(ending)):
            found[city[1]] += 3
        if region := REGIONS.get(ending):
            found[region[1]] += 3
        if ending in STATES and (len(words) > size or len(ending) > 2):
            found["US"] += 3


_DIGITS = re.compile(r"[^\w ]|(?<!\w)[\w-]*\d[\w-]*")
# Countries by the shape of a code of theirs, and whether it stands before its town.
_SHAPES: tuple[tuple[re.Pattern[str], bool, tuple[str, ...]], ...] = tuple(
    (re.compile(rf"(?<![\w/-])(?:{pattern})(?![\w/-])"), before, tuple(codes.split()))
    for pattern, before, codes in (
        (r"\d{2}-\d{3}", True, "PL"),
        (r"\d{4}-\d{3}", True, "PT"),
        (r"\d{5}-\d{3}", False, "BR"),
        (r"[1-9]\d{3} ?[A-Z]{2}", True, "NL"),
        (r"[A-Z]\d[A-Z] ?\d[A-Z]\d", False, "CA"),
        (r"\d{3} \d{3}|\d{6}", False, "IN"),
        (r"\d{6}", True, "RO RU"),
        (r"\d{3} \d{2}", True, "SE CZ SK GR"),
        (r"\d{5}", True, "DE FR ES IT"),
        (r"\d{5}(?:-\d{4})?", False, "US"),
        (r"\d{4}", True, "AT CH BE"),
        (r"\d{4}", False, "AU NZ ZA BD"),
    )
)


def _postcode_signs(segments: list[str]) -> Iterator[str]:
    """The countries whose postcodes have the shape of a number beside words without one."""
    for segment in segments:
        if _CODE.search(segment) is None:
            continue
        for shape, before, codes in _SHAPES:
            for match in shape.finditer(segment):
                beside = segment[match.end() :] if before else segment[: match.start()]
                alone = match[0] == segment.strip() and len(match[0]) > 4
                if alone or (beside.strip(" -") and not any(char.isdecimal() for char in beside)):
                    yield from codes


def _read_as_british(text: str, segments: list[str], country: str) -> Address:
    """Read an address that is written as a British one, but for its postcode and its region."""
    code, segments = _own_code(segments, country)
    county, segments = _region(segments, country)
    district = ""
    if country == "IE":
        district, segments = _dublin(segments)
        segments = [_IRISH_O.sub("O", part) for part in segments]
    segments = [CITIES[one][0] if (one := spelt(part)) in CITIES else part for part in segments]
    body = _UNIT_SLASH.sub(r"UNIT \1, \2", ", ".join(segments))
    body = _UNIT_LETTER.sub(r"UNIT \1, ", body)
    address = read_uk(text, body)
    if address.postcode_fragment and (code or country != "IE"):
        address = msgspec.structs.replace(address, postcode_fragment="", postcode_readings=())
    town = address.town or county
    return msgspec.structs.replace(
        address,
        country=country,
        postcode=code,
        town=town,
        county=county,
        district="" if code else district,
    )


def _dublin(segments: list[str]) -> tuple[str, list[str]]:
    """The postal district of Dublin as the first half of an Eircode, "D04", and the parts without it."""
    district = ""
    out = []
    for segment in segments:
        match = _DUBLIN.search(segment)
        if match is not None:
            district = f"D{match[1]:0>2}"
            segment = f"{segment[: match.start()]}DUBLIN"
        out.append(segment)
    return district, out


_DUBLIN = re.compile(r"(?<!\w)DUBLIN ?(\d{1,2}|6W)$")
_IRISH_O = re.compile(r"(?<!\w)O (?=[A-Z]{3})")  # "O CONNELL"


_UNIT_SLASH = re.compile(
    r"(?<![\w/])(?:(?:UNIT|APT|FLAT|SUITE|SHOP|U) ?)?(\d{1,4}[A-Z]?) ?/ ?(\d{1,5}[A-Z]?(?:-\d+)?)(?= [A-Z])"
)
_UNIT_LETTER = re.compile(r"(?<![\w/])U ?(\d{1,4}[A-Z]?)[ ,]+(?=\d)")


def _own_code(segments: list[str], country: str) -> tuple[str, list[str]]:
    """The postcode of a country whose addresses are as British ones, and the parts without it."""
    body = ", ".join(segments)
    if country == "IE":
        code, start, end = eircode(body)
        return code, _segments(f"{body[:start]} , {body[end:]}") if code else segments
    shape = POSTCODES.get(country)
    match = None
    for found in shape.pattern.finditer(body) if shape is not None else ():
        if found.start():
            match = found
    if match is None:
        return "", segments
    code = match[0].replace(" ", "")
    if country == "CA":
        code = f"{code[:3]} {code[3:]}"
    return code, _segments(f"{body[: match.start()]} , {body[match.end() :]}")


def _region(segments: list[str], country: str) -> tuple[str, list[str]]:
    """The region that a part is, or that the last of them ends with, and the parts without it."""
    for place in range(len(segments) - 1, 0, -1):
        words = segments[place].split()
        for size in (4, 3, 2, 1):
            region = REGIONS.get(" ".join(words[-size:])) if len(words) >= size else None
            if region is None or (country and region[1] != country):
                continue
            if len(words) == size and (place > 1 or country != "IE"):
                return region[0], segments[:place] + segments[place + 1 :]
            if len(words) > size:
                return region[0], [*segments[:place], " ".join(words[:-size]), *segments[place + 1 :]]
    return "", segments


def _read_abroad(text: str, segments: list[str], country: str) -> Address:
    """Read an address by the words that name its parts, in any order of street and number."""
    lines = [" ".join(_INITIALS.sub(_glued, spelt(line.replace("#", " NO "))).split()) for line in segments]
    box, lines = _box(lines)
    code, town, lines = _postcode(lines, country)
    county, lines = _region(lines, country)
    if town in REGIONS:
        county, town = REGIONS[town][0], ""
    found = _Found()
    for line in lines:
        found.take(line, by_house=country in _BY_HOUSE)
    street = find_street(found.parts, country, housed=bool(found.numbers))
    named = bool(street.name)
    bare = not named and not found.numbers
    head = found.head if not named else len(street.before)
    places = [*street.before[head:], *street.behind] if bare or found.at is not None else list(street.behind)
    names, buildings = _before(street.before[: 1 if bare and found.at is None else head])
    if bare and found.at is None:
        places = [*street.before[1:], *street.behind]
    name = street.name
    if found.roads and not street.number:
        places = [*([name] if name else []), *places]
        name = found.roads[0]
    if not town:
        town, places = _town(places)
    places = [_own_town(place) for place in places]
    if found.areas and (not name or found.roads):
        name = " ".join(filter(None, (name, *found.areas)))
    elif found.areas:
        places = [*found.areas, *places]
    if places and name and any(name.startswith(one) for one in (*found.roads, *found.areas)):
        name = f"{name} {places[0]}"  # a road by number is told by its quarter
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
        sub_building=" ".join(units),
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
        if by_house and self.roads and not self.numbers:
            self.numbers += [piece for piece in left if piece.isdecimal()][:1]
            left = [piece for piece in left if not piece.isdecimal()]
        after = len(self.units) + len(self.numbers) + len(self.roads) + len(self.areas)
        if self.at is None and (after > before or self.village):
            self.at = len(self.parts)
        self.parts += left

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
_NEAR = re.compile(rf"(?<![\w/])(?:{alternatives('near')}) .*$")
_VILLAGE = re.compile(rf"(?:{alternatives('village')}) (.+)$")
_DISTRICT = re.compile(rf"^(?:{alternatives('district', 'parish')}) (?=[A-Z])|(?<= )P ?O$")


def _glued(match: re.Match[str]) -> str:
    return match[0].replace(" ", "")


def _box(lines: list[str]) -> tuple[str, list[str]]:
    """The number of a post office box, and the lines without it."""
    for place, line in enumerate(lines):
        match = BOX.search(line)
        if match is not None:
            rest = [line[: match.start()].strip(), line[match.end() :].strip()]
            return match[1], [*lines[:place], *filter(None, rest), *lines[place + 1 :]]
    return "", lines


def _postcode(lines: list[str], country: str) -> tuple[str, str, list[str]]:
    """The postcode, the town beside it, and the lines without either."""
    shape = POSTCODES.get(country)
    shapes = (
        [(shape.pattern, shape.before)]
        if shape is not None
        else [(pattern, before) for pattern, before, _ in _SHAPES]
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
    plain = [words for words in (front, rest) if words and not any(char.isdecimal() for char in words)]
    if rest and before and rest in plain:
        words = rest.split()
        if words[0] in WORDS["lead"] and len(words) > 1 and not front:
            return None  # "12345 RUE": a house number
        return rest, [*above, *filter(None, [front]), *below]
    if short and not plain:
        return None
    if front and front in plain and not before:
        words = front.split()
        return front, [*above, *filter(None, [rest]), *below]
    if not front and not rest:
        if before and below:
            return below[0], [*above, *below[1:]]
        return (above[-1], [*above[:-1], *below]) if len(above) > 1 else ("", [*above, *below])
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
    for place in reversed(places):
        if _own_town(place) in _TOWNS:
            return place, [one for one in places if one != place]
    return (places[-1], places[:-1]) if places else ("", [])


_TOWNS = frozenset(name for name, _ in CITIES.values())
_TOWN_TAIL = re.compile(r"(?: CEDEX(?: \d+)?| \d{1,2}(?:E|EME|ER)?| [A-Z]{2}| PO)$")


def _own_town(town: str) -> str:
    """A town as compared: its own name, without a quarter's number or a province's letters."""
    if town in CITIES:
        return CITIES[town][0]
    bare = _TOWN_TAIL.sub("", town)
    return CITIES[bare][0] if bare in CITIES else bare
