"""What is known of addresses abroad: names of countries and towns, regions, postcodes, words by language.

Only facts out of the tables and the smallest steps on words; `foreign` reads addresses with them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from matchers.address.us_names import TABLES
from matchers.address.vocabulary import COUNTRIES, STREET_TYPES, fold, rows
from matchers.prison import PRISONER_NUMBER


class Format(NamedTuple):
    """A country's postcode."""

    pattern: re.Pattern[str]
    before: bool  # whether it stands before the town


def spelt(words: str) -> str:
    """Words with the vowels that stand for an umlaut as one, and hyphens for spaces.

    "MUELLER-WEG" and "MULLER WEG" are one; both sides of a comparison are spelt so, whatever their language.
    """
    if "-" in words:
        words = _HYPHEN.sub(" ", words)
    return _UMLAUT.sub(_first_letter, words) if "E" in words else words


def _first_letter(match: re.Match[str]) -> str:
    return match[0][0]


_HYPHEN = re.compile(r"(?<=[^\W\d])-(?=[^\W\d])")
_UMLAUT = re.compile(r"(?<!\b)(?:AE|OE|(?<![QGAEIOU])UE)(?=[A-Z])|\b(?:OE|UE|AE)(?=[A-Z]{2})")

COUNTRY_NAMES: dict[str, str] = dict(rows("country_names")) | COUNTRIES
"""Names of countries, folded and without hyphens, in many languages."""

REGIONS: dict[str, tuple[str, str]] = {form: (name, code) for form, name, code in rows("foreign_regions")}
"""States, provinces and counties: the whole name and the country."""

CITIES: dict[str, tuple[str, str]] = {
    spelt(form): (spelt(name), code) for form, name, code in rows("foreign_cities")
}
"""Large towns: the name they are compared by and the country."""

POSTCODES: dict[str, Format] = {
    code: Format(re.compile(rf"(?<![\w/-])(?:{pattern})(?![\w/-])"), where == "before")
    for code, pattern, where in rows("foreign_postcodes")
}

WORDS: dict[str, dict[str, str]] = {}
"""Words by their kind, with what each is written out as."""
LETTER_COUNTRIES: dict[str, frozenset[str]] = {}
SIGN_WORDS: dict[str, tuple[str, ...]] = {}
"""Words that are a sign of a country, with the countries."""
_WORD_COUNTRIES: dict[tuple[str, str], tuple[str, ...]] = {}
for _kind, _form, _full, _codes in rows("foreign_words"):
    WORDS.setdefault(_kind, {})[spelt(_form)] = _full
    _countries = tuple(_codes.split())
    if _kind == "letter":
        LETTER_COUNTRIES[_form] = frozenset(_countries)
    elif _countries:
        _WORD_COUNTRIES[_kind, spelt(_form)] = _countries
        if _kind != "suffix" and len(_form) > 2 and _form not in STREET_TYPES and " " not in _form:
            SIGN_WORDS[spelt(_form)] = _countries
SIGN_WORDS |= {
    "UL": ("PL", "HR", "BG"),
    "C/": ("ES",),
    "УЛ": ("RU", "UA", "BG"),
    "VPO": ("IN", "PK"),
    "CEDEX": ("FR",),
}
for _form in "VIA STR LANE CHE CRA ALL CAD IMP PST SOK PHO MAH CITE TERE KOZ".split():  # English words too
    SIGN_WORDS.pop(_form, None)

SUFFIXES: tuple[tuple[str, str], ...] = tuple(sorted(WORDS["suffix"].items(), key=lambda item: -len(item[0])))
SUFFIX_COUNTRIES: dict[str, tuple[str, ...]] = {
    form: codes for (kind, form), codes in _WORD_COUNTRIES.items() if kind == "suffix"
}

# The first three characters of an Eircode, by which the post is routed. Source: Eircode, routing keys.
ROUTING_KEYS = frozenset(
    """A41 A42 A45 A63 A67 A75 A81 A82 A83 A84 A85 A86 A91 A92 A94 A96 A98 C15 D01 D02 D03 D04 D05 D06 D07
    D08 D09 D10 D11 D12 D13 D14 D15 D16 D17 D18 D20 D22 D24 D6W E21 E25 E32 E34 E41 E45 E53 E91 F12 F23 F26
    F28 F31 F35 F42 F45 F52 F56 F91 F92 F93 F94 H12 H14 H16 H18 H23 H53 H54 H62 H65 H71 H91 K32 K34 K36 K45
    K56 K67 K78 N37 N39 N41 N91 P12 P14 P17 P24 P25 P31 P32 P36 P43 P47 P51 P56 P61 P67 P72 P75 P81 P85 R14
    R21 R32 R35 R42 R45 R51 R56 R93 R95 T12 T23 T34 T45 T56 V14 V15 V23 V31 V35 V42 V92 V93 V94 V95 W12 W23
    W34 W91 X35 X42 X91 Y14 Y21 Y25 Y34 Y35""".split()
)
_EIRCODE = re.compile(r"(?<![A-Z0-9])([ACDEFHKNPRTVWXY][0-9][0-9W])[ -]{0,2}([0-9A-Z]{4})(?![A-Z0-9])")
_PRISONER = re.compile(PRISONER_NUMBER)  # a prisoner's number is no Eircode


def eircode(folded: str) -> tuple[str, int, int]:
    """The Eircode of a folded text as "D14 X2Y3", and where it begins and ends; "" where there is none."""
    for match in _EIRCODE.finditer(folded):
        one = match[2]
        if match[1] not in ROUTING_KEYS or one.isalpha() or _PRISONER.fullmatch(match[0]):
            continue
        return f"{match[1]} {one}", match.start(), match.end()
    return "", 0, 0


# What stands before a postcode for its country, "D-10827". Source: the distinguishing signs of vehicles in
# international traffic and ISO 3166, as the post offices of Europe use them.
PREFIXES: dict[str, str] = dict(
    pair.split("=")
    for pair in """D=DE DE=DE F=FR FR=FR A=AT AT=AT B=BE BE=BE CH=CH I=IT IT=IT E=ES ES=ES P=PT PT=PT NL=NL
    L=LU LU=LU PL=PL CZ=CZ SK=SK H=HU HU=HU RO=RO BG=BG GR=GR S=SE SE=SE N=NO NO=NO DK=DK FI=FI FIN=FI LT=LT
    LV=LV EE=EE EST=EE HR=HR SI=SI SLO=SI RS=RS MD=MD UA=UA RUS=RU AL=AL MK=MK BA=BA TR=TR CY=CY""".split()
)
PREFIXED = re.compile(rf"(?<![\w-])({'|'.join(PREFIXES)}) ?- ?(?=\d{{3}}|\d\d[- ]\d{{3}})")


def country_named(segments: list[str]) -> tuple[str, list[str]]:
    """The country that lines or parts between commas name, and the parts without its name.

    A part that is nothing but a country's name, unless it is the first; or the last words of the last part.
    """
    code = ""
    kept: list[str] = []
    for place, segment in enumerate(segments):
        found = _country(_HYPHEN.sub(" ", segment)) if place else None
        if found is not None and _begins_with_state(segments[place + 1 :]):
            found = None  # "COLUMBIA, SC 29201" is a town
        if found is None:
            kept.append(segment)
        else:
            code = code or found
    while kept:
        words = _HYPHEN.sub(" ", kept[-1]).split()
        if " ".join(words[-2:]) in TABLES["state"]:  # "NEW MEXICO"
            break
        for size in (4, 3, 2, 1):
            found = _country(" ".join(words[-size:])) if len(words) > size else None
            if found is not None:
                code = code or found
                kept[-1] = " ".join(words[:-size])
                break
        else:
            break
    return code, kept


def _begins_with_state(behind: list[str]) -> bool:
    """Whether an American state with a ZIP code comes next."""
    state = _STATE_AND_ZIP.match(behind[0]) if behind else None
    return state is not None and state[1].strip() in TABLES["state"]


_STATE_AND_ZIP = re.compile(r"([A-Z][A-Z ]*?) ?\d{4,5}\b")  # a ZIP code's nought in front is often lost


def _country(name: str) -> str | None:
    found = COUNTRY_NAMES.get(name)
    return COUNTRY_NAMES.get(spelt(name)) if found is None else found


def parts_of(body: str) -> list[str]:
    """The parts of a folded text between its commas, spaces made one."""
    body = _BEHIND_TOWN.sub(" ", body)
    return [part for part in (" ".join(segment.split()) for segment in body.split(",")) if part]


_BEHIND_TOWN = re.compile(r"(?<=[A-Z][A-Z][A-Z])-(?=\d{4})")  # "DHAKA-1299"


def abroad_fold(text: str, folded: str) -> str:
    """The folded text with what folding takes out and addresses abroad need: a German double s, a half."""
    if any(mark in text for mark in "ßẞ½ºª"):
        text = text.replace(".º", "º").replace(".ª", "ª")
        return fold(text.replace("ß", "ss").replace("ẞ", "SS").replace("½", " 1/2"))
    return folded
