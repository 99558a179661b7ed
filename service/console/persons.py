"""A protected person by her name in any spelling: the restrictions and cases that are hers.

A name is never in an address: a person is reached by a restriction of hers. That somebody looks for a name,
or sees hers and what belongs together by it, is in the ledger before it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from matchers import person
from service.access.model import Principal, Right
from service.cases import finding
from service.cases.finding import CaseLine
from service.console.page import OurForm, ids_of, page_needs, show
from service.console.restriction_form import FormReader
from service.console.restrictions import Id, listed, plain, readable
from service.registry.model import RestrictionVersion
from service.registry.tables import ID
from service.registry.versions import LIKELY_NAME
from service.system import System
from service.web.dependencies import system_of

router = APIRouter(prefix="/people", include_in_schema=False)

Viewer = Annotated[Principal, Depends(page_needs(Right.SEE_RESTRICTIONS))]
Revealer = Annotated[Principal, Depends(page_needs(Right.REVEAL))]

SHOWN = 50
"""Restrictions and cases of one page."""


@router.get("")
def ask_name(request: Request, reader: Viewer) -> Response:
    """The box for a name."""
    return show(request, "people.html", reader, wanted="", rows=None, wrong={})


@router.post("")
def find_people(request: Request, form: OurForm, reader: Viewer) -> Response:
    """Restrictions and cases of whoever is called so, or nearly so. Recorded first; names are not shown."""
    read = FormReader(form)
    typed = read.text("name", "Enter a name", ID)
    if read.wrong:
        wrong = listed(read.wrong)
        return show(
            request, "people.html", reader, status=422, wanted="", rows=None, wrong=read.wrong, errors=wrong
        )
    system = system_of(request)
    system.asking.search(reader)
    system.registry.journal.saw(reader.id, "search/people", typed)
    found, unread = system.registry.versions.named_like(typed, prisons=reader.prisons, limit=SHOWN)
    return show(
        request,
        "people.html",
        reader,
        wanted=typed,
        rows=[plain(one, system.clock()) for one in found],
        cases=_cases(system, reader, found, [typed]),
        not_read=ids_of("restriction", unread),
        wrong={},
    )


@router.get("/of/{restriction_id:path}")
def read_person(request: Request, restriction_id: Id, revealer: Revealer) -> Response:
    """The person whom a restriction protects, before anything of her is shown."""
    return _view(request, revealer, readable(request, revealer, restriction_id))


@router.post("/of/{restriction_id:path}")
def show_person(request: Request, restriction_id: Id, form: OurForm, revealer: Revealer) -> Response:
    """Her names, and what else there is of her: that it was seen, and why, is recorded first."""
    version, read = readable(request, revealer, restriction_id), FormReader(form)
    why = read.text("why", "Enter why you need to see it")
    if read.wrong:
        return _view(request, revealer, version, wrong=read.wrong, status=422)
    system = system_of(request)
    system.registry.restrictions.view(revealer, version, why)
    protected = version.document.restriction.protected
    names = (protected.name, *protected.aliases)
    called, reached, unread = _called_and_reached(system, revealer, version, names)
    hers = {id_: one for id_, one in reached.items() if id_ == version.id or _is_called(one, names)}
    others = [one for id_, one in called.items() if id_ not in hers]
    shared = [one for id_, one in reached.items() if id_ not in hers]
    groups = (
        ("Hers: the same name, and a contact point in common", list(hers.values())),
        ("The same name alone: see whether it is she", others),
        ("A contact point in common, under another name", shared),
    )
    return _view(
        request,
        revealer,
        version,
        person=protected,
        groups=[(title, _shown(system, some), len(some)) for title, some in groups if some],
        cases=_cases(system, revealer, (*hers.values(), *others), names),
        not_read=ids_of("restriction", sorted(unread)),
    )


def _view(
    request: Request,
    revealer: Principal,
    version: RestrictionVersion,
    *,
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
    **shown: Any,
) -> Response:
    return show(
        request,
        "person.html",
        revealer,
        status=status,
        one=plain(version, system_of(request).clock()),
        wrong=wrong or {},
        errors=listed(wrong or {}),
        **({"person": None} | shown),
    )


def _shown(system: System, found: list[RestrictionVersion]) -> list[dict[str, Any]]:
    return [plain(one, system.clock()) for one in found[:SHOWN]]


Found = dict[str, RestrictionVersion]


def _called_and_reached(
    system: System, by: Principal, version: RestrictionVersion, names: Iterable[str]
) -> tuple[Found, Found, set[str]]:
    """Restrictions of whoever is called so, in any spelling; those that hold, or once held, a contact point
    of this one; and the ids of those of both that cannot be read."""
    versions, contacts = system.registry.versions, version.document.restriction.contacts
    alike = [versions.named_like(name, prisons=by.prisons) for name in names]
    holding = [versions.find(contact=contact.value, prisons=by.prisons) for contact in contacts]
    called = {one.id: one for found in alike for one in found.versions}
    reached = {one.id: one for found in holding for one in found.versions} | {version.id: version}
    unread = {id_ for found in (*alike, *holding) for id_ in found.unread}
    return dict(sorted(called.items())), dict(sorted(reached.items())), unread


def _is_called(version: RestrictionVersion, names: Iterable[str]) -> bool:
    """Whether it protects somebody who is called so, or nearly so."""
    protected = version.document.restriction.protected
    known = [person.read(one) for one in (protected.name, *protected.aliases)]
    return any(person.compare_any(person.read(one), known).score >= LIKELY_NAME for one in names)


def _cases(
    system: System, by: Principal, found: Iterable[RestrictionVersion], names: Iterable[str]
) -> list[CaseLine]:
    """Cases behind these restrictions, and undecided ones that hold a name; for who handles cases."""
    if not by.may(Right.HANDLE_CASES):
        return []
    behind = finding.behind(system.registry, by, [one.id for one in found])
    undecided = [line for name in names for line in finding.undecided_with(system.cases, by, name)[0]]
    return list(dict.fromkeys((*behind, *undecided)))[:SHOWN]
