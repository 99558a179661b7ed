"""Entry: every number of a field is listed or its loss told, and none is ever listed as another."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import entry, number_field
from engine.entry import read
from engine.model import Contact, ContactKind
from matchers import phone
from tests.repeating import times

MOBILES = [f"07700900{n}" for n in (123, 456, 789, 100, 999)]
LANDLINES = ["02079460123", "01134960456", "02890180123"]  # not 01632: short of its 3 it is 01629 60789
NUMBERS = MOBILES + LANDLINES
ABROAD = ["+353871234567", "+12025550123", "+48225550123", "+33199005678"]


def listed(value: str, kind: ContactKind = "phone", codes: tuple[str, ...] = ()) -> list[str]:
    return [point.read_as for point in read(Contact(kind=kind, value=value), codes).points]


def refused(value: str, kind: ContactKind = "phone") -> tuple[str, ...]:
    return read(Contact(kind=kind, value=value)).refused


def e164(number: str) -> str:
    return phone.read(number).e164


@pytest.mark.parametrize(
    "value",
    [
        "07700 900123 / 020 7946 0123",
        "07700 900123/020 7946 0123",
        "07700 900123 or 020 7946 0123",
        "07700 900123 & 020 7946 0123",
        "07700 900123; 020 7946 0123",
        "07700 900123\n020 7946 0123",
        "07700 900123 | 020 7946 0123",
        "07700 900123, 020 7946 0123",
        "07700900123 02079460123",
        "home: 07700 900123 mob: 020 7946 0123",
        "H 07700 900123 M 020 7946 0123",
        "1) 07700 900123 2) 020 7946 0123",
        "a) 07700 900123 b) 020 7946 0123",
        "Tel1: 07700900123; Tel2: 02079460123",
        "+44 7700 900123+44 20 7946 0123",
        "07700 900123 is the old one, 020 7946 0123 new since March 2025",
        "07700 900123 (new), 020 7946 0123 (old)",
    ],
)
def test_several_numbers_of_one_field_are_several_contact_points(value: str) -> None:
    assert listed(value) == ["+447700900123", "+442079460123"]
    assert refused(value) == ()


@pytest.mark.parametrize(
    ("value", "second"),
    [
        ("07700 900123/456", "+447700900456"),
        ("07700 900123 or 456", "+447700900456"),
        ("020 7946 0123 or 0124", "+442079460124"),
        ("07700 900123/4", "+447700900124"),
        ("01632 960123/960456", "+441632960456"),
    ],
)
def test_the_last_digits_of_a_second_number_are_a_second_number(value: str, second: str) -> None:
    assert listed(value)[1] == second


@pytest.mark.parametrize(
    "note",
    [
        "1) {}",
        "1. {}",
        "2) {}",
        "Mobile 1: {}",
        "O2: {}",
        "Mum 2 {}",
        "24hr {}",
        "2024: {}",
        "{} (ex-dir)",
        "(ex-dir) {}",
        "{} since 01/02/2025",
        "from 01/02/2025: {}",
        "Updated 12/3/26 {}",
        "age 34, {}",
        "{} 24/7",
        "{} since 2024",
        "{} (O2)",
        "{} after 6pm",
        "call {} 9-5",
        "{} ask for flat 3",
        "n/a {}",
        "Not known / {}",
        "'{}",
        "{} x204",
        "{} ext 12",
        "{} extn: 22",
        "no 3: {}",
        "mob{}",
        "Work (Mon-Fri 9-5) {}",
        "{} EE contract",
    ],
)
@pytest.mark.parametrize("number", ["0113 496 0456", "07700 900123"])
def test_notes_and_list_numbers_are_no_digits_of_the_number(note: str, number: str) -> None:
    field = note.format(number)

    assert listed(field) == [e164(number)]
    assert refused(field) == ()


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("07700 9001234", number_field.TOO_MANY),
        ("07700 900123 4", number_field.TOO_MANY),
        ("07700 90012", number_field.TOO_FEW),
        ("496 0456", number_field.NO_AREA_CODE),
        ("4.477009E+11", number_field.ROUNDED),
        ("7.7009E+09", number_field.ROUNDED),
        ("447700000000", number_field.ROUNDED),
        ("353 87 012 3456", number_field.NO_COUNTRY),
        ("1 202 555 0123", number_field.NO_COUNTRY),
        ("202-555-0123", number_field.NO_COUNTRY),
        ("unknown", number_field.NOTHING),
        ("", number_field.NOTHING),
    ],
)
def test_what_cannot_be_trusted_is_refused_and_stored_as_nothing(value: str, why: str) -> None:
    assert listed(value) == []
    assert refused(value) == (why,)


@pytest.mark.parametrize(
    "value", ["999", "112", "101", "111", "116 123", "0800 1111", "+44 800 1111", "0044 8001111"]
)
def test_a_number_that_everybody_must_reach_is_never_listed(value: str) -> None:
    assert listed(value) == []
    (why,) = refused(value)
    assert why.startswith("a number that may never be listed")


def test_a_good_number_is_listed_beside_one_that_is_refused() -> None:
    entered = read(Contact(kind="phone", value="07700 900123; 999; 0113 496"))

    assert [point.read_as for point in entered.points] == ["+447700900123"]
    assert len(entered.refused) == 2


def test_a_local_number_is_listed_where_the_prison_is_named() -> None:
    assert listed("496 0456", codes=("0113",)) == ["+441134960456"]


def test_one_number_in_three_spellings_is_one_contact_point() -> None:
    entered = read(Contact(kind="phone", value="07700 900123, +44 7700 900123, 447700900123"))

    assert [point.read_as for point in entered.points] == ["+447700900123"]
    assert entered.told == (entry.REPEATED,)


def test_what_was_read_without_loss_keeps_its_wording() -> None:
    (point,) = read(Contact(kind="phone", value="07700 900123 - mum")).points

    assert point.contact.value == "07700 900123 - mum"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("sally@example.org, sal@example.net", ["sally@example.org", "sal@example.net"]),
        ("sally@example.org / work: s.jones@example.com", ["sally@example.org", "s.jones@example.com"]),
        ("sally@example.org sal@example.net", ["sally@example.org", "sal@example.net"]),
        ("sally at example dot org", ["sally@example.org"]),
        ("sally@example.org (old)", ["sally@example.org"]),
        ("Sally <sally@example.org>", ["sally@example.org"]),
    ],
)
def test_e_mail_addresses_are_taken_apart(value: str, found: list[str]) -> None:
    assert listed(value, "email") == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("@sallyj", ["sallyj"]),
        ("insta: sally_j, snap: sallyj92", ["sally_j", "sallyj92"]),
        ("@sallyj @sal92", ["sallyj", "sal92"]),
        ("@sallyj / @sal92", ["sallyj", "sal92"]),
        ("TikTok @sallyj92 and @salj", ["sallyj92", "salj"]),
        ("snapchat - sallyj92", ["sallyj92"]),
        ("https://www.instagram.com/sally_jones92/", ["sally_jones92"]),
    ],
)
def test_accounts_are_taken_apart(value: str, found: list[str]) -> None:
    assert listed(value, "handle") == found


@pytest.mark.parametrize("value", ["none", "unknown", "n/a", "N/A", "@none", "not known", "-", "tbc", "?"])
@pytest.mark.parametrize("kind", ["handle", "email", "phone"])
def test_a_field_that_says_nothing_lists_nothing(kind: ContactKind, value: str) -> None:
    assert listed(value, kind) == []
    assert refused(value, kind)


def test_a_value_in_another_values_field_is_listed_as_what_it_is() -> None:
    entered = read(Contact(kind="handle", value="WhatsApp 07700 900123"))
    assert [(p.contact.kind, p.read_as) for p in entered.points] == [("phone", "+447700900123")]

    entered = read(Contact(kind="phone", value="sally@example.org 07700 900123"))
    assert {(p.contact.kind, p.read_as) for p in entered.points} == {
        ("phone", "+447700900123"),
        ("email", "sally@example.org"),
    }


def test_a_refusal_repeats_nothing_of_what_was_written() -> None:
    kinds: tuple[ContactKind, ...] = ("phone", "email", "handle")
    for value in ("07700 9001234", "353 87 012 3456", "4.477009E+11", "sal ly", "116 123"):
        for kind in kinds:
            entered = read(Contact(kind=kind, value=value))
            assert not any(value in text or value[:5] in text for text in (*entered.refused, *entered.told))


def spaced(number: str) -> st.SearchStrategy[str]:
    if number.startswith("+"):
        return st.sampled_from([number, number[:3] + " " + number[3:], "00" + number[1:]])
    return st.sampled_from(
        [
            number,
            f"{number[:5]} {number[5:]}",
            f"{number[:5]} {number[5:8]} {number[8:]}",
            f"({number[:5]}) {number[5:]}",
            f"{number[:4]}-{number[4:7]}-{number[7:]}",
            f"+44 {number[1:5]} {number[5:]}",
            f"+44 (0){number[1:5]} {number[5:]}",
            f"0044{number[1:]}",
        ]
    )


WRITTEN = st.sampled_from(NUMBERS + ABROAD).flatmap(lambda n: st.tuples(st.just(n), spaced(n)))
LABELS = st.sampled_from(
    [
        "",
        "home: ",
        "mob ",
        "Tel: ",
        "1) ",
        "2. ",
        "Mobile 2: ",
        "work - ",
        "her mum's ",
        "O2: ",
        "new ",
        "H",
        "W",
        "M",
        "mob",
        "Tel",
    ]
)
NOTES = st.sampled_from(
    [
        "",
        " (old)",
        " (mum)",
        " - mum",
        " since 2024",
        " from 01/02/2025",
        " 24/7",
        " ask for Sally",
        " ext 12",
    ]
)
SEPARATORS = st.sampled_from([" / ", ", ", "; ", "\n", " or ", " and ", " & ", " | "])


@given(st.lists(st.tuples(LABELS, WRITTEN, NOTES), min_size=1, max_size=4), SEPARATORS)
@settings(max_examples=times(300), deadline=None)
def test_whatever_stands_around_them_all_numbers_are_listed_or_told(
    parts: list[tuple[str, tuple[str, str], str]], separator: str
) -> None:
    field = separator.join(label + written + note for label, (_, written), note in parts)
    wanted = {e164(number) for _, (number, _), _ in parts}

    entered = read(Contact(kind="phone", value=field))

    found = {point.read_as for point in entered.points}
    assert found <= wanted, field
    assert found == wanted or entered.refused, field


@given(WRITTEN, st.integers(0, 14), st.sampled_from("0123456789"), st.booleans())
@settings(max_examples=times(300), deadline=None)
def test_a_digit_too_many_or_too_few_is_never_another_number(
    number: tuple[str, str], place: int, digit: str, more: bool
) -> None:
    plain, written = number
    places = [n for n, char in enumerate(written) if char.isdigit()][5:]
    at = places[place % len(places)]
    wrong = written[:at] + (digit + written[at:] if more else written[at + 1 :])
    if plain.startswith("+"):  # other countries' numbers may be of several lengths
        return

    entered = read(Contact(kind="phone", value=wrong))

    if number_field.MAY_BE_SHORT in entered.told:  # nobody's number, and listed as it was written
        (point,) = entered.points
        assert point.read_as == "+44" + "".join(filter(str.isdigit, wrong)).lstrip("0").removeprefix(
            "44"
        ).lstrip("0")
        return
    assert not entered.points, wrong
    assert entered.refused


@given(st.text(max_size=60), st.sampled_from(["phone", "email", "handle", "address"]))
@settings(max_examples=times(300), deadline=None)
def test_whatever_is_written_is_read_or_refused(text: str, kind: ContactKind) -> None:
    entered = read(Contact(kind=kind, value=text))

    assert entered.points or entered.refused


@given(st.lists(st.tuples(LABELS, WRITTEN, NOTES), min_size=1, max_size=3), SEPARATORS)
@settings(max_examples=times(100), deadline=None)
def test_what_was_taken_apart_is_read_again_as_it_was(
    parts: list[tuple[str, tuple[str, str], str]], separator: str
) -> None:
    field = separator.join(label + written + note for label, (_, written), note in parts)
    for point in read(Contact(kind="phone", value=field)).points:
        again = read(point.contact)
        assert [one.read_as for one in again.points] == [point.read_as], (field, point.contact.value)
        assert not again.refused


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("HMP Ambermouth, 2 Gaol Lane, Ambermouth, LS1 4AB", "a prison"),
        ("Ambermouth Crown Court, 1 Oxbow Row, Ambermouth, LS1 4AB", "a court"),
        ("Ambermouth Police Station\nQuillet Row\nAmbermouth\nLS1 4AB", "a police station"),
    ],
)
def test_a_prison_a_court_and_a_police_station_are_refused_but_for_the_register(
    address: str, what: str
) -> None:
    contact = Contact(kind="address", value=address)

    assert refused(address, "address") == (f"an address that may never be listed ({what})",)
    assert listed(address, "address") == []
    assert read(contact, for_register=True).points


@pytest.mark.parametrize(
    "field",
    [
        "{} 0930-1700",
        "{} (0900 1700)",
        "{} (15 03 2024)",
        "{}\n20240315",
        "{} - 9.30 - 17.00",
        "{} - LS14 6AB",
        "{} SO15 2BG",
        "{} E1 6AN",
        "{}/2024",
        "{}/12/03",
        "{} and 10/12",
        "{} or 999",
        "{}/101",
        "{} ext 1234 or 1235",
        "LS1 4AB, {}",
        "{}, PIN: 1571",
        "{}, ext: 1571",
        "100% & {}",
    ],
)
@pytest.mark.parametrize("number", ["0113 496 0517", "07700 900 737", "+44 7700 900484"])
def test_hours_dates_postcodes_and_codes_beside_a_number_make_no_other_number(
    field: str, number: str
) -> None:
    entered = read(Contact(kind="phone", value=field.format(number)))

    assert [point.read_as for point in entered.points] == [e164(number)]


@pytest.mark.parametrize(
    "value", ["age: 100", "house: 123", "number ends 123", "159, Larkmead Street, Ambermouth", "07000000000"]
)
def test_digits_of_a_note_are_no_short_code(value: str) -> None:
    assert listed(value) == []
    assert refused(value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("handle", "07700 900123 (whatsapp), @sallyo"),
        ("handle", "@sallyo and 07700 900123"),
        ("handle", "@sallyo 07700 900123"),
        ("phone", "07700 900123 @sallyo"),
        ("phone", "07700 900123, insta: sallyo"),
    ],
)
def test_a_number_and_an_account_in_one_field_are_both_listed(kind: ContactKind, value: str) -> None:
    assert set(listed(value, kind)) == {"+447700900123", "sallyo"}


@pytest.mark.parametrize("between", ["; ", " / ", "\n", " or her mother's ", " (moving to) "])
def test_two_addresses_with_their_postcodes_are_two_contact_points(between: str) -> None:
    entered = read(
        Contact(kind="address", value=f"12 Larkmead Street LS1 4AB{between}14 Harrow Lane LS2 3CD")
    )

    assert len(entered.points) == 2
    assert entry.SEVERAL in entered.told


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("12 and 14 Harrow Lane, LS2 3CD", ["12 Harrow Lane, LS2 3CD", "14 Harrow Lane, LS2 3CD"]),
        (
            "12 Harrow Lane, LS2 3CD<br>nan's: 8 Orton Way, LS1 4AB",
            ["12 Harrow Lane, LS2 3CD", "8 Orton Way, LS1 4AB"],
        ),
    ],
)
def test_each_number_of_a_street_and_each_household_is_a_contact_point(value: str, found: list[str]) -> None:
    assert [point.contact.value for point in read(Contact(kind="address", value=value)).points] == found


def test_addresses_beyond_those_that_are_read_are_refused_in_words() -> None:
    value = "; ".join(f"{number} Harrow Lane, LS{number} 3CD" for number in range(1, 11))
    entered = read(Contact(kind="address", value=value))
    assert (len(entered.points), entered.refused) == (8, (entry.MORE_ADDRESSES,))


def test_the_lines_of_one_address_belong_together() -> None:
    value = "Flat 2\n12 Larkmead Street\nAmbermouth\nLS1 4AB"
    assert [point.contact.value for point in read(Contact(kind="address", value=value)).points] == [value]


@pytest.mark.parametrize("note", ["12 Larkmead Street", "- 2 kids", "34 yrs"])
def test_a_few_digits_before_a_word_are_a_note(note: str) -> None:
    assert listed(f"07700 900123 {note}") == ["+447700900123"]
    assert refused(f"07700 900123 {note}") == ()


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("email", '"sally@example.org"', ["sally@example.org"]),
        ("email", "her email is sally@example.org", ["sally@example.org"]),
        ("email", "mailto:sally@example.org?subject=hi", ["sally@example.org"]),
        ("email", "sally@example.org (and sal@example.net)", ["sally@example.org", "sal@example.net"]),
        ("handle", "sallyo on instagram", ["sallyo"]),
        ("handle", "her insta is sallyo", ["sallyo"]),
        ("handle", "username sallyo", ["sallyo"]),
        ("handle", "(@sallyo)", ["sallyo"]),
        ("handle", "snap:sallyo insta:sal92", ["sallyo", "sal92"]),
        ("handle", "https://www.facebook.com/profile.php?id=100012345678901", ["100012345678901"]),
        ("handle", "linktr.ee/sallyo", ["sallyo"]),
    ],
)
def test_an_account_among_words_is_the_account(kind: ContactKind, value: str, found: list[str]) -> None:
    assert listed(value, kind) == found


@pytest.mark.parametrize(
    ("value", "stops", "what"),
    [
        ("12 Larkmead Street, Leeds, LS1 4AB", True, ""),
        ("12 Larkmead Street, Leeds", True, "no postcode"),
        ("Larkmead Street, Leeds, LS1 4AB", True, "to the street"),
        ("LS1 4AB", True, "to the postcode"),
        ("12 Larkmead Street, Leeds, ZZ99 9ZZ", True, "none that there is"),
        ("12 Larkmead Street, Derby, M1 1AA", True, "not one of the town's"),
        ("12 Larkmead Street, Leeds, LS1 4AB, Case ID 20417", True, "was left out"),
        ("12 Larkmead Street, Leeds, LS1 4AB since 01/02/2025", True, "was left out"),
        ("12 Larkmead Street, Leeds, LS1 4AB; formerly 3 Mill Lane, Selby", True, "each is listed by itself"),
        ("Larkmead Street, Leeds", True, "stops nothing as written"),
        ("High Street, Leeds", True, "stops nothing as written"),
        ("Rose Cottage", False, "stops nothing as written"),
        ("no fixed abode", False, "no address can be read"),
    ],
)
def test_an_address_says_what_it_will_stop_and_what_to_write(value: str, stops: bool, what: str) -> None:
    entered = read(Contact(kind="address", value=value))
    assert bool(entered.points) is stops
    told = entered.told if stops else entered.refused
    assert any(what in one for one in told) if what else told == ()
    assert not any("Larkmead" in one or "LS1" in one for one in told)
