"""From a picture to the address on it, read for real; what is doubtful says so."""

from __future__ import annotations

import pytest
from PIL import Image

from adapters.mailroom.envelope import Doubt, Envelope, agreed, of_sides, understand
from adapters.mailroom.lines import Character, Line
from adapters.mailroom.ocr import RapidReader
from adapters.mailroom.orientation import look
from tests.adapters.mailroom.drawing import FROM, TO, envelope, pixels, written


@pytest.fixture(scope="module")
def reader() -> RapidReader:
    return RapidReader()


def read(reader: RapidReader, *arguments: object, **options: object) -> Envelope:
    return understand(reader.read(pixels(envelope(*arguments, **options))))  # type: ignore[arg-type]


def test_an_address_is_read_line_by_line(reader: RapidReader) -> None:
    found = read(reader)
    assert found.to.split("\n") == list(TO)
    assert found.doubts == ()
    assert found.confidence > 0.8


@pytest.mark.parametrize("tilt", [-8, 5, 15])
def test_a_tilted_envelope_is_read_in_the_same_order(reader: RapidReader, tilt: float) -> None:
    found = read(reader, sender=FROM, tilt=tilt)
    assert found.to.split("\n") == list(TO)
    assert found.prisoner == "A1234BC"


@pytest.mark.parametrize("tilt", [45, 78, 135, 190, 250, 262, 300])
def test_an_envelope_is_read_whichever_way_it_lies(reader: RapidReader, tilt: float) -> None:
    found = look(reader, pixels(envelope(sender=FROM, tilt=tilt)))
    assert found.to.split("\n") == list(TO)
    assert found.prisoner == "A1234BC"
    assert found.doubts == ()


def test_small_writing_on_a_large_page_is_seen(reader: RapidReader) -> None:
    page = written(Image.new("RGB", (2400, 1700), "#f4efe2"), TO, (1000, 800), size=20)
    assert [one.text for one in reader.read(pixels(page))] == list(TO)


def test_the_senders_block_is_not_the_address(reader: RapidReader) -> None:
    found = read(reader, sender=FROM)
    assert found.to.split("\n") == list(TO)
    assert found.sender.split("\n") == list(FROM)
    assert found.doubts == ()


def test_a_letter_to_a_prison_has_an_address_all_the_same(reader: RapidReader) -> None:
    to = ("Mr T Vance A1234BC", "HMP Ambermouth", "Quarry Lane", "LS1 4AB")
    found = read(reader, to)
    assert found.to.split("\n") == list(to)


def test_an_empty_envelope_is_unreadable(reader: RapidReader) -> None:
    assert read(reader, ()).doubts == (Doubt.UNREADABLE,)
    assert read(reader, ("Mum",)).doubts == (Doubt.UNREADABLE,)


def test_faint_writing_is_never_sure(reader: RapidReader) -> None:
    found = read(reader, ink="#e8e3d6")
    assert found.doubts or found.to.replace(" ", "") == "\n".join(TO).replace(" ", "")


def line(text: str, top: float, *, left: float = 100, confidence: float = 0.95, height: float = 40) -> Line:
    return Line(text, confidence, left, top, len(text) * 20.0, height)


OTHER = ("A Smith", "1 High Street", "Otherstead", "LS2 7XY")


def test_two_addresses_are_a_doubt() -> None:
    block = [line(text, 100 + 60 * place) for place, text in enumerate(TO)]
    other = [line(text, 600 + 60 * place) for place, text in enumerate(OTHER)]
    assert understand([*block, *other]).doubts == (Doubt.TWO_ADDRESSES,)


@pytest.mark.parametrize("code", ["YO 8BH", "Y0 8BH", "YO8 8", ""])
def test_no_house_number_and_half_a_postcode_is_a_doubt(code: str) -> None:
    rows = ("Kingssquare", "York", *([code] if code else []))
    assert Doubt.POSTCODE in understand([line(text, 100 + 60 * n) for n, text in enumerate(rows)]).doubts
    whole = ("Kingssquare", "York", "YO1 8BH")
    assert understand([line(text, 100 + 60 * n) for n, text in enumerate(whole)]).doubts == ()


def test_a_misread_prisoner_number_is_no_postcode_before_the_misread_one() -> None:
    sender = line("E374SH T Vance", 10, height=60)
    rows = ("41 Larkmead Street", "Wexmoor", "LE13 IXH")
    found = understand([sender, *[line(text, 400 + 60 * n) for n, text in enumerate(rows)]])
    assert found.to == "\n".join(rows)


@pytest.mark.parametrize(
    "rows", [("14 Quarry Lane", "Wexmoor"), ("A Smith", "LS2 7XY"), ("Quarfy Ianc", "Wexnoar", "LSZ 7")]
)
def test_a_larger_block_or_a_piece_of_an_address_beside_a_whole_one_is_a_doubt(rows: tuple[str, ...]) -> None:
    whole = [line(text, 600 + 40 * place, height=30) for place, text in enumerate(TO)]
    other = [line(text, 100 + 80 * place, height=60) for place, text in enumerate(rows)]
    assert understand([*whole, *other]).to == "\n".join(TO)
    assert understand([*whole, *other]).doubts == (Doubt.TWO_ADDRESSES,)
    note = [line("PHOTOS OF US", 100, height=30)]
    assert understand([*whole, *note]).doubts == ()


def test_a_postcode_of_another_part_of_the_country_than_the_town_is_a_doubt() -> None:
    rows = (("Larkmead Street", 0.99), ("Coventry", 0.99), ("LU5 6HY", 0.9))
    lines = [line(text, 100 + 60 * n, confidence=sure) for n, (text, sure) in enumerate(rows)]
    assert not {Doubt.POSTCODE, Doubt.LOW_CONFIDENCE}.isdisjoint(understand(lines).doubts)
    right = [*lines[:2], line("CV5 6HY", 220, confidence=0.9)]
    assert understand(right).doubts == ()


@pytest.mark.parametrize(
    "rows",
    [
        ("Please recycle",),
        ("Peel and seal", "Made from recycled fibre"),
        ("From: T Vance", "9 Station Road", "York", "YO1 8BH"),
        ("T Vance A1234BC", "HMP Ambermouth", "Quarry Lane", "LS12 2TJ"),
    ],
)
def test_a_printed_back_is_told_as_the_wrong_side(rows: tuple[str, ...]) -> None:
    back = [line(text, 100 + 60 * n) for n, text in enumerate(rows)]
    assert Doubt.WRONG_SIDE in of_sides([understand(back)]).doubts
    stamped = understand([*back, line("Royal Mail", 60, left=1200)])
    assert Doubt.WRONG_SIDE not in of_sides([stamped]).doubts
    front = understand([line(text, 400 + 60 * n) for n, text in enumerate(TO)])
    assert of_sides([understand(back), front]).doubts == ()


def test_under_a_postcode_another_address_begins() -> None:
    both = (*OTHER, *TO)
    found = understand([line(text, 100 + 60 * n) for n, text in enumerate(both)])
    assert {found.to, *found.also_to} == {"\n".join(TO), "\n".join(OTHER)}
    assert found.doubts == (Doubt.TWO_ADDRESSES,)


def test_a_prison_alone_is_a_doubt() -> None:
    prison = ("T Vance A1234BC", "HMP Ambermouth", "1 Quarry Lane", "Ambermouth", "LS1 4AB")
    back = understand([line(text, 100 + 60 * n) for n, text in enumerate(prison)])
    front = understand([])
    assert of_sides([front, back]).doubts == (Doubt.ONLY_PRISON,)
    addressed = understand([line(text, 100 + 60 * n) for n, text in enumerate(TO)])
    assert of_sides([addressed, back]).doubts == ()
    assert of_sides([addressed, back]).to == "\n".join(TO)


@pytest.mark.parametrize("prison", ["H M P Leeds", "HMYOI Wetherby", "YOI Wetherby", "Ambermouth Prison"])
def test_a_prison_is_the_senders_however_it_is_written(prison: str) -> None:
    sender = [line(text, 10 + 60 * n) for n, text in enumerate(("T Vance", prison, "LS12 2TJ"))]
    found = understand([*sender, *[line(text, 400 + 60 * n) for n, text in enumerate(TO)]])
    assert (found.to, found.doubts) == ("\n".join(TO), ())


def test_what_is_doubtful_of_the_back_is_doubtful_of_the_letter() -> None:
    front = understand([line(text, 100 + 60 * n) for n, text in enumerate(OTHER)])
    faint = understand([line(text, 100 + 60 * n, confidence=0.3) for n, text in enumerate(TO)])
    back = understand([line("RETURN TO SENDER", 100)])
    assert of_sides([front, faint]).doubts == (Doubt.LOW_CONFIDENCE,)
    assert of_sides([front, back]).doubts == (Doubt.RETURNED,)
    assert of_sides([front, understand([])]).doubts == ()


def test_a_hardly_read_postcode_is_no_doubt_where_the_rest_tells_the_door() -> None:
    confidences = (0.99, 0.99, 0.97, 0.5)
    lines = [line(text, 100 + 60 * n, confidence=confidences[n]) for n, text in enumerate(TO)]
    found = understand(lines)
    assert (found.doubts, found.is_certain) == ((), False)
    assert "\n".join(TO[:3]) in found.readings
    townless = [line(TO[1], 160, confidence=0.99), line(TO[3], 220, confidence=0.5)]
    assert understand(townless).doubts == (Doubt.LOW_CONFIDENCE,)


def test_a_house_number_that_is_hardly_read_is_a_doubt_and_never_left_out() -> None:
    to = ("Ms R Tallantyre", "14 Larkmead Street", "Ambermouth", "LS1 4AB")
    lines = [line(text, 100 + 60 * n, confidence=0.5 if n == 1 else 0.99) for n, text in enumerate(to)]
    found = understand(lines)
    assert found.doubts == (Doubt.LOW_CONFIDENCE,)
    assert "\n".join((to[0], *to[2:])) not in found.readings


@pytest.mark.parametrize(("chance", "read"), [(0.99, "A1234BC"), (0.6, None)])
def test_a_prisoner_number_counts_when_each_of_its_letters_is_sure(chance: float, read: str | None) -> None:
    text = "T Vance A1234BC"
    characters = tuple(Character(chance if character == "3" else 1.0) for character in text)
    sender = Line(text, 0.95, 20, 10, 300, 30, characters)
    to = [line(text, 400 + 60 * n) for n, text in enumerate(TO)]
    assert understand([sender, *to]).prisoner == read
    assert agreed(iter(("A1234BC", None, "A1284BC"))) is None


def test_a_line_that_the_reader_is_not_sure_of_is_a_doubt() -> None:
    lines = [
        line(text, 100 + 60 * place, confidence=0.4 if place == 1 else 0.99) for place, text in enumerate(TO)
    ]
    found = understand(lines)
    assert found.doubts == (Doubt.LOW_CONFIDENCE,)
    assert found.confidence == 0.4


def test_another_script_is_a_doubt() -> None:
    lines = [
        line(text, 100 + 60 * place) for place, text in enumerate(("Анна Петрова", "ул. Ленина 5", "Москва"))
    ]
    assert Doubt.FOREIGN_SCRIPT in understand(lines).doubts


def test_what_the_post_prints_is_no_address() -> None:
    lines = [
        line("1st Class", 10),
        line("Royal Mail", 70),
        *[line(t, 300 + 60 * n) for n, t in enumerate(TO)],
    ]
    assert understand(lines).to == "\n".join(TO)


@pytest.mark.parametrize("first", ["1st Floor", "2nd Avenue Flats", "Private Road House", "Urgent: Flat 2"])
def test_an_address_may_begin_with_what_the_post_prints(first: str) -> None:
    to = (first, *TO[1:])
    assert understand([line(text, 300 + 60 * n) for n, text in enumerate(to)]).to == "\n".join(to)


@pytest.mark.parametrize(
    "note",
    ["RETURN TO SENDER", "Not known at this address", "Addressee gone away", "R.T.S.", "no longer here"],
)
def test_a_letter_that_came_back_is_a_doubt_and_its_address_is_still_read(note: str) -> None:
    lines = [line(note, 240), *[line(text, 300 + 60 * n) for n, text in enumerate(TO)]]
    found = understand(lines)
    assert (found.to, found.doubts) == ("\n".join(TO), (Doubt.RETURNED,))


@pytest.mark.parametrize(
    ("sender", "back_to"),
    [
        (("From: T Vance", "Flat 2, 14 Elm Street", "Ambermouth"), "Flat 2, 14 Elm Street\nAmbermouth"),
        (("If undelivered: 14 Elm Street LS1 4AB",), "14 Elm Street LS1 4AB"),
        (("From: T Vance A1234BC", "HMP Ambermouth", "Quarry Lane"), None),
    ],
)
def test_where_a_letter_would_be_brought_back_to_is_another_address(
    sender: tuple[str, ...], back_to: str | None
) -> None:
    lines = [line(text, 10 + 60 * n) for n, text in enumerate(sender)]
    found = understand([*lines, *[line(text, 400 + 60 * n) for n, text in enumerate(TO)]])
    assert found.to == "\n".join(TO)
    assert found.also_to == (() if back_to is None else (back_to,))
    assert found.doubts == ()


def test_what_is_written_on_the_back_is_another_address_only_if_it_is_one() -> None:
    front = understand([line(text, 400 + 60 * n) for n, text in enumerate(TO)])
    greeting = understand([line("Sealed with a loving kiss", 100)])
    other = understand([line(text, 100 + 60 * n) for n, text in enumerate(("9 Elm Street", "Ambermouth"))])
    assert of_sides([front, greeting]).also_to == ()
    assert of_sides([front, other]).also_to == ("9 Elm Street\nAmbermouth",)


def test_two_prisoner_numbers_are_none() -> None:
    lines = [line("From A1234BC and B2345CD", 10), *[line(t, 300 + 60 * n) for n, t in enumerate(TO)]]
    assert understand(lines).prisoner is None


def test_nothing_that_is_printed_shows_what_was_read() -> None:
    lines = [line(text, 100 + 60 * place) for place, text in enumerate(TO)]
    for shown in (repr(lines), repr(understand(lines))):
        assert "Larkmead" not in shown
        assert "Tallantyre" not in shown
