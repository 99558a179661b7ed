"""Reading an address of the United Kingdom or the Crown dependencies.

Lines, commas or nothing at all may separate the parts. The text is cut into phrases: a phrase ends with
a type of street or building, at a number or at a separator. What each phrase is follows from its last
word, from the number in front of it and from the phrases around it. Nothing is guessed away: a misread
number keeps its possible readings, a damaged postcode stays beside the postcodes it may be.
"""

from __future__ import annotations

import re

from matchers.address import postcode as postcodes
from matchers.address.model import Address
from matchers.address.scan import Phrase, Scan
from matchers.address.words import COUNTIES, COUNTRIES, TOWNS, fold

_LINES = re.compile(r"[,;\n\t\v\f\u2028\u2029]")


def read_uk(text: str, folded: str) -> Address:
    """Read `text`, of which `folded` is the folded form."""
    code, fragment, rest = postcodes.take(folded)
    district = ""
    if not code and not fragment:
        district, rest = postcodes.outward_only(rest)
    segments = [words for words in map(str.split, rest.split(",")) if words]
    _drop_country(segments)
    scan = Scan(segments)
    for index in range(len(segments)):
        scan.segment(index)
    return _assemble(text, scan, code, fragment, district)


def _drop_country(segments: list[list[str]]) -> None:
    while segments:
        last = segments[-1]
        for size in (3, 2, 1):
            if len(last) >= size and COUNTRIES.get(" ".join(last[-size:])) == "GB":
                del last[-size:]
                if not last:
                    segments.pop()
                break
        else:
            return


def _assemble(text: str, scan: Scan, code: str, fragment: str, district: str) -> Address:
    """Give each phrase its part in the address."""
    phrases = scan.phrases
    if scan.pending:
        number = scan.house_number()
        if phrases and phrases[-1][0] in "SWB" and not phrases[-1][2]:
            kind, words, _, index = phrases[-1]
            phrases[-1] = (kind, words, number, index)
        else:
            phrases.append(("-", "", number, scan.count))
    main = _main_street(phrases, bool(scan.units))
    streets: list[str] = []
    numbers: list[str] = []
    buildings: list[str] = []
    organisations: list[str] = []
    heads: list[tuple[str, int]] = []
    names: list[int] = []
    places: list[str] = []
    for position, (kind, words, number, index) in enumerate(phrases):
        if position in main:
            streets.append(words)
            if number:
                numbers.append(number)
        elif kind == "-":
            numbers.append(number)
        elif kind == "N":
            names.append(index)
        elif kind == "O":
            organisations.append(words)
            if number:
                scan.units.append(number)
        elif kind in "BW" or number:
            before = not main or position < main[0]
            if number:
                scan.units.append(number)
            if before or kind == "B":
                buildings.append(words)
            else:
                places.append(words)
        elif (
            kind == "P"
            and not (streets or buildings or numbers or organisations or scan.units)
            and index < scan.count - 1
        ):
            heads.append((words, index))
        else:
            places.append(words)
    if heads and scan.count > 1:
        lines = "\n" in text
        for place, (words, index) in enumerate(heads):
            single = " " not in words
            last = place == len(heads) - 1
            named = not lines or (single and last and (place > 0 or not (buildings or numbers)))
            if named and not buildings and not scan.units:
                buildings.append(words)
                if not lines:
                    continue
            names.append(index)
    if len(numbers) > 1:
        scan.units.extend(numbers[:-1])
        del numbers[:-1]
    town, locality, county = _place(places, scan.places)
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
        number_readings=scan.unclear,
    )


def _main_street(phrases: list[Phrase], has_units: bool) -> tuple[int, ...]:
    """The positions of the phrases that are the street:

    one, or a dependent street and the street it lies off.
    """
    strong = [i for i, phrase in enumerate(phrases) if phrase[0] == "S"]
    numbered = [i for i in strong if phrases[i][2]]
    if numbered:
        first = numbered[0]
        follows = [i for i in strong if i > first and phrases[i][1] != phrases[first][1]]
        if follows and follows[0] == first + 1 and not phrases[follows[0]][2]:
            return (first, follows[0])
        return (numbered[-1],)
    if strong:
        return (
            (strong[-1],)
            if len(strong) == 1 or phrases[strong[0]][1] == phrases[strong[-1]][1]
            else tuple(strong[:2])
        )
    weak = [i for i, phrase in enumerate(phrases) if phrase[0] == "W"]
    for i in weak:
        if phrases[i][2]:
            return (i,)
    plain = [i for i, phrase in enumerate(phrases) if phrase[0] == "P" and phrase[2]]
    if plain:
        return (plain[-1],)
    if weak and not (has_units and len(weak) == 1):
        return (weak[-1],) if len(weak) == 1 else (weak[1],)
    return ()


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
