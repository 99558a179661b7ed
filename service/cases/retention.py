"""The end of a case: when its time is over, two people destroy the key of all that is sealed of it.

What is left is its id, the prisoner's number, its dates, its states and who wrote each: the ledger, of which
nothing is ever taken, has the same. The reason for which it was destroyed is kept with the approval.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import takewhile

from sqlalchemy import Connection, select

from engine import dates
from service.access.model import Principal, Right
from service.cases import keys
from service.cases.cases import Cases
from service.cases.model import OVER, Case, CaseState
from service.cases.tables import case_version
from service.cases.versions import CaseStep
from service.errors import ConflictError, InvalidError, NotFoundError
from service.registry.approvals import Approval, Asked
from service.registry.registry import Registry
from service.storage.unread import CANNOT_BE_READ

DESTROYED = "case_destroyed"
"""The kind of its approvals."""
WHAT_GOES = "nothing: what was asked and written in this case, its files too, can be opened by nobody again"


class Retention:
    """How long cases are kept, and what ends them. Safe to share between threads."""

    def __init__(self, cases: Cases, registry: Registry, days: float) -> None:
        """`days` after a case is over it may be destroyed."""
        self._cases, self._registry, self._kept = cases, registry, timedelta(days=days)
        registry.approvals.on(DESTROYED, self._confirmed)

    def until(self, case: Case) -> datetime | None:
        """Until when it is kept; None where it is not over, or gone."""
        if case.state not in OVER:
            return None
        columns = (case_version.c.at, case_version.c.state)
        wanted = select(*columns).where(case_version.c.id == case.id).order_by(case_version.c.version.desc())
        with self._registry.journal.database.read() as connection:
            found = connection.execute(wanted).all()
        *_, first = takewhile(lambda row: row.state == case.state.value, found)
        at: datetime = first.at
        return at + self._kept

    def why_not(self, case: Case) -> str | None:
        """What stands against destroying it; None where nothing does."""
        until = self.until(case)
        if until is None:
            return f"the case is {case.state.value.replace('_', ' ')}: it is not over"
        for id_ in dict.fromkeys((case.restriction or case.id, case.id)):
            try:
                stands = self._registry.versions.get(id_).document.stands
            except NotFoundError:
                continue
            except CANNOT_BE_READ:
                return f"restriction {id_} cannot be read"
            if stands:
                return f"restriction {id_} still stands"
        if self._registry.journal.clock() < until:
            return f"it is kept until {dates.shown(until)}"
        return None

    def waiting(self, case: Case) -> Approval | None:
        """The proposal that waits for a second person."""
        found = self._registry.approvals.list(subject=case.id)
        return next((one for one in found if one.kind == DESTROYED), None)

    def propose(self, by: Principal, id_: str, version: int, reason: str) -> Approval:
        """One of the two people says why. Raises ConflictError with what stands against it."""
        by.require(Right.HANDLE_CASES)
        by.require_person()
        case = self._cases.get(by, id_)
        if case.version != version:
            raise ConflictError("somebody changed it meanwhile: read it again", "version")
        if not reason.strip():
            raise InvalidError("say why", "destroyed_because")
        self._require_over(case)
        asked = Asked(
            DESTROYED, id_, version, self._registry.where_is(case.prisoner), reason.encode(), (WHAT_GOES,)
        )
        with self._registry.journal.write() as connection:
            return self._registry.approvals.ask(connection, by.id, asked)

    def _confirmed(self, connection: Connection, by: Principal, asked: Approval, payload: bytes) -> None:
        case = self._cases.latest(asked.subject)
        if case is None or case.version != asked.base:
            raise ConflictError("the case was changed since this was asked for")
        self._require_over(case)
        self._cases.write_next(
            connection, by, case, CaseStep(case.document, CaseState.DESTROYED, "destroyed")
        )
        keys.destroy(connection, case.id)

    def _require_over(self, case: Case) -> None:
        if why_not := self.why_not(case):
            raise ConflictError(f"this cannot be destroyed: {why_not}", "destroyed_because")
