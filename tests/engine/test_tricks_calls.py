"""What prisoners try with the telephone: each trick is answered, and somebody else's number still rings."""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.blocklist import compile_blocklist
from engine.model import Attempt, Contact, Decision, ProtectedPerson, ReasonCode, Restriction
from engine.policy import read_policy
from engine.screener import Screener

sys.path.insert(0, str(Path(__file__).parents[2]))
from adapters.canaries.disguises import Disguise, ways_of_dialling
from benchmarks.calls_and_texts import drama_numbers

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HIS, ANOTHER = "A1234BC", "B2345CD"
MOBILE, LEEDS, LONDON, GLASGOW, READING = (
    "07700900123",
    "01134960123",
    "02079460123",
    "01414960321",
    "01184960777",
)
RESTRICTED = (MOBILE, LEEDS, LONDON, GLASGOW, READING)


def restriction(
    number: str,
    prisoner: str | tuple[str, ...] = HIS,
    scope: str = "estate",
    establishment: str | None = None,
) -> Restriction:
    return Restriction(
        id=f"R-{number}",
        prisoner=prisoner,
        protected=ProtectedPerson(name="Rhoswen Tallantyre"),
        contacts=(Contact(kind="phone", value=number),),
        scope="prisoner" if scope == "prisoner" else "estate",
        establishment=establishment,
    )


def screener(*restrictions: Restriction) -> Screener:
    return Screener(compile_blocklist(restrictions), read_policy())


ESTATE = screener(*map(restriction, RESTRICTED))


def call(to: str, prisoner: str = ANOTHER, prison: str | None = "LEI", by: Screener = ESTATE) -> Decision:
    return by.check(Attempt(id="C1", channel="call", prisoner=prisoner, establishment=prison, to=to), at=NOW)


def codes(decision: Decision) -> set[ReasonCode]:
    return {reason.code for reason in decision.reasons}


def assert_connects(decision: Decision) -> None:
    assert (decision.decision, decision.action, decision.reasons) == ("allow", "connect", ())


def assert_stopped(decision: Decision, number: str) -> None:
    assert (decision.decision, decision.action) == ("block", "refuse")
    assert decision.reasons[0].listed == number
    assert decision.reasons[0].restriction == f"R-{number}"


# ── every way of dialling ───────────────────────────────────────────────────────────────────────────────

EVERY_WAY = pytest.mark.parametrize(
    "way", ways_of_dialling(), ids=lambda way: f"{way.kind}: {way.template!r}"
)


def test_there_are_many_ways_of_dialling() -> None:
    assert len(ways_of_dialling()) >= 100
    assert len({way.template for way in ways_of_dialling()}) == len(ways_of_dialling())


@EVERY_WAY
def test_a_restricted_number_is_stopped_however_it_is_dialled(way: Disguise) -> None:
    for number in RESTRICTED:
        to, _ = way.apply(number)
        decision = call(to)
        assert decision.decision == "block", (to, decision.reasons)
        assert decision.reasons[0].restriction == f"R-{number}"


@EVERY_WAY
def test_nobody_elses_number_is_stopped_one_digit_away_included(way: Disguise) -> None:
    for number in RESTRICTED:
        for at in range(4, 11):
            other = number[:at] + str((int(number[at]) + 5) % 10) + number[at + 1 :]
            to, _ = way.apply(other)
            about = [r for r in call(to).reasons if r.restriction is not None]
            assert about == [], (to, about)


def test_of_all_the_drama_numbers_only_the_restricted_ones_are_touched() -> None:
    chance = random.Random(11)
    numbers = drama_numbers(chance, 2000)
    listed = set(numbers[:500])
    by = screener(*map(restriction, sorted(listed)))
    for number in numbers:
        decision = call(number, by=by)
        if number in listed:
            assert_stopped(decision, number)
        else:
            assert_connects(decision)


# ── trick 1: other forms ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "to",
    [
        "07700900123",
        "07700 900 123",
        "+447700900123",
        "0044 7700 900123",
        "+44 (0) 7700 900123",
        "(07700) 900-123",
        "447700900123",
        "7700 900123",
        "tel:+447700900123",
    ],
)
def test_trick_01_other_forms_of_the_number_are_stopped(to: str) -> None:
    assert_stopped(call(to), MOBILE)
    assert ReasonCode.RESTRICTED_NUMBER in codes(call(to))


@pytest.mark.parametrize(
    "listed", ["+44 (0)7700 900123", "0044 7700900123", "07700-900-123", "447700900123", "tel:+447700900123"]
)
def test_trick_01_the_form_in_the_restriction_makes_no_difference(listed: str) -> None:
    decision = call(MOBILE, by=screener(restriction(listed)))
    assert_stopped(decision, listed)


@pytest.mark.parametrize(
    "to",
    [
        "07700 900124",
        "+44 7700 900 132",
        "0044 7700 900023",
        "+1 770 090 0123",
        "01632 960123",
        "(0113) 496-0124",
    ],
)
def test_trick_01_other_numbers_in_the_same_forms_connect(to: str) -> None:
    assert_connects(call(to))


# ── trick 2: dialling codes ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("to", "told"),
    [
        ("14107700900123", "141"),
        ("141 0044 7700 900123", "141"),
        ("1470 07700 900123", "1470"),
        ("1280 07700 900123", "1280"),
        ("18185 07700900123", "18185"),
        ("18001 07700 900123", "18001"),
        ("18002 +44 7700 900123", "18002"),
        ("#31#07700900123", "#31#"),
        ("141 18002 07700 900123", "18002"),
        ("9 07700 900123", "9"),
    ],
)
def test_trick_02_a_dialling_code_in_front_changes_nothing_and_is_told(to: str, told: str) -> None:
    decision = call(to)
    assert_stopped(decision, MOBILE)
    assert any(f"{told} removed" in step for step in decision.reasons[0].steps)


@pytest.mark.parametrize("to", ["*07700900123", "#07700900123", "**07700900123", "*0 7700 900123"])
def test_trick_02_a_star_or_hash_that_is_no_code_never_hides_a_number(to: str) -> None:
    assert call(to).decision == "block"


@pytest.mark.parametrize(
    "to",
    [
        "141 07700 900124",
        "1470 01632 960123",
        "18001 0113 496 0124",
        "18185 020 7946 0124",
        "0141 496 0322",
        "141 496 0322",
        "01280 960123",
        "01470 960123",
    ],
)
def test_trick_02_other_numbers_behind_a_code_and_towns_that_begin_like_one_connect(to: str) -> None:
    assert_connects(call(to))


# ── trick 3: without the area code ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("to", ["4960123", "496 0123", "496-0123", "4960 123", "141 4960123"])
def test_trick_03_a_local_number_near_the_prison_flags(to: str) -> None:
    decision = call(to, prison="LEI")
    assert decision.decision == "flag", decision.reasons
    assert codes(decision) <= {ReasonCode.NEAR_NUMBER, ReasonCode.HIDDEN_NUMBER}
    assert decision.reasons[0].restriction == f"R-{LEEDS}"


@pytest.mark.parametrize(("to", "prison"), [("79460123", "BXI"), ("7946 0123", "WWI"), ("7946 0123", "PVI")])
def test_trick_03_a_local_number_in_london_flags(to: str, prison: str) -> None:
    decision = call(to, prison=prison)
    assert (decision.decision, decision.reasons[0].restriction) == ("flag", f"R-{LONDON}")


def test_trick_03_the_local_part_of_his_own_restriction_flags_anywhere() -> None:
    decision = call("4960123", prisoner=HIS, prison="BXI")
    assert decision.decision == "flag"
    assert ReasonCode.NEAR_NUMBER in codes(decision)


@pytest.mark.parametrize("to", ["4960124", "496 0132", "2460123", "0113 496 0124", "5960123"])
def test_trick_03_other_local_numbers_near_the_prison_connect(to: str) -> None:
    assert call(to, prison="LEI").decision == "allow"


# ── trick 4: something behind ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("to", "tail"),
    [
        ("077009001231", "1"),
        ("07700900123 4567", "4"),
        ("07700900123,,12#", "12"),
        ("07700900123p12", "12"),
        ("07700900123w1", "1"),
        ("07700900123#9", "9"),
        ("07700 900123 ext 5", "5"),
        ("07700900123;ext=12", "12"),
        ("+44770090012388", "88"),
    ],
)
def test_trick_04_digits_behind_the_number_do_not_save_it(to: str, tail: str) -> None:
    decision = call(to)
    assert_stopped(decision, MOBILE)
    assert any("tail" in step for step in decision.reasons[0].steps)
    assert tail in to


@pytest.mark.parametrize(
    "to",
    ["07700 900124 5", "01632960123,,12", "0113 496 0124 ext 5", "+44 7700 900124;ext=1", "07700900124p1"],
)
def test_trick_04_digits_behind_any_other_number_flag(to: str) -> None:
    decision = call(to)
    assert (decision.decision, codes(decision)) == ("flag", {ReasonCode.EXTRA_DIGITS})


@pytest.mark.parametrize("to", ["07700900124", "07700 900124 ", "01632 960123.", "07700 900124 (work)"])
def test_trick_04_numbers_with_nothing_to_dial_behind_them_connect(to: str) -> None:
    assert_connects(call(to))


@pytest.mark.parametrize(
    "to",
    [
        "07700 900999 07700 900123",
        "01632 960123 / 0113 496 0123",
        "07700900999,07700900123",
        "100 07700 900123",
        "112 07700 900123",
        "41 07700 900123",
        "6907700900123",
        "*69 07700 900123",
        "4 0113 496 0123",
    ],
)
def test_trick_04_a_restricted_number_behind_other_digits_is_at_least_flagged(to: str) -> None:
    decision = call(to)
    assert decision.decision in ("flag", "block")
    assert any(reason.restriction is not None for reason in decision.reasons)


# ── trick 6: bridges ────────────────────────────────────────────────────────────────────────────────────

BRIDGES = (
    "070 0000 0000",
    "0845 000 0000",
    "0870 000 0000",
    "0909 879 0123",
    "118 500",
    "0800 000 0000",
    "0808 157 0123",
    "0500 000000",
)


@pytest.mark.parametrize("to", [*BRIDGES, "141 070 0000 0000", "+44 870 000 0000", "1471", "1571", "100"])
def test_trick_06_a_number_that_can_bridge_to_any_other_flags(to: str) -> None:
    decision = call(to)
    assert (decision.decision, decision.action) == ("flag", "connect_and_alert")
    assert codes(decision) == {ReasonCode.NUMBER_CLASS}


@pytest.mark.parametrize("to", BRIDGES)
def test_trick_06_the_policy_may_block_bridges(to: str) -> None:
    text = (Path(__file__).parents[2] / "engine" / "policy.toml").read_bytes()
    for kind in (b"personal", b"premium", b"shared_cost", b"freephone"):
        text = text.replace(kind + b' = "flag"', kind + b' = "block"')
    strict = Screener(ESTATE.blocklist, read_policy(text))
    assert call(to, by=strict).decision == "block"


@pytest.mark.parametrize(
    "to",
    [
        "07700 900999",
        "0306 999 0123",
        "01632 960123",
        "116 123",
        "101",
        "111",
        "999",
        "07624 000000",
        "+1 202 555 0123",
    ],
)
def test_trick_06_ordinary_numbers_and_helplines_connect(to: str) -> None:
    assert_connects(call(to))


# ── trick 7: one slip away ──────────────────────────────────────────────────────────────────────────────

SLIPS = [
    ("07700 900124", "one digit differs"),
    ("07700 910123", "one digit differs"),
    ("07700 900132", "two neighbouring digits swapped"),
    ("07700 090123", "two neighbouring digits swapped"),
    ("07700 90123", "one digit fewer"),
    ("07700 90012", "one digit fewer"),
]


@pytest.mark.parametrize(("to", "step"), SLIPS)
def test_trick_07_a_slip_away_from_his_own_restriction_flags(to: str, step: str) -> None:
    decision = call(to, prisoner=HIS)
    assert decision.decision == "flag"
    near = next(r for r in decision.reasons if r.code is ReasonCode.NEAR_NUMBER)
    assert (near.listed, near.restriction) == (MOBILE, f"R-{MOBILE}")
    assert step in near.steps


@pytest.mark.parametrize("to", [to for to, step in SLIPS if step != "one digit fewer"])
def test_trick_07_a_slip_away_from_somebody_elses_restriction_connects(to: str) -> None:
    assert_connects(call(to, prisoner=ANOTHER))


@pytest.mark.parametrize("to", ["07700 900145", "07700 910124", "01632 960123", "07700 901032"])
def test_trick_07_two_slips_away_connects_for_him_too(to: str) -> None:
    assert_connects(call(to, prisoner=HIS))


@pytest.mark.parametrize("at", range(2, 11))
def test_trick_07_no_slip_ever_blocks(at: int) -> None:
    for digit in "0123456789":
        to = MOBILE[:at] + digit + MOBILE[at + 1 :]
        if to != MOBILE:
            assert call(to, prisoner=HIS).decision == "flag"


# ── trick 9: somebody else's PIN ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("prisoner", "prison"),
    [
        (ANOTHER, "LEI"),
        (ANOTHER, "BXI"),
        (ANOTHER, None),
        ("C3456DE", "WWI"),
        ("D4567EF", "OUT"),
        (HIS, "LEI"),
    ],
)
def test_trick_09_every_prisoner_of_the_estate_is_stopped(prisoner: str, prison: str | None) -> None:
    assert_stopped(call(MOBILE, prisoner=prisoner, prison=prison), MOBILE)


NARROW = screener(restriction(MOBILE, HIS, scope="prisoner", establishment="LEI"))


def test_trick_09_a_narrow_restriction_stops_him_and_flags_a_fellow_prisoner() -> None:
    assert call(MOBILE, prisoner=HIS, by=NARROW).decision == "block"
    for prison in ("LEI", None, "OUT", "TRN"):
        decision = call(MOBILE, prisoner=ANOTHER, prison=prison, by=NARROW)
        assert (decision.decision, codes(decision)) == ("flag", {ReasonCode.OTHER_PRISONER}), prison


@pytest.mark.parametrize("prison", ["BXI", "WWI", "MDI"])
def test_trick_09_a_narrow_restriction_is_nothing_to_another_prison(prison: str) -> None:
    assert_connects(call(MOBILE, prisoner=ANOTHER, prison=prison, by=NARROW))


@pytest.mark.parametrize("to", ["07700 900124", "01632 960123"])
def test_trick_09_his_fellow_prisoners_own_calls_connect(to: str) -> None:
    assert_connects(call(to, prisoner=ANOTHER))


def test_trick_09_a_restriction_that_names_several_prisoners_holds_for_each() -> None:
    by = screener(restriction(MOBILE, (HIS, ANOTHER), scope="prisoner", establishment="LEI"))
    for prisoner in (HIS, ANOTHER):
        assert_stopped(call(MOBILE, prisoner=prisoner, prison="BXI", by=by), MOBILE)


# ── trick 11 and 12, dialled ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "to",
    [
        "oh seven seven double oh nine double oh one two three",
        "O77OO 9OOl23",
        "٠٧٧٠٠٩٠٠١٢٣",
        "0.7.7.0.0.9.0.0.1.2.3",
        "07700\u200b900123",
        "dim saith saith dim dim naw dim dim un dau tri",
    ],
)
def test_trick_11_a_number_handed_in_in_disguise_is_stopped(to: str) -> None:
    assert_stopped(call(to), MOBILE)


@pytest.mark.parametrize(
    "to",
    [
        "oh seven seven double oh nine double oh one two four",
        "O77OO 9OOl24",
        "٠٧٧٠٠٩٠٠١٢٤",
        "0.7.7.0.0.9.0.0.1.2.4",
    ],
)
def test_trick_11_another_number_in_disguise_connects(to: str) -> None:
    assert_connects(call(to))
