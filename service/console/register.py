"""The confidential register: who is on it, found by name or contact point; an addition takes two people.

On it are public bodies, lawyers and helplines: nothing of it is a protected detail. What somebody looks
for may be one, so it comes in a form and is recorded as every search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Path, Request, Response

from engine.listing import LONGEST_CONTACT
from engine.model import ConfidentialEntry, Contact
from matchers import person
from service.access.model import Principal, Right
from service.console.page import OurForm, go, ids_of, moment, page_needs, said_of, show
from service.console.restriction_form import KINDS, LABELS, FormReader
from service.console.restrictions import listed, version_in
from service.errors import ConflictError, InvalidError, NotFoundError
from service.registry import lookup
from service.registry.ids import drawn_id
from service.registry.journal import REGISTER
from service.registry.model import EntryVersion, ListingState
from service.registry.register import FoundEntries
from service.registry.tables import ID
from service.registry.versions import LIKELY_NAME
from service.system import System
from service.web.dependencies import system_of

router = APIRouter(prefix="/register", include_in_schema=False)

Reader = Annotated[Principal, Depends(page_needs(Right.REVEAL))]
Editor = Annotated[Principal, Depends(page_needs(Right.EDIT_REGISTER))]
Id = Annotated[str, Path(min_length=1, max_length=ID)]

SHOWN_AT_ONCE = 50
MOST_LOOKED_THROUGH = 5_000
"""Entries that a search by name looks through: names of the register are hashed nowhere."""
KINDS_OF = {"phone": "Telephone", "email": "E-mail", "handle": "Account", "address": "Address"}
SAID = {"removed": "It is off the register: what it covered is checked again."}


@router.get("")
def list_entries(request: Request, reader: Reader) -> Response:
    """Entries that stand, in the order of their ids."""
    after = request.query_params.get("after", "")[:ID].replace("\0", "")
    found = system_of(request).registry.register.list(after=after, limit=SHOWN_AT_ONCE)
    return _list(
        request,
        reader,
        rows=found.entries,
        not_read=ids_of("register entry", found.unread),
        first="/register" if after else None,
        next=f"/register?{urlencode({'after': found.next})}" if found.next else None,
    )


@router.post("/search")
def search(request: Request, form: OurForm, reader: Reader) -> Response:
    """Entries with a contact point, or of a name, as it is typed. Recorded first."""
    read = FormReader(form)
    wanted = read.text("sought", "Enter a name, a number, an e-mail address or an address", LONGEST_CONTACT)
    if read.wrong:
        return _list(request, reader, rows=[], status=422, wrong=read.wrong)
    system = system_of(request)
    system.asking.search(reader)
    system.registry.journal.saw(reader.id, "search/register", wanted)
    every = system.registry.register.list(limit=MOST_LOOKED_THROUGH)
    holding = _holding(system, wanted)
    found = {one.id: one for one in (*holding.entries, *_called(every.entries, wanted))}
    return _list(
        request,
        reader,
        rows=list(found.values())[:SHOWN_AT_ONCE],
        wanted=wanted,
        total=len(found),
        not_read=ids_of("register entry", (*holding.unread, *every.unread)),
    )


@router.get("/new")
def new_form(request: Request, editor: Editor) -> Response:
    """The form, empty."""
    return show(request, "register_new.html", editor, form={}, wrong={})


@router.post("/new")
def add(request: Request, form: OurForm, editor: Editor) -> Response:
    """Ask for an entry; a second person puts it in force."""
    read = FormReader(form)
    name = read.line("name", "Enter whom it is about")
    kind = read.line("kind", "Enter what it is, such as solicitor or helpline")
    verified = read.text("verified", "Enter how it was verified")
    contacts = tuple(
        Contact(kind=kind_of, value=line) for field, kind_of in KINDS.items() for line in read.lines(field)
    )
    if not contacts:
        read.wrong["phones"] = "Enter at least one number, e-mail address, account or address"
    wrong = dict(read.wrong)
    if not wrong:
        entry = ConfidentialEntry(id=drawn_id("E"), name=name, kind=kind, contacts=contacts)
        try:
            written = system_of(request).registry.register.add(editor, entry, verified)
        except InvalidError as error:
            wrong = _misplaced(error, contacts)
        else:
            approval = written.approval.id if written.approval is not None else None
            return show(request, "register_waits.html", editor, approval=approval, name=name)
    return show(
        request, "register_new.html", editor, status=422, form=form, wrong=wrong, errors=listed(wrong)
    )


@router.get("/view/{entry_id:path}")
def read_entry(request: Request, entry_id: Id, reader: Reader) -> Response:
    """One entry, and its history."""
    return _view(request, reader, entry_id, said=SAID.get(request.query_params.get("said", "")))


@router.post("/remove/{entry_id:path}")
def remove(request: Request, entry_id: Id, form: OurForm, editor: Editor) -> Response:
    """Take it off, at once."""
    read = FormReader(form)
    reason = read.text("reason", "Enter why it is taken off")
    if read.wrong:
        return _view(request, editor, entry_id, wrong=read.wrong, status=422)
    try:
        system_of(request).registry.register.remove(editor, entry_id, version_in(form), reason)
    except ConflictError as error:
        return _view(request, editor, entry_id, wrong={"reason": said_of(error)}, status=409)
    system_of(request).current.wake()
    return go(f"/register/view/{quote(entry_id)}?said=removed")


def _holding(system: System, wanted: str) -> FoundEntries:
    registry = system.registry
    with system.database.read() as connection:
        digests = lookup.value_digests(system.vault, wanted)
        ids = {id_ for _, id_ in registry.journal.found_any(connection, REGISTER, digests)}
        return registry.register.standing_of(connection, sorted(ids))


def _called(entries: Sequence[EntryVersion], wanted: str) -> list[EntryVersion]:
    """Those whose name holds what was typed, or may be it."""
    folded, read = person.fold(wanted), person.read(wanted)
    return [
        one
        for one in entries
        if folded in person.fold(one.document.entry.name)
        or person.compare(read, person.read(one.document.entry.name)).score >= LIKELY_NAME
    ]


def _misplaced(error: InvalidError, contacts: tuple[Contact, ...]) -> dict[str, str]:
    """What the registry finds wrong, at the field where it was typed."""
    field, _, place = (error.field or "name").partition("[")
    name = field
    if field == "contacts":
        number = place.partition("]")[0]
        kind = contacts[int(number)].kind if number.isdecimal() and int(number) < len(contacts) else "phone"
        name = next(one for one, known in KINDS.items() if known == kind)
    said = f"{LABELS[name]}: {error.detail}" if name in LABELS else error.detail
    return {name: said[:1].upper() + said[1:]}


def _list(
    request: Request,
    reader: Principal,
    *,
    rows: Sequence[EntryVersion],
    status: int = 200,
    wrong: Mapping[str, str] | None = None,
    **context: Any,
) -> Response:
    return show(
        request,
        "register.html",
        reader,
        status=status,
        rows=[_row(one) for one in rows],
        wrong=wrong or {},
        errors=listed(wrong or {}),
        may_edit=reader.may(Right.EDIT_REGISTER),
        **context,
    )


def _row(version: EntryVersion) -> dict[str, Any]:
    entry = version.document.entry
    return {
        "id": version.id,
        "link": f"/register/view/{quote(version.id)}",
        "name": entry.name,
        "kind": entry.kind,
        "contacts": [(KINDS_OF[one.kind], one.value) for one in entry.contacts],
        "verified": version.document.verified,
        "version": version.version,
        "state": version.state.value,
    }


def _view(
    request: Request,
    reader: Principal,
    id_: str,
    *,
    status: int = 200,
    said: str | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    if not id_.isprintable():
        raise NotFoundError("there is no such entry")
    register = system_of(request).registry.register
    latest, history = register.get(id_), register.history(id_)
    return show(
        request,
        "register_entry.html",
        reader,
        status=status,
        said=said,
        wrong=wrong or {},
        errors=listed(wrong or {}),
        one=_row(latest),
        history=[_event(one) for one in history.versions],
        not_read=ids_of("version", history.unread),
        may_edit=reader.may(Right.EDIT_REGISTER) and latest.state is ListingState.STANDING,
    )


def _event(version: EntryVersion) -> dict[str, str]:
    confirmed = f"Confirmed by {version.confirmed_by}." if version.confirmed_by else ""
    title = f"Version {version.version}: {version.state.value}"
    return {"title": title, "by": version.author, "at": moment(version.at), "text": confirmed}
