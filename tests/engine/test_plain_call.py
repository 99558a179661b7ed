"""A call that is answered at once is answered as the matchers would answer it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import repeat
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

import engine.policy
import engine.screener
from adapters.canaries.disguises import forms_of, ways_of_dialling
from engine.blocklist import Blocklist, change_blocklist, compile_blocklist
from engine.index_entries import near_keys
from engine.model import Attempt, ConfidentialEntry, Contact, Exemption, Restriction
from engine.plain_call import nothing_to_say
from engine.policy import read_policy
from engine.screener import Screener
from matchers import phone
from tests.engine.asking import ANOTHER, HIS, NOW, codes, restriction
from tests.repeating import times

POLICY = read_policy()
ATTEMPTS = 100_000
PLAINLY = [
    *("{national}", "{a} {b}{c}", "{a}-{b}-{c}", "({a}) {b} {c}", "+44{significant}", "+44 (0){area} {b}{c}"),
    *("0044 {area} {b}{c}", "141 {a} {b}{c}", "1470{national}", "141-{national}", "18001 {national}"),
]
WAYS = [way.template for way in ways_of_dialling()]
PRISONERS = [f"{letter}{number:04}AA" for letter in "ABC" for number in range(100)]
ODD = ["0909 879 0123", "070 0000 0123", "0800 496 0123", "116 123", "999", "496 0123", "+353 1 555 0123",
       "+1 770 090 0123", "0113 496 012", "0770 0900", "Mum", "", "07700 900123 55"]  # fmt: skip


def numbers(chance: random.Random) -> Iterator[str]:
    """Numbers of the ranges that are kept for drama, as they are dialled at home; few enough to meet."""
    for _ in repeat(None):
        start, digits = chance.choice([("07700900", 3), ("01134960", 3), ("0207946", 4), ("01632960", 3)])
        yield f"{start}{chance.randrange(10**digits):0{digits}}"


def listed(chance: random.Random, name: str) -> Restriction:
    """A restriction with one number or two, of any scope, length and completeness."""
    some = numbers(chance)
    values = [next(some) for _ in range(chance.choice((1, 1, 2)))]
    if chance.random() < 0.1:
        values.append(
            chance.choice(["+33 1 99 00 12 34", "+49 7700 900123", "0113 496 01", "+44 11349601234"])
        )
    named = tuple(chance.sample(PRISONERS, chance.choice((1, 1, 1, 3))))
    excepted = (Exemption(prisoner=chance.choice(PRISONERS), contact=values[0]),)
    return restriction(
        id=name,
        prisoner=named,
        contacts=tuple(Contact(kind="phone", value=value) for value in values),
        scope=chance.choice(("estate", "prisoner")),
        establishment=chance.choice((None, "LEI", "MDI")),
        exceptions=excepted if chance.random() < 0.2 else (),
        until="2026-02-01" if chance.random() < 0.1 else None,
        court_order=True if chance.random() < 0.1 else None,
        unread=("contacts[1].value: no number",) if chance.random() < 0.03 else (),
    )


def a_list(chance: random.Random, known: list[Restriction]) -> Blocklist:
    """A blocklist of a few hundred numbers, changed since it was compiled, with a register beside it."""
    some = numbers(chance)
    register = [
        ConfidentialEntry(
            name="Larch & Fir", kind="legal", contacts=(Contact(kind="phone", value=next(some)),)
        )
        for _ in range(100)
    ]
    before = [listed(chance, one.id) for one in known[:20]]
    return change_blocklist(compile_blocklist([*before, *known[20:]], register), known[:20], [known[-1].id])


def slipped(number: str, chance: random.Random) -> str:
    """A number with a digit wrong, swapped, missing or one too many."""
    at = chance.randrange(1, len(number) - 1)
    digit = str(chance.randrange(10))
    return chance.choice(
        (
            number[:at] + digit + number[at + 1 :],
            number[:at] + number[at + 1] + number[at] + number[at + 2 :],
            number[:at] + number[at + 1 :],
            number[:at] + digit + number[at:],
        )
    )


def written(number: str, way: str) -> str:
    """A number in one of the ways in which one of the UK is dialled."""
    return number if "+" in number else way.format(**forms_of(number))


def attempts(chance: random.Random, known: list[Restriction], count: int) -> Iterator[Attempt]:
    """Calls, most of them to ordinary numbers: somebody's, nobody's, and those that are nearly somebody's."""
    some = numbers(chance)
    for n in range(count):
        one = chance.choice(known)
        number = chance.choice(one.contacts).value.replace(" ", "") if chance.random() < 0.3 else next(some)
        if chance.random() < 0.3:
            number = slipped(number, chance)
        way = chance.choice(PLAINLY if chance.random() < 0.7 else WAYS)
        yield Attempt(
            id=f"C{n}",
            channel="call",
            to=chance.choice(ODD) if chance.random() < 0.05 else written(number, way),
            prisoner=chance.choice(one.prisoners if chance.random() < 0.3 else PRISONERS),
            establishment=chance.choice((None, "LEI", "MDI", "TRN")),
            at=chance.choice((None, None, None, "2026-01-15T10:00:00Z")),
        )


def test_where_there_is_nothing_to_say_the_matchers_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(22)
    known = [listed(chance, f"R{n}") for n in range(200)]
    by = Screener(a_list(chance, known), POLICY)
    tried = list(attempts(chance, known, times(ATTEMPTS)))
    at_once = {one.id: by.check(one, NOW) for one in tried if nothing_to_say(one, by.blocklist)}
    monkeypatch.setattr(engine.screener, "nothing_to_say", lambda attempt, blocklist: False)
    for one in tried:
        if one.id in at_once:
            assert at_once[one.id] == by.check(one, NOW), one
    assert len(at_once) > len(tried) / 5


@pytest.mark.parametrize("verdict", ["flag", "block"])
@pytest.mark.parametrize(
    ("kind", "to"),
    [("mobile", "07700 900555"), ("landline", "01632 960555"), ("international", "+33 1 99 00 12 34")],
)
def test_a_policy_that_stops_ordinary_numbers_stops_them(kind: str, to: str, verdict: str) -> None:
    packaged = Path(engine.policy.__file__).with_name("policy.toml").read_bytes()
    policy = read_policy(packaged.replace(f'\n{kind} = "allow"'.encode(), f'\n{kind} = "{verdict}"'.encode()))
    plain = Attempt(id="C1", channel="call", to=to, prisoner=ANOTHER)
    answer = Screener(compile_blocklist([restriction()]), policy).check(plain, NOW)
    assert (answer.decision, codes(answer)) == (verdict, ["NUMBER_CLASS"])


@pytest.mark.parametrize("confirmed", [NOW - timedelta(days=2), None])
def test_nothing_is_answered_at_once_on_a_list_that_is_stale_or_lost_something(
    confirmed: datetime | None,
) -> None:
    blocklist = compile_blocklist([restriction()], complete=confirmed is not None)
    plain = Attempt(id="C1", channel="call", to="01632 960555", prisoner=HIS)
    assert codes(Screener(blocklist, POLICY, confirmed).check(plain, NOW)) == ["STALE_BLOCKLIST"]


@pytest.mark.parametrize(
    "other",
    [
        {"body": "hello"},
        {"prisoner": None},
        {"privileged": True},
        {"doubts": ("a blot",)},
        {"channel": "message"},
    ],
)
def test_what_is_no_plain_call_is_left_to_the_matchers(other: dict[str, object]) -> None:
    blocklist = compile_blocklist([restriction()])
    plain = Attempt(id="C1", channel="call", to="01632 960555", prisoner=HIS)
    assert nothing_to_say(plain, blocklist)
    assert not nothing_to_say(msgspec.structs.replace(plain, **other), blocklist)


@pytest.mark.parametrize(("to", "said"), [("07700 900555", True), ("07700 900128", False)])
def test_a_number_with_the_first_digits_of_one_of_his_own_is_left_to_the_matchers_where_it_is_like_it(
    to: str, said: bool
) -> None:
    blocklist = compile_blocklist([restriction()])
    assert blocklist.restricted.numbers_like(HIS, phone.ordinary_key(to))
    assert nothing_to_say(Attempt(id="C1", channel="call", to=to, prisoner=HIS), blocklist) is said


@given(st.integers(2 * 10**9, 9 * 10**9), st.sampled_from(["33", "49", "353", "1"]))
def test_the_same_digits_behind_other_country_codes_share_a_key(national: int, country: str) -> None:
    assert {*near_keys(7, int(f"44{national}"))} & {*near_keys(7, int(f"{country}{national}"))}


def test_of_a_list_that_fails_a_call_is_answered_by_the_matchers(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(attempt: Attempt, blocklist: Blocklist) -> bool:
        raise RuntimeError

    monkeypatch.setattr(engine.screener, "nothing_to_say", fail)
    by = Screener(compile_blocklist([restriction()]), POLICY)
    assert by.check(Attempt(id="C1", channel="call", to="01632 960555", prisoner=ANOTHER), NOW).reasons == ()


@given(st.integers(10**11, 10**12 - 1), st.data())
def test_numbers_one_slip_apart_share_a_key(dialled: int, data: st.DataObject) -> None:
    digits = str(dialled)
    at = data.draw(st.integers(0, 11))
    digit = data.draw(st.sampled_from("0123456789"))
    swapped = digits[:at] + digits[at : at + 2][::-1] + digits[at + 2 :]
    edits = (
        digits[:at] + digit + digits[at + 1 :],
        digits[:at] + digit + digits[at:],
        digits[:at] + digits[at + 1 :],
    )
    for other in (*edits, swapped):
        if other[0] != "0" and OSA.distance(digits, other) == 1:
            assert {*near_keys(7, dialled)} & {*near_keys(7, int(other))}, other
