"""For which countries a text has a sign: names, towns, states, postcodes, words of streets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from matchers.address.abroad import (
    CITIES,
    COUNTRY_NAMES,
    PREFIXED,
    PREFIXES,
    REGIONS,
    SIGN_WORDS,
    SUFFIX_COUNTRIES,
    country_named,
    eircode,
    parts_of,
    spelt,
)
from matchers.address.us import STATES
from matchers.address.us_names import TABLES
from matchers.address.vocabulary import FLAGS, STRONG, TOWNS

_LONGEST = 1000  # characters of a text that are looked at: an envelope holds fewer
_CLEAR = 3  # weight of a word, a town or a state
_SUFFIX = re.compile(rf"(?:{'|'.join(form for form in SUFFIX_COUNTRIES if len(form) > 3)})(?![A-Z])")
_STRASSE = re.compile(r"[A-Z]{3}STR(?![A-Z])")  # no other language has a word that ends so
_ENDINGS = frozenset(form[-4:] for form in SUFFIX_COUNTRIES if len(form) > 3)
_FRENCH_WORDS = ("BIS", " DU ", " DES ", " DE L")  # quickly looked for
_FRENCH = re.compile(  # types of street that English has as well
    r"\d ?BIS(?!\w)|(?<!\w)(?:AV|AVE|AVENUE|BD|BLD|BOULEVARD|PLACE|PL|ROUTE|COURS) D(?:U |ES |E L)"
)
_NORMAN = frozenset(("JERSEY", "GUERNSEY", "SARK", "ALDERNEY", "CHANNEL"))  # whose streets have French names
_CODE = re.compile(  # quickly looked for: each begins with a digit
    r"\d(?:\d{3}|\d[ -]\d{3}(?!\d)|\d\d \d\d(?!\d)"
    r"|(?<=[A-Z]\d)[0-9W][ -]{0,2}[0-9A-Z]{4}(?![A-Z0-9]))"
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
_SIGNS = (
    frozenset(word for word in _LAST_WORDS if len(word) > 1 and word != "MS") - _NEW
    | frozenset(SIGN_WORDS)
    | frozenset(("NYC", "PHILLY", "VEGAS"))
)


def signs(folded: str) -> tuple[str, ...]:
    """The countries but the United Kingdom for which a folded text has a sign, the likeliest first.

    A country's name in any language, a postcode with its town, an Eircode, words of streets, a large town, a
    region; "US" for the name of a state or its two letters at the end of a line, with or without a ZIP code.
    """
    body = folded[:_LONGEST]
    words = body.replace(",", " ").replace("-", " ").split()
    if (
        _SIGNS.isdisjoint(words)
        and ("NEW" not in words or _NEW.isdisjoint(words))
        and _ENDINGS.isdisjoint([word[-4:] for word in words])
        and not any(mark in body for mark in _FRENCH_WORDS)
        and "U S" not in body
        and ("STR" not in body or _STRASSE.search(body) is None)
        and _CODE.search(body) is None
    ):
        return ()
    evidence = _evidence(body)
    if not _NORMAN.isdisjoint(words) and "NEW" not in words:
        for code in ("FR", "BE", "LU", "CH"):
            del evidence[code]
    found = evidence.most_common()
    least = (
        min(found[0][1], _CLEAR) if found else 0
    )  # the mere shape of a number tells nothing beside a clear sign
    return tuple(code for code, weight in found if weight >= least)


def may_be_sign(word: str) -> bool:
    """Whether a folded word may be a sign, by itself or with others; two words are one where it is "U S"."""
    return (
        word in _SIGNS
        or word in _NEW
        or word[-4:] in _ENDINGS
        or word in ("DU", "DES", "DE")
        or "BIS" in word
        or _STRASSE.search(word) is not None
    )


def likeliest(body: str) -> str:
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
    named, segments = country_named(parts_of(body))
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
    if _FRENCH.search(body) is not None:
        found["FR"] += _CLEAR
    for match in _SUFFIX.finditer(body):
        for place, code in enumerate(SUFFIX_COUNTRIES[match[0]]):
            found[code] += 2 if place else 3
    if "STR" in body and _STRASSE.search(body) is not None:
        found.update({"DE": 3, "AT": 2, "CH": 2})
    for place, segment in enumerate(segments):
        _place_signs(segment, found, first=place == 0 and len(segments) > 1)
    last = " ".join(_DIGITS.sub(" ", segments[-1]).split()) if len(segments) > 1 else ""
    if (last in STATES and last not in TOWNS) or last in TABLES["city"]:
        found["US"] += _CLEAR
    found["US"] += _CLEAR * sum(match[1] in STATES for match in _STATE_CODE.finditer(body))
    for code in _postcode_signs(segments):
        found[code] += 3 if code in ("PL", "PT") else 1
    return +found


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
        if ending in STATES and ending not in TOWNS and (len(words) > size or len(ending) > 2):
            found["US"] += 3


_STATE_CODE = re.compile(r"(?<!\w)([A-Z]{2})[ ,]+\d{5}(?:-\d{4})?(?!\d)")
_DIGITS = re.compile(r"[^\w ]|(?<!\w)[\w-]*\d[\w-]*")
# Countries by the shape of a code of theirs, and whether it stands before its town.
SHAPES: tuple[tuple[re.Pattern[str], bool, tuple[str, ...]], ...] = tuple(
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
        if _CODE.search(segment) is None or FLAGS.get(segment.rpartition(" ")[2], 0) & STRONG:
            continue  # "98-100 LUMLEY ROAD"
        for shape, before, codes in SHAPES:
            for match in shape.finditer(segment):
                beside = segment[match.end() :] if before else segment[: match.start()]
                alone = match[0] == segment.strip() and len(match[0]) > 4
                if alone or (beside.strip(" -") and not any(char.isdecimal() for char in beside)):
                    yield from codes
