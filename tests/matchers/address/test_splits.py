"""Cutting an address whose parts run into one another where a listed one is cut."""

from __future__ import annotations

import pytest

from matchers.address import read
from matchers.address.splits import cut_like


@pytest.mark.parametrize(
    ("given", "listed", "building", "street"),
    [
        ("Fairview Mill Lane Holton Leeds", "Fairview, Mill Lane, Holton, Leeds", "FAIRVIEW", "MILL LANE"),
        (
            "THE OLD RECTORY MILL LANE HOLTON LEEDS",
            "The Old Rectory, Mill Lane, Holton, Leeds",
            "THE OLD RECTORY",
            "MILL LANE",
        ),
        ("Rose Cottage Mill Hill Leeds", "Rose Cottage, Mill Hill, Leeds", "ROSE COTTAGE", "MILL HILL"),
        ("Fairview Mlil Lane Leeds", "Fairview, Mill Lane, Leeds", "FAIRVIEW", "MLIL LANE"),
        ("Fariview Mill Lane Leeds", "Fairview, Mill Lane, Leeds", "FARIVIEW", "MILL LANE"),
        (
            "Ty Gwyn Heol Llwyd Llanfoel Caerdydd",
            "Ty Gwyn, Heol Llwyd, Llanfoel, Caerdydd",
            "TY GWYN",
            "HEOL LLWYD",
        ),
        ("10 Tansyway Holton Leeds", "10 Tansyway, Holton, Leeds", "", "TANSYWAY"),
    ],
)
def test_an_address_is_cut_where_the_listed_one_is(
    given: str, listed: str, building: str, street: str
) -> None:
    cut = cut_like(read(given), read(listed))
    assert (cut.building, cut.street) == (building, street)


@pytest.mark.parametrize(
    ("given", "listed"),
    [
        ("Fairview Mill Lane Leeds", "Hillcrest, Mill Lane, Leeds"),  # another house of the street
        ("Fairview Mill Lane Leeds", "Fairview, Dye Road, Leeds"),  # a house of the name in another street
        ("North Marlpit Road Leeds", "South Marlpit Road, Leeds"),  # no house on either side
        ("12 Fairview Mill Lane Leeds", "Fairview, Mill Lane, Leeds"),  # a numbered house of another street
        ("12 Tansy Road Holton Leeds", "12 Tansy Road, Wexmoor, Leeds"),  # another locality
    ],
)
def test_an_address_that_does_not_agree_stays_as_it_was_read(given: str, listed: str) -> None:
    address = read(given)
    assert cut_like(address, read(listed)) is address
