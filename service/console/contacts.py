"""One contact point: which restrictions hold it, whether it is confidential, and the last tries at it.

What is looked for comes in a form with a reason; both are in the ledger before anything is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from engine.listing import LONGEST_CONTACT, area_codes, guess_kind
from engine.model import Contact
from engine.recipient import recipient
from service.access.model import Principal, Right
from service.console.page import OurForm, ids_of, page_needs, show
from service.console.prisoners import told
from service.console.restriction_form import FormReader
from service.console.restrictions import listed, plain
from service.registry import lookup
from service.registry.journal import REGISTER
from service.registry.model import EntryVersion, ListingState, RestrictionVersion
from service.system import System
from service.web.dependencies import system_of

router = APIRouter(prefix="/contacts", include_in_schema=False)

Revealer = Annotated[Principal, Depends(page_needs(Right.REVEAL))]

TRIES_SHOWN = 50
LISTINGS_SHOWN = 50
KINDS = {
    "phone": "Telephone number",
    "email": "E-mail address",
    "handle": "Account name",
    "address": "Address",
}
CHANNELS = {"phone": "call", "email": "message", "handle": "message", "address": "letter"}
"""Where a contact point of a kind is tried."""
SAME, NEAR, ONCE = "This contact point", "The same postcode or street", "In an earlier version"
"""How a listing holds what was typed."""


@router.get("")
def ask(request: Request, revealer: Revealer) -> Response:
    """The box."""
    return show(request, "contacts.html", revealer, form={}, wrong={})


@router.post("")
def look_up(request: Request, form: OurForm, revealer: Revealer) -> Response:
    """What is known of a contact point; recorded first."""
    read = FormReader(form)
    typed = read.text(
        "contact", "Enter a number, an e-mail address, an account or an address", LONGEST_CONTACT
    )
    why = read.text("why", "Enter why you need to know")
    system = system_of(request)
    contact = guess_kind(typed)
    digests = lookup.value_digests(system.vault, typed)
    if not read.wrong and not digests:
        read.wrong["contact"] = "Enter a whole number, with its area code, or an address with its postcode"
    if read.wrong:
        errors = listed(read.wrong)
        return show(
            request, "contacts.html", revealer, status=422, form=form, wrong=read.wrong, errors=errors
        )
    system.asking.search(revealer)
    system.registry.journal.saw(revealer.id, "search/contacts", f"{typed}\n{why}")
    restrictions, unread = system.registry.versions.find(contact=typed, prisons=revealer.prisons)
    tries = system.reviews.tries_at(
        system.vault.digest("recipient", recipient(CHANNELS[contact.kind], typed)), TRIES_SHOWN
    )
    entries, entries_unread = _entries(system, contact, digests)
    seen = [row for row in tries if revealer.covers(row.establishment)]
    return show(
        request,
        "contact.html",
        revealer,
        form=form,
        wrong={},
        kind=KINDS[contact.kind],
        typed=typed,
        restrictions=_restrictions(system, contact, digests, restrictions),
        total=len(restrictions),
        not_read=ids_of("restriction", unread) + ids_of("register entry", entries_unread),
        entries=entries,
        tries=told(system, revealer, seen),
        elsewhere=len(tries) - len(seen),
    )


def _restrictions(
    system: System, typed: Contact, digests: list[bytes], found: list[RestrictionVersion]
) -> list[dict[str, Any]]:
    """Those that hold it: who holds it now before who once did, and what stands before what was withdrawn."""
    rows = []
    for version in found:
        restriction = version.document.restriction
        codes = area_codes(restriction)
        how = _how(system, typed, digests, restriction.contacts, codes)
        rows.append({**plain(version, system.clock()), "how": how})
    ranks = (SAME, NEAR, ONCE)
    rows.sort(
        key=lambda row: (ranks.index(row["how"]), row["state"] != ListingState.STANDING.value, row["id"])
    )
    return rows[:LISTINGS_SHOWN]


def _entries(
    system: System, typed: Contact, digests: list[bytes]
) -> tuple[list[dict[str, Any]], Sequence[str]]:
    """Entries of the confidential register that stand and hold it, and the ids of unreadable ones."""
    registry = system.registry
    with system.database.read() as connection:
        ids = {id_ for one in digests for id_ in registry.journal.found(connection, REGISTER, one)}
        standing = registry.register.standing_of(connection, sorted(ids)[:LISTINGS_SHOWN])
    rows = [_entry(system, typed, digests, one) for one in standing.entries]
    return [row for row in rows if row["how"] != ONCE], standing.unread


def _entry(system: System, typed: Contact, digests: list[bytes], version: EntryVersion) -> dict[str, Any]:
    entry = version.document.entry
    how = _how(system, typed, digests, entry.contacts, ())
    return {"id": version.id, "name": entry.name, "kind": entry.kind, "how": how}


def _how(
    system: System,
    typed: Contact,
    digests: list[bytes],
    contacts: Iterable[Contact],
    codes: tuple[str, ...],
) -> str:
    """How a listing holds it: the very contact point, an address near it, or no longer."""
    is_near = False
    for contact in contacts:
        if set(digests).isdisjoint(lookup.contact_digests(system.vault, contact, codes)):
            continue
        if contact.kind != "address" or _is_same_place(typed.value, contact.value):
            return SAME
        is_near = True
    return NEAR if is_near else ONCE


def _is_same_place(one: str, other: str) -> bool:
    return recipient("letter", one) == recipient("letter", other)
