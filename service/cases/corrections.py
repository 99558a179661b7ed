"""Corrections: a request names a number, an address or a name wrongly, as it was keyed in or as it was sent.

| what | from when |
|---|---|
| the right one is stopped | at once, unless it is on the confidential register |
| the wrong one is stopped no more | once the right one is, and a second person has confirmed it |

The wrong one stays where another request names it, where a report learnt that contact went by it, while an
exception lets him use the right one, and while somebody asks that the restriction end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from engine import entry
from engine.jsonl import NO_LETTER
from engine.listing import area_codes
from engine.model import Contact, Restriction
from matchers.person import is_seen
from service.access.model import Principal
from service.cases import rules
from service.cases.model import UNDECIDED, Case, CaseDocument, CaseState, Corrected, Correction
from service.cases.standing_by import StandingBy
from service.cases.versions import CaseStep, Done, act, done
from service.errors import ConflictError, InvalidError
from service.public.asked import Protected
from service.registry.journal import RESTRICTION
from service.registry.model import names_of, names_read
from service.registry.restrictions import CHANGED, proposed
from service.storage.unread import reading

ANOTHER_WAITS = "the wrong one is still stopped: another change waits for a second person first"
SUPERSEDED = "the restriction was changed since: it is asked for anew by its case"
STAYS = "the wrong one is still stopped: {}"
LET_THROUGH = "an exception lets him use it: take that off the restriction first, and put this right then"
STOPS_NOTHING = "it is put right, but contact may go on: {}"
TELL_HIM_AGAIN = "he was told another name: he is still to be told"


class Corrections(StandingBy):
    """Puts right what a request says."""

    @act
    def correct(self, by: Principal, id_: str, version: int, correction: Correction) -> Done:
        """The request says the right one from now on. Of what is in force the wrong one waits for a second
        person to be taken off.

        Raises InvalidError that tells all that is missing, ConflictError while somebody asks that it end.
        """
        case = self._read(by, id_, version)
        rules.require_state(case, *UNDECIDED, CaseState.IN_FORCE)
        rules.require_nothing(_missing(correction, case.document))
        signed = replace(correction, by=by.id, at=self._journal.clock().isoformat())
        document = _put_right(case.document, signed)
        step = CaseStep(document, case.state, "corrected", case.assigned)
        if case.state in UNDECIDED:
            self._require_unbegun(case)
            return Done(self._next(by, case, step))
        found = self._registry.versions.get(case.restriction or id_)
        if not rules.is_behind(id_, found.document):
            raise ConflictError("this request was taken back from its restriction", "version")
        if self._lets_him(found.document.restriction, document, signed.kind, signed.new):
            raise InvalidError(LET_THROUGH, "corrected_to")
        written = self._registry.restrictions.widen(
            by,
            found.id,
            found.version,
            _reason(case, signed),
            contacts=tuple(rules.contacts_of(signed.kind, signed.new)),
            names=(signed.new,) if signed.kind == "name" else (),
        )
        made = done(self._next(by, case, step), written)
        is_untold = case.document.notice.served is not None and document.notice.served is None
        off = self._ask_off(by, made.case, signed)
        why_not = rules.why_not_everywhere(found.document.restriction, self._journal.clock())
        told = (STOPS_NOTHING.format(why_not),) if why_not else ()
        warnings = (*told, *made.warnings, *off.warnings, *(TELL_HIM_AGAIN,) * is_untold)
        return made._replace(warnings=warnings, approval=made.approval or off.approval, holds=why_not is None)

    @act
    def take_off(self, by: Principal, id_: str, version: int, number: int) -> Done:
        """Ask once more that what was wrong be taken off, where it was refused or had to wait; it does not
        hold where it stays. `number` counts from 0."""
        case = self._read(by, id_, version)
        rules.require_state(case, CaseState.IN_FORCE)
        if not 0 <= number < len(case.document.corrections):
            raise ConflictError("there is no such correction", "version")
        return self._ask_off(by, case, case.document.corrections[number])

    def still_stopped(self, case: Case) -> list[bool]:
        """Of each correction, whether what was wrong is still on the restriction; yes where that cannot be
        read."""
        every = case.document.corrections
        if case.restriction is None or not every:
            return [False] * len(every)
        with reading(self._journal.vault, RESTRICTION, case.restriction):
            listed = self._registry.versions.get(case.restriction).document.restriction
            return [self._less(listed, case.document, one) != listed for one in every]
        return [True] * len(every)

    def puts_right(self, before: Restriction, after: Restriction) -> bool:
        """Whether a next version takes away what a case behind it was wrong about, and nothing else."""
        if before.contacts == after.contacts and before.protected == after.protected:
            return False
        return any(
            self._less(before, case.document, one) == after
            for case in self.behind(before.id)
            for one in case.document.corrections
        )

    def _ask_off(self, by: Principal, case: Case, correction: Correction) -> Done:
        found = self._registry.versions.get(case.restriction or case.id)
        self._close_superseded(by, case, found.id)
        listed = found.document.restriction
        less = self._less(listed, case.document, correction)
        if less == listed:
            return Done(case)
        if why := self._why_staying(case, listed, case.document.corrections.index(correction)):
            return Done(case, (why,), holds=False)
        if any(one.kind == CHANGED for one in self._registry.approvals.list(subject=found.id)):
            return Done(case, (ANOTHER_WAITS,), holds=False)
        reason = _reason(case, correction)
        try:
            written = self._registry.restrictions.change(
                by, found.id, found.version, reason, restriction=less
            )
        except (ConflictError, InvalidError) as error:
            return Done(case, (STAYS.format(error.detail),), holds=False)
        return done(case, written)

    def _close_superseded(self, by: Principal, case: Case, restriction: str) -> None:
        """Refuse what a correction of this case asked for and nobody can confirm any more."""
        approvals, asked = self._registry.approvals, {_reason(case, one) for one in case.document.corrections}
        for one in approvals.list(subject=restriction):
            if one.kind != CHANGED or one.is_unread:
                continue
            with reading(self._journal.vault, RESTRICTION, restriction):  # an earlier version may be none
                payload = approvals.payload(one)
                _, after = self._registry.restrictions.waiting(one, payload)
                if after is None and proposed(payload).reason in asked:
                    approvals.refuse(by, one.id, SUPERSEDED)

    def _less(self, listed: Restriction, document: CaseDocument, correction: Correction) -> Restriction:
        """A restriction without what was wrong, where the request names it in no other way."""
        person = document.asked.person
        if correction.kind == "name":
            return _without_name(listed, correction, (person.name, *person.aliases))
        codes = area_codes(listed)
        wrong = self._points(rules.contacts_of(correction.kind, correction.old), codes)
        named = self._points((*rules.contacts_asked(person), *document.contacts), codes)
        contacts: list[Contact] = []
        for one in listed.contacts:
            points = [point.contact for point in entry.read(one).points]
            left = [point for point in points if named.holds(point, codes) or not wrong.holds(point, codes)]
            contacts += left if len(left) < len(points) else (one,)
        return replace(listed, contacts=tuple(contacts))


def _reason(case: Case, correction: Correction) -> str:
    """Why a restriction is changed by a correction."""
    return f"case {case.id}: {correction.because}"


def correctable(document: CaseDocument) -> list[tuple[Corrected, str]]:
    """What of a request may be put right: its kind, and how it is said now."""
    person = document.asked.person
    found: dict[tuple[str, str], tuple[Corrected, str]] = {}
    for contact in (*rules.contacts_asked(person), *document.contacts):
        points = entry.read(contact).points
        for point in points:
            found.setdefault((point.contact.kind, point.read_as), (point.contact.kind, point.contact.value))
        if not points:
            found.setdefault((contact.kind, contact.value), (contact.kind, contact.value))
    names: list[tuple[Corrected, str]] = [("name", one) for one in (person.name, *person.aliases)]
    return [*names, *found.values()]


def _missing(correction: Correction, document: CaseDocument) -> Iterator[tuple[str, str]]:
    """What a correction still needs: (field, what)."""
    kind, old, new = correction.kind, correction.old, correction.new
    if (kind, old) not in correctable(document):
        yield "corrected", "choose what is wrong"
    reads = [entry.read(contact) for contact in rules.contacts_of(kind, new)]
    if not new.strip():
        yield "corrected_to", "say what is right"
    elif kind == "name" and not is_seen(new):
        yield "corrected_to", NO_LETTER
    elif any(not read.points for read in reads):
        yield "corrected_to", "; ".join(reads[0].refused) or "it cannot be read"
    elif rules.read_of(kind, old) == rules.read_of(kind, new):
        yield "corrected_to", "it is read as the same: nothing would change"
    if not correction.because.strip():
        yield "corrected_because", "say where that is known from"


def _put_right(document: CaseDocument, correction: Correction) -> CaseDocument:
    """A request as it should have been, with what it said before beside it."""
    person, corrections = document.asked.person, (*document.corrections, correction)
    contacts, notice = document.contacts, document.notice
    if correction.kind == "name":
        wrong = names_read((correction.old,))
        name, *aliases = (
            correction.new if names_read((one,)) == wrong else one for one in (person.name, *person.aliases)
        )
        if name != person.name:  # he was told of another
            notice = replace(notice, served=None, by="", how="", refused=False)
        person = replace(
            person, name=name, aliases=tuple(one for one in dict.fromkeys(aliases) if one != name)
        )
    else:
        contacts = _replaced(contacts, correction)
        if document.contacts and not rules.read_of(correction.kind, correction.new) <= rules.points_of(
            contacts
        ):
            contacts = (*contacts, *rules.contacts_of(correction.kind, correction.new))
        person = _person_with(person, _replaced(rules.contacts_asked(person), correction))
    asked = replace(document.asked, person=person)
    return replace(document, asked=asked, contacts=contacts, notice=notice, corrections=corrections)


def _replaced(contacts: Iterable[Contact], correction: Correction) -> tuple[Contact, ...]:
    """Contact points with the right one in the place of the wrong one; what was typed beside it stays."""
    gone, found = rules.read_of(correction.kind, correction.old), list[Contact]()
    for one in contacts:
        if (one.kind, one.value) == (correction.kind, correction.old) or rules.points_of((one,)) & gone:
            found += rules.contacts_of(correction.kind, correction.new)
            found += _left(one, gone)
        else:
            found.append(one)
    return tuple(dict.fromkeys(found))


def _left(contact: Contact, gone: set[tuple[str, str]]) -> Iterator[Contact]:
    """What else was typed as one contact point."""
    for point in entry.read(contact).points:
        if (point.contact.kind, point.read_as) not in gone:
            yield point.contact


def _without_name(listed: Restriction, correction: Correction, given: Sequence[str]) -> Restriction:
    """A restriction without a name that the request does not give any more."""
    protected, gone = listed.protected, names_read((correction.old,)) - names_read(given)
    if not gone & names_of(listed):
        return listed
    name, *aliases = (
        correction.new if names_read((one,)) <= gone else one for one in (protected.name, *protected.aliases)
    )
    others = tuple(one for one in dict.fromkeys(aliases) if one != name)
    return replace(listed, protected=replace(protected, name=name, aliases=others))


def _person_with(person: Protected, contacts: Iterable[Contact]) -> Protected:
    """The person with these contact points instead of hers."""
    by_kind = {
        kind: tuple(one.value for one in contacts if one.kind == kind)
        for kind in ("phone", "address", "email", "handle")
    }
    return replace(
        person,
        numbers=by_kind["phone"],
        addresses=by_kind["address"],
        emails=by_kind["email"],
        accounts=by_kind["handle"],
    )
