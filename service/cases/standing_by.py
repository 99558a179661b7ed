"""What stands behind a request of a case: whether its restriction is in force for it, and what a next version
of that restriction may not take from it.

A request ends by its case, with a call to her. A change that would leave it standing, and stop no longer what
it names, is refused, by however many people: one of them may be the one who pressed for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from engine import dates
from engine.listing import area_codes
from engine.model import Contact, Restriction
from service.access.model import Principal
from service.cases import rules
from service.cases.already import Already
from service.cases.model import Case, CaseDocument, CaseState
from service.cases.resolutions import Resolutions
from service.errors import ConflictError
from service.registry.elsewhere import Points
from service.registry.model import Document, Request, RestrictionVersion
from service.registry.restrictions import Written

_FOREVER = "9999-12-31"


class StandingBy(Already, Resolutions):
    """Holds a restriction to the requests behind it."""

    def why_not_in_force(self, case: Case) -> str | None:
        """Why the restriction of a case that is in force stops nothing, or not what the case asked for."""
        if case.restriction is None:
            return None
        document = self._registry.versions.get(case.restriction).document
        if not rules.is_behind(case.id, document):
            return "this request was taken back from its restriction"
        if not rules.holds(self._registry.versions.today(document.restriction), case.document):
            return "its prisoner or a contact point is not on its restriction, or waits for a second person"
        decided = [one for one in case.document.resolutions if one.ended is None]
        for exemption in self._let_through(document.restriction, case.document):
            if not any(self._is_of(one, exemption) for one in decided):
                return "an exception lets him use a contact point of it, which was not decided on this case"
        return rules.why_not_everywhere(document.restriction, self._journal.clock())

    def guard(self, before: Document, after: Document, people: Collection[str]) -> None:
        """A request of a case is taken back when nothing stands against it in the case, and by none of the
        `people` who called her back: neither asking for it nor confirming it. From one that goes on to stand
        nothing is taken. Raises ConflictError.
        """
        stood = {one.id for one in before.requests if one.stands}
        stand = {one.id for one in after.requests if one.stands}
        for id_ in sorted(stood - stand):
            case = self.latest(id_)
            if case is not None:
                self._require_ended_by_case(case, after, people)
        if before.restriction == after.restriction:
            return
        for id_ in sorted(stood & stand):
            case = self.latest(id_)
            for what in self._taken(case, before.restriction, after.restriction) if case is not None else ():
                raise ConflictError(
                    f"case {id_} stands behind it, and {what}: it ends there, with a call to her", "reason"
                )

    def _require_ended_by_case(self, case: Case, after: Document, people: Collection[str]) -> None:
        if case.state is not CaseState.WITHDRAWING:
            raise ConflictError(
                f"case {case.id} stands behind it: it ends there, with a call to her", "reason"
            )
        for field, what in rules.unmet(case.document, self._journal.clock()):
            raise ConflictError(f"case {case.id}: {what}", field)
        if not rules.is_asked_since_the_call(case.document, after, case.id):
            raise ConflictError(f"case {case.id}: she was called since, so it is asked for again", "reason")
        rules.require_not_the_caller(case.document, people)

    def _taken(self, case: Case, before: Restriction, after: Restriction) -> Iterator[str]:
        """What a next version takes from a request that stands."""
        document, now = case.document, self._journal.clock()
        named = (*document.contacts, *rules.contacts_asked(document.asked.person))
        missed = self._unlisted(named, document, before)
        if any(one not in missed for one in self._unlisted(named, document, after)):
            yield "a contact point that it names would be taken off"
        was_his, is_his = (self._registry.versions.today(one).prisoners for one in (before, after))
        if document.prisoner in was_his and document.prisoner not in is_his:
            yield "its prisoner would be taken off"
        if before.scope == "estate" and after.scope != "estate":
            yield "it would hold for the named prisoners alone"
        if dates.in_force(before.from_, before.until, now) and not dates.in_force(
            after.from_, after.until, now
        ):
            yield "it would not be in force today"
        if case.state is CaseState.WITHDRAWING:
            yield from self._taken_while_withdrawing(document, before, after)

    def _taken_while_withdrawing(
        self, document: CaseDocument, before: Restriction, after: Restriction
    ) -> Iterator[str]:
        """Until it is sure that she is free to decide, nothing ends sooner and he gets no exception."""
        if dates.ends(after.until or _FOREVER) < dates.ends(before.until or _FOREVER):
            yield "somebody asked that it end, which no other last day goes before"
        had, has = (
            {(one.prisoner, one.contact) for one in self._let_through(version, document)}
            for version in (before, after)
        )
        if has - had:
            yield "somebody asked that it end: until that is decided he gets no exception"

    def _unlisted(
        self, contacts: Sequence[Contact], document: CaseDocument, restriction: Restriction
    ) -> list[Contact]:
        """Which of a case's contact points are not on a restriction. What an officer misread is not missed
        where something of its kind that the request itself names is on it in its place."""
        codes = area_codes(restriction)
        asked = [point.contact for point in rules.read_points(rules.contacts_asked(document.asked.person))]
        on_it = self._points(restriction.contacts, codes)
        as_asked, as_listed = self._points(asked, codes), self._points(document.contacts, codes)
        read = (point.contact for point in rules.read_points(contacts))
        missed = [one for one in read if not on_it.holds(one, codes)]
        misread = {one for one in missed if not as_asked.holds(one, codes)}
        corrections = {one for one in asked if on_it.holds(one, codes) and not as_listed.holds(one, codes)}
        if Counter(one.kind for one in misread) <= Counter(one.kind for one in corrections):
            return [one for one in missed if one not in misread]
        return missed

    def _points(self, contacts: Sequence[Contact], codes: tuple[str, ...]) -> Points:
        points = Points(self._journal.vault)
        points.add((point.contact for point in rules.read_points(contacts)), codes)
        return points

    def _widen(
        self,
        by: Principal,
        found: RestrictionVersion,
        document: CaseDocument,
        request: Request | None,
        reason: str = "a case stands behind it",
    ) -> Written:
        person = document.asked.person
        return self._registry.restrictions.widen(
            by,
            found.id,
            found.version,
            reason,
            contacts=document.contacts,
            names=(person.name, *person.aliases),
            prisoners=(document.prisoner,) if document.prisoner else (),
            court_order=document.asked.court_order,
            request=request,
        )
