"""American streets and towns by any of their names."""

from __future__ import annotations

import pytest

from matchers.address import compare
from matchers.address.us import read_us
from matchers.address.us_names import own_street, own_town, street_likeness
from matchers.address.vocabulary import fold


@pytest.mark.parametrize(
    ("written", "own"),
    [
        ("CR 12", "COUNTY ROAD 12"),
        ("CO ROAD 12", "COUNTY ROAD 12"),
        ("CTY ROAD 12", "COUNTY ROAD 12"),
        ("COUNTY HIGHWAY K", "COUNTY ROAD K"),
        ("SR 9", "STATE ROUTE 9"),
        ("OH-9", "STATE ROUTE 9"),
        ("OHIO 9", "STATE ROUTE 9"),
        ("STATE ROAD 9 W", "STATE ROUTE 9 W"),
        ("US-41", "US HIGHWAY 41"),
        ("W US HIGHWAY 50", "W US HIGHWAY 50"),
        ("I-35", "INTERSTATE 35"),
        ("IH 35", "INTERSTATE 35"),
        ("FM-1960", "FM 1960"),
        ("FM ROAD 1960", "FM 1960"),
        ("I STREET SE", "I STREET SE"),
        ("THIRTY-FIFTH AVENUE", "35TH AVENUE"),
        ("35 AVENUE", "35TH AVENUE"),
        ("E 3 STREET", "E 3RD STREET"),
        ("AVENUE OF THE AMERICAS", "6TH AVENUE"),
        ("DR MARTIN LUTHER KING JR BOULEVARD", "MARTIN LUTHER KING BOULEVARD"),
        ("MLK BOULEVARD", "MARTIN LUTHER KING BOULEVARD"),
        ("LARKSPUR LANE", "LARKSPUR LANE"),
    ],
)
def test_a_street_has_one_form(written: str, own: str) -> None:
    assert own_street(written) == own
    assert own_street(own) == own


@pytest.mark.parametrize(
    ("written", "own"),
    [
        ("NYC", "NEW YORK"),
        ("LA", "LOS ANGELES"),
        ("ST LOUIS", "SAINT LOUIS"),
        ("FT WORTH", "FORT WORTH"),
        ("N HOLLYWOOD", "NORTH HOLLYWOOD"),
        ("TANSY FALLS", "TANSY FALLS"),
    ],
)
def test_a_town_has_one_form(written: str, own: str) -> None:
    assert own_town(written) == own


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("E LARKSPUR ROAD", "E LARKSPUR ROAD NE", "similar"),
        ("LARKSPUR ROAD NE", "LARKSPUR ROAD", "similar"),
        ("N LARKSPUR ROAD", "S LARKSPUR ROAD", "different"),
        ("HIGHWAY 41", "US-41", "similar"),
        ("SR 9", "CR 9", "partial"),
        ("SR 9", "SR 90", "different"),
        ("MAPLE RIDGE", "NW MAPLE RIDGE BOULEVARD", "similar"),
        ("35TH AVENUE", "36TH AVENUE", "different"),
    ],
)
def test_two_streets_are_alike(one: str, other: str, likeness: str) -> None:
    assert street_likeness(one, other)[0] == likeness
    assert street_likeness(other, one)[0] == likeness


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("40 Larkspur St, 3rd Floor, Apt 12, Springfield, IL 62799", ("3RD", "12")),
        ("40 Larkspur St Fl 3 Apt 12, Springfield, IL 62799", ("3RD", "12")),
        ("40 Larkspur St Apt 3-B, Springfield, IL 62799", ("3B",)),
        ("Apt 3B, 40 Larkspur St, Springfield IL", ("3B",)),
        ("40 Larkspur St # 7, Springfield, IL 62799", ("7",)),
    ],
)
def test_floor_and_flat_stand_apart(text: str, units: tuple[str, ...]) -> None:
    assert read_us(text, fold(text)).units == units


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (
            "77-12 35th Avenue, Apt 5F, Tansy Heights, NY 11399",
            "7712 35 Ave #5F\nTansy Heights NY 11399",
            "same",
        ),
        ("RR 2 Box 18, Tansy Falls, WV 25099", "R.R. #2 Bx 18\nTansy Falls, W. Va. 25099", "same"),
        ("4500 County Road 12, Tansy, OH 43999", "4500 CR 12\nTansy OH", "probable"),
        ("40 W 35th St Apt 12, New York, NY 10099", "40 W 35 St #12\nNYC", "probable"),
        ("210 Larkspur St, Dover, DE 19999", "210 Larkspur Street\nDover, NH 03899", "different"),
        (
            "1420 Larkspur Ave Apt 3B, Dayton, OH 45499",
            "1420 Larkspur Ave Apt 4B, Dayton OH 45499",
            "different",
        ),
    ],
)
def test_two_american_addresses_compare(one: str, other: str, level: str) -> None:
    given, listed = (read_us(text, fold(text)) for text in (one, other))
    assert compare(given, listed).level == level
