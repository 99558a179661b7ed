"""Telephone numbers: what libphonenumber reads we read too, and what people dial at a payphone besides."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from matchers import phone
from matchers.phone import NumberClass

NUMBER = "07700900123"
PUBLIC = Path(__file__).parents[3] / "shared" / "data" / "tables"
NEEDS_PUBLIC = pytest.mark.skipif(
    not PUBLIC.is_dir(), reason=f"PUBLIC MEASURING DATA ABSENT: {PUBLIC} is not there, nothing was compared"
)

# ── the oracle: libphonenumber ──────────────────────────────────────────────────────────────────────────

TYPES = [value for name, value in vars(PhoneNumberType).items() if name.isupper() and name != "UNKNOWN"]
DIALLED_FROM = ("GB", "US")
ORACLE_EXCEPTIONS: dict[str, str] = {}
"""Texts that are read otherwise here than by the oracle, each with the dialling rule that says so: none."""


def e164(number: PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def written(number: PhoneNumber, form: int) -> str:
    return str(phonenumbers.format_number(number, form))


def forms(number: PhoneNumber, home: str | None) -> Iterator[tuple[str, str]]:
    """(text, region in which it is read) of one number, in every form that libphonenumber writes."""
    if home is not None:
        yield written(number, PhoneNumberFormat.NATIONAL), home
    for form in (PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.E164, PhoneNumberFormat.RFC3966):
        yield written(number, form), "GB"
        if home is not None:
            yield written(number, form), home
    for region in DIALLED_FROM:
        yield phonenumbers.format_out_of_country_calling_number(number, region), region


def disagreements(number: PhoneNumber, home: str | None) -> list[str]:
    return [
        f"{text!r} in {region}: {ours or 'nothing'}, not {theirs}"
        for text, region in forms(number, home)
        if text not in ORACLE_EXCEPTIONS
        and (ours := phone.read(text, region).e164) != (theirs := e164(phonenumbers.parse(text, region)))
    ]


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_every_kind_of_number_of_every_region_is_read_as_libphonenumber_reads_it(region: str) -> None:
    examples = [
        example
        for kind in TYPES
        if (example := phonenumbers.example_number_for_type(region, kind)) is not None
    ]
    assert examples
    assert [wrong for example in examples for wrong in disagreements(example, region)] == []


@pytest.mark.parametrize("code", sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS))
def test_numbers_that_belong_to_no_country_are_read_as_libphonenumber_reads_them(code: int) -> None:
    example = phonenumbers.example_number_for_non_geo_entity(code)
    assert example is not None
    assert disagreements(example, None) == []


@pytest.mark.parametrize("region", ["GB", "GG", "IM", "JE"])
def test_every_british_example_is_read_alike_at_home_with_its_trunk_zero(region: str) -> None:
    for kind in TYPES:
        example = phonenumbers.example_number_for_type(region, kind)
        if example is not None:
            national = written(example, PhoneNumberFormat.NATIONAL)
            assert phone.read(national).e164 == e164(example), national


@NEEDS_PUBLIC
def test_published_numbers_are_read_as_libphonenumber_reads_them_but_for_four_named_rules() -> None:
    with (PUBLIC / "phones_published.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["raw"], row["e164"]) for row in csv.DictReader(file)]
    unlike = {raw: (phone.read(raw), oracle) for raw, oracle in rows if phone.read(raw).e164 != oracle}
    unexplained = [raw for raw, (number, oracle) in unlike.items() if not _rule(number, oracle)]
    assert len(rows) > 20_000
    assert unexplained == []
    assert len(unlike) < 20


def _rule(number: phone.Number, oracle: str) -> str:
    """Why a published number is read otherwise than by the oracle; "" when no rule says so."""
    if any("cut at 10 digits" in step for step in number.steps) and oracle.startswith(number.e164):
        return "UK numbers end at the plan's length; what is behind is kept as the tail"
    if "extension kept as the tail" in number.steps and oracle.startswith(number.e164):
        return "the first word for an extension ends the number"
    if number.kind is NumberClass.LOCAL and oracle.removeprefix("+44") == number.local:
        return "a number without its area code is not one of the whole country"
    if number.kind is NumberClass.UNUSABLE and set(oracle.removeprefix("+44")) == {"0"}:
        return "zeros alone are no number"
    return ""


@NEEDS_PUBLIC
def test_libphonenumbers_own_cases_are_read_alike_but_for_numbers_too_long_for_their_country() -> None:
    lines = (PUBLIC / "phone_parse_cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    unlike = []
    for case in cases:
        expected = case["expected"]
        zero = "0" if expected.get("italian_leading_zero") else ""
        oracle = f"+{expected['country_code']}{zero}{expected['national_number']}"
        number = phone.read(case["input"], case["region"] or "ZZ")
        cut = any("cut at the country's longest number" in step for step in number.steps)
        if number.e164 != oracle and not (cut and number.e164 + number.tail == oracle):
            unlike.append((case["input"], case["region"], number.e164, oracle))
    assert len(cases) == 66
    assert unlike == []


# ── one number, however it is written ───────────────────────────────────────────────────────────────────

_SEPARATORS = st.lists(
    st.sampled_from(["", "", " ", "-", ".", "\u00a0", "\u2009", "\u200b", "/"]), min_size=12
)


@settings(max_examples=200, deadline=None)
@given(st.from_regex(r"0[123789]\d{9}", fullmatch=True), _SEPARATORS)
def test_separators_anywhere_in_a_uk_number_change_nothing(national: str, separators: list[str]) -> None:
    plain = phone.read(national)
    spaced = phone.read("".join(d + s for d, s in zip(national, separators, strict=False)))
    assert (spaced.key, spaced.e164, spaced.kind) == (plain.key, plain.e164, plain.kind)


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=60) | st.text("0123456789+*#() pwxOlext;=.,-", max_size=40))
def test_reading_any_text_never_raises_and_keeps_it(text: str) -> None:
    number = phone.read(text)
    assert number.text == text
    assert number.usable == (number.key != 0)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40), st.sampled_from(["US", "FR", "ZZ", "IT", "JM"]))
def test_reading_any_text_abroad_never_raises(text: str, region: str) -> None:
    assert phone.read(text, region).text == text


@settings(max_examples=200, deadline=None)
@given(st.from_regex(r"0[12379]\d{9}", fullmatch=True))
def test_the_fast_and_the_careful_way_agree(national: str) -> None:
    fast = phone.read(national)
    careful = phone.read(f"{national[:5]}\u200b{national[5:]}")
    assert (fast.key, fast.e164, fast.kind, fast.tail) == (
        careful.key,
        careful.e164,
        careful.kind,
        careful.tail,
    )


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("141 07700 900123", "dialling code 141 removed (withhold the caller's number)"),
        ("147007700900123", "dialling code 1470 removed (release the caller's number)"),
        ("1280 07700 900123", "dialling code 1280 removed (carrier selection)"),
        ("18185 07700 900123", "dialling code 18185 removed (carrier selection)"),
        ("18001 07700 900123", "dialling code 18001 removed (text relay)"),
        ("18002-07700-900123", "dialling code 18002 removed (text relay)"),
        ("#31#07700900123", "dialling code #31# removed (withhold the caller's number)"),
        ("*31#07700900123", "dialling code *31# removed (release the caller's number)"),
        ("141 0044 7700 900123", "international prefix 00 read"),
        ("447700900123", "country code 44 without its plus sign"),
        ("7700900123", "leading 0 added"),
        ("+44\u200b (0) 7700 900123", "trunk 0 in brackets dropped"),
        ("+44 007700 900123", "trunk 0 dropped"),
        ("+44 44 7700 900123", "country code given twice"),
        ("9 07700 900123", "outside-line 9 removed"),
        ("tel:+447700900123", "tel: link removed"),
        ("sip:07700900123@example.org", "sip: link removed"),
        ("tel:7700900123;phone-context=+44", "country code +44 taken from the link"),
        ("٠٧٧٠٠٩٠٠١٢٣", "unicode digits folded"),
        ("07700\u200b900123", "invisible characters removed"),
        ("O77OO 9OOl23", "look-alike letters read as digits"),
        ("oh seven seven double oh nine double oh one two three", "number words read as digits"),
        ("Mum 07700 900123", "words around the number dropped"),
        ("077009001239", "cut at 10 digits behind +44, 1 more kept as the tail"),
        ("07700 900123 ext 9", "extension kept as the tail"),
    ],
)
def test_each_step_that_was_taken_is_told(text: str, step: str) -> None:
    number = phone.read(text)
    assert number.e164 == "+447700900123"
    assert step in number.steps


@pytest.mark.parametrize(
    ("text", "tail"), [("07700 900123 *31#", "31"), ("07700900123*31#0113 4960123", "3101134960123")]
)
def test_a_star_code_behind_a_number_is_digits_behind_it_and_no_dialling_code(text: str, tail: str) -> None:
    number = phone.read(text)
    assert (number.e164, number.tail) == ("+447700900123", tail)
    assert not any("dialling code" in step for step in number.steps)


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        "07700 900123",
        "+44 7700 900123",
        "0044 7700 900123",
        "+44 (0) 7700 900123",
        "+44 07700 900123",
    ],
)
def test_a_plainly_written_number_took_no_steps(text: str) -> None:
    number = phone.read(text)
    assert (number.e164, number.steps) == ("+447700900123", ())


def test_both_of_two_dialling_codes_are_told() -> None:
    steps = phone.read("141 18002 07700 900123").steps
    assert [step.split()[2] for step in steps] == ["141", "18002"]


# ── classes ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "e164", "kind"),
    [
        ("07700 900123", "+447700900123", "mobile"),
        ("020 7946 0123", "+442079460123", "landline"),
        ("0113 496 0123", "+441134960123", "landline"),
        ("0118 496 0123", "+441184960123", "landline"),
        ("0141 496 0123", "+441414960123", "landline"),
        ("01632 960123", "+441632960123", "landline"),
        ("0306 999 0123", "+443069990123", "landline"),
        ("056 0000 0000", "+445600000000", "landline"),
        ("07624 000000", "+447624000000", "mobile"),
        ("07781 000000", "+447781000000", "mobile"),
        ("07797 000000", "+447797000000", "mobile"),
        ("01534 000000", "+441534000000", "landline"),
        ("01624 000000", "+441624000000", "landline"),
        ("01481 000000", "+441481000000", "landline"),
        ("070 0000 0000", "+447000000000", "personal"),
        ("+44 70 0000 0000", "+447000000000", "personal"),
        ("0909 8790123", "+449098790123", "premium"),
        ("0845 000 0000", "+448450000000", "shared_cost"),
        ("0870 000 0000", "+448700000000", "shared_cost"),
        ("0845 46 47", "+448454647", "shared_cost"),
        ("0808 157 0123", "+448081570123", "freephone"),
        ("0800 000 0000", "+448000000000", "freephone"),
        ("0800 000000", "+44800000000", "freephone"),
        ("0500 000000", "+44500000000", "freephone"),
        ("0800 1111", "+448001111", "freephone"),
        ("+1 202 555 0123", "+12025550123", "international"),
        ("00 353 1 000 0000", "+35310000000", "international"),
        ("01632 9601", "+4416329601", "incomplete"),
        ("0600 000 0000", "+446000000000", "incomplete"),
    ],
)
def test_a_number_has_the_class_of_its_range(text: str, e164: str, kind: str) -> None:
    number = phone.read(text)
    assert (number.e164, number.kind) == (e164, kind)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("116 123", "short_code"),
        ("116123", "short_code"),
        ("101", "short_code"),
        ("111", "short_code"),
        ("1 1 1", "short_code"),
        ("999", "short_code"),
        ("112", "short_code"),
        ("tel:101", "short_code"),
        ("141 101", "short_code"),
        ("100", "operator"),
        ("155", "operator"),
        ("1471", "operator"),
        ("1571", "operator"),
        ("118 500", "premium"),
    ],
)
def test_a_short_code_has_its_class_and_no_e164(text: str, kind: str) -> None:
    number = phone.read(text)
    assert (number.kind, number.e164) == (kind, "")
    assert number.key > phone.SHORT_CODE_BASE


def test_a_short_code_is_not_the_foreign_number_of_the_same_digits() -> None:
    assert phone.read("116123").key != phone.read("+116123").key


@pytest.mark.parametrize(
    "text", ["01160 000000", "01010 000000", "0118 000 0000", "0141 000 0000", "01470 000000", "01280 000000"]
)
def test_area_codes_that_begin_like_short_and_dialling_codes_stay_landlines(text: str) -> None:
    number = phone.read(text)
    assert (number.e164, number.steps) == ("+44" + text[1:].replace(" ", ""), ())


def test_glasgow_without_its_zero_is_not_withheld_and_says_so_in_an_alternative() -> None:
    assert phone.read("141 496 0123").e164 == "+441414960123"


def test_withheld_and_whole_is_not_glasgow() -> None:
    assert phone.read("141 0113 496 0123").e164 == "+441134960123"


# ── tails, alternatives, local numbers ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "tail"),
    [
        ("07700900123", ""),
        ("077009001231", "1"),
        ("07700 900123 456", "456"),
        ("07700900123#12", "12"),
        ("07700900123,,12", "12"),
        ("07700900123p12w3", "123"),
        ("07700 900123 ext 12", "12"),
        ("07700 900123 x12", "12"),
        ("07700900123;ext=12", "12"),
        ("tel:+447700900123;ext=12", "12"),
        ("07700900123;postd=12", "12"),
        ("141 07700 900123 99", "99"),
        ("+44770090012399 ext 1", "991"),
    ],
)
def test_what_stands_behind_the_number_is_kept_as_its_tail(text: str, tail: str) -> None:
    number = phone.read(text)
    assert (number.e164, number.tail) == ("+447700900123", tail)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("07700900999 07700900123", "07700900123"),
        ("07700900999 / 01632 960123", "01632960123"),
        ("11207700900123", "07700900123"),
        ("10007700900123", "07700900123"),
    ],
)
def test_a_second_number_in_the_text_is_an_alternative(text: str, hidden: str) -> None:
    number = phone.read(text)
    assert int("44" + hidden[1:]) in {a.key for a in number.alternatives} - {number.key}
    assert all(a.step for a in number.alternatives)


def test_ten_digits_behind_a_plus_may_be_a_uk_number_without_its_code() -> None:
    number = phone.read("+7700900123")
    assert number.e164 != "+447700900123"
    assert [a.key for a in number.alternatives] == [447700900123]


@pytest.mark.parametrize("number", ["07700900123", "020 7946 0123", "+1 202 555 0123", "116 123"])
def test_a_plain_number_has_no_alternatives(number: str) -> None:
    assert phone.read(number).alternatives == ()


def test_a_local_number_gets_the_area_codes_it_may_belong_to() -> None:
    number = phone.read("4960123", area_codes=("0113", "0114"))
    assert (number.kind, number.e164, number.local) == ("local", "+441134960123", "4960123")
    assert [a.key for a in number.alternatives] == [441144960123]
    assert number.steps == ("area code 0113 of the prison's own exchange added",)


def test_a_local_number_takes_only_area_codes_of_fitting_length() -> None:
    assert phone.read("960123", area_codes=("0113", "01632")).e164 == "+441632960123"
    assert phone.read("7946 0123", area_codes=("020",)).e164 == "+442079460123"


def test_a_local_number_without_area_codes_has_a_key_that_no_whole_number_has() -> None:
    number = phone.read("496 0123")
    assert (number.kind, number.e164, number.local) == ("local", "", "4960123")
    assert number.key > phone.LOCAL_BASE > phone.SHORT_CODE_BASE


@pytest.mark.parametrize(
    ("key", "local"),
    [
        (441134960123, "4960123"),
        (441184960777, "4960777"),
        (441414960321, "4960321"),
        (441914980123, "4980123"),
        (441632960123, "960123"),
        (442079460123, "79460123"),
        (442920180123, "20180123"),
        (447700900123, "900123"),
        (443069990123, ""),
        (448001111, ""),
        (12025550123, ""),
        (0, ""),
        (phone.read("116 123").key, ""),
        (phone.read("4960123").key, ""),
    ],
)
def test_the_local_part_is_what_stands_behind_the_area_code(key: int, local: str) -> None:
    assert phone.local_part(key) == local


def test_area_codes_are_known_for_prisons_and_empty_for_others() -> None:
    assert phone.area_codes_near("LEI") == ("0113",)
    assert phone.area_codes_near("OUT") == phone.area_codes_near(None) == phone.area_codes_near("XXX") == ()


# ── what is no number ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "mum", "+", "*#", "00", "0", "00000000000", "tel:", "sip:a@b", "?!"]
)
def test_a_text_without_a_number_is_unusable(text: str) -> None:
    number = phone.read(text)
    assert (number.kind, number.key, number.e164, number.usable) == ("unusable", 0, "", False)
    assert number.steps == ("no telephone number could be read",)


@pytest.mark.parametrize(("text", "region"), [("", "US"), ("12", "ZZ"), ("hello", "FR")])
def test_a_text_without_a_number_is_unusable_abroad_too(text: str, region: str) -> None:
    assert not phone.read(text, region).usable


@pytest.mark.parametrize(
    "text", ["07700 900 1234567890123456789", "0" * 400, "9" * 400, "١" * 300, "+" * 100 + "1"]
)
def test_very_long_texts_are_read_without_harm(text: str) -> None:
    assert phone.read(text).text == text
