"""A restricted number anywhere in what was dialled stops the call, whatever its country and place."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import phonenumbers
import pytest

from engine.blocklist import compile_blocklist
from engine.model import (
    Attempt,
    ConfidentialEntry,
    Contact,
    Decision,
    ProtectedPerson,
    Reason,
    ReasonCode,
    Restriction,
)
from engine.policy import read_policy
from engine.screener import Screener
from tests.repeating import some

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOBILE, SOLICITOR, DUBLIN = "07700 900123", "0117 496 0200", "+353 1 000 0123"


def restriction(number: str, name: str, scope: str = "estate") -> Restriction:
    return Restriction(
        id=name,
        prisoner="A1234BC",
        protected=ProtectedPerson(name="Rhoswen Tallantyre"),
        contacts=(Contact(kind="phone", value=number),),
        scope="prisoner" if scope == "prisoner" else "estate",
        establishment="BXI" if scope == "prisoner" else None,
    )


def register(*numbers: str) -> list[ConfidentialEntry]:
    contacts = tuple(Contact(kind="phone", value=number) for number in numbers)
    return [ConfidentialEntry(name="Verified", kind="legal", contacts=contacts)]


ESTATE = Screener(
    compile_blocklist(
        [restriction(MOBILE, "R-mobile"), restriction(DUBLIN, "R-dublin")], register(SOLICITOR, "116 123")
    ),
    read_policy(),
)


def call(to: str, by: Screener = ESTATE, prisoner: str = "B2345CD") -> Decision:
    return by.check(Attempt(id="C1", channel="call", prisoner=prisoner, establishment="LEI", to=to), at=NOW)


BEHIND = [
    "{first} / {second}",
    "{first},,{second}",
    "{first} ext {second}",
    "{first} x{second}",
    "{first}*21*{second}#",
    "{first}#{second}",
    "{first};npdi;rn={second}",
    "{first};isub={second}",
    "{first};ext={second}",
    "{first};postd=p{second}",
    "tel:{first};isub={second}",
    "sip:{first};rn={second}@example.org",
    "{first} or {second}",
    "{first}%00{second}",
    "{first}\n{second}",
]
FIRST = [SOLICITOR, "116123", "07700 900999", "+1 202 555 0199"]


@pytest.mark.parametrize("second", ["07700 900123", "07700900123", "+447700900123", "+353 1 000 0123"])
@pytest.mark.parametrize("template", BEHIND)
def test_a_restricted_number_behind_any_other_is_stopped_and_its_neighbour_is_not(
    template: str, second: str
) -> None:
    for first in FIRST:
        decision = call(template.format(first=first, second=second))
        assert (decision.decision, decision.confidential) == ("block", False), (first, decision.reasons)
        assert any(r.restriction for r in decision.reasons if r.decision == "block")
        other = template.format(first=first, second=second[:-1] + "4")
        assert not any(r.restriction for r in call(other).reasons), other


@pytest.mark.parametrize(
    "to", [f"{SOLICITOR} ext 12", f"{SOLICITOR},,5#", f"tel:{SOLICITOR};ext=204", SOLICITOR]
)
def test_a_short_extension_of_a_solicitor_stays_confidential(to: str) -> None:
    assert (call(to).decision, call(to).confidential) == ("allow", True)


@pytest.mark.parametrize("first", [SOLICITOR, "07700 900789", "0808 157 0123"])
@pytest.mark.parametrize("second", ["07700900123", "447700900123", "00447700900123"])
def test_a_restricted_number_right_behind_a_whole_one_is_stopped(first: str, second: str) -> None:
    digits = first.replace(" ", "")
    assert call(digits + second).decision == "block"
    assert call(digits + second[:-1] + "4").decision != "block"


@pytest.mark.parametrize(
    "to", ["116 123", "1470 116 123", "141 116123", "9 116 123", "9 141 116 123", "1470,116123"]
)
def test_a_helpline_behind_a_dialling_code_is_confidential(to: str) -> None:
    assert (call(to).decision, call(to).confidential) == ("allow", True)


def test_a_number_restricted_for_others_leaves_a_solicitor_confidential() -> None:
    narrow = Screener(
        compile_blocklist([restriction(MOBILE, "R", "prisoner")], register(SOLICITOR)), read_policy()
    )
    to = f"{SOLICITOR},,{MOBILE}"
    assert call(to, narrow).confidential
    assert call(to, narrow, "A1234BC").decision == "block"


def encoded(text: str, times: int) -> str:
    for _ in range(times):
        text = quote(text)
    return text


@pytest.mark.parametrize("times", [1, 2, 5, 20])
@pytest.mark.parametrize("text", ["07700 900123", "０７７００９００１２３", "٠٧٧٠٠٩٠٠١٢٣", "+44 7700 900123"])
def test_a_number_is_decoded_as_often_as_it_is_encoded(text: str, times: int) -> None:
    assert call(encoded(text, times)).decision == "block"
    assert call(encoded(f"{SOLICITOR},{text}", times)).decision == "block"


@pytest.mark.parametrize(
    "to",
    ["900123;phone-context=+447700", "tel:900123;phone-context=+447700", "0123;phone-context=+44-7700-900"],
)
def test_a_number_whose_beginning_stands_in_a_parameter_is_stopped(to: str) -> None:
    assert call(to).decision == "block"


@pytest.mark.parametrize(
    "to",
    ["9" * 495, "141" * 500, "1280" * 400, "18001" * 300, "9141" * 400, "1234567890123456", "+" + "1" * 16],
)
def test_what_is_longer_than_any_number_is_none_and_is_refused(to: str) -> None:
    decision = call(to)
    assert decision.decision == "block"
    assert {reason.code for reason in decision.reasons} == {ReasonCode.UNUSABLE_NUMBER}


@pytest.mark.parametrize("code", ["9", "141", "1470", "1280", "18001"])
def test_a_number_behind_any_many_codes_is_stopped(code: str) -> None:
    for times in (1, 3, 30, 300):
        assert call(code * times + "07700900123").decision == "block", times


# ── other countries ─────────────────────────────────────────────────────────────────────────────────────

EXAMPLES = {
    region: str(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164))[1:]
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    if (example := phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE))
    and example.country_code != 44
}
WORLD = Screener(
    compile_blocklist([restriction(f"+{digits}", region) for region, digits in EXAMPLES.items()]),
    read_policy(),
)
FORMS = [
    "+{d}",
    "00{d}",
    "00 {cc} {n}",
    "+{cc}-{n}",
    "+{cc} (0){n}",
    "00{cc} (0) {n}",
    "141 +{d}",
    "141 00{d}",
    "141+{cc} {n}",
    "1470 +{d}",
    "1280 00{d}",
    "18001 +{d}",
    "18002 00{cc} {n}",
    "#31#+{d}",
    "*31#00{d}",
    "9 00{d}",
    "9,+{d}",
    "{d}",
    "141 {d}",
    "9 {d}",
    "tel:+{d}",
    "tel:%2B{d}",
    "tel:+{d};ext=12",
    "sip:+{d}@example.org",
    "whatsapp://send?phone={d}",
    "wa.me/{d}",
    "+{d},,1",
    "+{d} ext 5",
    "00{d}#9",
    "*21*00{d}#",
    "01632 960999,00{d}",
    "01632 960999;rn=+{d}",
    "Mum +{d}",
    "＋{d}",
]


@pytest.mark.parametrize("form", FORMS)
def test_a_number_of_every_country_is_stopped_however_it_is_dialled(form: str) -> None:
    open_ = []
    for region, digits in some(list(EXAMPLES.items()), FORMS.index(form)):
        code = str(phonenumbers.parse(f"+{digits}").country_code)
        decision = call(form.format(d=digits, cc=code, n=digits[len(code) :]), WORLD)
        if decision.decision == "allow" or not any(r.restriction == region for r in decision.reasons):
            open_.append((region, digits))
    assert open_ == []


@pytest.mark.parametrize("form", [form for form in FORMS if "(0)" not in form])
def test_a_foreign_number_next_to_a_restricted_one_is_not_touched(form: str) -> None:
    listed = set(EXAMPLES.values())
    touched: list[tuple[str, Reason]] = []
    for digits in some(list(EXAMPLES.values()), FORMS.index(form)):
        other = digits[:-1] + str((int(digits[-1]) + 5) % 10)
        code = str(phonenumbers.parse(f"+{digits}").country_code)
        if other not in listed:
            decision = call(form.format(d=other, cc=code, n=other[len(code) :]), WORLD)
            touched.extend((other, r) for r in decision.reasons if r.restriction)
    # Behind a 9 the neighbour of Iran's example is Uzbekistan's: 9 98912345678.
    assert [(other, r) for other, r in touched if not (r.restriction == "UZ" and other[:2] == "98")] == []
    assert all(r.decision == "flag" for _, r in touched)


def test_a_foreign_number_without_its_country_code_flags_for_its_own_prisoner() -> None:
    by = Screener(compile_blocklist([restriction("+1 202 555 0123", "R-us")]), read_policy())
    decision = call("202-555-0123", by, "A1234BC")
    assert decision.decision == "flag"
    assert any(r.code is ReasonCode.NEAR_NUMBER and r.restriction == "R-us" for r in decision.reasons)
    assert not any(r.restriction for r in call("202-555-0123", by).reasons)


LOCAL = ["496 0123", "4960123", "496-01 23"]
IN_LEEDS = Screener(
    compile_blocklist([restriction("0113 496 0123", "R-leeds")], register(SOLICITOR, "116 123")),
    read_policy(),
)


@pytest.mark.parametrize("first", [SOLICITOR, SOLICITOR.replace(" ", ""), "116123", "07700 900999"])
@pytest.mark.parametrize("behind", [*BEHIND, "{first}{second}", "{first} {second}"])
@pytest.mark.parametrize("local", LOCAL)
def test_a_restricted_number_without_its_area_code_behind_another_is_blocked(
    first: str, behind: str, local: str
) -> None:
    decided = call(behind.format(first=first, second=local), IN_LEEDS)
    assert (decided.decision, decided.confidential) == ("block", False)


@pytest.mark.parametrize("extension", ["23", "0123", "60123", "496 0124", "x 496", "ext 4960", "9604960123"])
def test_an_extension_of_a_solicitor_stays_confidential(extension: str) -> None:
    decided = call(f"{SOLICITOR} {extension}", IN_LEEDS)
    assert (decided.decision, decided.confidential) == ("allow", True)


def test_a_local_number_behind_another_is_what_it_is_at_the_prison_it_is_dialled_from() -> None:
    to = f"{SOLICITOR},,496 0123"
    asked = Attempt(id="C1", channel="call", prisoner="B2345CD", establishment="BXI", to=to)
    assert IN_LEEDS.check(asked, at=NOW).decision == "allow"


@pytest.mark.parametrize("to", ["0207 496 0123", "+44 (0)207 496 0123", "0191 496 0123", "0207-4960123"])
def test_a_number_that_ends_like_a_restricted_one_is_not_that(to: str) -> None:
    assert "RESTRICTED_NUMBER" not in [reason.code for reason in call(to, IN_LEEDS).reasons]
