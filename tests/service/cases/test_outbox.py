"""Whoever asked is told of each step once, safely or not at all, and never what is held."""

from __future__ import annotations

from contextlib import suppress

import pytest
from msgspec.structs import replace
from pydantic import SecretStr
from sqlalchemy import text

from adapters.notifying.sending import Outgoing, SendingError
from engine.model import Contact
from service.cases.cases import Cases
from service.cases.model import Case
from service.cases.outbox import (
    AFTER,
    CONCERN,
    HERS,
    NO_MESSAGE,
    NO_WAY,
    NOT_TAKEN,
    SAFELY,
    UNSURE,
    CaseMessage,
    MessageState,
)
from service.cases.rules import COOLING_OFF
from service.errors import ConflictError, InvalidError
from service.public.asked import Asker, Protected, PublicRequest, Sought
from service.public.told import TEXTS
from service.registry.registry import Registry
from service.settings import Settings
from service.storage.rows import ChangedRowError
from service.system import make_sending
from tests.service.cases.asking import HIS, OFFICER, PATHWAYS, SECOND, THIRD, approved, asked, considered
from tests.service.cases.test_orders import discharged
from tests.service.registry.listings import Clock, confirmed

POLICE = Asker(who="police", name="PC Osric Venn", organisation="Northmarch Police", email="n@example.org")


def told_of(cases: Cases, case: Case) -> list[CaseMessage]:
    return cases.outbox.of_case(case.id)


def ended(cases: Cases, registry: Registry, clock: Clock, case: Case) -> Case:
    """A case taken through its withdrawal to its end."""
    case = cases.ask_withdrawal(OFFICER, case.id, case.version, "she herself")
    case = cases.call_back(OFFICER, case.id, case.version, "alone", "no")
    clock.now += COOLING_OFF
    waiting = cases.end(SECOND, case.id, case.version, "as asked").approval
    assert waiting is not None
    confirmed(registry, THIRD, waiting)
    return cases.end(SECOND, case.id, case.version, "as asked").case


def test_each_step_is_told_once_and_in_her_language(cases: Cases, registry: Registry, clock: Clock) -> None:
    welsh = asked(asker=Asker(who="self", name="Maren Thistlewood", email="m@example.org", language="cy"))
    case = ended(cases, registry, clock, approved(cases, welsh))
    refused = considered(cases)
    cases.refuse(OFFICER, refused.id, refused.version, "nobody knows him")
    report = cases.key_in(OFFICER, asked(kind="continuing"), "telephone", "")
    report = cases.confirm_prisoner(OFFICER, report.id, 1, HIS, "his number")
    cases.close(OFFICER, report.id, report.version, outcome="nothing", route="call")
    steps = [[one.step for one in told_of(cases, each)] for each in (case, refused, report)]
    assert steps == [
        ["received", "in_force", "withdrawal_asked", "ended"],
        ["received", "refused"],
        ["received", "closed"],
    ]
    assert {step for some in steps for step in some} == set(TEXTS)
    assert "UPC-2222-2222" in told_of(cases, case)[0].message.subject
    assert told_of(cases, case)[0].message.subject.startswith("Ynglŷn")


def planted() -> PublicRequest:
    """Somebody's request in which every field holds a mark."""
    return asked(
        asker=Asker(
            who="family",
            name="Plantedasker",
            organisation="Plantedorg",
            reference="Planted/1",
            email="planted-asker@example.org",
            phone="01632 960555",
            safely="plantedsafely, after six",
        ),
        sought=Sought(name="Plantedhim", number=HIS, prison="Plantedprison", about="plantedabout"),
        person=Protected(
            name="Plantedname",
            aliases=("Plantedalias",),
            numbers=("01632 960777",),
            addresses=("7 Plantedstreet",),
            emails=("planted@example.org",),
            accounts=("@planted",),
        ),
        court_order="plantedorder",
        happened="plantedhappened",
        when="plantedwhen",
    )


@pytest.mark.parametrize("language", ["en", "cy"])
def test_no_message_names_anything_that_is_held(
    cases: Cases, registry: Registry, clock: Clock, language: str
) -> None:
    request = planted()
    request = replace(request, asker=replace(request.asker, language=language))
    contacts = (
        Contact(kind="phone", value="01632 960777"),
        Contact(kind="email", value="planted@example.org"),
        Contact(kind="address", value="7 Plantedstreet, Northmarch"),
    )
    case = considered(cases, request, contacts)
    case = cases.note(OFFICER, case.id, case.version, "plantednote")
    case = cases.approve(OFFICER, case.id, case.version, PATHWAYS[3]).case
    discharged(registry, case.id)
    case = ended(cases, registry, clock, case)
    turned_away = considered(cases, request, contacts)
    cases.refuse(OFFICER, turned_away.id, turned_away.version, "plantedrefusal")
    report = cases.key_in(OFFICER, replace(request, kind="continuing"), "email", "planted")
    report = cases.confirm_prisoner(OFFICER, report.id, 1, HIS, "planted")
    cases.close(OFFICER, report.id, report.version, outcome="planted", route="call", referred="planted")
    every = [one for each in (case, turned_away, report) for one in told_of(cases, each)]
    assert {one.step for one in every} == set(TEXTS)
    for one in every:
        said = f"{one.message.subject} {one.message.text}".lower()
        for mark in ("planted", "960777", "960555", HIS.lower(), "officer"):
            assert mark not in said


@pytest.mark.parametrize(
    ("asker", "why"),
    [
        (Asker(who="self", name="Maren", email="m@example.org", safely="only by text, after six"), SAFELY),
        (Asker(who="self", name="Maren", phone="07700 900123", safely="Do not call before six"), SAFELY),
        (
            Asker(who="self", name="Maren", phone="07700 900123", safely="Please do not contact me."),
            NO_MESSAGE,
        ),
        (Asker(who="self", name="Maren", email="m@example.org", safely="Peidiwch â chysylltu"), NO_MESSAGE),
        (Asker(who="self", name="Maren"), NO_WAY),
        (Asker(who="family", name="Ann", phone="+44 7700 900123"), HERS),
        (Asker(who="police", name="Osric", email="HERS@example.org"), HERS),
        (Asker(who="police", name="Osric", email="m.hers@example.org"), HERS),
        (Asker(who="self", name="Maren", phone="07700 900123"), ""),
        (POLICE, ""),
    ],
)
def test_what_may_be_a_danger_is_held(cases: Cases, asker: Asker, why: str) -> None:
    person = Protected(
        name="Maren",
        numbers=("07700 900123",),
        emails=("hers@example.org",),
        accounts=("m.hers@example.org",),
    )
    case = cases.key_in(OFFICER, asked(asker=asker, person=person), "telephone", "")
    (one,) = told_of(cases, case)
    assert one.message.held_because == why
    assert one.state is (MessageState.HELD if why else MessageState.WAITING)
    assert bool(cases.outbox.unsent(OFFICER)) is not one.is_for_good
    if one.is_for_good:
        with pytest.raises(ConflictError, match="not sent"):
            cases.outbox.release(OFFICER, case, 1, "she said so")
    elif why:
        with pytest.raises(ConflictError, match="held"):
            cases.outbox.mark_sent(OFFICER, case, 1, "by e-mail")
        with pytest.raises(InvalidError):
            cases.outbox.release(OFFICER, case, 1, " ")
        cases.outbox.release(OFFICER, case, 1, "it is seven")
        cases.outbox.mark_sent(OFFICER, case, 1, "by text")
        (sent,) = told_of(cases, case)
        assert (sent.state, sent.done_by) == (MessageState.SENT, OFFICER.id)
        with pytest.raises(ConflictError, match="sent"):
            cases.outbox.mark_sent(SECOND, case, 1, "by text")


def test_of_a_contact_of_concern_nobody_is_told_and_what_waits_is_held(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = ended(cases, registry, clock, approved(cases, asked(asker=POLICE), 4))
    (received,) = told_of(cases, case)
    assert (received.step, received.message.held_because) == ("received", CONCERN)
    assert cases.outbox.unsent(OFFICER) == []


def test_a_version_that_is_not_written_has_no_message_and_tried_again_it_has_one(
    cases: Cases, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(*of: object) -> None:
        put(*of)  # type: ignore[arg-type]
        raise OSError("power")

    case, put = considered(cases), cases.outbox.put
    with monkeypatch.context() as broken:
        broken.setattr(cases.outbox, "put", power_cut)
        with pytest.raises(OSError, match="power"):
            cases.approve(OFFICER, case.id, case.version, PATHWAYS[2])
    assert [one.step for one in told_of(cases, case)] == ["received"]
    cases.approve(OFFICER, case.id, case.version, PATHWAYS[2])
    assert [one.step for one in told_of(cases, case)] == ["received", "in_force"]
    with pytest.raises(ConflictError):
        cases.approve(OFFICER, case.id, case.version, PATHWAYS[2])
    assert len(told_of(cases, case)) == 2


def test_nobody_lets_a_message_go_in_the_database(cases: Cases, registry: Registry) -> None:
    quiet = Asker(who="self", name="Maren", phone="07700 900123", safely="Do not contact me")
    case = cases.key_in(OFFICER, asked(asker=quiet), "telephone", "")
    with registry.journal.database.write() as connection:
        connection.execute(text("UPDATE case_message SET state = 'waiting'"))
    with pytest.raises(ChangedRowError):
        cases.outbox.mark_sent(OFFICER, case, 1, "by text")


class Post:
    """Carries messages, or fails as it is told."""

    name = "the post"

    def __init__(self, error: Exception | None = None) -> None:
        self.taken: list[Outgoing] = []
        self._error = error

    def send(self, message: Outgoing) -> None:
        self.taken.append(message)
        if self._error is not None:
            raise self._error


def test_what_nobody_has_to_read_first_is_sent_by_itself_once(cases: Cases, clock: Clock) -> None:
    plain = cases.key_in(OFFICER, asked(asker=POLICE), "telephone", "")
    wish = Asker(who="self", name="Maren", email="m@example.org", safely="after six")
    careful = cases.key_in(OFFICER, asked(asker=wish), "telephone", "")
    cases.outbox.release(OFFICER, careful, 1, "at seven")
    post = Post()
    assert cases.outbox.send(post) == 0  # an officer still has time to hold it
    clock.now += AFTER
    assert [cases.outbox.send(post) for _ in range(2)] == [1, 0]
    (one,) = told_of(cases, plain)
    assert (one.state, one.done_by, one.message.how) == (MessageState.SENT, "outbox", "the post")
    assert [(each.to, each.reference) for each in post.taken] == [("n@example.org", f"{plain.id}-1")]
    assert told_of(cases, careful)[0].state is MessageState.WAITING


@pytest.mark.parametrize("error", [SendingError("it answered 400"), OSError("cut off"), KeyboardInterrupt()])
def test_what_may_have_been_sent_is_held_and_never_sent_again(
    cases: Cases, clock: Clock, error: BaseException
) -> None:
    case = cases.key_in(OFFICER, asked(asker=POLICE), "telephone", "")
    clock.now += AFTER
    post = Post(error)  # type: ignore[arg-type]
    with suppress(KeyboardInterrupt):
        cases.outbox.send(post)
    (one,) = told_of(cases, case)
    assert one.state is MessageState.HELD
    assert one.message.held_because.startswith(NOT_TAKEN if isinstance(error, SendingError) else UNSURE)
    assert cases.outbox.send(post) == 0
    assert len(post.taken) == 1
    cases.outbox.release(OFFICER, case, 1, "it did not go")
    assert cases.outbox.send(post) == 0
    cases.outbox.mark_sent(OFFICER, case, 1, "by hand")


def test_without_a_key_nothing_is_sent_by_itself_and_a_key_alone_is_refused(cases: Cases) -> None:
    assert make_sending(Settings(_env_file=None), cases)() == 0  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="templates"):
        make_sending(Settings(notify_key=SecretStr("key"), _env_file=None), cases)  # type: ignore[call-arg]


def test_a_page_goes_on_behind_a_message_and_passes_over_what_is_never_sent(cases: Cases) -> None:
    never = asked(asker=replace(POLICE, safely="Do not contact me"))
    made = [
        cases.key_in(OFFICER, never if number % 2 else asked(asker=POLICE), "telephone", "").id
        for number in range(6)
    ]
    found: list[CaseMessage] = []
    while some := cases.outbox.unsent(
        OFFICER, limit=2, after=(found[-1].at, found[-1].case, found[-1].version) if found else None
    ):
        assert len(some) <= 2
        found += some
    assert sorted(one.case for one in found) == sorted(made[::2])
