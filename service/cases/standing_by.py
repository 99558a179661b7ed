"""What stands behind a request of a case: whether its restriction is in force for it, and what a next version
of that restriction may not take from it.

A request ends by its case, with a call to her. A change that would leave it standing, and stop no longer what
it names, is refused, by however many people: one of them may be the one who pressed for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from engine import dates
from engine.listing import area_codes
from engine.model import Contact, Exemption, Restriction
from service.access.model import Principal
from service.cases import rules
from service.cases.learnt import Learnt
from service.cases.model import Case, CaseDocument, CaseState, Corrected, Correction
from service.cases.resolutions import Resolutions, is_noted
from service.errors import ConflictError
from service.registry import court_orders
from service.registry.journal import RESTRICTION
from service.registry.model import (
    Document,
    Request,
    RestrictionVersion,
    ends,
    names_of,
    names_read,
    starts,
)
from service.registry.restrictions import Written
from service.storage.unread import CANNOT_BE_READ, reading

ENDS_THERE = "it ends there, with a call to her"
PUT_RIGHT_THERE = (
    "says that it is in force, though its request was taken back, not by what was asked on it: put that "
    "right there first"
)
CORRECTED_THERE = f"it is corrected there, or {ENDS_THERE}"
UNDECIDED_EXCEPTION = "an exception would let him use a contact point of it: that is decided there first"
NOT_YET = "the wrong one is stopped until the right one is: that waits for a second person"
IS_ENDING = "the wrong one is still stopped: somebody asks that it end"
LETS_HIM = (
    "an exception lets him use what is right: the wrong one is stopped until that exception is taken off"
)
LEARNT = "the wrong one is still stopped: case {} learnt that contact went by it, or cannot be read"
NOT_KNOWN = "nobody knows what it stops, since restriction {} cannot be read: tell whoever runs the service"


class StandingBy(Learnt, Resolutions):
    """Holds a restriction to the requests behind it."""

    def why_not_in_force(self, case: Case) -> str | None:
        """Why the restriction of a case that is in force stops nothing, or not what the case asked for."""
        if case.restriction is None:
            return None
        try:
            document = self._registry.versions.get(case.restriction).document
        except CANNOT_BE_READ:
            return NOT_KNOWN.format(case.restriction)
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
        nothing is taken, and nothing of what a report learnt that is looked into. Raises ConflictError.
        """
        self.require_learnt_stays(before, after)
        stood = {one.id for one in before.requests if one.stands}
        stand = {one.id for one in after.requests if one.stands}
        for id_ in sorted(stood - stand):
            case = self.latest(id_)
            if case is not None:
                self._require_no_order(case, before)
                self._require_ended_by_case(case, after, people)
        narrows = before.restriction != after.restriction
        ends_all = before.stands and not after.stands
        past = (
            [case for case in self.behind(before.restriction.id) if rules.is_taken_past(case, before)]
            if narrows or ends_all
            else []
        )
        if ends_all and past:
            raise ConflictError(f"case {past[0].id} {PUT_RIGHT_THERE}", "reason")
        if not narrows:
            return
        behind = [case for id_ in sorted(stood & stand) if (case := self.latest(id_)) is not None]
        behind += [case for case in past if not case.is_unread]
        for case in behind:
            for what in self._taken(case, before.restriction, after.restriction):
                raise ConflictError(f"case {case.id} stands behind it, and {what}", "reason")
        if self._undecided(behind, before.restriction, after.restriction, people):
            raise ConflictError(f"case {behind[0].id} stands behind it, and {UNDECIDED_EXCEPTION}", "reason")

    def order_of(self, case: Case) -> Any:
        """The court's order that holds up the restriction of a case, as it was recorded; None for none, and
        where that cannot be read."""
        with reading(self._journal.vault, RESTRICTION, case.restriction or case.id):
            listed = self._registry.versions.get(case.restriction or case.id).document.restriction
            return listed.court_order if court_orders.holds(listed, self._journal.clock()) else None
        return None

    def _require_no_order(self, case: Case, before: Document) -> None:
        """A request that came with a court's order does not end before that does, whoever else asks."""
        named = case.document.asked.court_order.strip()
        if named and court_orders.holds(before.restriction, self._journal.clock()):
            raise ConflictError(f"case {case.id}: {court_orders.STANDS}", "reason")

    def _require_ended_by_case(self, case: Case, after: Document, people: Collection[str]) -> None:
        if case.state is not CaseState.WITHDRAWING:
            raise ConflictError(f"case {case.id} stands behind it: {ENDS_THERE}", "reason")
        for field, what in rules.unmet(case.document, self._journal.clock()):
            raise ConflictError(f"case {case.id}: {what}", field)
        if not rules.is_asked_since_the_call(case.document, after, case.id):
            raise ConflictError(f"case {case.id}: she was called since, so it is asked for again", "reason")
        rules.require_not_the_caller(case.document, people)

    def _taken(self, case: Case, before: Restriction, after: Restriction) -> Iterator[str]:
        """What a next version takes from a request that stands."""
        document, now = case.document, self._journal.clock()
        missed = self._missed(case, before)
        if any(one not in missed for one in self._missed(case, after)):
            yield f"a contact point that it names would be taken off: {CORRECTED_THERE}"
        if names_of(before) & self._names(case, after) - names_of(after):
            yield f"a name that it gave would be taken off: {CORRECTED_THERE}"
        was_his, is_his = (self._registry.versions.today(one).prisoners for one in (before, after))
        if document.prisoner in was_his and document.prisoner not in is_his:
            yield f"its prisoner would be taken off: {ENDS_THERE}"
        if before.scope == "estate" and after.scope != "estate":
            yield f"it would hold for the named prisoners alone: {ENDS_THERE}"
        if starts(after) > max(now, starts(before)):
            yield f"it would not be in force until then: {ENDS_THERE}"
        if ends(after) < min(dates.later(now, rules.COOLING_OFF), ends(before)):
            yield f"it would be over before a withdrawal could end it: {ENDS_THERE}"
        if case.state is CaseState.WITHDRAWING:
            yield from self._taken_while_withdrawing(document, before, after)

    def _taken_while_withdrawing(
        self, document: CaseDocument, before: Restriction, after: Restriction
    ) -> Iterator[str]:
        """Until it is sure that she is free to decide, nothing ends sooner and he gets no exception."""
        if ends(after) < ends(before):
            yield "somebody asked that it end, which no other last day goes before"
        if self._opened(document, before, after):
            yield "somebody asked that it end: until that is decided he gets no exception"

    def _undecided(
        self, behind: Sequence[Case], before: Restriction, after: Restriction, people: Collection[str]
    ) -> bool:
        """Whether he gets an exception that no case behind it decided. Who asks alone may be deciding it: its
        note names the case then."""
        decided = [one for case in behind for one in case.document.resolutions if one.ended is None]
        for case in behind:
            for exemption in self._opened(case.document, before, after):
                is_asked = len(people) < rules.TWO and any(is_noted(exemption, one.id) for one in behind)
                if not is_asked and not any(self._is_of(one, exemption) for one in decided):
                    return True
        return False

    def _opened(self, document: CaseDocument, before: Restriction, after: Restriction) -> list[Exemption]:
        """Exceptions by which a case's prisoner may use a contact point of it, that he had not."""
        had = {(one.prisoner, one.contact) for one in self._let_through(before, document)}
        has = self._let_through(after, document)
        return [one for one in has if (one.prisoner, one.contact) not in had]

    def _names(self, case: Case, restriction: Restriction) -> set[str]:
        """The names that a request gave; one that was wrong too, while it has to stay."""
        person = case.document.asked.person
        wrong = (one.old for one in self._staying(case, restriction) if one.kind == "name")
        return names_read((person.name, *person.aliases, *wrong))

    def _missed(self, case: Case, restriction: Restriction) -> list[Contact]:
        """Which contact points that a request names are not on a restriction; of those that were wrong, the
        ones that have to stay."""
        staying = self._staying(case, restriction)
        wrong = [point for one in staying for point in rules.contacts_of(one.kind, one.old)]
        return self._unlisted(case.document, restriction, wrong)

    def _staying(self, case: Case, restriction: Restriction) -> list[Correction]:
        """Corrections of which the wrong one has to stay on a restriction."""
        every = enumerate(case.document.corrections)
        return [one for number, one in every if self._why_staying(case, restriction, number)]

    def _why_staying(self, case: Case, restriction: Restriction, number: int) -> str | None:
        """Why what a correction says was wrong has to stay on a restriction; None where it need not."""
        every = case.document.corrections
        one, right = every[number], rules.right_now(every, number)
        if case.state is CaseState.WITHDRAWING:
            return IS_ENDING
        if not self._is_on(restriction, one.kind, right):
            return NOT_YET
        if self._lets_him(restriction, case.document, one.kind, right):
            return LETS_HIM
        wrong = rules.read_of(one.kind, one.old)
        for report in self.ever_behind(restriction.id):
            if report.is_unread or wrong & rules.points_of(report.document.learnt):
                return LEARNT.format(report.id)
        return None

    def _lets_him(
        self, restriction: Restriction, document: CaseDocument, kind: Corrected, value: str
    ) -> bool:
        """Whether an exception lets a case's prisoner use a contact point that it may not name."""
        point = replace(document, contacts=rules.contacts_of(kind, value))
        return any(True for _ in self._let_through(restriction, point))

    def _is_on(self, restriction: Restriction, kind: Corrected, value: str) -> bool:
        """Whether a name or a contact point is on a restriction."""
        if kind == "name":
            return names_read((value,)) <= names_of(restriction)
        codes = area_codes(restriction)
        on_it = self._points(restriction.contacts, codes)
        read = rules.read_points(rules.contacts_of(kind, value))
        return all(on_it.holds(point.contact, codes) for point in read)

    def _unlisted(
        self, document: CaseDocument, restriction: Restriction, wrong: Sequence[Contact]
    ) -> list[Contact]:
        """Which of a case's contact points, and of the `wrong` ones, are not on a restriction. What an
        officer misread is not missed where something of its kind that the request itself names is on it in
        its place."""
        codes = area_codes(restriction)
        asked = [point.contact for point in rules.read_points(rules.contacts_asked(document.asked.person))]
        on_it = self._points(restriction.contacts, codes)
        as_asked, as_listed = self._points((*asked, *wrong), codes), self._points(document.contacts, codes)
        read = (point.contact for point in rules.read_points((*document.contacts, *asked, *wrong)))
        missed = [one for one in read if not on_it.holds(one, codes)]
        misread = {one for one in missed if not as_asked.holds(one, codes)}
        corrections = {one for one in asked if on_it.holds(one, codes) and not as_listed.holds(one, codes)}
        if Counter(one.kind for one in misread) <= Counter(one.kind for one in corrections):
            return [one for one in missed if one not in misread]
        return missed

    def _widen(
        self,
        by: Principal,
        found: RestrictionVersion,
        document: CaseDocument,
        request: Request | None,
        reason: str = "a case stands behind it",
    ) -> Written:
        person = document.asked.person
        is_new = all(one.id != request.id for one in found.document.requests) if request else False
        named = self._registry.versions.today(found.document.restriction).prisoners  # by all of his numbers
        return self._registry.restrictions.widen(
            by,
            found.id,
            found.version,
            reason,
            contacts=document.contacts,
            names=(person.name, *person.aliases),
            prisoners=[one for one in (document.prisoner,) if one and one not in named],
            court_order=document.asked.court_order if is_new else None,  # else it may have been discharged
            request=request,
        )
