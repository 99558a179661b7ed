"""Letters: restricted addresses in many forms, and the neighbours whose mail must not be lost."""

from engine.model import ReasonCode, Verdict
from service.demonstration.estate import NEXT_DOOR, Barred, Estate, Home, InventedPrisoner
from service.demonstration.example import Example, Maker

_ABBREVIATIONS = {"Street": "St", "Road": "Rd", "Avenue": "Ave", "Lane": "Ln", "Drive": "Dr", "Close": "Cl"}


def _letter(
    shows: str,
    decision: Verdict,
    reason: ReasonCode | None,
    prisoner: InventedPrisoner | None,
    name: object,
    lines: list[str],
) -> list[Example]:
    return [Example("letter", shows, decision, reason, prisoner, "\n".join([str(name), *lines]))]


def family_letter(estate: Estate) -> list[Example]:
    """A letter to an address that nobody has listed."""
    prisoner, own = estate.anybody()
    title = estate.chance.choice(("Mr", "Ms", "Mx"))
    name = f"{title} {estate.stranger(own.person if own else None)}"
    return _letter("an ordinary letter", "allow", None, prisoner, name, estate.home().lines())


def _plain(estate: Estate) -> list[Example]:
    barred = estate.one()
    shows, reason = "a restricted address", ReasonCode.RESTRICTED_ADDRESS
    return _letter(shows, "block", reason, barred.prisoner, barred.person, barred.home.lines())


def _abbreviated(estate: Estate) -> list[Example]:
    barred = estate.one()
    name = f"{barred.person.first[0]} {barred.person.family}"
    street = barred.home.street
    for whole, short in _ABBREVIATIONS.items():
        street = street.replace(whole, short)
    lines = [line.upper() for line in barred.home._replace(street=street).lines()]
    shows, reason = "abbreviated, in capitals", ReasonCode.RESTRICTED_ADDRESS
    return _letter(shows, "block", reason, barred.prisoner, name.upper(), lines)


def _other_name(estate: Estate) -> list[Example]:
    barred = estate.one()
    name = f"Mr {estate.stranger(barred.person)}"
    shows, reason = "to another name at the address", ReasonCode.RESTRICTED_ADDRESS
    return _letter(shows, "block", reason, barred.prisoner, name, barred.home.lines())


def _by_another_to_the_person(estate: Estate) -> list[Example]:
    barred = estate.one()
    shows, reason = "another prisoner to the protected person", ReasonCode.RESTRICTED_ADDRESS
    return _letter(shows, "block", reason, estate.other(), barred.person, barred.home.lines())


def _by_another_to_the_household(estate: Estate) -> list[Example]:
    barred = estate.one()
    name = f"Mr {estate.stranger(barred.person)}"
    shows, reason = "another prisoner to the household", ReasonCode.HOUSEHOLD
    return _letter(shows, "flag", reason, estate.other(), name, barred.home.lines())


def _by_nobody_known(estate: Estate) -> list[Example]:
    barred = estate.one()
    name = f"Mr {estate.stranger(barred.person)}"
    shows, reason = "sender unknown, to the household", ReasonCode.HOUSEHOLD
    return _letter(shows, "flag", reason, None, name, barred.home.lines())


def _relative(estate: Estate) -> list[Example]:
    barred = estate.one("exception")
    brother = InventedPrisoner(barred.restriction.exceptions[1].prisoner, barred.prisoner.prison)
    shows, reason = "an exception for a relative", ReasonCode.EXCEPTION
    return _letter(shows, "allow", reason, brother, barred.person, barred.home.lines())


def _legal_mail_to_a_home(estate: Estate) -> list[Example]:
    barred = estate.one()
    lines = [f"Mr {estate.stranger(barred.person)}", *barred.home.lines()]
    shows, reason = "marked as legal mail, to a home", ReasonCode.RESTRICTED_ADDRESS
    return _letter(shows, "block", reason, barred.prisoner, "LEGAL MAIL", lines)


def _wrong_postcode(estate: Estate) -> list[Example]:
    barred = estate.one()
    lines = barred.home._replace(postcode=estate.wrong_postcode(barred.home)).lines()
    shows, reason = "a wrong letter in the postcode", ReasonCode.PROBABLE_ADDRESS
    return _letter(shows, "flag", reason, barred.prisoner, f"Ms {estate.stranger(barred.person)}", lines)


def _without_postcode(estate: Estate) -> list[Example]:
    barred = estate.one()
    shows, reason = "no postcode", ReasonCode.PROBABLE_ADDRESS
    name = f"Ms {estate.stranger(barred.person)}"
    return _letter(shows, "flag", reason, barred.prisoner, name, barred.home.lines()[:-1])


def _without_number(estate: Estate) -> list[Example]:
    barred = estate.one()
    _, *lines = barred.home.lines()
    shows, reason = "no house number", ReasonCode.INCOMPLETE_ADDRESS
    name = f"Ms {estate.stranger(barred.person)}"
    return _letter(shows, "flag", reason, barred.prisoner, name, [barred.home.street, *lines])


def _without_flat(estate: Estate) -> list[Example]:
    barred = estate.one("flat")
    shows, reason = "a building of flats without the flat", ReasonCode.INCOMPLETE_ADDRESS
    name = f"Ms {estate.stranger(barred.person)}"
    return _letter(shows, "flag", reason, barred.prisoner, name, barred.home._replace(flat=0).lines())


def _next_door(estate: Estate) -> list[Example]:
    barred = estate.one()
    home = barred.home._replace(number=barred.home.number + NEXT_DOOR)
    return _neighbour(estate, "the neighbour, next door", barred, home)


def _next_flat(estate: Estate) -> list[Example]:
    barred = estate.one("flat")
    home = barred.home._replace(flat=barred.home.flat + 10)
    return _neighbour(estate, "another flat of the same building", barred, home)


def _neighbour(estate: Estate, shows: str, barred: Barred, home: Home) -> list[Example]:
    name = f"Mrs {estate.stranger(barred.person)}"
    return _letter(shows, "allow", None, barred.prisoner, name, home.lines())


def _moved_house(estate: Estate) -> list[Example]:
    barred = estate.one()
    name = estate.chance.choice((str(barred.person), barred.alias))
    shows, reason = "the person at another address", ReasonCode.RESTRICTED_PERSON
    return _letter(shows, "flag", reason, barred.prisoner, name, estate.home().lines())


def _namesake(estate: Estate) -> list[Example]:
    person = estate.one().person
    shows = "a stranger who bears the name"
    return _letter(shows, "allow", None, estate.other(), person, estate.home().lines())


def _care_of(estate: Estate) -> list[Example]:
    barred = estate.one()
    lines = [f"c/o {barred.person}", *estate.home().lines()]
    name = f"Mr {estate.stranger(barred.person)}"
    return _letter("care of the person", "flag", ReasonCode.CARE_OF, barred.prisoner, name, lines)


def _box(estate: Estate) -> list[Example]:
    home = estate.home()
    lines = [f"PO Box {estate.chance.randrange(10, 1000)}", home.town, home.postcode]
    return _letter("a PO box", "flag", ReasonCode.PO_BOX, estate.other(), f"Mr {estate.stranger()}", lines)


def _no_address(estate: Estate) -> list[Example]:
    name = estate.chance.choice(("Mum", "To my darling", "Nan"))
    return _letter("no address", "flag", ReasonCode.UNUSABLE_ADDRESS, estate.other(), name, [])


def _legal_adviser(estate: Estate) -> list[Example]:
    prisoner, _ = estate.anybody()
    advisers = [entry for entry in estate.register if "Solicitors" in entry.name]
    address = estate.chance.choice(advisers).contacts[1].value
    name, *lines = address.split(", ")
    return _letter("a confidential letter", "allow", ReasonCode.CONFIDENTIAL, prisoner, name, lines)


LETTERS: tuple[Maker, ...] = (
    _plain, _abbreviated, _other_name, _by_another_to_the_person, _by_another_to_the_household,
    _by_nobody_known, _relative, _legal_mail_to_a_home, _wrong_postcode, _without_postcode, _without_number,
    _without_flat, _next_door, _next_flat, _moved_house, _namesake, _care_of, _box, _no_address,
    _legal_adviser,
)  # fmt: skip
