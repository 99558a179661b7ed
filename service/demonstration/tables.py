"""The invented world: names, streets and places that nobody has, and numbers that no telephone has."""

from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple


class Origin(NamedTuple):
    """First names and family names that go together."""

    first: tuple[str, ...]
    family: tuple[str, ...]


class NumberRange(NamedTuple):
    """A range of Ofcom's drama numbers: area code, fixed digits, and three digits left open."""

    kind: str
    area: str
    fixed: str

    def number(self, open_digits: int) -> str:
        """The whole national number, the area code set apart."""
        return f"{self.area} {self.fixed}{open_digits:03}"


class Town(NamedTuple):
    """A town and its postcode area."""

    town: str
    area: str


class RegisterName(NamedTuple):
    """A name for the confidential register; `phone` is empty where a drama number is to be given."""

    name: str
    kind: str
    phone: str


def _rows(name: str) -> Iterator[list[str]]:
    table = files(__package__).joinpath(f"{name}.tsv").read_text(encoding="utf-8")
    yield from (line.split("\t") for line in table.splitlines() if not line.startswith("#"))


ORIGINS = tuple(Origin(tuple(first.split()), tuple(family.split())) for _, first, family in _rows("names"))
NUMBER_RANGES = tuple(NumberRange(*row) for row in _rows("drama_numbers"))
STREETS = tuple(street for (street,) in _rows("streets"))
PLACES = tuple(Town(*row) for row in _rows("places"))
REGISTER = tuple(RegisterName(*row) for row in _rows("register"))
