"""What a case may become, told once: each act is a function from a document to the next.

Nothing here loosens anything: a restriction ends by the registry's own guard of two people, and what is here
asks more before that is even asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from msgspec.structs import replace

from engine import dates, entry
from engine.jsonl import NO_LETTER
from engine.model import Contact, ProtectedPerson, Restriction
from matchers.person import is_seen
from service.cases.model import (
    HOLDING,
    Case,
    CaseDocument,
    CaseState,
    Consideration,
    Corrected,
    Correction,
    Withdrawal,
)
from service.errors import ConflictError, InvalidError
from service.public.asked import Protected
from service.registry.model import Document, Request, names_read

COOLING_OFF = timedelta(days=14)
"""How long after a withdrawal was asked for nothing ends: so many UK days."""

NOT_LATER = "the day on which it is looked at again has to be later than today"
PATHWAYS = {
    1: "a victim of the prisoner's offence",
    2: "a direct request",
    3: "a request by a third party, with consent",
    4: "a contact of concern",
}

_NEEDED: dict[int, dict[str, str]] = {
    1: {"offence": "which offence she is a victim of", "source": "where that is known from"},
    2: {},
    3: {"consent": "how her consent was recorded"},
    4: {
        "grounds": "the information, intelligence or risk that it rests on",
        "alternatives": "what else was considered",
        "necessity": "why it is necessary",
        "proportionality": "why it is proportionate",
        "review": "when it is looked at again",
    },
}
"""What each pathway asks for, by the field of a consideration."""


def missing(
    document: CaseDocument, consideration: Consideration, now: datetime, *, leaves_out: bool
) -> Iterator[tuple[str, str]]:
    """What a case still needs before it can be approved: (field, what), all at once. `leaves_out` is whether
    the request names what is not listed for it."""
    if document.prisoner is None:
        yield "prisoner", "nobody confirmed who the prisoner is"
    if not is_seen(document.asked.person.name):
        yield "corrected", f"{NO_LETTER}: put hers right first"
    if not document.contacts:
        yield "contacts", "no contact point is listed: without one nothing would be stopped"
    elif leaves_out and not consideration.left_out.strip():
        yield "left_out", "something that the request names is not listed: list it, put it right, or say why"
    for field, what in _NEEDED[consideration.pathway].items():
        if not (getattr(consideration, field) or "").strip():
            yield field, f"say {what}"
    if consideration.review:
        try:
            is_later = dates.starts(consideration.review) > now
        except ValueError:
            yield "review", "not an ISO 8601 date"
        else:
            if not is_later:
                yield "review", NOT_LATER
    asked = document.asked
    if consideration.pathway == 2 and asked.asker.who != "self":
        yield "pathway", "a direct request is the person's own; where somebody else asks it is pathway 3 or 4"
    if consideration.pathway == 3 and asked.asker.who == "self":
        yield "pathway", "the person asks herself: that is pathway 1 or 2"
    if consideration.pathway == 3 and asked.person.agrees == "no":
        yield "pathway", "she does not agree: without consent it can only be pathway 4"


def require_state(case: Case, *states: CaseState) -> None:
    """Raises ConflictError where a case is past the act."""
    if case.state not in states:
        raise ConflictError(
            f"the case is {case.state.value.replace('_', ' ')}: this cannot be done now", "state"
        )


def restriction_of(case_id: str, document: CaseDocument) -> Restriction:
    """The restriction that a case becomes when it is approved, or would."""
    considered = document.consideration
    person = document.asked.person
    return Restriction(
        id=case_id,
        prisoner=document.prisoner or "",
        protected=ProtectedPerson(name=person.name, aliases=person.aliases),
        contacts=document.contacts,
        pathway=considered.pathway if considered else None,
        court_order=document.asked.court_order or None,
    )


def request_of(case_id: str, document: CaseDocument) -> Request:
    """What stands behind the restriction for this case. Who asked is protected as the rest is."""
    asker = document.asked.asker
    return Request(
        id=case_id,
        agency=asker.organisation or asker.who,
        requester=asker.name,
        reference=asker.reference,
        received=day_asked(document) or None,
    )


def day_asked(document: CaseDocument) -> str:
    """The UK day on which it was asked; empty where the request does not say."""
    try:
        return str(dates.day_of(document.asked.at))
    except (ValueError, OverflowError):
        return ""


def why_not_everywhere(restriction: Restriction, now: datetime) -> str | None:
    """Why a restriction that stands does not hold now in the whole estate; None where it does."""
    if not dates.in_force(restriction.from_, restriction.until, now):
        return "its restriction does not hold at this time"
    if restriction.scope != "estate":
        return "its restriction holds for the named prisoners alone"
    return None


def points_of(contacts: Iterable[Contact]) -> set[tuple[str, str]]:
    """What contact points are read as, each with its kind."""
    return {(point.contact.kind, point.read_as) for point in read_points(contacts)}


def read_points(contacts: Iterable[Contact]) -> Iterator[entry.Point]:
    """Contact points one by one, as they are read."""
    return (point for one in contacts for point in entry.read(one).points)


def read_of(kind: Corrected, value: str) -> set[tuple[str, str]]:
    """What a name or a contact point is read as, each with its kind."""
    if kind == "name":
        return {(kind, one) for one in names_read((value,))}
    return points_of(contacts_of(kind, value))


def contacts_of(kind: Corrected, value: str) -> tuple[Contact, ...]:
    """A contact point; none for a name."""
    return () if kind == "name" else (Contact(kind=kind, value=value),)


def right_now(corrections: Sequence[Correction], number: int) -> str:
    """What is right in the place of what was wrong: a later correction may have put it right once more."""
    found = corrections[number]
    for later in corrections[number + 1 :]:
        if later.kind == found.kind and read_of(later.kind, later.old) == read_of(found.kind, found.new):
            found = later
    return found.new


def holds(restriction: Restriction, document: CaseDocument) -> bool:
    """Whether all that a case asks to be stopped is on a restriction."""
    listed = points_of(document.contacts) <= points_of(restriction.contacts)
    return listed and (document.prisoner is None or document.prisoner in restriction.prisoners)


def contacts_asked(person: Protected) -> tuple[Contact, ...]:
    """Every contact point of hers that a request names, as it was typed."""
    return (
        *(Contact(kind="phone", value=one) for one in person.numbers),
        *(Contact(kind="address", value=one) for one in person.addresses),
        *(Contact(kind="email", value=one) for one in person.emails),
        *(Contact(kind="handle", value=one) for one in person.accounts),
    )


def unreadable(contacts: Sequence[Contact]) -> Iterator[tuple[str, str]]:
    """Contact points that would stop nothing: (field of the form, which and why)."""
    for number, contact in enumerate(contacts, 1):
        read = entry.read(contact)
        if not read.points:
            why = "; ".join(read.refused) or "it cannot be read"
            yield "contacts", f"line {number} of what is to be listed, {KINDS[contact.kind]}: {why}"


KINDS = {
    "phone": "a telephone number",
    "address": "an address",
    "email": "an e-mail address",
    "handle": "an account",
}


def told_of(document: CaseDocument, reason: str) -> str:
    """What a second person is told of a withdrawal: who asked, who called, what she said. Protected."""
    asked = withdrawal_of(document)
    called = dates.shown(asked.called_back)
    return (
        f"{reason}. Asked for on {dates.shown(asked.asked)}: {asked.by}. Called back on {called} by "
        f"{asked.called_by}: {asked.safely}. Anything that points to pressure: {asked.pressed}"
    )


def justification(consideration: Consideration) -> str:
    """What the registry keeps of why; each part under its name."""
    parts = {
        "Offence": consideration.offence,
        "Source": consideration.source,
        "Consent": consideration.consent,
        "Grounds": consideration.grounds,
        "Alternatives": consideration.alternatives,
        "Necessity": consideration.necessity,
        "Proportionality": consideration.proportionality,
        "Capacity": consideration.capacity,
    }
    return "\n".join(f"{name}: {text}" for name, text in parts.items() if text)


def unweighed(document: CaseDocument) -> Iterator[tuple[str, str]]:
    """What stands against telling him: (field, what)."""
    is_feared = document.asked.danger in ("yes", "unsure") or document.notice.held_by
    if is_feared and len(document.notice.weighed) < TWO:
        yield "how", "it is feared for her once he is told: two people have to say why he may be told"


TWO = 2


def withdrawal(document: CaseDocument, by: str, now: datetime) -> CaseDocument:
    """Somebody asked that it end: from now on the cooling-off time runs, and the restriction stands."""
    asked = Withdrawal(asked=now.isoformat(), by=by, until=dates.later(now, COOLING_OFF).isoformat())
    return replace(document, withdrawal=asked)


def withdrawal_of(document: CaseDocument) -> Withdrawal:
    """The withdrawal that was asked for. Raises ConflictError where none was."""
    if document.withdrawal is None:
        raise ConflictError("nobody asked that it end", "withdrawal")
    return document.withdrawal


def unmet(document: CaseDocument, now: datetime) -> Iterator[tuple[str, str]]:
    """What stands against ending it: (field, what), all at once."""
    asked = withdrawal_of(document)
    if now < datetime.fromisoformat(asked.until):
        yield "until", "the cooling-off time is not over"
    if asked.called_back is None:
        yield "called_back", "nobody has called her back"
    if not asked.safely.strip():
        yield "safely", "say how it was made sure that she spoke freely"
    if asked.pressed != "no":
        yield "pressed", "it is not ruled out that she was put under pressure"


def require_not_the_caller(document: CaseDocument, people: Collection[str]) -> None:
    """What a call says of her will is one person's word: those who act on it are others.

    Raises ConflictError where one of the people called her back.
    """
    if withdrawal_of(document).called_by in people:
        raise ConflictError(
            "whoever called her back neither ends it nor confirms it: another one does", "reason"
        )


def is_behind(request: str, document: Document) -> bool:
    """Whether a request holds up a restriction."""
    return any(one.id == request and one.stands for one in document.requests)


def is_asked_since_the_call(document: CaseDocument, after: Document, request: str) -> bool:
    """Whether a restriction's next version takes a request back by what she said when she was last called."""
    called = withdrawal_of(document).called_back
    taken_back = next((one.withdrawn for one in after.requests if one.id == request), None)
    if called is None or taken_back is None:
        return False
    return datetime.fromisoformat(taken_back) >= datetime.fromisoformat(called)


def is_taken_past(case: Case, document: Document) -> bool:
    """Whether the request of a case that has to hold was taken back from its restriction in another way than
    by what was asked on the case: after a record of death, or past the service. Yes where nobody can read
    what was asked."""
    if case.state not in HOLDING or is_behind(case.id, document):
        return False
    if case.state is CaseState.IN_FORCE or case.is_unread:
        return True
    taken_back = next((one.withdrawn for one in document.requests if one.id == case.id), None)
    if taken_back is None or not is_asked_since_the_call(case.document, document, case.id):
        return True
    return any(True for _ in unmet(case.document, datetime.fromisoformat(taken_back)))


def require_nothing(found: Iterator[tuple[str, str]]) -> None:
    """Raises InvalidError that names the first field and tells all."""
    every = list(found)
    if every:
        raise InvalidError("; ".join(what for _, what in every), every[0][0])


def due(state: CaseState, urgency: str, now: datetime, holidays: Container[date]) -> datetime | None:
    """When the next step has to be taken: the same working day, the next, or within five; None for none."""
    if state is CaseState.WITHDRAWING:
        return dates.later(now, COOLING_OFF)
    if state not in _STEPS:
        return None
    days = 5 if state is CaseState.NOT_FOUND else _DAYS.get(urgency, 5)
    local = now.astimezone(dates.UK)
    day = _working(local.date(), holidays)
    if day == local.date() and local.time() >= END_OF_DAY:
        day = _working(day + timedelta(days=1), holidays)
    for _ in range(days):
        day = _working(day + timedelta(days=1), holidays)
    return datetime.combine(day, END_OF_DAY, dates.UK).astimezone(UTC)


class BankHolidays:
    """Those of England and Wales, read when the first case needs them: they take most of a second."""

    def __contains__(self, day: object) -> bool:
        return day in _bank_holidays()


@cache
def _bank_holidays() -> Container[object]:
    from holidays import country_holidays

    return country_holidays("GB", subdiv="ENG")


END_OF_DAY = time(17)
_DAYS = {"today": 0, "soon": 1}
"""Working days until the next step, by how urgent it is; otherwise five."""
_STEPS = (CaseState.RECEIVED, CaseState.NOT_FOUND, CaseState.CONSIDERING, CaseState.INVESTIGATING)


def _working(day: date, holidays: Container[date]) -> date:
    while day.weekday() >= 5 or day in holidays:
        day += timedelta(days=1)
    return day
