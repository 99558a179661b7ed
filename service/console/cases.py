"""Cases: what is due, one with what can be done next, and keying in what came by telephone or e-mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request, Response
from msgspec.structs import asdict

from engine import entry
from engine.model import Contact
from service.access.model import Principal, Right
from service.cases import rules
from service.cases.cases import Cases, Done
from service.cases.looking_back import DAYS, LookedBack, look_back
from service.cases.model import OPEN, Case, CaseDocument, CaseState, Channel, Consideration
from service.cases.notice import notice
from service.cases.rules import PATHWAYS
from service.console.page import HEADERS, OurForm, go, moment, page_needs, show, words
from service.console.restriction_form import KINDS, FormReader
from service.console.restrictions import listed
from service.errors import ConflictError, InvalidError, NotFoundError, ServiceError
from service.public.asked import Asker, Protected, PublicRequest, Sought
from service.web.dependencies import system_of

router = APIRouter(prefix="/cases", include_in_schema=False)

Officer = Annotated[Principal, Depends(page_needs(Right.HANDLE_CASES))]
Id = Annotated[str, Path(pattern="^C-[2-9A-Z]{8}$")]

SHOWN_AT_ONCE = 50
WHICH = {
    "mine": "Mine",
    "open": "All that are open",
    "overdue": "Overdue",
    "in_force": "In force",
    "done": "Refused, ended and closed",
}
STATES = {
    "in_force": (CaseState.IN_FORCE,),
    "done": (CaseState.REFUSED, CaseState.ENDED, CaseState.CLOSED),
}
WHO = {
    "self": "The person herself",
    "police": "Police",
    "probation": "Probation",
    "family": "Family or friend",
    "organisation": "Another organisation",
}
HOW = {
    "letter": "Letter",
    "call": "Call",
    "text": "Text or message",
    "through_somebody": "Through somebody",
    "fellow_prisoner": "A fellow prisoner",
    "illegal_mobile": "An illegal mobile phone",
    "other": "Another way",
}
URGENCY = {"today": "Somebody may be hurt", "soon": "Soon", "usual": "As usual"}
SAID = {
    "received": "The case is made.",
    "assigned": "It is handed over.",
    "matched": "The prisoner is confirmed.",
    "not_found": "Noted that he was not found.",
    "listed": "What is to be listed is kept.",
    "approved": "It is in force.",
    "joined": "It is in force, and holds the restriction up too.",
    "refused": "It is refused.",
    "noted": "The note is kept.",
    "served": "Noted that he was told.",
    "notice_held": "The notice is held.",
    "weighed": "Noted.",
    "withdrawal_asked": "The withdrawal is noted. The restriction stands.",
    "called_back": "The call is noted.",
    "kept": "The restriction goes on.",
    "ended": "The request is withdrawn.",
    "linked": "The restriction is noted.",
    "learnt": "It is listed, and stopped from now on.",
    "closed": "The report is closed.",
}


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
    found = system.cases.page(
        officer,
        states=STATES.get(which, tuple(OPEN)),
        assigned=officer.id if which == "mine" else None,
        limit=SHOWN_AT_ONCE,
    )
    now = system.clock()
    if which == "overdue":
        found = [one for one in found if one.due is not None and one.due < now]
    return show(
        request,
        "cases.html",
        officer,
        rows=found,
        which=which,
        choices=list(WHICH.items()),
        urgencies=URGENCY,
        is_full=len(found) == SHOWN_AT_ONCE,
    )


@router.get("/new")
def new_case(request: Request, officer: Officer) -> Response:
    """A form for what came by telephone or e-mail."""
    return _new(request, officer, {"kind": "stop", "channel": "telephone", "urgency": "usual"}, {})


@router.post("/new")
def key_in(request: Request, form: OurForm, officer: Officer) -> Response:
    """Make the case."""
    system = system_of(request)
    read = FormReader(form)
    asked = _asked(read, form, system.clock())
    words_said = read.text("words")
    if read.wrong:
        return _new(request, officer, form, read.wrong, status=422)
    channel: Channel = "email" if form.get("channel") == "email" else "telephone"
    made = system.cases.key_in(officer, asked, channel, words_said)
    made = system.cases.assign(officer, made.id, made.version, officer.id)
    system.cases.view(officer, made, "keyed it in")
    return go(f"/cases/{made.id}?said=received")


@router.get("/{case_id}")
def read_case(request: Request, case_id: Id, officer: Officer) -> Response:
    """One case: its details where it is in the officer's hands and was opened."""
    case = system_of(request).cases.get(officer, case_id)
    return _view(request, officer, case, said=SAID.get(request.query_params.get("said", "")))


@router.get("/{case_id}/notice")
def print_notice(request: Request, case_id: Id, officer: Officer) -> Response:
    """The letter for the prisoner, as PDF."""
    system = system_of(request)
    case = system.cases.get(officer, case_id)
    rules.require_state(case, CaseState.IN_FORCE, CaseState.WITHDRAWING)
    if not system.cases.has_seen(officer, case):
        raise ConflictError("open the case first")
    system.cases.view(officer, case, "to print the notice")
    day = moment(system.clock()).rpartition(",")[0]
    letter = notice(case.prisoner or "", case.document.asked.person.name, day)
    headers = {**HEADERS, "content-disposition": 'inline; filename="notice.pdf"'}
    return Response(letter, media_type="application/pdf", headers=headers)


@router.post("/{case_id}/look-back")
def look_back_on(request: Request, case_id: Id, form: OurForm, officer: Officer) -> Response:
    """What of the last weeks it would have stopped; that somebody looked is recorded."""
    system = system_of(request)
    case = system.cases.get(officer, case_id)
    if not system.cases.has_seen(officer, case):
        raise ConflictError("open the case first")
    system.cases.view(officer, case, "to look back")
    restriction = rules.restriction_of(case.id, case.document, case.document.consideration)
    looked = look_back(
        system.registry.journal, officer, system.registry.versions.today(restriction), system.current.policy
    )
    return _view(request, officer, case, is_opened=True, looked=looked)


@router.post("/{case_id}/open")
def open_case(request: Request, case_id: Id, form: OurForm, officer: Officer) -> Response:
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
def act_on(request: Request, case_id: Id, act: str, form: OurForm, officer: Officer) -> Response:
    """Do one thing, and go on to what comes next. Nobody acts on what he has not opened."""
    cases = system_of(request).cases
    case = cases.get(officer, case_id)
    step = ACTS.get(act)
    if step is None:
        raise NotFoundError("there is no such step")
    if act != "assign" and not cases.has_seen(officer, case):
        raise ConflictError("open the case first")
    try:
        done = step(cases, officer, case, form)
    except ServiceError as error:
        wrong = {_field_of(error): error.detail[:1].upper() + error.detail[1:]}
        return _view(request, officer, case, wrong=wrong, form=form, status=error.status)
    system_of(request).current.wake()
    made = done.case if isinstance(done, Done) else done
    if isinstance(done, Done) and (done.warnings or done.approval):
        return _view(request, officer, made, told=done.warnings, approval=done.approval)
    return go(f"/cases/{case_id}?said={_OUTCOMES.get(act, act)}")


Act = Callable[[Cases, Principal, Case, Mapping[str, str]], Case | Done]


def _approve(cases: Cases, by: Principal, case: Case, form: Mapping[str, str]) -> Done:
    pathway = form.get("pathway", "")
    if pathway not in ("1", "2", "3", "4"):
        raise InvalidError("choose a pathway", "pathway")
    reader = FormReader(form)
    texts = {name: reader.text(name) for name in CONSIDERED}
    review = reader.day("review")
    if reader.wrong:
        field, what = next(iter(reader.wrong.items()))
        raise InvalidError(what, field)
    made = Consideration(pathway=int(pathway), review=review, **texts)  # type: ignore[arg-type]
    restriction = form.get("restriction", "")
    if restriction:
        return cases.join(by, case.id, case.version, restriction, made)
    return cases.approve(by, case.id, case.version, made)


CONSIDERED = (
    "offence", "source", "consent", "grounds", "alternatives", "necessity", "proportionality", "capacity",
)  # fmt: skip

ACTS: dict[str, Act] = {
    "assign": lambda cases, by, case, form: cases.assign(by, case.id, case.version, form.get("to") or by.id),
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
        by, case.id, case.version, form.get("served_how", ""), refused=form.get("took") == "no"
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
    "call": lambda cases, by, case, form: cases.call_back(
        by, case.id, case.version, form.get("safely", ""), form.get("pressed", "")
    ),
    "keep": lambda cases, by, case, form: cases.keep(by, case.id, case.version, form.get("reason", "")),
    "end": lambda cases, by, case, form: cases.end(by, case.id, case.version, form.get("reason", "")),
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
_OUTCOMES = {
    "assign": "assigned",
    "prisoner": "matched",
    "not-found": "not_found",
    "contacts": "listed",
    "approve": "approved",
    "refuse": "refused",
    "note": "noted",
    "serve": "served",
    "hold": "notice_held",
    "weigh": "weighed",
    "withdraw": "withdrawal_asked",
    "call": "called_back",
    "keep": "kept",
    "end": "ended",
    "link": "linked",
    "learn": "learnt",
    "close": "closed",
}
_FIELDS = {"how": "served_how", "contacts": "phones", "state": "version", "until": "reason"}


def _field_of(error: ServiceError) -> str:
    """The field of the form that an error is about."""
    field = (error.field or "version").partition("[")[0]
    return _FIELDS.get(field, field)


def _contacts(reader: FormReader) -> tuple[Contact, ...]:
    found = [Contact(kind=kind, value=line) for name, kind in KINDS.items() for line in reader.lines(name)]
    if reader.wrong:
        field, what = next(iter(reader.wrong.items()))
        raise InvalidError(what, field)
    return tuple(found)


def _asked(reader: FormReader, form: Mapping[str, str], now: datetime) -> PublicRequest:
    who = form.get("who", "")
    if who not in WHO:
        reader.wrong["who"] = "Choose who asks"
        who = "self"
    urgency = form.get("urgency", "usual")
    asker = Asker(
        who=who,  # type: ignore[arg-type]
        name=reader.line("asker", "Enter the name of who asks"),
        organisation=reader.line("organisation"),
        reference=reader.line("reference"),
        email=reader.line("email"),
        phone=reader.line("phone"),
        safely=reader.text("safely"),
    )
    sought = Sought(
        name=reader.line("sought", "Enter the prisoner’s name"),
        number=reader.line("number"),
        prison=reader.line("prison"),
        born=reader.day("born") or "",
    )
    person = Protected(
        name=reader.line("name", "Enter the name of the person to be protected"),
        aliases=tuple(reader.lines("aliases")),
        numbers=tuple(reader.lines("phones")),
        addresses=tuple(reader.lines("addresses")),
        emails=tuple(reader.lines("emails")),
        accounts=tuple(reader.lines("handles")),
        agrees=form.get("agrees", "") if form.get("agrees") in ("yes", "no", "unsure") else "",  # type: ignore[arg-type]
    )
    return PublicRequest(
        reference="",
        at=now.isoformat(),
        kind="continuing" if form.get("kind") == "continuing" else "stop",
        asker=asker,
        sought=sought,
        person=person,
        court_order=reader.text("court_order"),
        how=tuple(one for one in HOW if form.get(f"how_{one}")),  # type: ignore[misc]
        happened=reader.text("happened"),
        urgency=urgency if urgency in URGENCY else "usual",  # type: ignore[arg-type]
    )


def _new(
    request: Request,
    officer: Principal,
    form: Mapping[str, str],
    wrong: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    return show(
        request,
        "case_new.html",
        officer,
        status=status,
        form=form,
        wrong=wrong,
        errors=listed(wrong),
        who=WHO,
        how=HOW,
        urgencies=URGENCY,
    )


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
) -> Response:
    system = system_of(request)
    cases = system.cases
    is_shown = is_opened
    if not is_shown and (form is not None or case.assigned == officer.id) and cases.has_seen(officer, case):
        cases.view(officer, case, "working on it")
        is_shown = True
    context: dict[str, Any] = {}
    if is_shown:
        document = case.document
        context = {
            "asked": document.asked,
            "document": document,
            "fields": {**_filled(document), **(form or {})},
            "readings": list(_readings(document)),
            "already": [
                (one.id, f"/restrictions/view/{quote(one.id)}")
                for one in cases.asked_already(officer, case)
                if one.id != case.id
            ]
            if case.state in (CaseState.CONSIDERING, CaseState.INVESTIGATING)
            else [],
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
        days=DAYS,
        wrong=wrong or {},
        errors=listed(wrong or {}),
        said=said,
        told=told,
        approval=approval,
        who=WHO,
        how=HOW,
        pathways=PATHWAYS,
        urgencies=URGENCY,
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
    filled |= {"prisoner": document.prisoner or document.asked.sought.number, "because": document.because}
    if document.consideration is not None:
        filled |= {name: str(value or "") for name, value in asdict(document.consideration).items()}
    return filled | {"waiting_for": document.waiting_for}


def _readings(document: CaseDocument) -> Iterator[PointRead]:
    """How each contact point that was asked for, or is listed, is read."""
    person = document.asked.person
    contacts = document.contacts or (
        *(Contact(kind="phone", value=one) for one in person.numbers),
        *(Contact(kind="address", value=one) for one in person.addresses),
        *(Contact(kind="email", value=one) for one in person.emails),
        *(Contact(kind="handle", value=one) for one in person.accounts),
    )
    for contact in contacts:
        read = entry.read(contact)
        stops = tuple(point.stops for point in read.points)
        yield PointRead(contact.value, stops, read.told, read.refused)
