"""An invented estate: prisoners, the people they must not contact, the restrictions, the register.

Every restriction plays a part that attempts can then be made for: most are plain, some name two prisoners,
hold for one prisoner only, have an exception, a court order, are over or yet to begin, or collide with the
confidential register.
"""

from collections.abc import Iterator
from itertools import product
from random import Random
from typing import Literal, NamedTuple, get_args

from rapidfuzz.distance import OSA

from engine.model import ConfidentialEntry, Contact, Exemption, ProtectedPerson, Restriction
from matchers import phone
from service.demonstration import tables
from service.demonstration.tables import NumberRange, Origin, Town

Part = Literal[
    "plain", "landline", "flat", "exception", "court order", "one prisoner", "two prisoners", "expired",
    "not yet", "conflict",
]  # fmt: skip
_SHARES: dict[Part, int] = {
    "plain": 60, "landline": 12, "flat": 12, "exception": 4, "court order": 3, "one prisoner": 4,
    "two prisoners": 3, "expired": 1, "not yet": 1,
}  # fmt: skip
"""Of the parts in a hundred restrictions, once each part is there."""
FEWEST_RESTRICTIONS = 2 * len(get_args(Part))
"""Two of every part."""
MOST_RESTRICTIONS = 1_000
"""Above this, names and numbers that nobody has run out."""
PRISONS = ("LEI", "LCI", "BLI", "BMI", "ACI", "LPI", "MRI", "DMI", "CFI")
"""Prisons at whose own exchange there are drama numbers."""

NEXT_DOOR = 2
"""From one house number to the next on the same side of the street."""
_INWARD_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_SHARE_LISTED = 0.4
"""Of the drama numbers; the rest stay free, so that a near number can be one that is not listed."""


class InventedPrisoner(NamedTuple):
    """A prisoner number and a prison code."""

    number: str
    prison: str


class FullName(NamedTuple):
    """A name in its two halves."""

    first: str
    family: str

    def __str__(self) -> str:
        return f"{self.first} {self.family}"


class Home(NamedTuple):
    """An address in its parts; `flat` is 0 in a house."""

    flat: int
    number: int
    street: str
    town: str
    postcode: str

    def lines(self) -> list[str]:
        """As on an envelope: (flat), number and street, town, postcode."""
        flat = [f"Flat {self.flat}"] if self.flat else []
        return [*flat, f"{self.number} {self.street}", self.town, self.postcode]

    def __str__(self) -> str:
        return ", ".join(self.lines())


class Barred(NamedTuple):
    """A restriction with the parts that attempts against it are made of."""

    part: Part
    restriction: Restriction
    prisoner: InventedPrisoner
    person: FullName
    alias: str
    number: str
    home: Home
    email: str
    handle: str


class Estate:
    """The invented world of one seed. Everything drawn from it is drawn once and in one order."""

    def __init__(self, seed: int, restrictions: int) -> None:
        """Raises ValueError when there are fewer or more restrictions than can be shown or invented."""
        if not FEWEST_RESTRICTIONS <= restrictions <= MOST_RESTRICTIONS:
            raise ValueError(f"restrictions: from {FEWEST_RESTRICTIONS} to {MOST_RESTRICTIONS:,}")
        self.chance = Random(seed)  # noqa: S311 - the same data for the same seed is the purpose
        self._people = self._all_people()
        self._prisoner_numbers: set[str] = set()
        self._house_numbers: dict[tuple[str, str], tuple[str, ...]] = {}
        self._listed_in: dict[str, set[str]] = {}
        self._listed: set[str] = set()
        self._numbers = {kind: self._all_numbers(kind) for kind in ("mobile", "landline")}
        self.register = [self._entry(*row) for row in tables.REGISTER]
        self._in_conflict = [self.register.pop() for _ in range(2)]
        self.register_lines = [*self.register, *self._in_conflict]
        parts: tuple[Part, ...] = get_args(Part)
        self.barred = [
            self._bar(n, parts[n % len(parts)] if n < FEWEST_RESTRICTIONS else self._usual_part())
            for n in range(restrictions)
        ]
        self.others = [self._prisoner() for _ in range(restrictions // 2)]
        """Prisoners whom no restriction names."""

    # ── choosing ────────────────────────────────────────────────────────────────────────────────────────

    def one(self, *parts: Part) -> Barred:
        """A restriction that plays one of these parts; "plain" ones where none are given."""
        wanted = parts or ("plain",)
        return self.chance.choice([barred for barred in self.barred if barred.part in wanted])

    def other(self, away_from: str = "", at: str = "") -> InventedPrisoner:
        """A prisoner whom no restriction names; in another prison than `away_from`, or `at` one."""
        chosen = [p for p in self.others if p.prison != away_from]
        prisoner = self.chance.choice(chosen)
        return prisoner._replace(prison=at) if at else prisoner

    def anybody(self) -> tuple[InventedPrisoner, Barred | None]:
        """Any prisoner, with the restriction that names him, if there is one."""
        if self.chance.random() < 0.5:
            barred = self.one("plain", "landline", "flat")
            return barred.prisoner, barred
        return self.other(), None

    def stranger(self, away_from: FullName | None = None) -> FullName:
        """Somebody whom no restriction names, with another initial and family name than `away_from`."""
        while True:
            person = self.chance.choice(self._people)
            if away_from is None or not _alike(person, away_from):
                return person

    def free_number(self, away_from: Barred | None = None) -> str:
        """A number that is not listed, and not one slip of the finger from that of `away_from`."""
        while True:
            number = self._random_number(self.chance.choice(tables.NUMBER_RANGES[:-2]))
            if number not in self._listed and not (away_from and _one_slip(number, away_from.number)):
                return number

    def confidential_number(self, away_from: Barred | None) -> str:
        """A number of the register, and not one slip of the finger from that of `away_from`."""
        numbers = [entry.contacts[0].value for entry in self.register]
        return self.chance.choice([n for n in numbers if not (away_from and _one_slip(n, away_from.number))])

    def special_number(self, kind: str) -> str:
        """A number of the class "freephone" or "premium"."""
        return self._random_number(next(r for r in tables.NUMBER_RANGES if r.kind == kind))

    def near(self, number: str) -> str:
        """An unlisted number one slip of the finger from `number`: a digit wrong, or two swapped."""
        while True:
            start, a, b, c = number[:-3], number[-3], number[-2], number[-1]
            digit = str(self.chance.randrange(10))
            slip = start + self.chance.choice((a + c + b, b + a + c, a + b + digit, a + digit + c))
            if slip != number and slip not in self._listed:
                return slip

    def home(self, *, flat: bool = False) -> Home:
        """An address that is no listed one, nor next door to one, nor easily misread for either."""
        while True:
            number = self.chance.randrange(3, 190)
            street, place = self.chance.choice(tables.STREETS), self.chance.choice(tables.PLACES)
            near_by = self._house_numbers.get((street, place.town), ())
            if str(number) in self._listed_in.get(street, ()):
                continue  # the same house and street in another of these invented towns
            if all(OSA.distance(a, b) > 1 for a, b in product(_with_next_door(number), near_by)):
                unit = self.chance.randrange(2, 9) if flat else 0
                return Home(unit, number, street, place.town, self._postcode(street, place))

    def wrong_postcode(self, home: Home) -> str:
        """The home's postcode with its last letter wrong."""
        letters = [letter for letter in _INWARD_LETTERS if letter != home.postcode[-1]]
        return home.postcode[:-1] + self.chance.choice(letters)

    # ── making ──────────────────────────────────────────────────────────────────────────────────────────

    def _usual_part(self) -> Part:
        (part,) = self.chance.choices(list(_SHARES), weights=list(_SHARES.values()))
        return part

    def _bar(self, n: int, part: Part) -> Barred:
        prisoner, person, home = self._prisoner(), self._people.pop(), self._list_home(part)
        alias = f"{person.first} {self.stranger(person).family}"
        plain = "".join(c for c in f"{person.first}.{person.family}".lower() if c.isascii() and c.isalnum())
        email = f"{plain}{n}@example.{self.chance.choice(('org', 'com', 'net'))}"
        handle = f"@{plain}{n}"
        number = self._list_number(part, prisoner)
        if part == "conflict":
            entry = self._in_conflict[n % len(self._in_conflict)]
            number = next(contact.value for contact in entry.contacts if contact.kind == "phone")
        second = self._prisoner()
        brother = Exemption(prisoner=second.number, contact=number, note="a close relative")
        restriction = Restriction(
            id=f"R{n + 1:04}",
            prisoner=(prisoner.number, second.number) if part == "two prisoners" else prisoner.number,
            scope="prisoner" if part == "one prisoner" else "estate",
            establishment=prisoner.prison,
            pathway=self.chance.choice((1, 2, 3, 4)),
            from_="2026-09-01" if part == "not yet" else self._day(2025),
            until={"expired": "2025-12-31", "plain": None}.get(part, self._day(2028)),
            court_order={"kind": "restraining order", "court": "Ambermouth Magistrates' Court"}
            if part == "court order"
            else None,
            protected=ProtectedPerson(name=str(person), aliases=(alias,)),
            contacts=(
                Contact(kind="phone", value=number),
                Contact(kind="address", value=str(home)),
                Contact(kind="email", value=email),
                Contact(kind="handle", value=handle),
            ),
            exceptions=(
                brother,
                Exemption(prisoner=second.number, contact=str(home), note="a close relative"),
            )
            if part in ("exception", "court order")
            else (),
        )
        return Barred(part, restriction, prisoner, person, alias, number, home, email, handle)

    def _entry(self, name: str, kind: str, number: str) -> ConfidentialEntry:
        contacts = [Contact(kind="phone", value=number or self._take("landline"))]
        if not number:
            domain = "".join(c for c in name.lower() if c.isalnum())
            contacts.append(Contact(kind="address", value=f"{name}, {self._list_home()}"))
            contacts.append(Contact(kind="email", value=f"post@{domain}.example.com"))
        return ConfidentialEntry(name=name, kind=kind, contacts=tuple(contacts))

    def _prisoner(self) -> InventedPrisoner:
        while True:
            letters = "".join(self.chance.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=2))
            number = f"X{self.chance.randrange(1, 10_000):04}{letters}"
            if number not in self._prisoner_numbers:
                self._prisoner_numbers.add(number)
                return InventedPrisoner(number, self.chance.choice(PRISONS))

    def _all_people(self) -> list[FullName]:
        pairs: Iterator[tuple[Origin, str, str]] = (
            (origin, *pair) for origin in tables.ORIGINS for pair in product(origin.first, origin.family)
        )
        people = [FullName(first, family) for _, first, family in pairs]
        self.chance.shuffle(people)
        return people

    def _all_numbers(self, kind: str) -> list[str]:
        numbers = [r.number(n) for r in tables.NUMBER_RANGES if r.kind == kind for n in range(1000)]
        self.chance.shuffle(numbers)
        return numbers[: int(len(numbers) * _SHARE_LISTED)]

    def _list_number(self, part: Part, prisoner: InventedPrisoner) -> str:
        if part == "landline":
            (area,) = phone.area_codes_near(prisoner.prison)[:1]
            return self._take("landline", area)
        return self._take("mobile" if self._numbers["mobile"] else "landline")

    def _list_home(self, part: Part = "plain") -> Home:
        home = self.home(flat=part == "flat")
        at = (home.street, home.town)
        self._listed_in.setdefault(home.street, set()).add(str(home.number))
        self._house_numbers[at] = (*self._house_numbers.get(at, ()), *_with_next_door(home.number))
        return home

    def _take(self, kind: str, area: str = "") -> str:
        numbers = self._numbers[kind]
        at = next(i for i, number in enumerate(numbers) if number.startswith(area))
        number = numbers.pop(at)
        self._listed.add(number)
        return number

    def _random_number(self, within: NumberRange) -> str:
        return within.number(self.chance.randrange(1000))

    def _postcode(self, street: str, place: Town) -> str:
        """One for each street of each place; those of one street in two places differ in three characters."""
        a, b = tables.STREETS.index(street), tables.PLACES.index(place)
        letters = _INWARD_LETTERS[(a + 5 * b) % 20] + _INWARD_LETTERS[(7 * a + 11 * b) % 20]
        return f"{place.area}{a % 9 + 1} {(a + 3 * b) % 8 + 1}{letters}"

    def _day(self, year: int) -> str:
        return f"{year}-{self.chance.randrange(1, 13):02}-{self.chance.randrange(1, 29):02}"


def _one_slip(one: str, other: str) -> bool:
    return OSA.distance(one.replace(" ", ""), other.replace(" ", "")) <= 1


def _with_next_door(number: int) -> tuple[str, str]:
    return str(number), str(number + NEXT_DOOR)


def _alike(one: FullName, other: FullName) -> bool:
    return one.first[0] == other.first[0] or one.family == other.family
