"""Restricted numbers anywhere in what was dialled: behind another number, in a link, behind a code.

What an exchange would most likely reach is `ReadAttempt.number`; here is all else that the digits can be.
"""

import re
from collections.abc import Iterator

from engine.finding import Finding
from engine.listing import Listing
from engine.model import ReasonCode
from engine.policy import NOT_A_PRISON
from engine.read_attempt import ReadAttempt
from engine.scores import SCORES
from matchers import phone
from matchers.dialling import DIALLING_CODES
from matchers.folding import may_hold_digits
from matchers.inside import Inside, numbers_inside
from matchers.phone import Number, NumberClass

MATCHER = "phone"
_EXACT, _ALTERNATIVE = SCORES["number", "exact"], SCORES["number", "alternative"]
_CODES = "|".join(pattern.pattern for pattern, code, _ in DIALLING_CODES if code[0] not in "*#")
_PLAINLY = re.compile(rf"(?:(?:{_CODES})[\s,-]*){{0,4}}(?:0|\+44)[\d\s+\-.()]*", re.ASCII).fullmatch
_BRITISH = (NumberClass.MOBILE, NumberClass.LANDLINE, NumberClass.SHORT_CODE)


def restricted_inside(read: ReadAttempt) -> list[Inside]:
    """The restricted numbers inside what was dialled, the one that was read left out, each once."""
    number = read.number
    return _hits(read, number.key) if _may_hold_more(number) else []


def restricted_in_account(read: ReadAttempt) -> list[Inside]:
    """The restricted numbers inside an e-mail address or account name: 447...@s.whatsapp.net."""
    return _hits(read, 0) if may_hold_digits(read.attempt.to) else []


def _hits(read: ReadAttempt, but: int) -> list[Inside]:
    hits: dict[int, Inside] = {}
    codes = phone.area_codes_near(read.attempt.establishment)
    for inside in numbers_inside(read.attempt.to, codes):
        if inside.key != but and read.restricted.has_number(inside.key):
            known = hits.get(inside.key)
            if known is None or (inside.sure and not known.sure):
                hits[inside.key] = inside
    return list(hits.values())


def find_inside(read: ReadAttempt, hits: list[Inside]) -> Iterator[Finding]:
    """What follows from restricted numbers inside: the number itself where its digits are set apart."""
    for inside in hits:
        for reference in read.restricted.numbers(inside.key):
            listing = read.restricted.listing(reference.row)
            contact = listing.contacts[reference.place]
            listed = (f"listed: {step}" for step in phone.read(contact.value).steps)
            yield Finding(
                code=ReasonCode.RESTRICTED_NUMBER if inside.sure else ReasonCode.HIDDEN_NUMBER,
                matcher=MATCHER,
                given=read.attempt.to,
                listed=contact.value,
                score=_EXACT if inside.sure else _ALTERNATIVE,
                exact=inside.sure,
                steps=(*read.number.steps, inside.step, *listed),
                listing=listing,
                exempt=exempted_number(read, listing, inside.key),
            )


def exempted_number(read: ReadAttempt, listing: Listing, key: int) -> bool:
    """Whether an exception of the listing lets this prisoner use this number."""
    return any(
        e.prisoner == read.attempt.prisoner and e.contact.kind == "phone" and e.contact.key == key
        for e in listing.exemptions
    )


def concerns(read: ReadAttempt, hits: list[Inside]) -> bool:
    """Whether a restriction on one of these numbers may hold for this prisoner."""
    prisoner, prison = read.attempt.prisoner, read.attempt.establishment
    for inside in hits:
        for reference in read.restricted.numbers(inside.key):
            restriction = read.restricted.listing(reference.row).restriction
            if restriction.scope == "estate" or prisoner is None or prisoner in restriction.prisoners:
                return True
            if prison is None or prison in NOT_A_PRISON or prison in restriction.establishments:
                return True
    return False


def _may_hold_more(number: Number) -> bool:
    """Whether the digits can be anything else than one whole number of the UK, plainly given."""
    plainly = not number.tail and number.kind in _BRITISH
    return not (plainly and (not number.steps or _PLAINLY(number.text)))
