"""Calls: the ways of dialling a number that must not be dialled, and the calls that must go through."""

from engine.model import ReasonCode, Verdict
from service.demonstration.estate import Estate, InventedPrisoner
from service.demonstration.example import Example, Maker

_DIALLING_CODES = ("1470", "1280", "18001", "18002", "#31#")
_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_LOOK_ALIKE = str.maketrans("01", "Ol")


def _call(
    shows: str, decision: Verdict, reason: ReasonCode | None, prisoner: InventedPrisoner, to: str
) -> list[Example]:
    return [Example("call", shows, decision, reason, prisoner, to)]


def _written(estate: Estate, number: str) -> str:
    """A number in one of the ways in which people write it."""
    area, local = number.split()
    bare = area[1:]
    return estate.chance.choice(
        (
            number, area + local, f"+44 {bare} {local}", f"0044{bare}{local}", f"+44 (0){bare} {local}",
            f"({area}) {local[:3]}-{local[3:]}", f"tel:+44{bare}{local}",
        )
    )  # fmt: skip


def family_call(estate: Estate) -> list[Example]:
    """An ordinary number, by anybody."""
    prisoner, own = estate.anybody()
    return _call("an ordinary call", "allow", None, prisoner, _written(estate, estate.free_number(own)))


def _plain(estate: Estate) -> list[Example]:
    barred = estate.one()
    to = _written(estate, barred.number)
    return _call("a restricted number", "block", ReasonCode.RESTRICTED_NUMBER, barred.prisoner, to)


def _number_withheld(estate: Estate) -> list[Example]:
    barred = estate.one()
    shows = "141 in front, which withholds the caller's number"
    to = f"141 {barred.number}"
    return _call(shows, "block", ReasonCode.RESTRICTED_NUMBER, barred.prisoner, to)


def _behind_a_code(estate: Estate) -> list[Example]:
    barred = estate.one()
    to = f"{estate.chance.choice(_DIALLING_CODES)} {barred.number}"
    return _call("another dialling code in front", "block", ReasonCode.RESTRICTED_NUMBER, barred.prisoner, to)


def _without_area_code(estate: Estate) -> list[Example]:
    barred = estate.one("landline")
    to = barred.number.split()[1]
    return _call("a local number without its area code", "flag", ReasonCode.NEAR_NUMBER, barred.prisoner, to)


def _digits_behind(estate: Estate) -> list[Example]:
    barred = estate.one()
    to = barred.number + estate.chance.choice((",,42", "#1234", ";ext=7", "w9", " 55"))
    return _call(
        "digits behind a restricted number", "block", ReasonCode.RESTRICTED_NUMBER, barred.prisoner, to
    )


def _digits_behind_another(estate: Estate) -> list[Example]:
    prisoner, own = estate.anybody()
    to = f"{estate.free_number(own)},,{estate.chance.randrange(10, 100)}"
    return _call("digits to be dialled on after the answer", "flag", ReasonCode.EXTRA_DIGITS, prisoner, to)


def _other_digits(estate: Estate) -> list[Example]:
    barred = estate.one()
    to = barred.number.translate(estate.chance.choice((_ARABIC, _FULL_WIDTH, _LOOK_ALIKE)))
    return _call(
        "digits of another alphabet, or letters", "block", ReasonCode.RESTRICTED_NUMBER, barred.prisoner, to
    )


def _dialled_on(estate: Estate) -> list[Example]:
    barred = estate.one()
    to = f"{estate.free_number(barred)},,{barred.number.replace(' ', '')}"
    shows = "a restricted number to be dialled on"
    return _call(shows, "block", ReasonCode.RESTRICTED_NUMBER, barred.prisoner, to)


def _slip(estate: Estate) -> list[Example]:
    barred = estate.one()
    to = estate.near(barred.number)
    return _call("one digit wrong, his own restriction", "flag", ReasonCode.NEAR_NUMBER, barred.prisoner, to)


def _slip_by_another(estate: Estate) -> list[Example]:
    to = estate.near(estate.one().number)
    return _call("one digit wrong, a stranger's restriction", "allow", None, estate.other(), to)


def _borrowed_pin(estate: Estate) -> list[Example]:
    barred = estate.one()
    prisoner = estate.other(at=barred.prisoner.prison)
    to = _written(estate, barred.number)
    return _call("on a fellow prisoner's PIN", "block", ReasonCode.RESTRICTED_NUMBER, prisoner, to)


def _second_prisoner(estate: Estate) -> list[Example]:
    barred = estate.one("two prisoners")
    second = InventedPrisoner(barred.restriction.prisoners[1], barred.prisoner.prison)
    return _call(
        "a restriction of two prisoners", "block", ReasonCode.RESTRICTED_NUMBER, second, barred.number
    )


def _scope_same_prison(estate: Estate) -> list[Example]:
    barred = estate.one("one prisoner")
    prisoner = estate.other(at=barred.prisoner.prison)
    shows = "restricted for another prisoner of the same prison"
    return _call(shows, "flag", ReasonCode.OTHER_PRISONER, prisoner, barred.number)


def _scope_other_prison(estate: Estate) -> list[Example]:
    barred = estate.one("one prisoner")
    prisoner = estate.other(away_from=barred.prisoner.prison)
    return _call("restricted for one prisoner of another prison", "allow", None, prisoner, barred.number)


def _relative(estate: Estate) -> list[Example]:
    barred = estate.one("exception")
    brother = InventedPrisoner(barred.restriction.exceptions[0].prisoner, barred.prisoner.prison)
    return _call("an exception for a relative", "allow", ReasonCode.EXCEPTION, brother, barred.number)


def _relative_against_court_order(estate: Estate) -> list[Example]:
    barred = estate.one("court order")
    brother = InventedPrisoner(barred.restriction.exceptions[0].prisoner, barred.prisoner.prison)
    return _call("an exception against a court order", "flag", ReasonCode.EXCEPTION, brother, barred.number)


def _not_in_force(estate: Estate) -> list[Example]:
    barred = estate.one("expired", "not yet")
    return _call("a restriction that is over or yet to begin", "allow", None, barred.prisoner, barred.number)


def _legal_adviser(estate: Estate) -> list[Example]:
    prisoner, own = estate.anybody()
    to = estate.confidential_number(own)
    return _call("a confidential call", "allow", ReasonCode.CONFIDENTIAL, prisoner, to)


def _legal_adviser_restricted(estate: Estate) -> list[Example]:
    barred = estate.one("conflict")
    shows = "restricted and confidential at once"
    return _call(shows, "flag", ReasonCode.CONFIDENTIAL_CONFLICT, barred.prisoner, barred.number)


def _bridge(estate: Estate) -> list[Example]:
    prisoner, _ = estate.anybody()
    kind = estate.chance.choice(("freephone", "premium", "operator"))
    to = "1471" if kind == "operator" else estate.special_number(kind)
    return _call("a number that can bridge to any other", "flag", ReasonCode.NUMBER_CLASS, prisoner, to)


def _short_code(estate: Estate) -> list[Example]:
    prisoner, _ = estate.anybody()
    return _call("a public short code", "allow", None, prisoner, estate.chance.choice(("101", "111")))


def _cut_short(estate: Estate) -> list[Example]:
    number = estate.free_number()
    shows = "a number with digits missing"
    return _call(shows, "flag", ReasonCode.INCOMPLETE_NUMBER, estate.other(), number[: number.index(" ") + 3])


def _no_number(estate: Estate) -> list[Example]:
    to = estate.chance.choice(("unknown", "#", "withheld", "-"))
    return _call("no number at all", "block", ReasonCode.UNUSABLE_NUMBER, estate.other(), to)


CALLS: tuple[Maker, ...] = (
    _plain, _number_withheld, _behind_a_code, _without_area_code, _digits_behind, _digits_behind_another,
    _other_digits, _dialled_on, _slip, _slip_by_another, _borrowed_pin, _second_prisoner,
    _scope_same_prison, _scope_other_prison, _relative, _relative_against_court_order, _not_in_force,
    _legal_adviser, _legal_adviser_restricted, _bridge, _short_code, _cut_short, _no_number,
)  # fmt: skip
