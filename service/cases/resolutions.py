"""Resolutions: a listed number or address is also somebody's legitimate contact, and what is done about that.

| way | what changes |
|---|---|
| a close relative | an exception: this prisoner may use this contact point; a second person confirms it |
| a named exception | the same, for somebody who is no close relative |
| supervised contact | nothing: staff place the call themselves, and listen |
| another number or address | nothing: the legitimate contact is reached by another one |

Whoever is not named stays stopped. The exception is the registry's own, with its second person; ended, it
is gone at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from msgspec.structs import replace

from engine import dates, entry
from engine.listing import guess_kind
from engine.model import Contact, Exemption, Restriction
from service.access.model import Principal
from service.cases import rules
from service.cases.model import HOLDING, Case, Resolution
from service.cases.versions import CaseStep, CaseVersions, Done, act, done
from service.errors import ConflictError, InvalidError
from service.registry.approvals import Approval
from service.registry.ids import is_person
from service.registry.journal import RESTRICTION
from service.registry.restrictions import CHANGED, Written, proposed
from service.storage.unread import reading

WAYS = {
    "close_relative": "a close relative",
    "named_exception": "a named exception",
    "supervised": "supervised contact",
    "another_number": "another number or address",
}
LOOSENING = ("close_relative", "named_exception")
"""Ways that let something through."""
COURT_ORDER = "a court's order stands: what the exception lets through is held all the same"
OTHERS = "another request stands behind this restriction: what is let through is let through for it as well"
HIMSELF = "it lets through the very prisoner whom the restriction names: whoever answers there hears him"


class ResolutionState(StrEnum):
    """Whether what a resolution lets through is let through."""

    STOPPED = "nothing is let through"
    WAITS = "it waits for a second person"
    HOLDS = "the exception is in force"
    UNREAD = "nobody knows: its restriction cannot be read"
    GONE = "the exception is not in force: it was refused, or taken off since"
    ENDED = "ended"


class Resolutions(CaseVersions):
    """What can be done about shared contact points of a case."""

    @act
    def resolve(self, by: Principal, id_: str, version: int, resolution: Resolution) -> Done:
        """Keep what was decided; an exception waits for a second person, and until then all holds as it was.

        Raises InvalidError that tells all that is missing.
        """
        case = self._read(by, id_, version)
        rules.require_state(case, *HOLDING)
        found = self._registry.versions.get(case.restriction or id_)
        listed = found.document.restriction
        rules.require_nothing(_missing(resolution, listed, self._journal.clock()))
        told: tuple[str, ...] = ()
        written = Written(None)
        signed = replace(resolution, by=by.id, at=self._journal.clock().isoformat())
        if signed.way in LOOSENING:
            signed = replace(signed, prisoner=self._number_for(signed.prisoner, listed))
            told = (COURT_ORDER,) * listed.has_court_order
            told += (HIMSELF,) * (signed.prisoner in listed.prisoners)
            told += (OTHERS,) * any(one.stands and one.id != id_ for one in found.document.requests)
            if not any(self._is_of(signed, one) for one in self._registry.versions.today(listed).exceptions):
                self._require_nothing_else_waits(signed, found.id)
                wider = replace(listed, exceptions=(*listed.exceptions, _exemption(id_, signed)))
                written = self._registry.restrictions.change(
                    by, found.id, found.version, f"case {id_}: {signed.because}", restriction=wider
                )
        document = replace(case.document, resolutions=(*case.document.resolutions, signed))
        made = self._next(by, case, CaseStep(document, case.state, "resolved", case.assigned))
        return done(made, written, told)

    @act
    def review_resolution(
        self, by: Principal, id_: str, version: int, number: int, because: str, review: str
    ) -> Case:
        """It was looked at again and goes on as it is until a later day. `number` counts from 0."""
        case = self._read(by, id_, version)
        rules.require_state(case, *HOLDING)
        resolutions = case.document.resolutions
        if not 0 <= number < len(resolutions) or resolutions[number].ended is not None:
            raise ConflictError("there is no such resolution, or it ended", "version")
        if not because.strip():
            raise InvalidError("say why it goes on", f"ended_{number}")
        try:
            is_later = dates.starts(review) > self._journal.clock()
        except ValueError:
            is_later = False
        if not is_later:
            raise InvalidError("say on which later day it is looked at again", f"again_{number}")
        goes_on = replace(resolutions[number], review=review)
        every = (*resolutions[:number], goes_on, *resolutions[number + 1 :])
        document = replace(case.document, resolutions=every, reason=because)
        return self._next(by, case, CaseStep(document, case.state, "resolution_reviewed", case.assigned))

    @act
    def end_resolution(self, by: Principal, id_: str, version: int, number: int, because: str) -> Case:
        """It holds no more: its exception is gone at once. `number` counts from 0."""
        case = self._read(by, id_, version)
        resolutions = case.document.resolutions
        if not 0 <= number < len(resolutions) or resolutions[number].ended is not None:
            raise ConflictError("there is no such resolution, or it ended", "version")
        if not because.strip():
            raise InvalidError("say why it ends", f"ended_{number}")
        ending = resolutions[number]
        found = self._registry.versions.get(case.restriction or id_)
        for approval in self._asking(ending, found.id):
            self._registry.approvals.refuse(by, approval.id, because)
        listed = found.document.restriction
        left = tuple(one for one in listed.exceptions if not self._is_of(ending, one))
        if len(left) < len(listed.exceptions):
            self._registry.restrictions.change(
                by,
                found.id,
                found.version,
                f"case {id_}: {because}",
                restriction=replace(listed, exceptions=left),
            )
        ended = replace(
            ending, ended=self._journal.clock().isoformat(), ended_by=by.id, ended_because=because
        )
        document = replace(
            case.document, resolutions=(*resolutions[:number], ended, *resolutions[number + 1 :])
        )
        return self._next(by, case, CaseStep(document, case.state, "resolution_ended", case.assigned))

    def resolution_states(self, case: Case) -> list[ResolutionState]:
        """Of each resolution of a case, in their order."""
        if not case.document.resolutions:
            return []
        listed = self._listed_of(case.restriction or case.id)
        restriction = None if listed is None else self._registry.versions.today(listed)
        return [self._state(one, restriction) for one in case.document.resolutions]

    def shared_points(self, case: Case) -> list[Contact]:
        """The contact points of a case's restriction, one by one, of which one may be shared."""
        if case.restriction is None:
            return []
        restriction = self._listed_of(case.restriction)
        listed = restriction.contacts if restriction else ()
        return [point.contact for one in listed for point in entry.read(one).points]

    def _listed_of(self, id_: str) -> Restriction | None:
        """A restriction; None where it cannot be read."""
        with reading(self._journal.vault, RESTRICTION, id_):
            return self._registry.versions.get(id_).document.restriction
        return None

    def _state(self, one: Resolution, restriction: Restriction | None) -> ResolutionState:
        if one.ended is not None:
            return ResolutionState.ENDED
        if restriction is None:
            return ResolutionState.UNREAD
        if one.way not in LOOSENING:
            return ResolutionState.STOPPED
        if any(self._is_of(one, exemption) for exemption in restriction.exceptions):
            return ResolutionState.HOLDS
        return ResolutionState.WAITS if any(self._asking(one, restriction.id)) else ResolutionState.GONE

    def _number_for(self, prisoner: str, restriction: Restriction) -> str:
        """By which of a prisoner's numbers an exception is his: one that the restriction names, if any."""
        numbers = self._registry.prisoners.group(prisoner)
        return next((one for one in restriction.prisoners if one in numbers), numbers[0])

    def _is_of(self, resolution: Resolution, exemption: Exemption) -> bool:
        """Whether an exception of the registry is what a resolution asks for, by any of his numbers."""
        is_his = exemption.prisoner in self._registry.prisoners.group(resolution.prisoner)
        return is_his and _points(exemption.contact) == _points(resolution.contact)

    def _require_nothing_else_waits(self, resolution: Resolution, restriction: str) -> None:
        """Raises ConflictError where another change waits for a second person, which this one would push
        aside: it may be a contact point of hers."""
        asking = {one.id for one in self._asking(resolution, restriction)}
        waiting = self._registry.approvals.list(subject=restriction)
        if any(one.kind == CHANGED and one.id not in asking for one in waiting):
            raise ConflictError(
                "another change of its restriction waits for a second person first", "version"
            )

    def _asking(self, one: Resolution, restriction: str) -> Iterator[Approval]:
        """The approvals that its exception waits for."""
        approvals = self._registry.approvals
        for approval in approvals.list(subject=restriction):
            if approval.kind == CHANGED and not approval.is_unread:
                after = proposed(approvals.payload(approval)).restriction
                if any(self._is_of(one, exemption) for exemption in after.exceptions):
                    yield approval


def is_noted(exemption: Exemption, case_id: str) -> bool:
    """Whether an exception says that a case decided it."""
    return (exemption.note or "").startswith(f"case {case_id}: ")


def _missing(resolution: Resolution, restriction: Restriction, now: datetime) -> Iterator[tuple[str, str]]:
    shared = _points(resolution.contact)
    if not shared or not shared <= rules.points_of(restriction.contacts):
        yield "shared", "choose which contact point of the restriction is shared"
    if resolution.way in LOOSENING and not is_person(resolution.prisoner):
        yield "exempted", "say which prisoner may use it: a prisoner number, such as A1234BC"
    if not resolution.whose.strip():
        yield "whose", "say who else is reached by it, and what they are to the prisoner"
    if not resolution.because.strip():
        yield "shared_because", "say why"
    try:
        is_later = dates.starts(resolution.review) > now
    except ValueError:
        yield "shared_review", "say when it is looked at again"
    else:
        if not is_later:
            yield "shared_review", rules.NOT_LATER


def _exemption(case_id: str, resolution: Resolution) -> Exemption:
    note = f"case {case_id}: {WAYS[resolution.way]}, {resolution.whose}; review on {resolution.review}"
    return Exemption(prisoner=resolution.prisoner, contact=resolution.contact, note=note)


def _points(value: str) -> set[tuple[str, str]]:
    """What a value stops, whichever kind it is of."""
    return rules.points_of((guess_kind(value),)) if value.strip() else set()
