"""What a report learnt that contact went by, such as an accomplice's number: it stays stopped, as it is,
while the report is looked into. Afterwards two people may take it off, and the report says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace
from sqlalchemy import select

from engine.listing import area_codes
from engine.model import Contact, Restriction
from service.cases import rules
from service.cases.already import Already
from service.cases.model import OPEN, Case
from service.cases.tables import case_version
from service.errors import ConflictError
from service.registry.journal import RESTRICTION
from service.registry.model import Document, ends, starts
from service.storage.unread import reading

REPORT_STAYS = (
    "report {} is looked into, and learnt that contact went by what is listed here: {}; close it first"
)
REPORT_UNREAD = "report {} is looked into and cannot be read: nobody knows what it learnt"
LEARNT_GONE = (
    "“{}” was listed from this report and is on no restriction of it that stands: it was taken off since, or "
    "it waits for a second person"
)


class Learnt(Already):
    """Holds a restriction to what a report learnt."""

    def learnt_gone(self, report: Case) -> list[str]:
        """Of what was listed from a report, what no restriction has any more that the report named."""
        learnt = report.document.learnt
        if not learnt:
            return []
        column = case_version.c.restriction
        named = select(column).where(case_version.c.id == report.id, column.is_not(None)).distinct()
        with self._journal.database.read() as connection:
            ids = list(connection.execute(named).scalars())
        gone = [point.contact for point in rules.read_points(learnt)]
        for id_ in ids:
            with reading(self._journal.vault, RESTRICTION, id_):
                document = self._registry.versions.get(id_).document
                gone = self._absent(gone, document.restriction) if document.stands else gone
                continue
            return []  # nobody knows; that it cannot be read is told elsewhere
        return [LEARNT_GONE.format(one.value) for one in gone]

    def require_learnt_stays(self, before: Document, after: Document) -> None:
        """Raises ConflictError where a next version takes something from what an open report learnt."""
        if not before.stands or (after.stands and before.restriction == after.restriction):
            return
        for report in self.ever_behind(before.restriction.id):
            if report.kind == "stop" or report.state not in OPEN:
                continue
            if report.is_unread:
                raise ConflictError(REPORT_UNREAD.format(report.id), "reason")
            if self._absent(report.document.learnt, before.restriction) != _points(report.document.learnt):
                for what in self._taken_of_learnt(report, before, after):
                    raise ConflictError(REPORT_STAYS.format(report.id, what), "reason")

    def _taken_of_learnt(self, report: Case, before: Document, after: Document) -> Iterator[str]:
        old, new, learnt = before.restriction, after.restriction, report.document.learnt
        if not after.stands and self._journal.clock() < ends(old):
            yield "nothing would be stopped"
        if set(self._absent(learnt, new)) - set(self._absent(learnt, old)):
            yield "a contact point that it learnt would be taken off"
        was_his, is_his = (self._registry.versions.today(one).prisoners for one in (old, new))
        if report.prisoner in was_his and report.prisoner not in is_his:
            yield "its prisoner would be taken off"
        if old.scope == "estate" and new.scope != "estate":
            yield "it would hold for the named prisoners alone"
        if starts(new) > max(self._journal.clock(), starts(old)):
            yield "it would not be in force until then"
        if ends(new) < ends(old):
            yield "it would be over sooner"
        as_hers = replace(report.document, contacts=learnt)
        had = {(one.prisoner, one.contact) for one in self._let_through(old, as_hers)}
        if {(one.prisoner, one.contact) for one in self._let_through(new, as_hers)} - had:
            yield "an exception would let him use it"

    def _absent(self, contacts: Sequence[Contact], restriction: Restriction) -> list[Contact]:
        """Which of some contact points are not on a restriction."""
        codes = area_codes(restriction)
        on_it = self._points(restriction.contacts, codes)
        return [one for one in _points(contacts) if not on_it.holds(one, codes)]


def _points(contacts: Sequence[Contact]) -> list[Contact]:
    return [point.contact for point in rules.read_points(contacts)]
