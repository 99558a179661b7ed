"""What a machine read is a door only where a postman could find it; other words on envelopes are none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mailroom.doors import believe_zip_codes, has_code, hides_door, is_door, tell_two_doors
from adapters.mailroom.envelope import Doubt, understand
from adapters.mailroom.marks import begins_with_return, kind_of
from benchmarks.mail.unaddressed import BACKS, POSTAGE, SLOGANS
from tests.adapters.mailroom.test_envelope import line

DOORS = (
    "14 Larkmead Street\nAmbermouth\nLS1 4AB",
    "Mr J Brown\nRose Cottage\nOtherstead\nNR21 0AA",
    "14 Larkmead Street\nLeeds",
    "Mum\n2 Second Avenue\nLeeds",
    "14 Larkmead Street\nAmbermouth\nLN1 ZTR",
    "Gift Street\nLS1 4AB",
    "Rose Cottage\nOtherstead\nNR21 OAA",
    "Larkmead Surgery\nLeeds\nLSI 4AB",
    "12 Heol Fawr\nCardiff",
    "9 Rue de Conde\n33000 Bordeaux\nFrance",
    "100 Main St\nSpringfield IL 62701\nUSA",
    "Rose Cottage\nBallina\nCo Mayo\nIreland",
    "12 MarketPlace\nLeeds",
    "12 HighStreet\nLeeds",
    "7 QUARRYLANE\nLeeds",
    "14 LarkmeadSt\nLeeds",
    "Cpl J Brown\nBFPO 12",
    "BFPO12",
    "PO Box 1200\nLeeds",
    "P.O. Box 1200\nLS1 4AB",
    "Freepost RTKH-ABCD-EFGH\nLS1 4AB",
    "Women's Aid\nLeeds LS1 4AB",
    "HMRC\nBX9 1AS",
    "HSBC UK\nSheffield\nS98 1AA",
    "Girobank\nBootle\nGIR 0AA",
    "14 Larkmead Street\nSt Helier\nJE2 3AB",
    "14 Main Street\nD14 X2Y3\nIreland",
    "Citizens Advice\nLS1 4AB",
    "HM Revenue and Customs\nLS1 4AB",
    "NHS Leeds\nLS1 4AB",
    "Larkmead Solicitors\nLS1 4AB",
)


@pytest.mark.parametrize("text", DOORS)
def test_a_street_or_named_house_with_a_real_postcode_a_post_town_or_a_country_is_a_door(text: str) -> None:
    assert is_door(text)


@pytest.mark.parametrize(
    "text",
    [
        "14 Larkmead Street",
        "14 Larkmead Street\nAmbermouth",
        "14 Larkmead Street\nAmbermouth\nQB1 4AB",
        "70 Years Royal Mail\nLondon",
        "9 Rue de Conde\n33000 Bordeaux",
        "100 Main St\nSpringfield IL 62701",
        "100 Main St\nIL 62701\nUSA",
        "100 Main St\nUSA",
        "12 High Street\nLincoln\nNE 68508",
        "1 Main St\nNashville TN 37064",
        "9 Rue de Conde\n33000\nFrance",
        "01044\nLAPSTE",
        "LS1 4AB",
        "Mum\nLeeds",
        "Mum\nLeeds LS1 4AB",
        "Mr J Brown\nLeeds\nLS1 4AB",
        "PO Box 1200",
        "Women's Aid\nLeeds",
        "Women's Aid\nQB1 4AB",
        "12 Eastbourne\nLeeds",
        "40 Surprise\nBath",
        "C\nWAIRE\nLEANN SNPA\nUP R LK",
        "Leann Snpa\nUp Rlk\nLS1 4A8",
        "London\nReturn if undelivered\n33 High Street",
        "London\nRetour si non distribue\n12 Rue de la Gare\n75010 Paris\nFrance",
        "Leeds\nFrom: T Vance\n33 High Street\nLeeds LS1 4AB",
        "",
    ],
)
def test_a_number_a_town_a_zip_code_or_a_postcode_that_there_is_not_makes_none(text: str) -> None:
    assert not is_door(text)


@pytest.fixture
def zip_codes_believed() -> Iterator[None]:
    believe_zip_codes(True)
    yield
    believe_zip_codes(False)


@pytest.mark.usefixtures("zip_codes_believed")
def test_a_zip_code_stands_for_its_country_where_the_mailroom_says_so() -> None:
    assert is_door("100 Main St\nSpringfield IL 62701")
    assert is_door("12 High Street\nLincoln\nNE 68508")
    assert is_door("9 Rue de Conde\n33000\nFrance")
    assert not is_door("100 Main St\nUSA")
    assert not is_door("01044\nLAPSTE")


@pytest.mark.parametrize(
    ("other", "are_two"),
    [
        ("17 Larkmead Street\nLeeds", True),
        ("Flat 3\n11 Larkmead Street\nLeeds", True),
        ("11 Quarry Lane\nLeeds", True),
        ("11 Lorkmead Sfreet\nLeeds", False),
        ("Flat 2\n11 Larkmead Street", False),
        ("Larkmead Street\nLeeds", False),
        ("1g Larkmead Street\nLeeds", False),
        ("110 Larkmead Street\nLeeds", True),
    ],
)
def test_two_readings_tell_two_doors_by_number_flat_or_name_and_not_by_what_one_lacks(
    other: str, are_two: bool
) -> None:
    to = "Flat 2\n11 Larkmead Street\nLeeds\nLS1 4AB"
    assert tell_two_doors(other, to) is tell_two_doors(to, other) is are_two


WORDS = st.sampled_from([*POSTAGE, *SLOGANS, *(text for text in BACKS if not is_door(text))])


@given(st.lists(WORDS, min_size=1, max_size=3), st.integers(0, 5000))
def test_postage_slogans_and_backs_make_no_door_in_whatever_order_they_are_read(
    words: list[str], number: int
) -> None:
    lines = [one.replace("100", str(number)) for text in words for one in text.split("\n")]
    found = understand([line(text, 100 + 60 * place) for place, text in enumerate(lines)])
    assert not {Doubt.NO_DOOR, Doubt.UNREADABLE, Doubt.ONLY_PRISON}.isdisjoint(found.doubts), found.to


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2 Second Class Large", "post"),
        ("ROYALMAIL", "post"),
        ("LAPSTE", "post"),
        ("1st", "post"),
        ("Jubilee Mail Centre", "post"),
        ("Recycle 100 percent", "print"),
        ("40 Happy Birthday Mum", "greeting"),
        ("Private and Confidential", "handling"),
        ("Return if undelivered", "return"),
        ("2 Second Avenue", None),
        ("1st Floor", None),
        ("Royal Mail House", None),
        ("12 Love Lane", None),
        ("Gift St", None),
        ("May Love", None),
        ("Mrs Christmas", None),
        ("The Old Post Office", None),
        ("Mail LS1 4AB", None),
        ("28", None),
    ],
)
def test_a_line_is_a_mark_when_all_of_its_words_are(text: str, kind: str | None) -> None:
    assert kind_of(text) == kind


def test_a_zip_code_is_no_postcode_unless_its_country_is_named() -> None:
    assert not has_code("01044\nLAPSTE")
    assert has_code("100 Main St\nSpringfield IL 62701\nUSA")
    assert has_code("14 Larkmead Street\nLS1 4AB")


def test_an_address_with_pieces_of_a_label_beneath_is_looked_up_without_them_as_well() -> None:
    rows = ("FLAT 3", "9 CONDE STREET", "LA", "28", "LEICESTER LE1 5YA")
    found = understand([line(text, 100 + 60 * n, confidence=0.99) for n, text in enumerate(rows)])
    whole = "FLAT 3\n9 CONDE STREET\nLEICESTER LE1 5YA"
    assert whole in found.readings
    assert whole in found.also_to
    assert Doubt.SCRAPS not in found.doubts


def test_each_of_several_pieces_is_looked_up_as_the_house_number_and_more_than_a_few_are_a_doubt() -> None:
    rows = ("D7", "380", "LONG LANE", "28", "UXBRIDGE", "UB10 9PG")
    found = understand([line(text, 100 + 60 * n, confidence=0.99) for n, text in enumerate(rows)])
    assert {"D7\nLONG LANE\nUXBRIDGE\nUB10 9PG", "380\nLONG LANE\nUXBRIDGE\nUB10 9PG"} <= {*found.readings}
    many = ("D7", "380", "4B", "12", "LONG LANE", "28", "UXBRIDGE", "UB10 9PG")
    found = understand([line(text, 100 + 60 * n, confidence=0.99) for n, text in enumerate(many)])
    assert Doubt.SCRAPS in found.doubts


@pytest.mark.parametrize("others", [(), ("R",)])
def test_a_house_number_that_was_seen_apart_from_its_street_stands_before_it(others: tuple[str, ...]) -> None:
    pieces = [line(text, 90, left=40, confidence=0.99) for text in others]
    street = line("LONG LANE", 100, left=190, confidence=0.99)
    number = line("380", 104, left=100, confidence=0.99)
    below = [line(text, 160 + 60 * n, confidence=0.99) for n, text in enumerate(("UXBRIDGE", "UB10 9PG"))]
    found = understand([*pieces, street, number, *below])
    assert "380\nLONG LANE\nUXBRIDGE\nUB10 9PG" in {found.to, *found.readings}


def test_a_misread_postcode_is_no_house_number_behind_a_scrap() -> None:
    rows = ("12 Fearn Cross", "Padgate", "Warrington", "WA2 OHD")
    assert not hides_door("\n".join(rows))


def test_a_scrap_taken_for_the_house_number_does_not_hide_the_number_behind_another() -> None:
    rows = ("228", "Kensington Road Surgery", "MF148 Kensington Road", "Coventry", "LUs 6HY")
    found = understand([line(text, 100 + 60 * n, confidence=0.99) for n, text in enumerate(rows)])
    assert any(text.startswith("Kensington Road Surgery\n148 Kensington Road") for text in found.readings)


def test_an_i_behind_a_scrap_that_was_taken_for_the_house_number_is_a_one() -> None:
    rows = ("28", "I Morland Road", "MR", "East croydon", "UNSurrey", "CRO GHA")
    found = understand([line(text, 100 + 60 * n, confidence=0.99) for n, text in enumerate(rows)])
    assert any(text.startswith("1 Morland Road\n") for text in found.readings)


@pytest.mark.parametrize("year", ["2026", "1998"])
def test_the_year_of_a_postmark_is_no_house_number(year: str) -> None:
    rows = ("The Paddock Surgery", "Chapel Lane", year, "Shornhill", "Dewsbury", "M71200H")
    assert not is_door("\n".join(rows))
    found = understand([line(text, 100 + 60 * n, confidence=0.99) for n, text in enumerate(rows)])
    assert Doubt.NO_DOOR in found.doubts
    assert any(text.startswith("The Paddock Surgery\nChapel Lane\nShornhill") for text in found.readings)
    assert is_door(f"{year} High Street\nLeeds")


@pytest.mark.parametrize("code", ["NIO GE", "MIO GE"])
def test_letters_alone_are_no_postcode_but_beside_a_post_town(code: str) -> None:
    assert not is_door(f"DEVVON\nNOTINOHN\nTHONIU ST {code}")
    assert is_door("1 Morland Road\nEast Croydon\nCRO GHA")


@pytest.mark.parametrize("text", ["33\nStern Lane\nLeeds\nLS1 4AB", "9 Elm Road\nLeeds\nLS1 4AB\nUK"])
def test_a_house_number_or_a_country_on_a_line_of_its_own_is_no_such_piece(text: str) -> None:
    assert not hides_door(text)


@pytest.mark.parametrize("gap", [60, 110])
def test_what_stands_under_a_return_label_is_the_senders(gap: int) -> None:
    label = line("If undelivered please return to", 100)
    rows = [line(text, 100 + gap + 60 * n) for n, text in enumerate(("9 Elm Street", "Leeds", "LS1 4AB"))]
    found = understand([label, *rows])
    assert not {Doubt.UNREADABLE, Doubt.ONLY_PRISON}.isdisjoint(found.doubts)
    assert begins_with_return("From: T Vance")
    assert not begins_with_return("Fromage Lane")


@pytest.mark.parametrize("number", ["12361", "48-12361", "Flat 12361,"])
def test_a_house_number_of_five_digits_is_no_door_of_this_country(number: str) -> None:
    assert not is_door(f"{number} MOSTON LANE\nMANCHESTER\nM40 9NB")
    assert is_door("2361 MOSTON LANE\nMANCHESTER\nM40 9NB")
