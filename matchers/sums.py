"""Numbers told as a sum: "07700900122 plus one", "take 1 off 07700900124", "15401800246 divided by two".

The small number has to stand beside the word, or every score and price of a message would be tried on every
number in it. What comes out is only ever looked up.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from matchers import number_words, tables
from matchers.phone import LONGEST_E164
from matchers.windows import MOST_PARTS, SHORTEST_ABROAD, Piece, key_of

MOST_CHANGES = 20
"""Sums of a text, and written numbers, that are tried on each other."""

_WORDS: dict[str, dict[str, str]] = {"before": {}, "behind": {}, "alone": {}}
for _word, _where, _what in tables.rows("sums"):
    _WORDS[_where][_word] = _what
_SAID = (*_WORDS["before"], *_WORDS["behind"])
_SMALL = "[0-9]{1,4}(?![0-9])|[a-z]+"
_SUM = re.compile(
    "(?<![a-z0-9])(?:({0}) ?({2})|({2}) ({1}))(?![a-z])".format(
        *("|".join(sorted(map(re.escape, _WORDS[at]), key=len, reverse=True)) for at in ("before", "behind")),
        _SMALL,
    )
)


def may_be_told(pieces: Sequence[Piece], in_words: bool) -> bool:
    """Whether a text with these pieces can tell a sum: most hold one plain number and no other."""
    return len(pieces) > 1 or bool(pieces and (in_words or pieces[0].digits[0] != "0"))


def changed(text: str, groups: Sequence[list[Piece]], in_words: bool) -> Iterator[tuple[int, list[Piece]]]:
    """Keys of what a text's written numbers are after the sums that it tells: (key, its pieces).

    `in_words` says whether it holds number words. Quick where it tells no sum.
    """
    whole = [group for group in groups if sum([len(piece.digits) for piece in group]) > SHORTEST_ABROAD]
    small = in_words or len(groups) > len(whole) or any(len(group) > 1 for group in whole)
    odd = any(group[0].digits[0] != "0" for group in whole)  # as what is twice or half a number begins
    if not whole or not (small or odd):
        return
    lowered = text.lower()
    changes = list(islice(_changes(lowered), MOST_CHANGES)) if small and _holds(lowered, _SAID) else []
    doubles = odd and _holds(lowered, _WORDS["alone"])
    for group in whole[:MOST_CHANGES] if changes or doubles else ():
        for pieces in _runs(group):
            begin, end = group[0].start, pieces[-1].end
            digits = "".join([piece.digits for piece in pieces])
            for key in _keys(digits):
                yield from ((key + change, pieces) for change, at in changes if not begin <= at < end)
            for other in (2 * int(digits), int(digits) // 2) if doubles else ():
                yield from ((key, pieces) for key in _keys(str(other)))


def _holds(text: str, words: Iterable[str]) -> bool:
    return any(map(text.__contains__, words))


def _changes(text: str) -> Iterator[tuple[int, int]]:
    """What is to be added, less than nothing where it is taken away, and where that stands."""
    for match in _SUM.finditer(text):
        before, small, other, behind = match.groups()
        said = small or other
        digits = said if said.isdigit() else number_words.said_alone(said)
        if digits:
            sign = _WORDS["before"][before] if before else _WORDS["behind"][behind]
            yield int(sign + digits), match.start(2 if before else 3)


def _runs(group: list[Piece]) -> Iterator[list[Piece]]:
    """Pieces of a written number that may be a whole one: behind it may stand what it is changed by."""
    for first in range(len(group)):
        for stop in range(first + 1, min(first + MOST_PARTS, len(group)) + 1):
            if SHORTEST_ABROAD < sum([len(piece.digits) for piece in group[first:stop]]) <= LONGEST_E164:
                yield group[first:stop]


def _keys(digits: str) -> Iterator[int]:
    if key := key_of(digits):
        yield key
    elif digits[0] != "0" or digits.startswith("00"):
        yield int(digits)
