"""The telephone number of a call or message against the restricted ones: exact, near, and in disguise."""

from collections.abc import Iterable, Iterator

from rapidfuzz.distance import OSA

from engine.dialled import concerns, find_inside, restricted_inside
from engine.finding import Finding
from engine.listing import Listing
from engine.model import ReasonCode
from engine.read_attempt import Case
from matchers import phone
from matchers.inside import national_abroad
from matchers.phone import LOCAL_BASE, Number, NumberClass

MATCHER = "phone"
# What one wrong digit, or two neighbouring ones swapped, can add to a number: a quick first look at many.
_ONE_SLIP = frozenset(
    sign * step * 10**place
    for place in range(16)
    for step in (*range(1, 10), *range(9, 90, 9))
    for sign in (1, -1)
)
_PLAIN_CLASSES = frozenset((NumberClass.MOBILE, NumberClass.LANDLINE, NumberClass.INTERNATIONAL))


def find_number(case: Case) -> Iterable[Finding]:
    """Whatever the recipient's number has to do with a restriction, and what is odd about it by itself."""
    number = case.number
    exact = case.restricted.numbers(number.key)
    near = _near_keys(case, number)
    inside = restricted_inside(case)
    if (
        not exact
        and not near
        and not inside
        and not number.tail
        and not number.alternatives
        and number.kind in _PLAIN_CLASSES
    ):
        return ()
    return (*find_inside(case, inside), *_findings(case, number, near))


def confidential_number(case: Case) -> str | None:
    """The register's value for the recipient's number, when that is sure; else None.

    A restricted number behind it, if it may concern this prisoner, makes the whole no confidential one.
    """
    if not len(case.confidential):
        return None
    number = case.number
    if number.kind in (NumberClass.LOCAL, NumberClass.UNUSABLE):
        return None
    for reference in case.confidential.numbers(number.key):
        if concerns(case, restricted_inside(case)):
            return None
        return case.confidential.listing(reference.row).contacts[reference.place].value
    return None


def exempted_number(case: Case, listing: Listing, key: int) -> bool:
    """Whether an exception of the listing lets this prisoner use this number."""
    return any(
        e.prisoner == case.attempt.prisoner and e.contact.kind == "phone" and e.contact.key == key
        for e in listing.exemptions
    )


def _findings(case: Case, number: Number, near: list[tuple[int, str]]) -> Iterator[Finding]:
    kind = number.kind
    if kind is NumberClass.UNUSABLE:
        yield _about(case, ReasonCode.UNUSABLE_NUMBER, number.steps)
        return
    guessed = kind is NumberClass.LOCAL
    code = ReasonCode.NEAR_NUMBER if guessed else ReasonCode.RESTRICTED_NUMBER
    yield from _matches(case, code, number.key, 0.9 if guessed else 1.0, number.steps)
    for alternative in number.alternatives:
        code = ReasonCode.NEAR_NUMBER if guessed else ReasonCode.HIDDEN_NUMBER
        yield from _matches(case, code, alternative.key, 0.8, (*number.steps, alternative.step))
    for key, step in near:
        for finding in _matches(case, ReasonCode.NEAR_NUMBER, key, 0.8, (*number.steps, step)):
            if finding.listing and case.attempt.prisoner in finding.listing.restriction.prisoners:
                yield finding
    if number.tail:
        yield _about(case, ReasonCode.EXTRA_DIGITS, number.steps)
    if kind is NumberClass.INCOMPLETE or (guessed and not number.e164):
        yield _about(case, ReasonCode.INCOMPLETE_NUMBER, number.steps)
    else:
        yield Finding(
            code=ReasonCode.NUMBER_CLASS,
            matcher=MATCHER,
            given=case.attempt.to,
            number_class=kind,
            steps=(*number.steps, f"class of the number: {kind.replace('_', ' ')}"),
        )


def _matches(
    case: Case, code: ReasonCode, key: int, score: float, steps: tuple[str, ...]
) -> Iterator[Finding]:
    for reference in case.restricted.numbers(key):
        listing = case.restricted.listing(reference.row)
        contact = listing.contacts[reference.place]
        listed_steps = phone.read(contact.value).steps
        yield Finding(
            code=code,
            matcher=MATCHER,
            given=case.attempt.to,
            listed=contact.value,
            score=score,
            steps=(*steps, *(f"listed: {step}" for step in listed_steps)),
            listing=listing,
            contact=contact,
            exempt=exempted_number(case, listing, key),
        )


def _near_keys(case: Case, number: Number) -> list[tuple[int, str]]:
    """Numbers restricted for this prisoner that differ by one slip of the finger, or by the area code."""
    prisoner = case.attempt.prisoner
    own = case.restricted.own_numbers(prisoner) if prisoner is not None and number.key else ()
    if not own:
        return []
    if abroad := [
        (key, "country code left out")
        for key in own
        if (national := national_abroad(key)) and national == _without_country(number)
    ]:
        return abroad
    if number.kind is NumberClass.LOCAL:
        return [
            (key, "area code left out")
            for key in own
            if key != number.key and phone.local_part(key) == number.local
        ]
    dialled = number.key
    digits = str(dialled)
    shortest, longest = 10 ** (len(digits) - 1), 10 ** len(digits)
    return [
        (key, _slip(digits, listed))
        for key in own
        if (key - dialled in _ONE_SLIP or not shortest <= key < longest)
        and OSA.distance(digits, listed := str(key), score_cutoff=1) == 1
    ]


def _without_country(number: Number) -> str:
    """The digits as they were dialled, if they were dialled without a foreign country code."""
    if number.key >= LOCAL_BASE:
        return str(number.key - LOCAL_BASE)
    return str(number.key)[2:] if number.e164.startswith("+44") else ""


def _slip(digits: str, listed: str) -> str:
    if len(digits) > len(listed):
        return "one digit more"
    if len(digits) < len(listed):
        return "one digit fewer"
    if sorted(digits) == sorted(listed):
        return "two neighbouring digits swapped"
    return "one digit differs"


def _about(case: Case, code: ReasonCode, steps: tuple[str, ...]) -> Finding:
    return Finding(code=code, matcher=MATCHER, given=case.attempt.to, steps=steps)
