"""Reading an address of the United Kingdom or the Crown dependencies.

Lines, commas or nothing at all may separate the parts. The text is cut into phrases: a phrase ends with
a type of street or building, at a number or at a separator. What each phrase is follows from its last
word, from the number in front of it and from the phrases around it. Nothing is guessed away: a misread
number keeps its possible readings, a damaged postcode stays beside the postcodes it may be.
"""

from __future__ import annotations

import re

from matchers.address import postcode as postcodes
from matchers.address.house_numbers import Phrase
from matchers.address.model import Address
from matchers.address.scan import Scan
from matchers.address.vocabulary import AREA_TOWNS, COUNTIES, COUNTRIES, TOWNS, fold

_COUNTRY_ENDS = frozenset(name.split()[-1] for name, code in COUNTRIES.items() if code == "GB")
_LINES = re.compile(r"[,;\n\t\v\f\u2028\u2029]")


def read_uk(text: str, folded: str) -> Address:
    """Read `text`, of which `folded` is the folded form."""
    code, fragment, before, behind = postcodes.take(_without_country(folded))
    district = ""
    if not code and not fragment:
        district, before = postcodes.outward_only(before)
    front = _segments(_without_country(before))
    segments = front + _segments(behind)
    towns = AREA_TOWNS.get(postcodes.area(code or district), frozenset())
    scan = Scan(segments, towns, text)
    for index in range(len(segments)):
        if index == len(front):
            scan.loose.pass_postcode()
        scan.segment(index)
    scan.loose.end(len(segments))
    return _assemble(text, scan, code, fragment, district)


def _segments(text: str) -> list[list[str]]:
    """The words of each line, or of what stands between two commas."""
    return [words for words in map(str.split, text.split(",")) if words]


def _without_country(text: str) -> str:
    """The text without the country at its end."""
    while True:
        text = text.rstrip(" ,")
        words = text[text.rfind(",") + 1 :].split()
        if not words or words[-1] not in _COUNTRY_ENDS:
            return text
        for size in (3, 2, 1):
            if len(words) >= size and COUNTRIES.get(" ".join(words[-size:])) == "GB":
                text = text[: text.rfind(words[-size])]
                break
        else:
            return text


def _assemble(text: str, scan: Scan, code: str, fragment: str, district: str) -> Address:
    """Give each phrase its part in the address."""
    phrases = _in_front(scan.phrases, scan.loose.ended_at)
    main = _main_street(phrases, scan.unit_at)
    streets = [phrases[i][1] for i in main]
    numbers = [phrases[i][2] for i in main if phrases[i][2]] or [one[2] for one in phrases if one[0] == "-"]
    begin = main[0] if main else len(phrases)
    buildings: list[str] = []
    organisations: list[str] = []
    names: list[int] = []
    heads: list[tuple[str, int]] = []
    places: list[tuple[str, int]] = []
    for position, (kind, words, number, index) in enumerate(phrases):
        if position in main or kind == "-" or (number and words in streets and number in numbers):
            continue
        if kind == "N":
            names.append(index)
        elif position in scan.loose.named and position < begin:
            heads.append((words, index))
        elif kind == "O":
            if number:
                scan.units.append(number)
                buildings.append(words)
            else:
                organisations.append(words)
        elif kind in "BW" or number:
            if number:
                scan.units.append(number)
            if position < begin or kind == "B":
                buildings.append(words)
            else:
                places.append((words, index))
        elif position < begin and index < scan.count - 1 and (main or not buildings):
            if scan.unit_at is not None and index >= scan.unit_at:
                buildings.append(words)
            else:
                heads.append((words, index))
        else:
            places.append((words, index))
    _divide_heads(text, heads, names, buildings, places, bool(main), bool(numbers or scan.units), scan.count)
    if not streets and buildings and len(places) > 2 - bool(scan.places) and places[0][1] > 0:
        streets.append(places.pop(0)[0])
    town, locality, county = _place([words for words, _ in places], scan.places)
    return Address(
        text=text,
        postcode=code,
        numbers=tuple(numbers),
        street=streets[-1] if streets else "",
        building=" ".join(buildings[:2]),
        units=tuple(dict.fromkeys(scan.units)),
        town=town,
        locality=locality,
        dependent_street=streets[0] if len(streets) > 1 else "",
        county=county,
        organisation=organisations[0] if organisations else "",
        names=_written(text, sorted(set(names)), scan.segments) if names else (),
        care_of=tuple(scan.care_of),
        po_box=scan.po_box,
        sub_building=" ".join(scan.labels),
        district=district,
        postcode_fragment=fragment,
        postcode_readings=postcodes.readings(fragment) if fragment else (),
        number_readings=_number_readings(scan, numbers) if scan.unclear else (),
        inner_building=buildings[0] if len(buildings) > 1 else "",
    )


def _number_readings(scan: Scan, numbers: list[str]) -> tuple[str, ...]:
    """What the numbers that are unclear may be, those of the house before those of a part of it."""
    return tuple(reading for one in (*numbers, *scan.units) for reading in scan.unclear.get(one, ()))


def _in_front(phrases: list[Phrase], ended_at: int | None) -> list[Phrase]:
    """The phrases; a street or a number behind the town or postcode that ends the address is a mere place."""
    if ended_at is None or ended_at == len(phrases):
        return phrases
    front = phrases[:ended_at]
    return front + [
        ("P", words, "", index) if kind == "S" or (number and kind != "-") else (kind, words, number, index)
        for kind, words, number, index in phrases[len(front) :]
    ]


def _divide_heads(
    text: str,
    heads: list[tuple[str, int]],
    names: list[int],
    buildings: list[str],
    places: list[tuple[str, int]],
    street: bool,
    numbered: bool,
    count: int,
) -> None:
    """Tell the names of people from the names of houses among the phrases in front of the street.

    On an envelope in lines, the last before the street may be a house: where no number follows, one word,
    "The" and words, or the second of two lines; before a number, one word under another line. All else is
    a person. On one line there is no addressee.
    """
    if count < 2:
        places[:0] = heads
        return
    lines = "\n" in text
    for place, (words, index) in enumerate(heads):
        if not lines:
            if street or place == 0:
                buildings.insert(place, words)
            else:
                places.insert(place - 1, (words, index))
            continue
        single = " " not in words
        house = (single and place > 0) if numbered else (single or place > 0 or words.startswith("THE "))
        if house and place == len(heads) - 1 and not buildings:
            buildings.append(words)
        else:
            names.append(index)


def _main_street(phrases: list[Phrase], unit_at: int | None) -> tuple[int, ...]:
    """Where the street stands among the phrases:

    at one, or at a dependent street and the street it lies off.
    """
    strong = [i for i, phrase in enumerate(phrases) if phrase[0] == "S"]
    numbered = [i for i in strong if phrases[i][2]]
    if numbered:
        first = numbered[0]
        if first + 1 in strong and not phrases[first + 1][2] and phrases[first + 1][1] != phrases[first][1]:
            return (first, first + 1)
        return (numbered[-1],)
    if strong:
        single = len(strong) == 1 or phrases[strong[0]][1] == phrases[strong[-1]][1]
        return (strong[-1],) if single else tuple(strong[:2])
    weak = [i for i, phrase in enumerate(phrases) if phrase[0] == "W"]
    numbered = [i for i, phrase in enumerate(phrases) if phrase[2] and phrase[0] in "WP"]
    if numbered:
        last = numbered[-1]
        named = phrases[last][0] == "W" and (unit_at is not None or any(p[0] in "BP" for p in phrases[:last]))
        onward = last + 1 in weak and phrases[last + 1][1] != phrases[last][1] and not named
        return (last + 1,) if onward else (last,)
    if len(weak) > 1:
        return (weak[1],)
    if weak and unit_at is not None:  # "Flat 2, Maple Court" is a building, after another name a street
        before = phrases[weak[0] - 1] if weak[0] else None
        named = before is not None and before[0] in "BP" and before[3] >= unit_at
        return (weak[0],) if named else ()
    return tuple(weak)


def _place(places: list[str], known: list[str]) -> tuple[str, str, str]:
    """Town, locality and county out of the words that follow the street."""
    town = county = ""
    localities = list(places)
    for name in known:
        if name in COUNTIES and (name not in TOWNS or town):
            county = COUNTIES[name]
        else:
            if town and town != name:
                localities.append(town)
            town = name
    if not town and localities:
        town = localities.pop()
    return town, " ".join(dict.fromkeys(localities)), county


def _written(text: str, indexes: list[int], segments: list[list[str]]) -> tuple[str, ...]:
    """The lines that hold names, as they were written."""
    lines = [line for line in (part.strip() for part in _LINES.split(text)) if line]
    out = []
    for index in indexes:
        words = segments[index]
        if index < len(lines) and fold(lines[index]).split()[-1:] == words[-1:]:
            out.append(lines[index])
        else:
            out.append(" ".join(words).title())
    return tuple(out)
