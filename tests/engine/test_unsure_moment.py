"""Where two clocks do not tell the same, what stops holds by either, and what lets through by both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.blocklist import compile_blocklist
from engine.dates import Between, in_force, surely_in_force
from engine.model import Attempt, Contact, Decision, Exemption, Monitoring, ProtectedPerson, Restriction
from engine.policy import read_policy
from engine.screener import Screener

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HIS, ANOTHERS = "X1234BC", "X5678DE"
NUMBER, PREMIUM = "07700 900123", "0909 8790123"
GRAVITY = {"allow": 0, "flag": 1, "block": 2}

days = st.integers(-4, 4)
dates = st.none() | days.map(lambda day: (NOW + day * DAY).date().isoformat())


def between(*at: datetime) -> Between:
    return Between(at[0], min(at), max(at))


def restriction(
    id_: str = "R1",
    from_: str | None = None,
    until: str | None = None,
    number: str = NUMBER,
    exempt: str | None = None,
    court_order: bool = False,
) -> Restriction:
    return Restriction(
        id=id_,
        prisoner=HIS,
        protected=ProtectedPerson(name="Rhoswen Tallantyre"),
        contacts=(Contact(kind="phone", value=number),),
        from_=from_,
        until=until,
        court_order=court_order or None,
        exceptions=(Exemption(prisoner=exempt, contact=number),) if exempt else (),
    )


def answer(listed: list[Restriction], at: datetime | Between, to: str = NUMBER, by: str = HIS) -> Decision:
    heightened = {HIS: Monitoring(from_="2026-05-02", until="2026-05-03")}
    screener = Screener(compile_blocklist(listed, heightened=heightened), read_policy())
    return screener.check(Attempt(id="C1", channel="call", prisoner=by, establishment="LEI", to=to), at)


def test_a_restriction_from_today_holds_though_one_clock_is_three_days_behind() -> None:
    behind = between(NOW - 3 * DAY, NOW)
    listed = [restriction(from_="2026-05-04")]
    assert answer(listed, behind.at).decision == "allow"
    assert answer(listed, behind).decision == "block"
    ahead = between(NOW + 1_000 * DAY, NOW)
    assert answer([restriction(until="2028-01-01")], ahead.at).decision == "allow"
    assert answer([restriction(until="2028-01-01")], ahead).decision == "block"


def test_one_that_begins_and_ends_between_the_two_holds() -> None:
    listed = [restriction(from_="2026-05-03", until="2026-05-03")]
    assert answer(listed, between(NOW - 3 * DAY, NOW + 3 * DAY)).decision == "block"


def test_an_exemption_of_one_that_may_not_be_in_force_takes_the_place_of_nothing() -> None:
    listed = [restriction(from_="2026-05-04", number=PREMIUM, exempt=ANOTHERS)]
    sure, unsure = between(NOW, NOW + DAY), between(NOW - 3 * DAY, NOW)
    assert [one.code for one in answer(listed, sure, PREMIUM, ANOTHERS).reasons] == ["EXCEPTION"]
    assert [one.code for one in answer(listed, unsure, PREMIUM, ANOTHERS).reasons] == ["NUMBER_CLASS"]


def test_heightened_monitoring_holds_by_either_clock() -> None:
    screener = Screener(
        compile_blocklist(
            [restriction()], heightened={HIS: Monitoring(from_="2026-05-04", until="2026-05-04")}
        ),
        read_policy(),
    )
    text = Attempt(id="M1", channel="message", prisoner=HIS, to="07700 900555", body="see you on Friday")
    assert screener.check(text, NOW - 3 * DAY).decision == "allow"
    assert screener.check(text, between(NOW - 3 * DAY, NOW)).decision == "flag"


@given(dates, dates, days, days)
def test_what_is_in_force_by_a_clock_may_be_and_what_is_surely_is_by_all(
    since: str | None, until: str | None, one: int, other: int
) -> None:
    at = between(NOW + one * DAY, NOW + other * DAY)
    by_each = [in_force(since, until, moment) for moment in (at.earliest, at.latest)]
    assert in_force(since, until, at) >= any(by_each)
    assert surely_in_force(since, until, at) == all(by_each)


@given(
    st.lists(
        st.builds(
            restriction,
            st.uuids().map(str),
            dates,
            dates,
            st.sampled_from([NUMBER, PREMIUM, "07700 900124"]),
            st.sampled_from([None, HIS, ANOTHERS]),
            st.booleans(),
        ),
        max_size=4,
        unique_by=lambda one: one.id,
    ),
    days,
    days,
    st.sampled_from([NUMBER, PREMIUM]),
    st.sampled_from([HIS, ANOTHERS]),
)
def test_no_clock_alone_is_stricter_than_both(
    listed: list[Restriction], one: int, other: int, to: str, by: str
) -> None:
    at = between(NOW + one * DAY, NOW + other * DAY)
    told = answer(listed, at, to, by)
    for moment in (at.earliest, at.latest):
        assert GRAVITY[answer(listed, moment, to, by).decision] <= GRAVITY[told.decision]
    if at.earliest == at.latest:
        assert answer(listed, at.at, to, by) == told
