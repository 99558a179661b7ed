"""A canary at the centre: made as any restriction is, stopped as any, and in nobody's way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.canaries.canary import Canary, Outcome
from adapters.mailroom.envelope import Envelope
from engine.canary import canary_of
from engine.model import Contact, ProtectedPerson, Restriction
from service.access.model import Role
from service.errors import InvalidError
from service.feed import canaries as of_nodes
from service.feed.canaries import CanarySeen
from service.feed.carrier import GivenReport
from service.feed.messages import Report, make_report
from service.ledger.record import Kind
from service.mail.intake import CANARIES, Intake
from service.mail.reading import Read
from service.registry import canaries
from service.registry.importing import export_restrictions, import_restrictions
from service.registry.model import ListingState
from service.review import figures
from service.review.patterns import Patterns
from service.review.shown import Filter
from service.storage import sealing
from tests.service.console.conftest import OFFICER, Console, console_on
from tests.service.console.looking import records
from tests.service.console.test_nodes import enrol, text
from tests.service.databases import MASTER, sqlite_in
from tests.service.mail.mailing import SCANNER, run, taking

NUMBER, BESIDE, ADDRESS = "07700 900901", "07700 900902", "5 Ryecroft Avenue, Barrowhythe, LS2 9AB"


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    """One on the lesser database is enough: nothing here is of the other's own."""
    database = sqlite_in(tmp_path)
    try:
        with console_on(database, sealing.open_vault(database, MASTER), tmp_path) as made:
            yield made
    finally:
        database.close()


def add(console: Console, prison: str = "LEI") -> Canary:
    registry = console.system.registry
    made = canaries.add(registry, OFFICER, prison, number=NUMBER, beside=BESIDE, address=ADDRESS)
    console.system.current.refresh()
    return made


def waiting(console: Console) -> int:
    return len(console.system.reviews.page(Filter()))


def test_each_has_an_id_and_an_imaginary_prisoner_of_its_own(console: Console) -> None:
    made = [add(console, prison) for prison in ("LEI", "MDI", "LEI")]
    assert [one.prisoner for one in made] == ["Z0001QQ", "Z0002QQ", "Z0003QQ"]
    get = console.system.registry.versions.get
    assert [get(id_).state for id_ in ("canary-LEI-1", "canary-MDI-1", "canary-LEI-2")] == ["standing"] * 3


@pytest.mark.parametrize(
    "wrong", [{"number": "999"}, {"beside": "+1 202 555 0123"}, {"address": "5 Ryecroft"}]
)
def test_what_no_canary_can_have_is_refused_without_saying_it(
    console: Console, wrong: dict[str, str]
) -> None:
    given = {"number": NUMBER, "beside": BESIDE, "address": ADDRESS} | wrong
    with pytest.raises(InvalidError) as raised:
        canaries.add(console.system.registry, OFFICER, "LEI", **given)
    assert not any(value in str(raised.value) for value in wrong.values())


def test_what_it_tries_is_stopped_and_waits_for_nobody(console: Console) -> None:
    console.restrict()
    canary = add(console)
    patterns = Patterns(console.system.registry.journal)
    for n in range(6):
        console.attempt(f"call {n}", prisoner=canary.prisoner, to=f"141 {NUMBER}")
    text_to: dict[str, Any] = {
        "prisoner": canary.prisoner,
        "channel": "message",
        "to": BESIDE,
        "body": f"ring {NUMBER}",
    }
    console.attempt("text", **text_to)
    letter = f"{canary.name}\n5 Ryecrotf Avenue\nBarrowhythe"
    console.attempt("letter", prisoner=canary.prisoner, channel="letter", to=letter)
    decided = records(console, kind=Kind.DECISION)
    assert sorted(one.outcome or "" for one in decided) == [*["block"] * 6, "flag", "flag"]
    assert (patterns.step(), waiting(console)) == (0, 0)
    shown = figures.figures(console.system.registry.journal, (), 7)
    assert {one.id: one.rows for one in shown if one.id in ("decisions", "near-misses")} == {
        "decisions": (),
        "near-misses": (),
    }


def test_whoever_asks_in_its_name_hides_nothing(console: Console) -> None:
    console.restrict()
    canary = add(console)
    console.flag("one", prisoner=canary.prisoner, to="07700 900123 ext 7", channel="message", body="hello")
    before = waiting(console)
    console.attempt(
        "two", prisoner=canary.prisoner, channel="message", to=BESIDE, body=f"{NUMBER} and 07700 900123"
    )
    assert waiting(console) == before + 1
    found = Patterns(console.system.registry.journal)
    for n in range(6):
        console.attempt(f"call {n}", prisoner=canary.prisoner)
    assert found.step() >= 1


def test_nobody_else_makes_one_and_lists_in_and_out_leave_it_alone(console: Console) -> None:
    registry = console.system.registry
    console.restrict()
    add(console)
    forged = Restriction(
        id=f"{canary_of('LEI')}-9",
        prisoner="A1234BC",
        protected=ProtectedPerson(name="Rhoswen Tallantyre"),
        contacts=(Contact(kind="phone", value="07700 900123"),),
    )
    with pytest.raises(InvalidError):
        registry.restrictions.create(OFFICER, forged)
    line = BytesIO(msgspec.json.encode(forged) + b"\n")
    assert "service's own" in import_restrictions(registry, "user:officer", line).errors[0]
    out = BytesIO()
    assert export_restrictions(registry, "user:officer", out) == (1, [])
    assert b"canary" not in out.getvalue()
    done = import_restrictions(registry, "user:officer", BytesIO(out.getvalue()), replace=True)
    assert (done.removed, done.held) == (0, 0)
    assert registry.versions.get("canary-LEI-1").state is ListingState.STANDING


def test_it_is_named_as_one_and_counts_among_no_prisons_restrictions(console: Console) -> None:
    console.restrict(establishment="LEI")
    add(console)
    officer = console.visitor(Role.CASE_OFFICER)
    assert "canary-LEI-1 Canary" in text(officer.get("/restrictions").text)
    page = text(officer.get("/prisons/LEI").text)
    assert "canary" not in page.casefold()
    assert "1 restriction" in page


class _Envelopes:
    """Reads a picture as the address that it is, with the imaginary prisoner as the sender."""

    async def read(self, data: bytes, *, privileged: bool = False) -> Read:
        return Read(
            envelope=Envelope(to=data.decode(), sender="", prisoner="Z0001QQ", confidence=0.9, doubts=()),
            body="",
            pictures=(),
        )


def test_its_envelope_counts_in_no_tray(console: Console) -> None:
    console.restrict()
    canary = add(console)
    trays = console.system.trays
    trays.begin(SCANNER, "T1", "LEI", 1)
    takes = Intake(console.system.mail, _Envelopes(), console.app.checks.decider)
    to = f"{canary.name}\n{ADDRESS.replace(', ', chr(10))}"
    item = run(taking(console, takes, "T1", to, SCANNER))
    assert (item.decision, item.tray) == ("block", CANARIES)
    assert (trays.get(SCANNER, "T1").items, waiting(console)) == (0, 0)
    real = run(taking(console, takes, "T1", "Mr J Brown\n7 Quarry Lane\nOtherstead\nLS9 9ZZ", SCANNER))
    assert (real.tray, trays.get(SCANNER, "T1").items) == ("T1", 1)


def words(console: Console) -> tuple[str, ...]:
    return console.system.reports.canary_words


def seen(console: Console, outcome: Outcome = "stopped", ago: int = 0) -> CanarySeen:
    at = console.clock() - timedelta(hours=ago)
    form, answer = "141{national}", "603 Decline"
    return CanarySeen(
        entrance="switch", at=at, outcome=outcome, form=form, answer=answer, blocklist="sha256:12"
    )


def report(console: Console, counter: int, *given: CanarySeen) -> None:
    system = console.system
    key = system.vault.node_key("leeds-1")
    sealed = of_nodes.seal(key, "leeds-1", of_nodes.pack(given) if given else b"")
    said = Report(node="leeds-1", number=1, reaches=0, at=0.0, counter=counter, canaries=sealed)
    system.reports.take([GivenReport("1-0", "leeds-1", make_report(key, said))])
    system.reports.look()


def test_the_page_of_nodes_says_when_the_last_was_stopped_or_which_was_not(console: Console) -> None:
    add(console)
    enrol(console, "leeds-1")
    report(console, 1)
    assert words(console) == ()
    console.clock.ahead += timedelta(hours=3)
    report(console, 2)
    assert words(console) == ("leeds-1 never asked a canary",)
    report(console, 3, seen(console))
    assert words(console) == ()
    monitor = console.visitor(Role.MONITOR)
    assert "stopped at 1 of 1 entrances" in text(monitor.get("/nodes").text)
    report(console, 4, seen(console, "let_through"))
    page = text(monitor.get("/nodes").text)
    assert "A canary was let through at switch" in page
    assert "141{national} 603 Decline sha256:12" in page
    assert words(console) == ("leeds-1 a canary was let through at switch",)


def test_what_was_not_stopped_is_in_the_ledger_once_and_so_is_that_it_is_again(console: Console) -> None:
    enrol(console, "leeds-1")
    first, wrong, again = seen(console, ago=2), seen(console, "let_through", ago=1), seen(console)
    for counter, one in enumerate((first, wrong, wrong, again), 1):
        report(console, counter, one)
    told = records(console, kind=Kind.SYSTEM, subject="node/leeds-1")
    assert [one.outcome for one in told] == ["canary_stopped", "canary_let_through"]
    assert "141{national}" in str(told[1].detail)


def test_what_no_report_told_at_its_time_is_in_the_ledger_with_the_next_in_order(console: Console) -> None:
    enrol(console, "leeds-1")
    report(console, 1, last := seen(console, ago=5))
    outcomes: tuple[Outcome, ...] = ("let_through", "stopped", "stopped", "unanswered", "stopped")
    for ago, outcome in zip(range(4, -1, -1), outcomes, strict=True):
        last = seen(console, outcome, ago).behind(last)
    for counter in (2, 3):
        report(console, counter, last)
    told = records(console, kind=Kind.SYSTEM, subject="node/leeds-1")
    outcomes_told = ["let_through", "stopped", "unanswered", "stopped"]
    assert [one.outcome for one in reversed(told)] == [f"canary_{one}" for one in outcomes_told]
    assert words(console) == ()


def test_a_report_with_what_the_node_did_not_seal_is_not_taken(console: Console) -> None:
    enrol(console, "leeds-1")
    system = console.system
    said = Report(node="leeds-1", number=1, reaches=0, at=0.0, counter=1, canaries=b"x" * 40)
    made = make_report(system.vault.node_key("leeds-1"), said)
    system.reports.take([GivenReport("1-0", "leeds-1", made)])
    assert [one.heard for one in system.reports.now()] == [None]
