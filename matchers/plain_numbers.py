"""Whether a text of plain words can hold a listed number: of most it is certain that they do not.

Each question has a safe side, as in `digits`, which finds the numbers: what is in doubt may hold one.
"""

from collections.abc import Callable, Collection
from operator import itemgetter

from matchers import digits, spoken
from matchers.phone import PLAN_LENGTH
from matchers.plain_text import PROPER, Facts, PlainText, held_by
from matchers.windows import SHORTEST_ABROAD, SHORTEST_NUMBER, Piece

WHOLE = PLAN_LENGTH + 1
"""Digits of a number with its leading 0."""


def may_hold_number(
    text: PlainText,
    facts: Facts,
    listed: Callable[[int], bool],
    *,
    local: Collection[str] | None,
    after_others: bool,
) -> bool:
    """Whether the text may hold a listed number, or the end of one that was begun in messages before it.

    `facts` are those of its words; `local` is what his own numbers are without their area code, None where
    he has none.
    """
    count = len(text.digits)
    shortest = SHORTEST_NUMBER if local is None else digits.SHORTEST_LOCAL
    loose = count
    if count and after_others:
        return True
    if count == WHOLE:
        run = text.digits.decode()
        if run[0] != "0" or run not in text.tokens or facts.marks & PROPER:
            return True
        if (local and run in local) or _is_listed(run, listed):
            return True
        loose = 0
    elif count >= min(shortest, SHORTEST_ABROAD):
        return True
    elif after_others:
        loose = shortest
    folded = text.encoded.decode() if loose else ""
    if count and loose and spoken.repeats(folded):
        return True
    said = spoken.said(held_by(text.words) if facts.most + loose >= shortest else b"")
    return digits.worth_reading_words(folded, [], loose, said.properly, shortest) or digits.may_be_said(
        said, loose, shortest
    )


def _is_listed(run: str, listed: Callable[[int], bool]) -> bool:
    """Whether a number, written as one, is listed in any of the ways in which it can be meant."""
    found = digits.keys_in_group([Piece(run, 0, len(run))], run, coded=True)
    return any(map(listed, map(itemgetter(0), found)))
