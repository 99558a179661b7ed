"""An address as read, and what comparing two of them says."""

from __future__ import annotations

from typing import Literal

import msgspec

Level = Literal["same", "probable", "incomplete", "different"]
LEVELS: tuple[Level, ...] = ("different", "incomplete", "probable", "same")
"""From what says least for one door to what says most."""
UNKNOWN_COUNTRY = "ZZ"
"""Some country that is not told; ISO 3166 leaves this code to its users."""
Outcome = Literal["same", "compatible", "missing", "different"]


class Address(msgspec.Struct, frozen=True, gc=False, array_like=True, omit_defaults=True):
    """One address, its parts in normal form: upper case, no punctuation, abbreviations written out.

    `text` is kept as given; every other field is comparable as it stands, so nothing is tokenised again.
    Encodes to and from msgpack as an array; `omit_defaults` drops empty fields at the end.
    """

    text: str
    country: str = "GB"  # "GB" (the Crown dependencies included), "US", or "" for another or unknown country
    postcode: str = ""  # canonical, "LS1 4AB"; a ZIP code for the United States
    numbers: tuple[str, ...] = ()  # of the street: "12", "12A", "12-14"
    street: str = ""  # the street; with a dependent street, the one that it lies off
    building: str = ""  # where two are named, both names; `buildings` has them apart
    units: tuple[str, ...] = ()  # inside the building: "2", "B", "GROUND"
    town: str = ""
    locality: str = ""
    dependent_street: str = ""
    county: str = ""
    organisation: str = ""
    names: tuple[str, ...] = ()  # addressee lines as written
    care_of: tuple[str, ...] = ()  # names after c/o, care of, FAO, for the attention of
    po_box: str = ""
    sub_building: str = ""  # the units as an address would say them: "FLAT 2"
    district: str = ""  # an outward code alone ("LS1") where the postcode is not complete
    postcode_fragment: str = ""  # what stands where a postcode should, without spaces, when it is not one
    postcode_readings: tuple[str, ...] = ()  # postcodes the fragment may be
    number_readings: tuple[str, ...] = ()  # house numbers that an unclear one may be, likeliest first
    inner_building: str = ""  # the first of two names in `building`: the one that stands in the other
    rather: str = ""  # the country of the likeliest reading, where this reading is another

    @property
    def less_likely(self) -> bool:
        """Whether another reading is likelier: this one never makes two addresses the same for sure."""
        return bool(self.rather)

    @property
    def abroad(self) -> str:
        """The foreign country that the text is likeliest of, `UNKNOWN_COUNTRY` where it is not told which."""
        country = self.rather or self.country or UNKNOWN_COUNTRY
        return "" if country == "GB" else country

    @property
    def usable(self) -> bool:
        """Whether anything is left to compare: a street, a premises, a postcode or a PO box."""
        return bool(
            self.postcode
            or self.street
            or (self.building and (self.place or self.district or self.numbers or self.units))
            or self.po_box
            or self.postcode_readings
            or ((self.numbers or self.units) and (self.town or self.locality))
            or (self.organisation and (self.town or self.district))
        )

    @property
    def streets(self) -> tuple[str, ...]:
        """The street names, the one that carries the number first."""
        if self.dependent_street:
            return (self.dependent_street, self.street)
        return (self.street,) if self.street else ()

    @property
    def buildings(self) -> tuple[str, ...]:
        """The buildings' names, at most two, the inner one first."""
        if self.inner_building:
            return (self.inner_building, self.building[len(self.inner_building) + 1 :])
        return (self.building,) if self.building else ()

    @property
    def place(self) -> str:
        """Locality and town in one string of words."""
        return f"{self.locality} {self.town}".strip()


class FieldMatch(msgspec.Struct, frozen=True, gc=False):
    """One field of two addresses side by side."""

    name: str
    given: str
    listed: str
    outcome: Outcome
    qualifier: str  # in words a reviewer can read: "abbreviation written out", "one letter differs"
    contribution: float  # to the log odds that both are one place


class Comparison(msgspec.Struct, frozen=True):
    """Whether a given address is a listed one.

    `same` is sure; `probable` needs a person to look (a misreading, a misspelling, a conflict);
    `incomplete` lacks what would tell (no number on one side); `different` is another place.
    """

    level: Level
    score: float  # probability, 0 to 1
    fields: tuple[FieldMatch, ...] = ()
    steps: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[int, float]:
        """By which the best of several is told: its level, then its score."""
        return LEVELS.index(self.level), self.score
