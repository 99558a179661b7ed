"""The parts of an address abroad that words name: flats, stairs and floors; house numbers; numbered roads.

Each function takes its parts out of the text of a line, leaves a comma where they stood, and gives them in
the form that the comparison of doors has: "5", "3B", "THIRD LEFT", "GROUND".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from matchers.address.abroad import WORDS

_ORDINALS = "GROUND FIRST SECOND THIRD FOURTH FIFTH SIXTH SEVENTH EIGHTH NINTH TENTH".split()
ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10}
_ROMAN_WORD = re.compile(r"[XVI]{2,5}")
LETTERS = {"BIS": "B", "TER": "T", "QUATER": "Q", "QUINQUIES": "C", "1/2": "H"}


def alternatives(*kinds: str) -> str:
    """A pattern for any word of these kinds, the longest first."""
    words = {word for kind in kinds for word in WORDS[kind]}
    return "|".join(
        re.escape(word).replace(r"\ ", " ") for word in sorted(words, key=lambda one: (-len(one), one))
    )


_NO = r"[ :.#]{0,2}(?:(?:NO|NR|N|NUMBER|NUM|NRO|NUMERO)[ .:#]{1,2}|NO(?=\d))?"
_END = r"(?![\w/])"
_SIDE = alternatives("side")
_ORDINAL = r"(?:E|EME|ER|ERE|ST|ND|RD|TH|O|A|RO|DO|TO|RE|TE|DER)?"
_PART = re.compile(  # letters alone stand behind a word of more than one letter, and apart
    rf"(?<![\w/])({alternatives('flat', 'block', 'stair')}){_NO}[ -]?"
    rf"(?:(\d{{1,4}}(?:[ -]?[A-Z]|[/-]\d{{1,3}})?)|(?<=[A-Z.:][A-Z.:] )([A-Z]-?\d{{1,3}}|[A-Z]))(?![\w/-])"
)
_LETTERED_PART = re.compile(  # "A WING 403", "A BLOK"; not "5 A TOWER STREET"
    rf"(?<![A-Z/] )(?<![\w/-])([A-Z])[ -](?:{alternatives('block')})(?![\w/])(?! (?!(?:NO|D)\b)[A-Z]{{1,}}\b)"
)
_FLOOR_ORDINAL, _FLOOR_BEHIND = (  # "3E ETAGE" is told from the house's number in "14 PISO 3"
    re.compile(
        rf"(?<![\w/])(\d{{1,2}}|[IVX]{{1,4}}){mark} ?(?:{alternatives('floor')}){_END}"
        rf"(?:[ ,-]+({_SIDE}){_END})?"
    )
    for mark in (_ORDINAL.rstrip("?"), _ORDINAL)
)
_FLOOR_BEFORE = re.compile(
    rf"(?<![\w/])(?:{alternatives('floor')}){_NO} ?(\d{{1,2}}|[IVX]{{1,4}}){_ORDINAL}{_END}"
    rf"(?:[ ,-]+({_SIDE}){_END})?"
)
_GROUND = re.compile(rf"(?<![\w/])({alternatives('ground')}){_END}(?:[ ,-]+({_SIDE}|[A-Z]){_END})?")
_DOOR = re.compile(  # "3O B", "2 IZQ", "3B": a floor and a door of it, behind the house's number
    rf"[ -]*(\d{{1,2}})({_ORDINAL})[ -]*(?:({_SIDE})|([A-Z])|(\d{{1,2}}))?[ -]*"
)
NUMBER = re.compile(
    rf"(?<![\w/-])(?:(?:{alternatives('number')})[ .]*)?(\d{{1,5}})"
    rf"(?: ?(BIS|TER|QUATER|QUINQUIES|1/2)\b| ?([A-Z])(?= ?$|[ ,/]*,| ?[/-])|([A-Z])(?![\w])|)"
    rf"(?:( ?/ ?|-)(\d{{1,4}}[A-Z]?|[A-Z])(?![\w]))?(?![\w])"
)
_DOOR_AHEAD = re.compile(  # of words run together: "42 4 TV KOBENHAVN"
    rf"[ -]*(\d{{1,2}})(?:{_ORDINAL}[ -]*({_SIDE})|{_ORDINAL.rstrip('?')}[ -]*([A-Z])){_END} *"
)
_CALLED = re.compile(rf"(?<![\w/-])(?:{alternatives('number')})[ .]*(?=\d)")
BOX = re.compile(rf"(?<![\w/])(?:{alternatives('box')}){_NO} ?(\d{{1,6}}(?: \d\d){{0,2}}){_END}")
_HOUSE = re.compile(
    rf"(?<![\w/])(?:{alternatives('house')}|{alternatives('plot')})[ -]*(?:(?:NO|NUMBER)[ .:-]*)?"
    rf"(\d{{1,5}}[A-Z]?|[A-Z]-?\d{{1,4}}[A-Z]?)(?:[ ]?[/-] ?(\d{{1,4}}[A-Z]?|[A-Z]))?(?![\w])"
)
_ROAD = re.compile(
    rf"(?<![\w/])({alternatives('road')}) ?(?:(?:NO|NUMBER)[ .:-]*)?[-:]? ?(\d{{1,3}}[A-Z]?){_END}"
)
_ROAD_BEHIND = re.compile(
    r"(?<![\w/])(\d{1,3})(?:ST|ND|RD|TH) (CROSS|MAIN|STREET|ROAD|LANE|AVENUE)(?: (?:ROAD|STREET))?(?![\w/])"
)
_AREA = re.compile(
    rf"(?<![\w/])({alternatives('area')}) ?(?:(?:NO|NUMBER)[ .:-]*)?[-:]? ?"
    rf"([A-Z]-?\d{{1,2}}(?: ?/ ?\d)?|\d{{1,3}}(?:-?[A-Z](?:-?\d)?)?|[A-Z]|[IVX]+){_END}"
)
_BARE_SECTOR = re.compile(r"(?<![\w/])([A-Z]-?\d{1,2} ?/ ?\d)(?![\w/])")


def designator(written: str) -> str:
    """A number or letter as compared: "B-12" is "B12", "7 A" is "7A"."""
    return (
        written.replace(" ", "").replace("-", "")
        if not written[-1:].isdecimal() or written[:1].isalpha()
        else written
    )


def numbers_in(piece: str) -> Iterator[re.Match[str]]:
    """The numbers that may be a house's, one that is called so ("nr 9") first."""
    called = _CALLED.search(piece)
    if called is not None and (match := NUMBER.match(piece, called.start())) is not None:
        yield match
    yield from NUMBER.finditer(piece)


def suffixed(number: str, *letters: str | None) -> str:
    """A house number with the letter behind it; "bis" and "ter" are letters."""
    letter = next((one for one in letters if one), "")
    return number.lstrip("0") + LETTERS.get(letter, letter)


def without_roman(words: list[str]) -> list[str]:
    """The words of a street's name with the numbers of popes and kings in digits: "JANA PAWLA 2"."""
    return [
        str(ROMAN[word]) if _ROMAN_WORD.fullmatch(word) and word in ROMAN and place else word
        for place, word in enumerate(words)
    ]


def floor(number: str, side: str | None = None) -> str:
    """A floor as a unit: "THIRD", "THIRD LEFT", "FLOOR 12"."""
    count = ROMAN.get(number) or int(number)
    name = _ORDINALS[count] if count < len(_ORDINALS) else f"FLOOR {count}"
    return f"{name} {WORDS['side'][side]}" if side else name


def take_units(line: str) -> tuple[list[tuple[str, str]], str]:
    """The parts of a building in a line: a "floor", "door", "block" or "stair"; and the line without them."""
    found: list[tuple[str, str]] = []

    def part(match: re.Match[str]) -> str:
        kind = "door" if match[1] in WORDS["flat"] else "stair" if match[1] in WORDS["stair"] else "block"
        found.append((kind, designator(match[2] or match[3])))
        return ","

    def lettered(match: re.Match[str]) -> str:
        found.append(("block", match[1]))
        return ","

    def level(match: re.Match[str]) -> str:
        found.append(("floor", floor(match[1], match[2])))
        return ","

    def ground(match: re.Match[str]) -> str:
        side = match[2]
        name = WORDS["ground"][match[1]]
        found.append(("floor", f"{name} {WORDS['side'].get(side, side)}" if side else name))
        return ","

    line = _FLOOR_ORDINAL.sub(level, line)
    line = _GROUND.sub(ground, line)
    line = _PART.sub(part, _LETTERED_PART.sub(lettered, line))
    line = _FLOOR_BEHIND.sub(level, _FLOOR_BEFORE.sub(level, line))
    return found, line


def written_out(line: str, country: str) -> str:
    """A line with what one country writes in short, between words or strokes, in whole words.

    "D:5", "K:3" in Turkey, "12/2/7" (house, stair, door) in Austria, "40-II", "40 hs" in the Netherlands,
    "#10-45" in Singapore.
    """
    for pattern, words in _SHORT.get(country, ()):
        line = pattern.sub(words, line)
    return line


# Source: the addressing guides of the Universal Postal Union for each of these countries.
_SHORT: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    "TR": (
        (re.compile(r"(?<![\w/])D ?(?=\d{1,3}[A-Z]?(?!\w))"), "DAIRE "),
        (re.compile(r"(?<![\w/])K ?(?=\d{1,2}(?!\w))"), "KAT "),
    ),
    "AT": (
        (
            re.compile(
                r"(\d{1,4}[A-Z]?) ?/ ?(?:STIEGE |STG )?(\d{1,2}) ?/ ?(?:TUR |TOP )?(\d{1,3}[A-Z]?)(?!\w)"
            ),
            r"\1, STIEGE \2, TOP \3",
        ),
    ),
    "NL": (
        (re.compile(r"(?<=\d)[ -]?(I{1,3}|IV|VI{0,3})(?!\w)"), r", VERDIEPING \1"),
        (re.compile(r"(?<=\d)[ -]?(?:HS|HUIS|BG)(?!\w)"), ", BEGANE GROND"),
    ),
    "SG": ((re.compile(r"# ?(\d{1,2}) ?- ?(\d{1,4}[A-Z]?)"), r", UNIT \1\2,"),),
}


def as_units(found: list[tuple[str, str]]) -> list[str]:
    """The parts of a building as they are compared: a floor and a door by a letter are one, "3B"."""
    doors = [value for kind, value in found if kind == "door"]
    floors = [value for kind, value in found if kind == "floor"]
    if len(floors) == 1 and floors[0] in _ORDINALS[1:] and len(doors) == 1 and doors[0].isalpha():
        joined = f"{_ORDINALS.index(floors[0])}{doors[0]}"
        return [*(value for kind, value in found if kind in ("block", "stair")), joined]
    return [value for _, value in found]


def labelled(found: list[tuple[str, str]]) -> str:
    """The parts of a building with what each is: "BLOCK 2 STAIR A FLAT 7"; a floor's word says it itself."""
    names = {"door": "FLAT ", "block": "BLOCK ", "stair": "STAIR "}
    return " ".join(f"{names.get(kind, '')}{value}" for kind, value in found)


def door_behind(words: str, *, alone: bool) -> str | None:
    """The flat that stands behind a house's number, "3O B" or "2 IZQ"; None where the words are none.

    `alone`: the words are a part between commas, where a bare number is a flat only with a mark of a floor.
    """
    match = _DOOR.fullmatch(words)
    if match is None:
        return None
    number, mark, side, letter, second = match.groups()
    if mark == "A" and not (side or letter or second):
        return f"{number}A"
    if side:
        return floor(number, side)
    if letter:
        return f"{number}{letter}"
    if second:
        return f"{number}-{second}"
    return floor(number) if mark else None if alone else number


def door_ahead(words: str) -> tuple[str, str] | None:
    """The flat that words behind a house's number begin with, and the words after it."""
    match = _DOOR_AHEAD.match(words)
    if match is None:
        return None
    return (floor(match[1], match[2]) if match[2] else f"{match[1]}{match[3]}"), words[match.end() :]


def take_house(line: str) -> tuple[list[str], list[str], str]:
    """House or plot numbers after their word, with what follows a stroke, and the line without them."""
    numbers: list[str] = []
    units: list[str] = []

    def house(match: re.Match[str]) -> str:
        number, rest = designator(match[1]), match[2]
        if rest and rest.isalpha():
            number += rest
        elif rest:
            units.append(rest)
        numbers.append(number)
        return ","

    line = _HOUSE.sub(house, line)
    return numbers, units, line


def take_roads(line: str) -> tuple[list[str], list[str], str]:
    """Numbered roads ("STREET 7") and areas ("SECTOR G9/2") of a line, and the line without them."""
    roads: list[str] = []
    areas: list[str] = []

    def area(match: re.Match[str]) -> str:
        which = match[2].replace(" ", "").replace("-", "")
        areas.append(f"{WORDS['area'][match[1]]} {ROMAN.get(which, which.lstrip('0'))}")
        return ","

    def sector(match: re.Match[str]) -> str:
        areas.append(f"SECTOR {match[1].replace(' ', '').replace('-', '')}")
        return ","

    def road(match: re.Match[str]) -> str:
        roads.append(f"{WORDS['road'][match[1]]} {match[2].lstrip('0')}")
        return ","

    def ordinal(match: re.Match[str]) -> str:
        roads.append(f"{match[2]} {match[1]}")
        return ","

    line = _AREA.sub(area, line)
    line = _BARE_SECTOR.sub(sector, line)
    line = _ROAD_BEHIND.sub(ordinal, line)
    line = _ROAD.sub(road, line)
    return roads, areas, line


def pieces(lines: Iterable[str]) -> list[str]:
    """The parts between commas that hold more than marks."""
    return [part for line in lines for piece in line.split(",") if (part := piece.strip(" -/.:"))]
