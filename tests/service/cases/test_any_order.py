"""Whatever is done to cases in whatever order: who has a standing request is protected, at every step."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from engine.blocklist import compile_blocklist
from engine.model import Attempt
from engine.policy import read_policy
from engine.screener import Screener
from service.cases.cases import Cases
from service.cases.model import Case, CaseState
from service.errors import ServiceError
from service.public.asked import Asker
from service.registry.registry import Registry
from service.storage import sealing
from tests.repeating import times
from tests.service.cases.asking import HIS, OFFICER, PATHWAYS, SECOND, THIRD, asked, considered
from tests.service.databases import MASTER, sqlite_in
from tests.service.registry.listings import Clock, confirmed

POLICE = Asker(who="police", name="PC Osric Venn", organisation="Northmarch Police")
MERGED = "B2345CD"


class AnyOrder(RuleBasedStateMachine):
    """Two officers and two requests for one person, each step drawn."""

    approved: Bundle[str] = Bundle("approved")

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        self.database = sqlite_in(Path(self.folder.name))
        self.clock = Clock()
        self.registry = Registry(self.database, sealing.open_vault(self.database, MASTER), self.clock)
        self.registry.start()
        self.cases = Cases(self.registry)
        self.registry.restrictions.guard = self.cases.guard

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    def _now(self, id_: str) -> Case:
        return self.cases.get(OFFICER, id_)

    @rule(target=approved, by_police=st.booleans())
    def approve(self, by_police: bool) -> str:
        case = considered(self.cases, asked(asker=POLICE) if by_police else asked())
        self.cases.approve(OFFICER, case.id, case.version, PATHWAYS[3 if by_police else 2])
        return case.id

    @rule(target=approved, first=approved)
    def join(self, first: str) -> str:
        case = considered(self.cases, asked(asker=POLICE))
        behind = self._now(first).document.restriction or first
        try:
            self.cases.join(OFFICER, case.id, case.version, behind, PATHWAYS[3])
        except ServiceError:
            self.cases.approve(OFFICER, case.id, case.version, PATHWAYS[3])
        return case.id

    @rule(id_=approved, pressed=st.sampled_from(["yes", "no", "unsure"]))
    def withdraw(self, id_: str, pressed: str) -> None:
        case = self._now(id_)
        if case.state is CaseState.IN_FORCE:
            case = self.cases.ask_withdrawal(OFFICER, id_, case.version, "somebody")
            self.cases.call_back(SECOND, id_, case.version, "alone", pressed)

    @rule(id_=approved, days=st.integers(0, 20))
    def end(self, id_: str, days: int) -> None:
        self.clock.now += timedelta(days=days)
        case = self._now(id_)
        try:
            done = self.cases.end(OFFICER, id_, case.version, "as asked")
            if done.approval is not None:
                confirmed(self.registry, THIRD, done.approval)
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

    @invariant()
    def who_asked_is_protected(self) -> None:
        if not hasattr(self, "cases"):
            return
        states = (CaseState.IN_FORCE, CaseState.WITHDRAWING)
        standing = self.cases.page(OFFICER, states=states, limit=1_000)
        if not standing:
            return
        with self.registry.journal.database.read() as connection:
            versions = self.registry.versions
            listed = [versions.effective(*row) for row in versions.standing(connection)]
        attempt = Attempt(id="1", channel="call", prisoner=HIS, establishment="LEI", to="07700 900123")
        decision = Screener(compile_blocklist(listed), read_policy()).check(attempt, self.clock())
        assert decision.decision == "block"
        for case in standing:
            found = versions.get(case.document.restriction or case.id).document
            assert any(one.id == case.id and one.stands for one in found.requests)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=times(24), stateful_step_count=15, deadline=None)
