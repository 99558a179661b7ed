"""Cases: what is due, and one of them with what can be done next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec.structs import asdict

from engine import entry
from engine.model import Contact
from service.access.model import Principal
from service.cases import rules
from service.cases.cases import Cases
from service.cases.consequences import PointMeans, consequences
from service.cases.looking_back import DAYS, LookedBack, look_back
from service.cases.model import (
    HOLDING,
    OPEN,
    OVER,
    UNDECIDED,
    Case,
    CaseDocument,
    CaseState,
    Consideration,
)
from service.cases.rules import PATHWAYS
from service.cases.versions import NOBODY, Done
from service.console import case_corrections, case_outbox, case_parties, case_reports, case_resolutions
from service.console.case_candidates import candidates_for
from service.console.case_end import show_what_is_left, what_ends
from service.console.case_keying import HOW, URGENCY, WHO
from service.console.handling import CaseId, Officer, is_case_id
from service.console.nodes import reached_by
from service.console.page import OurForm, go, ids_of, said_of, show, words
from service.console.restriction_form import KINDS, FormError, FormReader, order_in_words
from service.console.restrictions import listed
from service.errors import ConflictError, InvalidError, NotFoundError, ServiceError
from service.web.dependencies import system_of

router = APIRouter(prefix="/cases", include_in_schema=False)


SHOWN_AT_ONCE = 50
WHICH = {
    "mine": "Mine",
    "nobody": "With nobody",
    "come_in": "Somebody like that has come in",
    "open": "All that are open",
    "overdue": "Overdue",
    "in_force": "In force",
    "unheld": "In force, and not held by their restriction",
    "done": "Refused, ended, closed and destroyed",
}
STATES = {
    "come_in": (CaseState.NOT_FOUND,),
    "in_force": (CaseState.IN_FORCE,),
    "unheld": (CaseState.IN_FORCE,),
    "done": (*OVER, CaseState.DESTROYED),
}
DUE = ("overdue", "come_in")
"""Of these, what is due alone: a case is due at once when somebody has come in."""
SAID = {
    "new": "The case is made.",
    "assign": "It is handed over.",
    "give-back": "It is handed over.",
    "prisoner": "The prisoner is confirmed.",
    "not-found": "Noted that he was not found.",
    "contacts": "What is to be listed is kept.",
    "approve": "It is in force.",
    "refuse": "It is refused.",
    "note": "The note is kept.",
    "serve": "Noted that he was told.",
    "hold": "The notice is held.",
    "weigh": "Noted.",
    "withdraw": "The withdrawal is noted. The restriction stands.",
    "call": "The call is noted.",
    "keep": "The restriction goes on.",
    "end": "The request is withdrawn.",
    "link": "The restriction is noted.",
    "learn": "It is listed, and stopped from now on.",
    "close": "The report is closed.",
    "reopen": "The restriction is in force.",
}
"""What a page says after each act."""
STANDS_AGAIN = "A second person had confirmed the end already: the restriction stands again, as of now."
SAID_WAITING = {
    "approve": "It is in force, but for what waits for a second person.",
    "learn": "What does not wait for a second person is listed, and stopped from now on.",
    "resolve": "What was decided is kept. Nothing is let through before a second person confirms it.",
}
"""The same where something of it waits."""


class PointRead(NamedTuple):
    """How a contact point is read, beside the field in which it was typed."""

    value: str
    stops: tuple[str, ...]
    told: tuple[str, ...]
    refused: tuple[str, ...]


@router.get("")
def list_cases(request: Request, officer: Officer) -> Response:
    """What is due, the first first."""
    wanted = request.query_params.get("which", "open")
    which = wanted if wanted in WHICH else "open"
    system = system_of(request)
    unheld = system.unheld.of(officer)
    if which == "unheld":
        found = system.cases.of_ids(unheld[:SHOWN_AT_ONCE])
    else:
        found = system.cases.page(
            officer,
            states=STATES.get(which, tuple(OPEN)),
            assigned={"mine": officer.id, "nobody": NOBODY}.get(which),
            limit=SHOWN_AT_ONCE + 1,
            after=_behind(request),
            due_before=system.clock() if which in DUE else None,
        )
    shown = found[:SHOWN_AT_ONCE]
    is_more = len(found) > SHOWN_AT_ONCE
    due = shown[-1].due if is_more else None
    behind = f"{f'{due:%Y-%m-%dT%H:%M:%S.%f}Z' if due else ''}~{shown[-1].id}" if is_more else None
    return show(
        request,
        "cases.html",
        officer,
        rows=[one for one in shown if which != "come_in" or one.document.come_in or one.is_unread],
        first=f"/cases?which={which}" if "after" in request.query_params else None,
        next=f"/cases?which={which}&after={behind}" if behind else None,
        which=which,
        unheld=unheld,
        choices=list(WHICH.items()),
        urgencies=URGENCY,
        not_read=ids_of("case", system.cases.missing(officer)),
    )


def _behind(request: Request) -> tuple[datetime | None, str] | None:
    """Where a page of the list begins: behind a case, and when that is due."""
    moment_of, _, id_ = request.query_params.get("after", "").partition("~")
    if not is_case_id(id_):
        return None
    try:
        return datetime.fromisoformat(moment_of).astimezone(UTC) if moment_of else None, id_
    except (ValueError, OverflowError):
        return None


@router.get("/find")
def find_case(request: Request, officer: Officer) -> Response:
    """A case by its id."""
    id_ = request.query_params.get("id", "").strip().upper()
    return go(f"/cases/{system_of(request).cases.get(officer, id_).id}")


@router.get("/{case_id}")
def read_case(request: Request, case_id: CaseId, officer: Officer) -> Response:
    """One case: its details where it is in the officer's hands and was opened."""
    case = system_of(request).cases.get(officer, case_id)
    return _view(request, officer, case, said=SAID.get(request.query_params.get("said", "")))


@router.post("/{case_id}/look-back")
def look_back_on(request: Request, case_id: CaseId, form: OurForm, officer: Officer) -> Response:
    """What of the last weeks it would have stopped, and who else has each contact point; that somebody
    looked is recorded, and that he asked whose attempts they were."""
    system = system_of(request)
    case, registry = system.cases.get(officer, case_id), system.registry
    system.cases.require_seen(officer, case)
    if not case.prisoner or not case.document.contacts:
        raise ConflictError("confirm the prisoner and list what is to be stopped first")
    is_named = form.get("who") == "yes"
    system.cases.view(officer, case, "to look back" + ", at whose attempts they were" * is_named)
    restriction = registry.versions.today(rules.restriction_of(case.id, case.document))
    looked = look_back(registry.journal, officer, restriction, system.current.policy)
    return _view(
        request,
        officer,
        case,
        is_opened=True,
        looked=looked,
        is_named=is_named,
        means=consequences(registry, officer, restriction, looked, case.restriction),
    )


@router.post("/{case_id}/open")
def open_case(request: Request, case_id: CaseId, form: OurForm, officer: Officer) -> Response:
    """Show what is protected; recorded before it is shown."""
    cases = system_of(request).cases
    case = cases.get(officer, case_id)
    read = FormReader(form)
    why = read.text("why", "Enter why you need to see the details")
    if read.wrong:
        return _view(request, officer, case, wrong=read.wrong, status=422)
    cases.view(officer, case, why)
    return _view(request, officer, case, is_opened=True)


@router.post("/{case_id}/{act}")
def act_on(request: Request, case_id: CaseId, act: str, form: OurForm, officer: Officer) -> Response:
    """Do one thing, and go on to what comes next. Nobody acts on what he has not opened."""
    cases = system_of(request).cases
    case = cases.get(officer, case_id)
    step = ACTS.get(act)
    if step is None:
        raise NotFoundError("there is no such step")
    if case.state is CaseState.DESTROYED:
        raise ConflictError("what was sealed of this case is destroyed: nothing more can be done with it")
    if act not in UNSEEN:
        cases.require_seen(officer, case)
    reader = FormReader(form)
    for name in form.keys() - KINDS.keys():
        reader.text(name)  # how long it is, and of which characters
    try:
        reader.check()
        if form.get("version") != str(case.version):
            raise ConflictError("somebody changed it since you opened this page: read it again")
        done = step(cases, officer, case, form)
    except FormError as error:
        return _view(request, officer, case, wrong=error.fields, form=form, status=422)
    except ServiceError as error:
        wrong = {_field_of(error): said_of(error)}
        return _view(request, officer, case, wrong=wrong, form=form, status=error.status)
    system_of(request).current.wake()
    made = done.case if isinstance(done, Done) else done
    if isinstance(done, Done) and (done.warnings or done.approval):
        said = (SAID_WAITING if done.approval else SAID).get(act) if done.holds else None
        return _view(request, officer, made, said=said, told=done.warnings, approval=done.approval)
    return go(f"/cases/{case_id}?said={act}")


Act = Callable[[Cases, Principal, Case, Mapping[str, str]], Case | Done]


def _approve(cases: Cases, by: Principal, case: Case, form: Mapping[str, str]) -> Done:
    pathway = form.get("pathway", "")
    if pathway not in ("1", "2", "3", "4"):
        raise InvalidError("choose a pathway", "pathway")
    reader = FormReader(form)
    texts = {name: reader.text(name) for name in CONSIDERED}
    review = reader.day("review")
    reader.check()
    made = msgspec.convert({"pathway": int(pathway), "review": review, **texts}, Consideration)
    restriction = form.get("restriction", "")
    if restriction:
        return cases.join(by, case.id, case.version, restriction, made)
    return cases.approve(by, case.id, case.version, made)


def _with_what_holds(cases: Cases, case: Case, act: Callable[[], Case]) -> Done:
    """An act on a case that somebody asked to end, told with what became of a restriction that had ended."""
    with cases.whole():
        before = cases.why_not_in_force(case)
        made = act()
        after = cases.why_not_in_force(made)
    if before is None and after is None:
        return Done(made)
    return Done(made, (STANDS_AGAIN if after is None else f"Its restriction: {after}",))


def _took(form: Mapping[str, str]) -> str:
    took = form.get("took", "")
    if took not in ("yes", "no"):
        raise InvalidError("choose whether he took the letter", "took")
    return took


CONSIDERED = (
    "offence", "source", "consent", "grounds", "alternatives", "necessity", "proportionality", "capacity",
    "left_out",
)  # fmt: skip

ACTS: dict[str, Act] = {
    "assign": lambda cases, by, case, form: cases.assign(by, case.id, case.version),
    "give-back": lambda cases, by, case, form: cases.assign(by, case.id, case.version, give_back=True),
    "prisoner": lambda cases, by, case, form: cases.confirm_prisoner(
        by, case.id, case.version, form.get("prisoner", ""), form.get("because", "")
    ),
    "not-found": lambda cases, by, case, form: cases.not_found(
        by, case.id, case.version, form.get("because", "")
    ),
    "contacts": lambda cases, by, case, form: cases.list_contacts(
        by, case.id, case.version, _contacts(FormReader(form))
    ),
    "approve": _approve,
    "refuse": lambda cases, by, case, form: cases.refuse(
        by, case.id, case.version, form.get("refused_because", "")
    ),
    "note": lambda cases, by, case, form: cases.note(
        by, case.id, case.version, form.get("text", ""), form.get("waiting_for", "")
    ),
    "serve": lambda cases, by, case, form: cases.serve(
        by, case.id, case.version, form.get("served_how", ""), refused=_took(form) == "no"
    ),
    "hold": lambda cases, by, case, form: cases.hold_notice(
        by, case.id, case.version, form.get("held_because", "")
    ),
    "weigh": lambda cases, by, case, form: cases.weigh_notice(
        by, case.id, case.version, form.get("weighed_because", "")
    ),
    "withdraw": lambda cases, by, case, form: cases.ask_withdrawal(
        by, case.id, case.version, form.get("who", "")
    ),
    "call": lambda cases, by, case, form: _with_what_holds(
        cases,
        case,
        lambda: cases.call_back(by, case.id, case.version, form.get("safely", ""), form.get("pressed", "")),
    ),
    "keep": lambda cases, by, case, form: _with_what_holds(
        cases, case, lambda: cases.keep(by, case.id, case.version, form.get("reason", ""))
    ),
    "end": lambda cases, by, case, form: cases.end(by, case.id, case.version, form.get("ended_because", "")),
    "reopen": lambda cases, by, case, form: cases.reopen(
        by, case.id, case.version, form.get("reopened_because", "")
    ),
    "link": lambda cases, by, case, form: cases.link(
        by, case.id, case.version, form.get("restriction", "").strip()
    ),
    "learn": lambda cases, by, case, form: cases.learn(
        by, case.id, case.version, _contacts(FormReader(form))
    ),
    "close": lambda cases, by, case, form: cases.close(
        by,
        case.id,
        case.version,
        outcome=form.get("outcome", ""),
        route=form.get("route", ""),
        referred=form.get("referred", ""),
    ),
}
for own in (case_corrections, case_outbox, case_parties, case_reports, case_resolutions):
    ACTS |= own.ACTS
    SAID |= own.SAID
SAID_WAITING |= case_corrections.SAID_WAITING
LEFT_OUT = "the request names it, and it is not in the list"
UNSEEN = frozenset({"assign", "give-back"})
"""What somebody may do without having opened the case."""
_FIELDS = {"how": "served_how", "contacts": "phones", "state": "version", "until": "ended_because"}


def _field_of(error: ServiceError) -> str:
    """The field of the form that an error is about."""
    field = (error.field or "version").partition("[")[0]
    return _FIELDS.get(field, field)


def _contacts(reader: FormReader) -> tuple[Contact, ...]:
    found = [Contact(kind=kind, value=line) for name, kind in KINDS.items() for line in reader.lines(name)]
    reader.check()
    return tuple(found)


def _view(
    request: Request,
    officer: Principal,
    case: Case,
    *,
    status: int = 200,
    wrong: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    said: str | None = None,
    told: tuple[str, ...] = (),
    approval: str | None = None,
    is_opened: bool = False,
    looked: LookedBack | None = None,
    is_named: bool = False,
    means: Sequence[PointMeans] = (),
) -> Response:
    system = system_of(request)
    cases = system.cases
    if case.state is CaseState.DESTROYED:
        return show_what_is_left(request, officer, case)
    is_shown = is_opened
    if not is_shown and (form is not None or case.assigned == officer.id) and cases.has_seen(officer, case):
        cases.view(officer, case, "working on it")
        is_shown = True
    context: dict[str, Any] = {}
    if is_shown:
        document = case.document
        left_out = cases.left_out(document) if document.contacts else []
        order = cases.order_of(case) if case.state in HOLDING else None
        context = {
            "asked": document.asked,
            "document": document,
            "fields": {**_filled(document), **(form or {})},
            "readings": list(_readings(document, left_out)),
            "left_out": left_out if case.state is CaseState.CONSIDERING else [],
            "candidates": candidates_for(system, officer, case),
            "already": [
                (one.id, f"/restrictions/view/{quote(one.id)}")
                for one in cases.asked_already(officer, case, in_force=case.state is CaseState.CONSIDERING)
                if one.id != case.id
            ]
            if case.state in (CaseState.CONSIDERING, CaseState.INVESTIGATING)
            else [],
            "doubts": [
                *(cases.doubts(case) if case.state in (*UNDECIDED, CaseState.INVESTIGATING) else ()),
                *cases.learnt_gone(case),
            ],
            **case_parties.shown(cases, officer, case),
            **case_resolutions.shown(cases, case),
            **case_corrections.shown(cases, case),
            "messages": cases.outbox.of_case(case.id),
            "untold": [what for _, what in cases.untold_because(case)] if case.state in HOLDING else [],
            "why_not": cases.why_not_in_force(case) if case.state in HOLDING else None,
            "order": order_in_words(order) if order is not None else None,
        }
    return show(
        request,
        "case.html",
        officer,
        status=status,
        case=case,
        state=words(case.state.value),
        is_shown=is_shown,
        looked=looked,
        reached=reached_by(system, case.restriction),
        is_named=is_named,
        means=means,
        days=DAYS,
        wrong=wrong or {},
        errors=listed(wrong or {}),
        said=said,
        told=[one for one in told if one not in context.get("doubts", ())],
        approval=approval,
        who=WHO,
        how=HOW,
        pathways=PATHWAYS,
        urgencies=URGENCY,
        over=what_ends(system, case),
        may_reopen=cases.may_reopen(case),
        channels={"form": "the form", "email": "e-mail", "telephone": "telephone"},
        **context,
    )


def _filled(document: CaseDocument) -> dict[str, str]:
    """What the forms of a case begin with: what is listed, or what was asked."""
    person = document.asked.person
    asked = {
        "phones": person.numbers,
        "addresses": tuple(one.replace("\n", ", ") for one in person.addresses),
        "emails": person.emails,
        "handles": person.accounts,
    }
    listed_of = {
        name: tuple(one.value for one in document.contacts if one.kind == kind)
        for name, kind in KINDS.items()
    }
    shown = listed_of if document.contacts else asked
    filled = {name: "\n".join(values) for name, values in shown.items()}
    filled |= {"prisoner": document.prisoner or document.asked.sought.number}
    filled |= {"because": document.because if document.prisoner else ""}
    if document.consideration is not None:
        filled |= {name: str(value or "") for name, value in asdict(document.consideration).items()}
    found = {"outcome": document.outcome, "route": document.route, "referred": document.referred}
    return filled | found | {"waiting_for": document.waiting_for}


def _readings(document: CaseDocument, left_out: Iterable[Contact]) -> Iterator[PointRead]:
    """How each contact point that was asked for, or is listed, is read; those listed first."""
    for contact in document.contacts or rules.contacts_asked(document.asked.person):
        read = entry.read(contact)
        stops = tuple(point.stops for point in read.points)
        yield PointRead(contact.value, stops, read.told, read.refused)
    for contact in left_out:
        yield PointRead(contact.value, (), (), (LEFT_OUT,))
