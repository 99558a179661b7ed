"""The other ways in which one word of a name may have been written, to look each of them up."""

from __future__ import annotations

from string import ascii_lowercase

from matchers.person.facts import ALIKE, SPELLINGS, full_forms, short_forms

_SHORTEST_SLIP = 4
"""Letters from which a slip leaves the name it was: one letter of Ann makes it Dan."""


def written_as(word: str) -> frozenset[str]:
    """A folded word itself, its known spellings, its short and full forms, and all that one slip makes of it:
    a letter left out, put in, changed, or changed places with the next.

    What another word is found by says only that it may be the name: `compare` tells.
    """
    known = {word, *SPELLINGS.get(word, ()), *short_forms().get(word, ()), *full_forms().get(word, ())}
    known.update(other for form in tuple(known) for other in ALIKE.get(form, ()))
    return frozenset(known | _slips(word)) if len(word) >= _SHORTEST_SLIP else frozenset(known)


def _slips(word: str) -> set[str]:
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    left_out = {front + back[1:] for front, back in cuts if back}
    turned = {front + back[1] + back[0] + back[2:] for front, back in cuts if len(back) > 1}
    changed = {front + letter + back[1:] for front, back in cuts if back for letter in ascii_lowercase}
    put_in = {front + letter + back for front, back in cuts for letter in ascii_lowercase}
    return left_out | turned | changed | put_in
