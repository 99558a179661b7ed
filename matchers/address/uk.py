"""Reading an address of the United Kingdom or the Crown dependencies.

Lines, commas or nothing at all may separate the parts. The text is cut into phrases: a phrase ends with
a type of street or building, at a number or at a separator. What each phrase is follows from its last
word, from the number in front of it and from the phrases around it. Nothing is guessed away: a misread
number keeps its possible readings, a damaged postcode stays beside the postcodes it may be.
"""

from __future__ import annotations

import re

from matchers.address import postcode as postcodes
from matchers.address.house_numbers import Phrase, PhraseKind
from matchers.address.model import Address
from matchers.address.scan import Scan
from matchers.address.strokes import is_scottish, settled
from matchers.address.vocabulary import AREA_TOWNS, COUNTIES, COUNTRIES, TOWNS, fold

COUNTRY_ENDS = frozenset(name.split()[-1] for name, code in COUNTRIES.items() if code == "GB")
_HOUSES = (PhraseKind.BUILDING, PhraseKind.WORDS)
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
    scan = Scan(segments, towns, text, scottish=is_scottish(code or district, ""))
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
        if not words or words[-1] not in COUNTRY_ENDS:
            return text
        for size in (3, 2, 1):
            if len(words) >= size and COUNTRIES.get(" ".join(words[-size:])) == "GB":
                text = text[: text.rfind(words[-size])]
                break
        else:
            return text


class _Beside:
    """The phrases beside the street, by what each is in the address."""

    __slots__ = ("buildings", "heads", "names", "organisations", "places")

    def __init__(self) -> None:
        self.buildings: list[str] = []
        self.organisations: list[str] = []
        self.names: list[int] = []  # the lines that hold people's
        self.heads: list[tuple[str, int]] = []  # words and line: people or houses
        self.places: list[tuple[str, int]] = []  # words and line


def _assemble(text: str, scan: Scan, code: str, fragment: str, district: str) -> Address:
    """Give each phrase its part in the address."""
    phrases = _in_front(scan.phrases, scan.loose.ended_at)
    main = _main_street(phrases, scan.unit_at)
    streets = [phrases[i].words for i in main]
    numbers = [phrases[i].number for i in main if phrases[i].number]
    numbers = numbers or [phrase.number for phrase in phrases if phrase.kind is PhraseKind.NUMBER]
    beside = _beside(phrases, main, numbers, scan)
    _divide_heads(text, beside, bool(main), bool(numbers or scan.units), scan.count)
    if not streets:
        streets = _untyped_street(beside, bool(scan.places))
    town, locality, county = place_of([words for words, _ in beside.places], scan.places)
    buildings = beside.buildings[:2]
    address = Address(
        text=text,
        postcode=code,
        numbers=tuple(numbers),
        street=streets[-1] if streets else "",
        building=" ".join(buildings),
        units=tuple(dict.fromkeys(scan.units)),
        town=town,
        locality=locality,
        dependent_street=streets[0] if len(streets) > 1 else "",
        county=county,
        organisation="".join(beside.organisations[:1]),
        names=_written(text, sorted(set(beside.names)), scan.segments) if beside.names else (),
        care_of=tuple(scan.care_of),
        po_box=scan.po_box,
        sub_building=" ".join(scan.labels),
        district=district,
        postcode_fragment=fragment,
        postcode_readings=postcodes.readings(fragment) if fragment else (),
        number_readings=_number_readings(scan, numbers) if scan.unclear else (),
        inner_building=buildings[0] if len(buildings) > 1 else "",
    )
    return settled(address)


def _beside(phrases: list[Phrase], main: tuple[int, ...], numbers: list[str], scan: Scan) -> _Beside:
    """Sort the phrases that are not the street's; a number of theirs is a part of a building."""
    streets = [phrases[i].words for i in main]
    begin = main[0] if main else len(phrases)
    beside = _Beside()
    for position, (kind, words, number, line) in enumerate(phrases):
        if (
            position in main
            or kind is PhraseKind.NUMBER
            or (number and words in streets and number in numbers)
        ):
            continue
        before = position < begin
        if kind is PhraseKind.NAME:
            beside.names.append(line)
        elif before and position in scan.loose.named:
            beside.heads.append((words, line))
        elif kind is PhraseKind.ORGANISATION and not number:
            beside.organisations.append(words)
        elif number or kind in (PhraseKind.BUILDING, PhraseKind.WEAK_STREET):
            scan.units.extend(filter(None, (number,)))
            if before or kind in (PhraseKind.BUILDING, PhraseKind.ORGANISATION):
                beside.buildings.append(words)
            else:
                beside.places.append((words, line))
        elif before and line < scan.count - 1 and (main or not beside.buildings):
            if scan.unit_at is not None and line >= scan.unit_at:
                beside.buildings.append(words)
            else:
                beside.heads.append((words, line))
        else:
            beside.places.append((words, line))
    return beside


def _untyped_street(beside: _Beside, placed: bool) -> list[str]:
    """The first of the places behind a building for a street, where more stand there than a town needs."""
    places = beside.places
    if beside.buildings and len(places) > 2 - placed and places[0][1] > 0:
        return [places.pop(0)[0]]
    return []


def _number_readings(scan: Scan, numbers: list[str]) -> tuple[str, ...]:
    """What the numbers that are unclear may be, those of the house before those of a part of it."""
    return tuple(reading for one in (*numbers, *scan.units) for reading in scan.unclear.get(one, ()))


def _in_front(phrases: list[Phrase], ended_at: int | None) -> list[Phrase]:
    """The phrases; a street or a number behind the town or postcode that ends the address is a mere place."""
    if ended_at is None or ended_at == len(phrases):
        return phrases
    return phrases[:ended_at] + [
        phrase._replace(kind=PhraseKind.WORDS, number="")
        if phrase.kind is PhraseKind.STREET or (phrase.number and phrase.kind is not PhraseKind.NUMBER)
        else phrase
        for phrase in phrases[ended_at:]
    ]


def _divide_heads(text: str, beside: _Beside, street: bool, numbered: bool, count: int) -> None:
    """Tell the names of people from the names of houses among the phrases in front of the street.

    On an envelope in lines, the last before the street may be a house: where no number follows, one word,
    "The" and words, or the second of two lines; before a number, one word under another line. All else is
    a person. On one line there is no addressee.
    """
    heads, buildings, places = beside.heads, beside.buildings, beside.places
    if count < 2:
        places[:0] = heads
        return
    lines = "\n" in text
    for place, (words, line) in enumerate(heads):
        if not lines:
            if street or place == 0:
                buildings.insert(place, words)
            else:
                places.insert(place - 1, (words, line))
            continue
        single = " " not in words
        house = (single and place > 0) if numbered else (single or place > 0 or words.startswith("THE "))
        if house and place == len(heads) - 1 and not buildings:
            buildings.append(words)
        else:
            beside.names.append(line)


def _main_street(phrases: list[Phrase], unit_at: int | None) -> tuple[int, ...]:
    """Where the street stands among the phrases:

    at one, or at a dependent street and the street it lies off.
    """
    strong = [i for i, phrase in enumerate(phrases) if phrase.kind is PhraseKind.STREET]
    numbered = [i for i in strong if phrases[i].number]
    if numbered:
        first = numbered[0]
        if (
            first + 1 in strong
            and not phrases[first + 1].number
            and phrases[first + 1].words != phrases[first].words
        ):
            return (first, first + 1)
        return (numbered[-1],)
    if strong:
        single = len(strong) == 1 or phrases[strong[0]].words == phrases[strong[-1]].words
        return (strong[-1],) if single else tuple(strong[:2])
    weak = [i for i, phrase in enumerate(phrases) if phrase.kind is PhraseKind.WEAK_STREET]
    numbered = [
        i
        for i, phrase in enumerate(phrases)
        if phrase.number and phrase.kind in (PhraseKind.WEAK_STREET, PhraseKind.WORDS)
    ]
    if numbered:
        last = numbered[-1]
        named = phrases[last].kind is PhraseKind.WEAK_STREET and (
            unit_at is not None or any(phrase.kind in _HOUSES for phrase in phrases[:last])
        )
        onward = last + 1 in weak and phrases[last + 1].words != phrases[last].words and not named
        return (last + 1,) if onward else (last,)
    if len(weak) > 1:
        return (weak[1],)
    if weak and unit_at is not None:  # "Flat 2, Maple Court" is a building, after another name a street
        before = phrases[weak[0] - 1] if weak[0] else None
        named = before is not None and before.kind in _HOUSES and before.line >= unit_at
        return (weak[0],) if named else ()
    return tuple(weak)


def place_of(places: list[str], known: list[str]) -> tuple[str, str, str]:
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
