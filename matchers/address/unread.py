"""What stands in two texts and was read on neither side: a doubt, whatever the language.

A part of an address that no rule understands ("40 quater", "Zugang 3") takes no part in the comparison of
fields, so that two doors would be one. Each number, and each letter that stands with one, is therefore looked
for in the other text as well: where both texts have one that the other lacks, the two are not one for sure.
"""

from __future__ import annotations

import re
from collections import Counter

from matchers.address.abroad_parts import LETTERS, ROMAN, alternatives
from matchers.address.model import Address
from matchers.address.vocabulary import fold

_TOKEN = re.compile(
    r"\d+"
    r"|(?<=\d)(?: ?[-/]? ?)(?:[A-Z]{1,4})(?![A-Z])"  # "40-II", "12 B", "3/TV"
    r"|(?<![A-Z])[A-Z](?= ?[-/]? ?\d)"  # "B-12", "D:5"
)
_WORD = rf"(?:{alternatives('block', 'stair')}|BUILDING)"
_PART = re.compile(  # "A Wing", "Block B"
    rf"(?<![A-Z0-9])([A-Z])[ -]{_WORD}(?![A-Z])|(?<![A-Z]){_WORD}[ :.]*([A-Z])(?![A-Z0-9])"
)
_ORDINALS = frozenset(("ND", "RD", "TH"))
_NO_LETTERS = frozenset("ST ER EME ERE E O D H K N NO U W S M RUE AVE ROAD STREET LANE".split())
"""What stands with a number and tells no door: endings of ordinals, a word for a number, a direction."""


def are_marked_apart(given: Address, listed: Address) -> bool:
    """Whether each of two texts has a number, or a letter with one, that the other has not."""
    one, other = _marks(given), _marks(listed)
    first, second = one - other, other - one
    if not first or not second:
        return False
    return "".join(first.elements()) != "".join(second.elements())  # "110 099" is 110099


def _marks(address: Address) -> Counter[str]:
    """The numbers of an address's text and the letters that stand with them, each as often as it stands."""
    text = fold(address.text)
    if address.postcode:
        text = re.sub(r"[ -]?".join(address.postcode.replace(" ", "").replace("-", "")), " ", text)
    found: Counter[str] = Counter()
    for match in _TOKEN.finditer(text):
        token = match[0].strip(" -/")
        token = LETTERS.get(token, token)
        token = str(ROMAN.get(token, token)) if token != match[0] or len(token) > 1 else token
        if token not in _NO_LETTERS and not (token in _ORDINALS and token == match[0]):
            found[token.lstrip("0")] += 1
    for match in _PART.finditer(text):
        found[match[1] or match[2]] += 1
    return found
