"""A pitch, a park and a boat are the same whatever a letter calls them."""

from __future__ import annotations

import pytest

from matchers.address.sites import plainly
from tests.levels import best

PITCHES = ["Pitch", "Van", "Static", "Static Caravan", "Mobile Home", "Lodge", "Caravan No."]
PARKS = ["Caravan Park", "Holiday Park", "Mobile Home Park", "Touring Park", "C/Park", "Park"]
CRAFT = ["", "NB ", "n/b ", "Narrow Boat ", "M.V. ", "SY ", "Houseboat ", "The "]


@pytest.mark.parametrize("park", PARKS)
@pytest.mark.parametrize("pitch", PITCHES)
def test_a_pitch_is_that_pitch_and_no_other(pitch: str, park: str) -> None:
    given = f"J Pike\n{pitch} 27\nSandhaven {park}\nMablethorpe\nLN12 1ZZ"
    for number, same in (("27", True), ("28", False), ("2", False)):
        listed = f"Pitch {number}, Sandhaven Caravan Park, Shore Road, Mablethorpe, LN12 1ZZ"
        for one, other in ((given, listed), (listed, given)):
            assert (best(one, other) != "different") is same


@pytest.mark.parametrize("craft", CRAFT)
@pytest.mark.parametrize("listed", [*CRAFT, "moored"])
def test_a_boat_is_known_by_its_name(craft: str, listed: str) -> None:
    boat = "NB Kingfisher, Mooring 6" if listed == "moored" else f"{listed}Kingfisher"
    entry = f"{boat}, Stockwater Marina, Rugby CV23 8ZZ"
    given = f"D Shaw\n{craft}Kingfisher\nStockwater Marina\nRugby"
    assert best(given, entry) != "different"
    assert best(given.replace("Kingfisher", "Moorhen"), entry) == "different"


@pytest.mark.parametrize(
    "text",
    [
        "The Lodge, 27 Mill Road",
        "27 Park Road",
        "12 Holiday Village Road",
        "My Home, 3 Mill Lane",
        "Barge Inn",
    ],
)
def test_what_is_no_site_stands_as_it_is(text: str) -> None:
    assert plainly(text) == text
