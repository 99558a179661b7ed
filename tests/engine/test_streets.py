"""A street alone: the fast list finds in it what going through every address does, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.blocklist import compile_blocklist
from engine.model import Contact, ProtectedPerson, Restriction
from engine.reference import plain_blocklist
from matchers import address

STREETS = ("Larkmead Street", "Larkmead Road", "Old Larkmead Street", "High Street", "Stryd y Môr")
DOORS = st.tuples(st.integers(1, 60), st.sampled_from(STREETS), st.sampled_from(("Ambermouth", "Otherstead")))


@given(st.lists(DOORS, min_size=1, max_size=6), st.sampled_from(STREETS))
def test_a_street_is_found_in_every_town(doors: list[tuple[int, str, str]], wanted: str) -> None:
    restrictions = [
        Restriction(
            id=f"R{n}",
            prisoner="A1234BC",
            protected=ProtectedPerson(name="Maren Thistlewood"),
            contacts=(Contact(kind="address", value=f"{number} {street}, {town}"),),
        )
        for n, (number, street, town) in enumerate(doors)
    ]
    street = address.read(wanted).street
    fast, slow = (
        {reference for reference, _ in made(restrictions).restricted.addresses_in_street(street)}
        for made in (compile_blocklist, plain_blocklist)
    )
    assert fast == slow
    assert {reference.row for reference in fast} >= {n for n, one in enumerate(doors) if one[1] == wanted}
