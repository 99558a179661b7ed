"""One box for everything: ids, prisoner numbers, names, addresses, numbers, accounts.

What is looked for comes in a form, never in an address, and is in the ledger before anything is shown. Each
sees what its rights and prisons show, and no protected detail of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response

from engine.listing import guess_kind
from engine.recipient import recipient
from matchers import address
from matchers.prison import is_prisoner_number, prison_name, prisons_named
from service.access.model import Principal, Right
from service.cases import finding
from service.cases.finding import CaseLine
from service.console.contacts import CHANNELS
from service.console.handling import is_case_id
from service.console.page import SEARCHING, OurForm, ids_of, moment, number_in, page_needs, show, words
from service.console.prisoners import is_theirs
from service.console.restriction_form import FormReader
from service.console.restrictions import listed
from service.errors import NotFoundError
from service.ledger import search
from service.ledger.record import Kind
from service.mail.items import named
from service.registry.found import FoundVersions
from service.registry.model import RestrictionVersion, state_at
from service.registry.tables import ID
from service.storage.unread import CANNOT_BE_READ
from service.system import System
from service.web.dependencies import system_of

router = APIRouter(prefix="/search", include_in_schema=False)

Searcher = Annotated[Principal, Depends(page_needs(*SEARCHING))]

SHOWN = 50
"""Of each kind."""
MOST_IN_STREET = 1_000
"""Restrictions that are opened for a street: there is a High Street in every town."""

_is_approval = re.compile(r"[0-9a-f]{16}").fullmatch


class Found(NamedTuple):
    """Something that was found."""

    href: str
    title: str
    text: str = ""


class Group(NamedTuple):
    """What was found of one kind. `is_more` where there is more of it than is shown."""

    title: str
    found: tuple[Found, ...]
    is_more: bool = False


@router.get("")
def ask(request: Request, reader: Searcher) -> Response:
    """The box, and what it finds."""
    return show(request, "search.html", reader, wanted="", groups=None, wrong={})


@router.post("")
def search_everything(request: Request, form: OurForm, reader: Searcher) -> Response:
    """Everything that somebody may see and that is, or holds, what was typed. Recorded first."""
    read = FormReader(form)
    typed = read.text("wanted", "Enter an id, a number, a name or an address", ID)
    if read.wrong:
        wrong = listed(read.wrong)
        return show(
            request, "search.html", reader, status=422, wanted="", groups=None, wrong=read.wrong, errors=wrong
        )
    system = system_of(request)
    system.asking.search(reader)
    system.registry.journal.saw(reader.id, "search/everything", typed)
    unread = set[str]()
    groups = _groups(system, reader, typed, unread)
    return show(
        request,
        "search.html",
        reader,
        wanted=typed,
        groups=groups,
        not_read=ids_of("restriction", sorted(unread)),
        wrong={},
    )


def _groups(system: System, by: Principal, typed: str, unread: set[str]) -> list[Group]:
    """What is found, by kind; kinds of which there is nothing are left out. `unread` gets the ids of
    restrictions that cannot be read."""
    found = list(_restrictions(system, by, typed, unread)) if by.may(Right.SEE_RESTRICTIONS) else []
    kinds: list[tuple[str, Iterable[Found]]] = [
        ("By its id", _by_id(system, by, typed)),
        ("Restrictions", (_restriction(system, one) for one in found)),
        ("Cases", _cases(system, by, typed, found)),
        ("Prisons", _prisons(by, typed)),
        ("Prisoners", _prisoners(system, by, typed, found)),
        ("What was flagged", _items(system, by, typed)),
    ]
    groups = []
    for title, some in kinds:
        unique = tuple(dict.fromkeys(some))
        if unique:
            groups.append(Group(title, unique[:SHOWN], len(unique) > SHOWN))
    return groups


def _restrictions(
    system: System, by: Principal, typed: str, unread: set[str]
) -> Iterator[RestrictionVersion]:
    """Those that hold it, once held it, or name him; then those with a like name or in that street."""
    versions = system.registry.versions
    seen: set[str] = set()
    number = typed.upper()
    is_name = not any(letter.isdigit() for letter in typed)

    def naming_him() -> FoundVersions:
        if not is_prisoner_number(number):
            return FoundVersions([], [])
        page = versions.page(prisons=by.prisons, prisoner_number=number, limit=SHOWN)
        return FoundVersions(list(page.items), list(page.unread))

    sources: tuple[Callable[[], FoundVersions], ...] = (
        naming_him,
        lambda: versions.find(contact=typed, prisons=by.prisons),
        lambda: versions.named_like(typed, prisons=by.prisons) if is_name else FoundVersions([], []),
        lambda: _in_street(system, by, typed),
    )
    for source in sources:
        found = source()
        unread |= {*found.unread}
        for one in found.versions:
            if one.id not in seen:
                seen.add(one.id)
                yield one


def _in_street(system: System, by: Principal, typed: str) -> FoundVersions:
    """Those with an address in a street, by the list in force: without a number none is hashed."""
    screener, given = system.current.screener, address.read(typed)
    if screener is None or not given.street or given.numbers or guess_kind(typed).kind != "address":
        return FoundVersions([], [])
    restricted = screener.blocklist.restricted
    is_alone = not (given.postcode or given.town or given.locality)
    found = restricted.addresses_in_street(given.street) if is_alone else restricted.addresses(given)
    rows = {reference.row for reference, here in found if here.street == given.street}
    ids = {restricted.listing(row).restriction.id for row in sorted(rows)[:MOST_IN_STREET]}
    versions = system.registry.versions
    theirs = sorted(versions.may_concern(by.prisons, ids))
    with system.database.read() as connection:
        return versions.opened(connection, theirs)


def _restriction(system: System, version: RestrictionVersion) -> Found:
    prisoners = ", ".join(version.document.restriction.prisoners)
    text = f"{words(state_at(version, system.clock()))}. Prisoner: {prisoners}."
    return Found(f"/restrictions/view/{quote(version.id)}", f"Restriction {version.id}", text)


def _cases(system: System, by: Principal, typed: str, found: list[RestrictionVersion]) -> Iterator[Found]:
    """Cases behind the restrictions that were found, of a prisoner, and undecided ones that hold it."""
    if not by.may(Right.HANDLE_CASES):
        return
    registry = system.registry
    if is_prisoner_number(typed.upper()):
        yield from map(_case, finding.of_prisoner(registry, by, typed.upper()))
    yield from map(_case, finding.behind(registry, by, [one.id for one in found]))
    undecided, is_more = finding.undecided_with(system.cases, by, typed)
    yield from map(_case, undecided)
    if is_more:
        text = f"Only the {finding.MOST_OPENED:,} undecided cases that are due first were looked through."
        yield Found("/cases", "There are more cases", text)


def _case(line: CaseLine) -> Found:
    due = f", due {moment(line.due)}" if line.due else ""
    whose = f"With {line.assigned}." if line.assigned else "With nobody."
    return Found(f"/cases/{line.id}", f"Case {line.id}", f"{words(line.state)}{due}. {whose}")


def _prisons(by: Principal, typed: str) -> Iterator[Found]:
    """Those that are called so, of theirs."""
    if by.may(Right.SEE_RESTRICTIONS):
        for code in sorted(filter(by.covers, prisons_named(typed))):
            yield Found(f"/prisons/{code}", f"{prison_name(code)}, {code}", "Prison.")


def _prisoners(system: System, by: Principal, typed: str, found: list[RestrictionVersion]) -> Iterator[Found]:
    if not by.may(Right.SEE_RESTRICTIONS):
        return
    number = typed.upper()
    if is_prisoner_number(number) and is_theirs(system, by, number):
        yield _prisoner(system, number)
    for one in found:
        yield from (_prisoner(system, number) for number in one.document.restriction.prisoners)


def _prisoner(system: System, number: str) -> Found:
    where = system.registry.where_is(number)
    return Found(f"/prisoners/{number}", f"Prisoner {number}", f"In {where}." if where else "")


def _items(system: System, by: Principal, typed: str) -> Iterator[Found]:
    """Flags of a prisoner, or at a contact point, that are or were in the queue."""
    if not by.may(Right.REVIEW):
        return
    number, contact = typed.upper(), guess_kind(typed)
    if is_prisoner_number(number):
        with system.database.read() as connection:
            rows = search.search(
                connection,
                kind=Kind.DECISION,
                prisoner=number,
                outcome="flag",
                establishments=by.prisons or None,
                limit=SHOWN,
            )
    else:
        at = system.vault.digest("recipient", recipient(CHANNELS[contact.kind], typed))
        rows = [row for row in system.reviews.tries_at(at, SHOWN) if row.outcome == "flag"]
    for row in rows:
        if by.covers(row.establishment):
            text = f"{moment(row.at)}. {', '.join(words(code) for code in row.codes.split(',') if code)}."
            yield Found(f"/queue/{row.seq}", f"{words(row.channel or 'attempt')} {row.seq}", text)


def _by_id(system: System, by: Principal, typed: str) -> Iterator[Found]:
    """What has this very id."""
    for right, look in _IDS:
        if by.may(right):
            try:
                found = look(system, by, typed)
            except NotFoundError:
                continue
            except CANNOT_BE_READ:
                found = UNREAD
            if found is not None:
                yield found


UNREAD = Found("", "There is one of this id, and it cannot be read", "Tell whoever runs the service.")


def _case_of(system: System, by: Principal, typed: str) -> Found | None:
    id_ = typed.upper()
    if not is_case_id(id_):
        return None
    case = system.cases.get(by, id_)
    return Found(f"/cases/{case.id}", f"Case {case.id}", f"{words(case.state.value)}.")


def _restriction_of(system: System, by: Principal, typed: str) -> Found | None:
    return _restriction(system, system.registry.versions.get(typed, prisons=by.prisons))


def _approval_of(system: System, by: Principal, typed: str) -> Found | None:
    id_ = typed.lower()
    if not _is_approval(id_):
        return None
    approvals = system.registry.approvals
    asked = approvals.get(id_)
    text = f"{words(asked.state.value)}."
    return Found(f"/approvals/{id_}", f"Approval {id_}", text) if approvals.concerns(by, asked) else None


def _item_of(system: System, by: Principal, typed: str) -> Found | None:
    if (seq := number_in(typed, digits=18)) is None:
        return None
    item = system.reviews.get(by, seq)
    return Found(f"/queue/{item.seq}", f"{words(item.channel)} {item.seq}", f"{words(item.code)}.")


def _letter_of(system: System, by: Principal, typed: str) -> Found | None:
    id_ = named(typed) or named(typed.upper())
    letter = None if id_ is None else system.mail.find(id_)
    if letter is None or not by.covers(letter.establishment):
        return None
    return Found(f"/mail/{letter.tray}/{letter.id}", f"Letter {letter.id}", f"In tray {letter.tray}.")


def _record_of(system: System, by: Principal, typed: str) -> Found | None:
    if (seq := number_in(typed, digits=18)) is None:
        return None
    with system.database.read() as connection:
        row = search.read(connection, seq)
    if not by.covers(row.establishment):
        return None
    return Found(f"/ledger/{row.seq}", f"Record {row.seq}", f"{words(row.kind.value)}, {moment(row.at)}.")


_IDS: tuple[tuple[Right, Callable[[System, Principal, str], Found | None]], ...] = (
    (Right.HANDLE_CASES, _case_of),
    (Right.SEE_RESTRICTIONS, _restriction_of),
    (Right.CONFIRM, _approval_of),
    (Right.REVIEW, _item_of),
    (Right.SCAN, _letter_of),
    (Right.SEE_LEDGER, _record_of),
)
"""What may have an id, and the right with which it is found."""
