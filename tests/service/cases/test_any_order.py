"""Whatever is done to cases, and happens to the prisoner, in whatever order: who has a standing request is
protected, at every step. Only an end that was set, and two people, take that away."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)
from msgspec.structs import replace

from engine import dates
from engine.blocklist import compile_blocklist
from engine.model import Attempt, Restriction
from engine.policy import read_policy
from engine.screener import Screener
from service.access.model import Principal
from service.cases import rules
from service.cases.cases import Cases
from service.cases.corrections import correctable
from service.cases.model import HOLDING, Case, CaseState, Correction
from service.cases.reminders import Reminders
from service.errors import ServiceError
from service.public.asked import Asker
from service.registry.approvals import Approval
from service.registry.model import Request, RestrictionVersion, ends
from service.registry.registry import Registry
from service.storage import sealing
from tests.repeating import times
from tests.service.cases.asking import HIS, OFFICER, PATHWAYS, SECOND, THIRD, asked, considered
from tests.service.databases import MASTER, sqlite_in
from tests.service.registry.listings import Clock, confirmed, exempt, phones, restriction

POLICE = Asker(who="police", name="PC Osric Venn", organisation="Northmarch Police")
MERGED = "B2345CD"
FRIENDS = "Mr J Brown\n7 Quarry Lane\nOtherstead\nQB9 9ZZ"
LEARNT = "07700 900777"
ANYBODYS = restriction("R9", "07700 900999", prisoner="C3456DE")

RIGHT = [("phone", "07700 900123"), ("phone", "07700 900456"), ("name", "Maren Thistledown")]
OFFICERS = [OFFICER, SECOND, THIRD]


class AnyOrder(RuleBasedStateMachine):
    """Two officers and two requests for one person, each step drawn."""

    approved: Bundle[str] = Bundle("approved")
    ended_by_death: Bundle[str] = Bundle("ended_by_death")
    reports: Bundle[str] = Bundle("reports")

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        self.database = sqlite_in(Path(self.folder.name))
        self.clock = Clock()
        self.registry = Registry(self.database, sealing.open_vault(self.database, MASTER), self.clock)
        self.registry.start()
        self.cases = Cases(self.registry)
        self.cases.stand_guard()
        self.reminders = Reminders(self.registry)
        self.ordered: dict[str, Restriction] = {}
        """Restrictions with a court's order, as they were when it was first seen."""
        self.dead: set[str] = set()

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    def _now(self, id_: str) -> Case:
        return self.cases.get(OFFICER, id_)

    @rule(target=approved, by_police=st.booleans(), order=st.sampled_from(["", "", "Until 1 January 2099"]))
    def approve(self, by_police: bool, order: str) -> str:
        asker: dict[str, Any] = {"asker": POLICE} if by_police else {}
        case = considered(self.cases, asked(court_order=order, **asker))
        self.cases.approve(OFFICER, case.id, case.version, PATHWAYS[3 if by_police else 2])
        return case.id

    @rule(target=approved, first=approved, order=st.sampled_from(["", "", "Until Easter"]))
    def join(self, first: str, order: str) -> str:
        case = considered(self.cases, asked(asker=POLICE, court_order=order))
        behind = self._now(first).document.restriction or first
        try:
            self.cases.join(OFFICER, case.id, case.version, behind, PATHWAYS[3])
        except ServiceError:
            self.cases.approve(OFFICER, case.id, case.version, PATHWAYS[3])
        return case.id

    @rule(id_=approved)
    def discharge(self, id_: str) -> None:
        """By two people, with where it is known from, and for itself alone."""
        found = self.registry.versions.get(self._now(id_).document.restriction or id_)
        without = replace(found.document.restriction, court_order=None)
        restrictions = self.registry.restrictions
        done = restrictions.change(OFFICER, found.id, found.version, "the court wrote", restriction=without)
        if done.approval is not None:
            confirmed(self.registry, THIRD, done.approval.id)
            self.ordered.pop(found.id, None)

    @rule(id_=approved, pressed=st.sampled_from(["yes", "no", "unsure"]))
    def withdraw(self, id_: str, pressed: str) -> None:
        case = self._now(id_)
        if case.state is CaseState.IN_FORCE:
            case = self.cases.ask_withdrawal(OFFICER, id_, case.version, "somebody")
            self.cases.call_back(SECOND, id_, case.version, "alone", pressed)

    @rule(id_=approved, days=st.integers(0, 20), is_pressed=st.booleans())
    def end(self, id_: str, days: int, is_pressed: bool) -> None:
        """Once the end is confirmed the case ends, unless it shows that she is not free."""
        self.clock.now += timedelta(days=days)
        case = self._now(id_)
        try:
            done = self.cases.end(OFFICER, id_, case.version, "as asked")
            if done.approval is not None:
                confirmed(self.registry, THIRD, done.approval)
                if is_pressed:
                    self.cases.call_back(SECOND, id_, case.version, "he stood beside her", "yes")
                else:
                    self.cases.end(OFFICER, id_, case.version, "as asked")
        except ServiceError:
            assert self._now(id_).version == case.version

    @rule(id_=consumes(approved))
    def keep(self, id_: str) -> None:
        case = self._now(id_)
        if case.state is CaseState.WITHDRAWING:
            self.cases.keep(OFFICER, id_, case.version, "she was not free")

    @rule()
    def merge(self) -> None:
        with suppress(ServiceError):  # they were merged before
            self.registry.prisoners.merge(OFFICER, HIS, MERGED)

    @rule(place=st.sampled_from(["LEI", "MRI", "TRN", "OUT", "DEC", None]))
    def move(self, place: str | None) -> None:
        number = self.registry.prisoners.group(HIS)[0]
        self.registry.prisoners.move(OFFICER, number, place)

    @rule(id_=approved, days=st.integers(1, 40))
    def set_last_day(self, id_: str, days: int) -> None:
        """Sooner, or for the first time: a second person agrees. Then time goes on."""
        found = self.registry.versions.get(self._now(id_).document.restriction or id_)
        until = f"{self.clock() + timedelta(days=days):%Y-%m-%d}"
        changed = replace(found.document.restriction, until=until)
        with suppress(ServiceError):  # it was withdrawn meanwhile, or nothing changes
            restrictions = self.registry.restrictions
            written = restrictions.change(OFFICER, found.id, found.version, "for a time", restriction=changed)
            if written.approval is not None:
                confirmed(self.registry, THIRD, written.approval.id)
        self._is_over_no_sooner(found)

    def _is_over_no_sooner(self, before: RestrictionVersion) -> None:
        """What a case stands behind is over no sooner than it was, or than a withdrawal could end it."""
        after = self.registry.versions.get(before.id).document.restriction
        if any(rules.is_behind(case.id, before.document) for case in self.cases.behind(before.id)):
            sooner = min(ends(before.document.restriction), self.clock.now + rules.COOLING_OFF)
            assert ends(after) >= sooner - timedelta(minutes=1)

    @rule(
        id_=st.one_of(approved, ended_by_death),
        narrower=st.sampled_from(
            [
                {"until": "2026-05-31"},
                {"until": "2026-06-01"},
                {"until": "2026-06-10"},
                {"from_": "2099-01-01"},
                {"scope": "prisoner"},
                {"protected": ANYBODYS.protected},
                {"exceptions": exempt(HIS)},
                {"exceptions": exempt(MERGED)},
                {"contacts": ANYBODYS.contacts},
                {"prisoner": ANYBODYS.prisoner},
            ]
        ),
    )
    def narrow(self, id_: str, narrower: dict[str, Any]) -> None:
        """By two people, while anybody asks for it: it is refused; by one, once nobody does: it waits."""
        found = self.registry.versions.get(self._now(id_).document.restriction or id_)
        changed = replace(found.document.restriction, **narrower)
        restrictions = self.registry.restrictions
        try:
            written = restrictions.change(OFFICER, found.id, found.version, "by hand", restriction=changed)
            if written.approval is not None and found.document.stands:
                confirmed(self.registry, THIRD, written.approval.id)
        except ServiceError:
            assert self.registry.versions.get(found.id) == found
        self._is_over_no_sooner(found)

    @rule(id_=approved, place=st.integers(0, 9), new=st.sampled_from(RIGHT), is_confirmed=st.booleans())
    def correct(self, id_: str, place: int, new: tuple[str, str], is_confirmed: bool) -> None:
        """A number or a name of hers was wrong: what is right is stopped at once, and each that she named
        goes only when the one in its place is."""
        case = self._now(id_)
        kind, right = new
        said = [one for one in correctable(case.document) if one[0] == kind]
        old = said[place % len(said)][1]
        asked_for = Correction(kind=said[0][0], old=old, new=right, because="she said so")
        try:
            done = self.cases.correct(OFFICER, id_, case.version, asked_for)
        except ServiceError:
            assert self._now(id_).version == case.version
            return
        if is_confirmed and done.approval is not None:
            with suppress(ServiceError):  # somebody asks that it end
                confirmed(self.registry, THIRD, done.approval)

    @rule(id_=approved, place=st.integers(0, 9))
    def take_off(self, id_: str, place: int) -> None:
        case = self._now(id_)
        with suppress(ServiceError):  # there is none, or another change waits
            done = self.cases.take_off(OFFICER, id_, case.version, place % 3)
            if done.approval is not None:
                confirmed(self.registry, THIRD, done.approval)

    @rule(days=st.integers(1, 30))
    def wait(self, days: int) -> None:
        self.clock.now += timedelta(days=days)

    @rule(id_=approved)
    def say_that_it_goes_on(self, id_: str) -> None:
        found = self.registry.versions.get(self._now(id_).document.restriction or id_)
        day = f"{self.clock() + timedelta(days=90):%Y-%m-%d}"
        with suppress(ServiceError):  # it was withdrawn
            self.registry.restrictions.review(OFFICER, found.id, found.version, "she is afraid", day)

    @rule(id_=approved)
    def propose_end(self, id_: str) -> None:
        """He lives, or nobody confirms it."""
        self._proposed(self._now(id_).document.restriction or id_)

    @rule(target=reports, id_=approved)
    def report(self, id_: str) -> Any:
        """Contact goes on by a number that nobody knew: it is listed."""
        report = self.cases.key_in(OFFICER, asked(kind="continuing"), "telephone", "he rang again")
        report = self.cases.confirm_prisoner(OFFICER, report.id, report.version, HIS, "his number")
        behind = self._now(id_).document.restriction or id_
        try:
            report = self.cases.link(OFFICER, report.id, report.version, behind)
            self.cases.learn(OFFICER, report.id, report.version, phones(LEARNT))
        except ServiceError:  # it was withdrawn
            return multiple()
        return report.id

    @rule(id_=consumes(reports))
    def close(self, id_: str) -> None:
        self.cases.close(OFFICER, id_, self._now(id_).version, outcome="a cousin", route="call")

    @rule(id_=st.one_of(approved, ended_by_death))
    def take_off_what_was_learnt(self, id_: str) -> None:
        """By two people: while the report is looked into, they cannot."""
        found = self.registry.versions.get(self._now(id_).document.restriction or id_)
        old = found.document.restriction
        left = tuple(one for one in old.contacts if one not in phones(LEARNT))
        with suppress(ServiceError):
            done = self.registry.restrictions.change(
                OFFICER, found.id, found.version, "by hand", restriction=replace(old, contacts=left)
            )
            if done.approval is not None:
                confirmed(self.registry, THIRD, done.approval.id)

    @rule(id_=approved)
    def ask_there(self, id_: str) -> None:
        """Somebody else asks, on the restriction's own page."""
        found = self.registry.versions.get(self._now(id_).document.restriction or id_)
        known = len(found.document.requests)
        self.registry.restrictions.add_request(
            OFFICER, found.id, found.version, Request(id=f"more-{known}"), "they ask too"
        )

    @rule(id_=approved, place=st.integers(0, 9))
    def take_back_there(self, id_: str, place: int) -> None:
        """On the restriction's own page, by two people, whoever asked."""
        found = self.registry.versions.get(self._now(id_).document.restriction or id_)
        standing = [one.id for one in found.document.requests if one.stands]
        with suppress(ServiceError):
            taken = standing[place % len(standing)] if standing else "none"
            restrictions = self.registry.restrictions
            done = restrictions.withdraw_request(OFFICER, found.id, found.version, taken, "by hand")
            if done.approval is not None:
                confirmed(self.registry, THIRD, done.approval.id)

    @rule(
        target=ended_by_death,
        id_=approved,
        seen_by=st.lists(st.sampled_from(OFFICERS), max_size=3),
        are_ended=st.booleans(),
    )
    def die(self, id_: str, seen_by: list[Principal], are_ended: bool) -> Any:
        """By what is noted of him; a second person ends what he was stopped by, and with it the cases, unless
        nobody thinks of them. Those who have seen him since say so at once: a draw of two rules would seldom
        reach that."""
        self.move("DEC")
        restriction = self._now(id_).document.restriction or id_
        asked = self._proposed(restriction)
        if asked is None:
            return multiple()
        confirmed(self.registry, SECOND, asked.id)
        self.dead.add(restriction)
        behind = self.cases.behind(restriction)
        for case in behind:
            if case.state in HOLDING and are_ended:
                self.cases.end_after_death(OFFICER, case.id, case.version)
        for by in seen_by:
            if are_ended:
                self.reopen(id_, by, is_noted=True)
            else:
                self.move("LEI")
            self.who_asked_is_protected()
        return multiple(*(case.id for case in behind if are_ended))

    def _proposed(self, restriction: str) -> Approval | None:
        found = self.registry.versions.get(restriction)
        try:
            return self.registry.restrictions.propose_end(OFFICER, found.id, found.version, "he died")
        except ServiceError:
            return None

    @rule(id_=ended_by_death, by=st.sampled_from(OFFICERS), is_noted=st.booleans())
    def reopen(self, id_: str, by: Principal, is_noted: bool) -> None:
        """Somebody says that he lives, which may be noted before. With the first she is protected again."""
        if is_noted:
            self.move("LEI")
        case = self._now(id_)
        found = self.registry.versions.get(case.restriction or id_).document
        is_second = bool(case.document.reopened) and rules.is_behind(id_, found)
        try:
            again = self.cases.reopen(by, id_, case.version, "seen on the wing").case
        except ServiceError:
            assert self._now(id_).version == case.version
            return
        assert rules.is_behind(id_, self.registry.versions.get(again.restriction or id_).document)
        assert again.state is (CaseState.IN_FORCE if is_second else CaseState.ENDED)

    @rule(days=st.integers(0, 90))
    def monitor(self, days: int) -> None:
        until = f"{self.clock() + timedelta(days=days):%Y-%m-%d}"
        monitorings = self.registry.monitorings
        standing = monitorings.of(HIS)
        if not standing:
            monitorings.start(OFFICER, HIS, until, "two letters went round", "C-22222222")
        elif days < 30:
            monitorings.end(OFFICER, standing[0].prisoner, standing[0].version, "it stopped")
        else:
            monitorings.change(OFFICER, standing[0].prisoner, standing[0].version, until, "it goes on")

    @invariant()
    def what_is_ordered_holds(self) -> None:
        """Each letter of his flags by every number while it is ordered, and his calls are decided as ever."""
        if not hasattr(self, "cases"):
            return
        now = self.clock()
        with self.registry.journal.database.read() as connection:
            heightened = self.registry.monitorings.standing(connection).heightened
        screener = Screener(compile_blocklist([ANYBODYS], heightened=heightened), read_policy())
        is_ordered = bool(self.registry.monitorings.of(HIS))
        for number in self.registry.prisoners.group(HIS):
            letter = Attempt(id="1", channel="letter", prisoner=number, establishment="LEI", to=FRIENDS)
            assert (screener.check(letter, now).decision == "flag") == is_ordered
            call = Attempt(id="1", channel="call", prisoner=number, establishment="LEI", to="07700 900789")
            assert screener.check(call, now).decision == "allow"

    @invariant()
    def nothing_ends_before_its_order(self) -> None:
        """But by a death."""
        if not hasattr(self, "cases"):
            return
        ids = {
            case.restriction or case.id for case in self.cases.page(OFFICER, states=[*CaseState], limit=1_000)
        }
        for id_ in ids:
            with suppress(ServiceError):  # of a case that is not approved
                document = self.registry.versions.get(id_).document
                if document.restriction.has_court_order and document.stands:
                    self.ordered.setdefault(id_, document.restriction)
        for id_, before in self.ordered.items():
            document = self.registry.versions.get(id_).document
            now = document.restriction
            assert document.stands or id_ in self.dead
            assert now.has_court_order or id_ in self.dead
            assert {*before.contacts} <= {*now.contacts} or id_ in self.dead
            assert ends(now) >= ends(before) or id_ in self.dead

    @invariant()
    def what_is_due_is_told(self) -> None:
        """Who was followed step by step is told what is read anew; a passed review hides nothing."""
        if hasattr(self, "cases"):
            assert self.reminders.due(OFFICER) == Reminders(self.registry).due(OFFICER)

    @invariant()
    def who_asked_is_protected(self) -> None:
        if not hasattr(self, "cases"):
            return
        versions = self.registry.versions
        now, named = self.clock(), set()
        for case in self.cases.page(OFFICER, states=HOLDING, limit=1_000):
            found = versions.get(case.restriction or case.id).document
            if versions.all_died(found.restriction) and not rules.is_behind(case.id, found):
                continue  # two people ended it, and with it what he was stopped by
            assert rules.is_behind(case.id, found) is not rules.is_taken_past(case, found)
            assert case.state is CaseState.WITHDRAWING or rules.is_behind(case.id, found)
            if not rules.is_behind(case.id, found):
                continue  # as was asked on the case, after a call
            if dates.in_force(None, found.restriction.until, now):  # or it is over, as two people have set it
                named |= {*case.document.asked.person.numbers}
        for report in self.cases.page(OFFICER, states=[CaseState.INVESTIGATING], limit=1_000):
            found = versions.get(report.restriction or "").document
            if found.stands or not versions.all_died(found.restriction):
                assert set(phones(LEARNT)) <= set(found.restriction.contacts) or not report.document.learnt
        with self.registry.journal.database.read() as connection:
            listed = [versions.effective(*row) for row in versions.standing(connection)]
        screener = Screener(compile_blocklist(listed), read_policy())
        for his in self.registry.prisoners.group(HIS):
            for number in named:
                attempt = Attempt(id="1", channel="call", prisoner=his, establishment="LEI", to=number)
                assert screener.check(attempt, now).decision == "block"


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=times(24), stateful_step_count=15, deadline=None)
