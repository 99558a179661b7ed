"""A given name cut in writing, "Thos" or "Robt", is that name, with a stop or none, and no other."""

from __future__ import annotations

import pytest

from matchers import tables
from matchers.address import read as read_address
from matchers.envelope_names import EnvelopeWords
from matchers.person import compare, read

MATCHED = ("same", "compatible")
CUT = [(name, short) for name, shorts in tables.rows("person_abbreviations") for short in shorts.split()]


@pytest.mark.parametrize(("name", "short"), CUT)
def test_a_name_cut_in_writing_is_the_whole_one(name: str, short: str) -> None:
    for written in (short.title(), f"{short.title()}.", f"Mr {short.title()}", short.upper()):
        assert compare(read(f"{written} Quillfeather"), read(f"{name} Quillfeather")).level in MATCHED
        assert compare(read(f"{name} Quillfeather"), read(f"{written} Quillfeather")).level in MATCHED


@pytest.mark.parametrize(
    ("short", "other"),
    [("Robt", "Roger"), ("Thos", "Timothy"), ("Chas", "Christopher"), ("Jas", "Joseph"),
     ("Geo", "Gerald"), ("Jno", "James"), ("Hy", "Harold"), ("Saml", "Simon"), ("Danl", "David")],
)  # fmt: skip
def test_it_is_no_other_name_that_begins_like_it(short: str, other: str) -> None:
    assert compare(read(f"{short} Quillfeather"), read(f"{other} Quillfeather")).level == "different"


@pytest.mark.parametrize(("name", "short"), CUT)
def test_it_is_found_on_an_envelope_below_a_companys_line(name: str, short: str) -> None:
    envelope = read_address(f"Larkmead Joinery Ltd\n{short.title()}. Quillfeather\n17 Larkmead Close\nDerby")
    assert [*EnvelopeWords(envelope.text).find(read(f"{name} Quillfeather"))]
