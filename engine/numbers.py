"""The telephone number of a call or message against the restricted ones: exact, near, and in disguise."""

from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz.distance import OSA

from engine.dialled import concerns, exempted_number, find_inside, restricted_inside
from engine.finding import Finding
from engine.model import ReasonCode
from engine.read_attempt import ReadAttempt
from engine.scores import SCORES
from matchers import phone
from matchers.inside import national_abroad
from matchers.phone import LOCAL_BASE, PLAN_LENGTH, Number, NumberClass

MATCHER = "phone"
# What one wrong digit, or two neighbouring ones swapped, can add to a number: a quick first look at many.
_ONE_SLIP = frozenset(
    sign * step * 10**place
    for place in range(16)
    for step in (*range(1, 10), *range(9, 90, 9))
    for sign in (1, -1)
)
_EXACT, _GUESSED, _ALTERNATIVE, _NEAR = (
    SCORES["number", found] for found in ("exact", "guessed", "alternative", "near")
)
_PLAIN_CLASSES = frozenset((NumberClass.MOBILE, NumberClass.LANDLINE, NumberClass.INTERNATIONAL))


def find_number(read: ReadAttempt) -> Iterable[Finding]:
    """Whatever the recipient's number has to do with a restriction, and what is odd about it by itself."""
    number = read.number
    exact = read.restricted.numbers(number.key)
    near = _near_keys(read, number)
    inside = restricted_inside(read)
    if (
        not exact
        and not near
        and not inside
        and not number.tail
        and not number.alternatives
        and number.kind in _PLAIN_CLASSES
        and read.policy.number_class[number.kind] == "allow"
    ):
        return ()
    return (*find_inside(read, inside), *_findings(read, number, near))


def confidential_number(read: ReadAttempt) -> str | None:
    """The register's value for the recipient's number, when that is sure; else None.

    A restricted number behind it, if it may concern this prisoner, makes the whole no confidential one.
    """
    if not len(read.confidential):
        return None
    number = read.number
    if number.kind in (NumberClass.LOCAL, NumberClass.UNUSABLE):
        return None
    for reference in read.confidential.numbers(number.key):
        if concerns(read, restricted_inside(read)):
            return None
        return read.confidential.listing(reference.row).contacts[reference.place].value
    return None


def _findings(read: ReadAttempt, number: Number, near: list[tuple[int, str]]) -> Iterator[Finding]:
    kind = number.kind
    if kind is NumberClass.UNUSABLE:
        yield _about(read, ReasonCode.UNUSABLE_NUMBER, number.steps)
        return
    guessed = kind is NumberClass.LOCAL
    code = ReasonCode.NEAR_NUMBER if guessed else ReasonCode.RESTRICTED_NUMBER
    score = _GUESSED if guessed else _EXACT
    yield from _matches(read, code, number.key, score, number.steps, exact=True)
    for alternative in number.alternatives:
        code = ReasonCode.NEAR_NUMBER if guessed else ReasonCode.HIDDEN_NUMBER
        yield from _matches(read, code, alternative.key, _ALTERNATIVE, (*number.steps, alternative.step))
    for key, step in near:
        for finding in _matches(read, ReasonCode.NEAR_NUMBER, key, _NEAR, (*number.steps, step)):
            if finding.listing and read.attempt.prisoner in finding.listing.restriction.prisoners:
                yield finding
    if number.tail:
        yield _about(read, ReasonCode.EXTRA_DIGITS, number.steps)
    if kind is NumberClass.INCOMPLETE or (guessed and not number.e164):
        yield _about(read, ReasonCode.INCOMPLETE_NUMBER, number.steps)
    else:
        yield Finding(
            code=ReasonCode.NUMBER_CLASS,
            matcher=MATCHER,
            given=read.attempt.to,
            number_class=kind,
            steps=(*number.steps, f"class of the number: {kind.replace('_', ' ')}"),
        )


def _matches(
    read: ReadAttempt,
    code: ReasonCode,
    key: int,
    score: float,
    steps: tuple[str, ...],
    *,
    exact: bool = False,
) -> Iterator[Finding]:
    for reference in read.restricted.numbers(key):
        listing = read.restricted.listing(reference.row)
        contact = listing.contacts[reference.place]
        listed_steps = phone.read(contact.value).steps
        yield Finding(
            code=code,
            matcher=MATCHER,
            given=read.attempt.to,
            listed=contact.value,
            score=score,
            exact=exact,
            steps=(*steps, *(f"listed: {step}" for step in listed_steps)),
            listing=listing,
            exempt=exempted_number(read, listing, key),
        )


def _near_keys(read: ReadAttempt, number: Number) -> list[tuple[int, str]]:
    """Numbers restricted for this prisoner that differ by one slip of the finger, or by the area code."""
    own = _own_numbers(read, number) if number.key else ()
    if not own:
        return []
    if abroad := _abroad(_without_country(number), own):
        return abroad
    if number.kind is NumberClass.LOCAL:
        return [
            (key, "area code left out")
            for key in own
            if key != number.key and phone.local_part(key) == number.local
        ]
    return _slips(number.key, own)


def _own_numbers(read: ReadAttempt, number: Number) -> Sequence[int]:
    """Those of his own numbers that may be like this one, or all: each is compared."""
    prisoner = read.attempt.prisoner
    if prisoner is None or number.kind is NumberClass.LOCAL or not _is_whole_of_the_uk(number):
        return read.own_numbers()
    return sorted(read.restricted.numbers_like(prisoner, number.key))


def _is_whole_of_the_uk(number: Number) -> bool:
    return number.e164.startswith("+44") and len(number.e164) == len("+44") + PLAN_LENGTH


def is_like_one(dialled: int, own: Iterable[int]) -> bool:
    """Whether a whole number of the UK is nearly one of his own: `find_number` would say so."""
    return bool(_slips(dialled, own) or _abroad(str(dialled)[2:], own))


def _abroad(dialled: str, own: Iterable[int]) -> list[tuple[int, str]]:
    """Foreign numbers of his own that were dialled without their country code."""
    return [
        (key, "country code left out")
        for key in own
        if (national := national_abroad(key)) and national == dialled
    ]


def _slips(dialled: int, own: Iterable[int]) -> list[tuple[int, str]]:
    """Numbers of his own that differ by one slip of the finger."""
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


def _about(read: ReadAttempt, code: ReasonCode, steps: tuple[str, ...]) -> Finding:
    return Finding(code=code, matcher=MATCHER, given=read.attempt.to, steps=steps)
