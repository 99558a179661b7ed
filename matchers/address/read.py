"""Reading an address, whatever its country, and in every country that it may be of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from matchers.address.alternatives import alternatives
from matchers.address.foreign import read_other, signs
from matchers.address.line_marks import in_lines
from matchers.address.model import UNKNOWN_COUNTRY, Address
from matchers.address.notes import without_notes
from matchers.address.number_lists import each_number, perhaps_each
from matchers.address.parts import parts
from matchers.address.plain import read_plain
from matchers.address.pointers import pointed_at
from matchers.address.recipients import headed
from matchers.address.rewritten import rewritten
from matchers.address.sites import plainly
from matchers.address.uk import read_uk
from matchers.address.us import is_british, read_us, without_country
from matchers.address.vocabulary import TOWNS, fold
from matchers.prison import PRISONER_NUMBER


def read(text: str) -> Address:
    """Read an address from an envelope or a list; separated by lines, commas or nothing. Never raises.

    The likeliest of its `readings`.
    """
    return _readings(text)[0]


@lru_cache(maxsize=8)  # it is matched, and shown, one after the other
def readings(text: str) -> tuple[Address, ...]:
    """The readings that an envelope's text allows, likeliest first: those of `_readings`, and those of what

    stands under the lines that may be people, where these were not left out already.
    """
    if plain := read_plain(text):
        return (plain,)
    found = _readings(text)
    return *found, *_below_recipient(text, found)


def _below_recipient(text: str, found: tuple[Address, ...]) -> Iterator[Address]:
    """The readings of what stands under the lines that say to whom it is, but for those that were `found`."""
    abroad = any(one.country != "GB" for one in found)
    head = headed(plainly(without_notes(unmarked(in_lines(text[: 2 * _LONGEST])))), abroad=abroad)
    if head is None or (fold(" ".join(found[0].names)) == fold(" ".join(head.to)) and not head.in_care):
        return
    rather = found[0].country or UNKNOWN_COUNTRY
    known = {_bare(one) for one in found}
    for one in _readings(head.rest):
        house = head.named and one.postcode and one.town not in TOWNS  # perhaps, misspelt
        if (one.streets or one.building or one.po_box or house) and _bare(one) not in known:
            yield msgspec.structs.replace(one, text=text, names=(*head.to, *one.names), rather=rather)


def _bare(address: Address) -> Address:
    return msgspec.structs.replace(address, text="", names=(), rather="")


@lru_cache(maxsize=8)  # checking a listed address and filing it read it one after the other
def _readings(text: str) -> tuple[Address, ...]:
    """The readings that a text allows, likeliest first: as an address of each country that it may be of.

    A word that names a country, or looks like a state, decides nothing: always one of them is British.
    """
    if plain := read_plain(text):
        return (plain,)
    bare = plainly(unmarked(in_lines(text)))
    if bare != text:
        return tuple(msgspec.structs.replace(one, text=text) for one in _readings(bare))
    bare = without_notes(text)
    if bare != text:
        likelier = [msgspec.structs.replace(one, text=text) for one in _readings(bare)]
        rather = likelier[0].country or UNKNOWN_COUNTRY
        noted = _read_in("GB", text, fold(text[:_LONGEST]))  # the note may be the postcode, called something
        return *likelier, *(msgspec.structs.replace(one, rather=rather) for one in noted)
    if several := each_number(text):  # `parts` has the others
        first = [msgspec.structs.replace(one, text=text) for one in _readings(several[0])]
        return *first, *_pointed(text, first[0].country or UNKNOWN_COUNTRY)
    folded = fold(text[:_LONGEST])
    countries = countries_of(folded)
    if len(countries) == 1:
        likeliest = read_uk(text, folded)
        others = [*alternatives(likeliest), *rewritten(text, folded)]
        others += [read_uk(text, fold(one)) for one in perhaps_each(text)]
    else:
        likeliest, *others = (one for country in countries for one in _read_in(country, text, folded))
    rather = likeliest.country or UNKNOWN_COUNTRY
    others = [msgspec.structs.replace(one, rather=rather) for one in others]
    return likeliest, *others, *_pointed(text, rather)


def _pointed(text: str, rather: str) -> Iterator[Address]:
    """The readings as the houses that the text points at by another's number."""
    for one in pointed_at(text):
        yield msgspec.structs.replace(read_uk(text, fold(one[:_LONGEST])), rather=rather)


def countries_of(folded: str) -> tuple[str, ...]:
    """The codes of the countries that an address may be of, likeliest first: "GB" always, "" for any other.

    Where there is a British postcode, "GB" comes first.
    """
    found = tuple(dict.fromkeys("US" if code == "US" else "" for code in signs(folded)))
    return ("GB", *found) if is_british(folded) else (*found, "GB")


def _read_in(country: str, text: str, folded: str) -> Iterator[Address]:
    if country == "GB":
        folded = without_country(folded)
        british = read_uk(text, folded)
        yield british
        yield from alternatives(british)
        yield from rewritten(text, folded)
    else:
        yield _read_abroad(country, text, folded)


def _read_abroad(country: str, text: str, folded: str) -> Address:
    """The reading as an address abroad, without the lines in front that are people for sure."""
    head = headed(text[: 2 * _LONGEST])
    reader = read_us if country == "US" else read_other
    if head is None or not head.sure:
        return reader(text, folded)
    line = head.rest.replace("\n", ", ")  # where no other addressee is looked for
    read = reader(line, fold(line[:_LONGEST]))
    return msgspec.structs.replace(read, text=text, names=(*map(str.title, head.to), *read.names))


def unmarked(text: str) -> str:
    """A text without what is no part of an address: a mark of the post, a date, a telephone number."""
    if "-" in text:
        text = _COUNTRY_MARK.sub("", text)
    return _without_telephone(_without_date(_PRISONER.sub("", _MAIL_MARKS.sub("", text))))


def every_reading(text: str) -> tuple[Address, ...]:
    """What a listed value may stand for: the readings of the whole, and those of each address in it."""
    found = list(_readings(text))
    several = parts(text)
    if len(several) > 1:
        found += [one for part in several for one in _readings(part)]
    different: dict[Address, Address] = {}
    for one in found:
        if one.usable:
            different.setdefault(msgspec.structs.replace(one, text="", rather=""), one)
    return tuple(different.values()) or tuple(found[:1])


def _without_date(text: str) -> str:
    return _DATE.sub("", text) if _YEAR.search(text) else text


def _without_telephone(text: str) -> str:
    bare = _TELEPHONE.sub("", text)
    return bare if bare == text else _TELEPHONE_WORD.sub("", bare)


# What marks the kind of mail, and is no part of an address: the number in "Rule 39" is no house number.
# Source: Prison Rules 1999, rule 39; Royal Mail envelope markings.
_MAIL_MARKS = re.compile(
    r"^[ \t(*]*(?:(?:prison\s+)?rule\s*39(?:a)?(?:\s*/\s*cjs)?|confidential\s+access|legal\s+mail|"
    r"private\s*(?:&|and)\s*confidential|strictly\s+private|1st\s+class|2nd\s+class|first\s+class|second\s+class)"
    r"[ \t)*.!:-]*(?:\n|,|$)",
    re.IGNORECASE | re.MULTILINE,
)
# A prisoner's number, after his name or on a line of its own. Source: HMPPS's numbers since 2006, "A1234BC".
_PRISONER = re.compile(
    rf"^{PRISONER_NUMBER}[ \t]*(?:[\n,]|$)|(?<=[ \t]){PRISONER_NUMBER}(?![\w/-])", re.MULTILINE
)
# A country's mark before its postcode: "GB-DE22 9ZZ". Source: usage of European posts since the 1960s (CEPT).
_COUNTRY_MARK = re.compile(r"\b(?:GB|UK)-(?=[A-Z]{1,2}\d)", re.IGNORECASE)
# Dates and telephone numbers are no house numbers either. A date has its year; one whose year has two digits
# stands alone on its line. A telephone number begins with 0 or +, and no house number has as many digits.
# Source: the lengths of numbers in Ofcom's National Telephone Numbering Plan, and in E.164.
_YEAR = re.compile(r"\d(?:(?<=1)9|(?<=2)0|[/.])\d")  # quickly looked for
_DATE = re.compile(
    r"\d(?<![\w/.-]\d)(?:"
    r"\d? ?([/.-]) ?\d\d? ?\1 ?(?:19|20)\d\d"
    r"|(?:(?<=1)9|(?<=2)0)\d\d-\d\d-\d\d"
    r"|\d?(?:st|nd|rd|th)?[ .-]{0,2}"
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)[ .,-]{0,2}(?:19|20)\d\d"
    r"|(?<!..)\d?([/.])\d\d?\2\d\d(?=[ \t\r]*(?:\n|$)))"
    r"(?:[ ,]{1,2}\d\d?[:.]\d\d(?::\d\d)?)?(?![\w/-])",  # the time
    re.IGNORECASE,
)
_TELEPHONE = re.compile(
    r"[+0](?<![\w-].)(?:(?<=\+)(?:[ ().-]{0,2}\d){10,14}"
    r"|0(?:[ ().-]{0,2}\d){10,13}|(?:[ ().-]{0,2}\d){9,10})(?!\d)"
)
_TELEPHONE_WORD = re.compile(r"\b(?:tel|telephone|phone|mob|mobile|fax)\b[ .:(]*(?=[\n,]|$)", re.IGNORECASE)
_LONGEST = 1000  # characters: an envelope holds fewer; a longer text is somebody's letter
