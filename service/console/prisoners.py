"""One prisoner: where he is, his numbers, the restrictions that name him, and his last tries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from engine.policy import NOT_A_PRISON
from matchers.prison import PRISONER_NUMBER
from service.access.model import Principal, Right
from service.access.view import is_told
from service.cases.finding import of_prisoner
from service.console.page import OurForm, go, ids_of, moment, page_needs, prison, show, words
from service.console.restrictions import is_prisoner_number, listed, plain
from service.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from service.ledger import payloads, search
from service.ledger.record import Kind
from service.registry.prisoners import DIED, ON_THE_WAY, RELEASED, Prisoner
from service.system import System
from service.web.dependencies import system_of

router = APIRouter(prefix="/prisoners", include_in_schema=False)

Viewer = Annotated[Principal, Depends(page_needs(Right.SEE_RESTRICTIONS))]
Editor = Annotated[Principal, Depends(page_needs(Right.EDIT_PRISONERS))]
Number = Annotated[str, Path(pattern=f"^{PRISONER_NUMBER}$")]

TRIES_SHOWN = 50
RESTRICTIONS_SHOWN = 50
NAMED = 3
"""Restrictions that are named with a try."""
A_NUMBER = "Enter a prisoner number: a letter, four digits, two letters"
DONE = {
    "moved": "Where he is has been noted. Restrictions that hold for him alone follow him.",
    "merged": "The two numbers are one person’s now. What names either holds for both.",
}
"""What is said after a change."""
NOWHERE = {RELEASED: "Released", ON_THE_WAY: "On the way", DIED: "Died"}


@router.get("")
def ask_number(request: Request, reader: Viewer) -> Response:
    """The box for a number; with one, on to the prisoner."""
    typed = request.query_params.get("number")
    if typed is None:
        return _start(request, reader, said=DONE.get(request.query_params.get("done", "")))
    number = _typed(typed)
    if is_prisoner_number(number):
        return go(f"/prisoners/{number}")
    wrong = {"number": A_NUMBER}
    return _start(request, reader, wrong=wrong, status=422)


@router.post("/move")
def move(request: Request, form: OurForm, editor: Editor) -> Response:
    """Note where somebody is."""
    number, place = _typed(form.get("moved", "")), _typed(form.get("establishment", ""))
    is_unknown = form.get("unknown") == "yes"
    system = system_of(request)
    wrong = {} if is_prisoner_number(number) else {"moved": A_NUMBER}
    if not place and not is_unknown:
        wrong["establishment"] = "Enter a prison code, OUT, TRN or DEC, or say that nobody knows"
    if wrong:
        return _refused(request, editor, form, 422, wrong)
    try:
        system.registry.prisoners.move(editor, number, None if is_unknown else place)
    except (InvalidError, NotAllowedError, ConflictError) as error:
        name = "moved" if error.field == "number" else "establishment"
        return _refused(request, editor, form, error.status, {name: _sentence(error.detail)})
    system.current.wake()
    return go(f"{_back(system, editor, number)}?done=moved")


@router.post("/merge")
def merge(request: Request, form: OurForm, editor: Editor) -> Response:
    """Note that two numbers are one person's."""
    removed, survivor = _typed(form.get("removed", "")), _typed(form.get("into", ""))
    system = system_of(request)
    wrong = {
        name: A_NUMBER
        for name, typed in (("removed", removed), ("into", survivor))
        if not is_prisoner_number(typed)
    }
    if form.get("sure") != "yes":
        wrong["sure"] = "Say that you are sure: a merge cannot be taken back"
    if wrong:
        return _refused(request, editor, form, 422, wrong)
    try:
        system.registry.prisoners.merge(editor, removed, survivor)
    except (InvalidError, NotAllowedError, ConflictError) as error:
        name = "removed" if error.field == "number" else "into"
        return _refused(request, editor, form, error.status, {name: _sentence(error.detail)})
    system.current.wake()
    return go(f"{_back(system, editor, survivor)}?done=merged")


@router.get("/{number}")
def read_prisoner(request: Request, number: Number, reader: Viewer) -> Response:
    """One prisoner."""
    return _view(request, reader, number, said=DONE.get(request.query_params.get("done", "")))


def _typed(text: str) -> str:
    return text.strip().upper()[:20]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _start(
    request: Request,
    reader: Principal,
    *,
    wrong: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    status: int = 200,
    said: str | None = None,
) -> Response:
    return show(
        request,
        "prisoners.html",
        reader,
        status=status,
        said=said,
        wrong=wrong or {},
        errors=listed(wrong or {}),
        form=form or {},
        may_edit=reader.may(Right.EDIT_PRISONERS),
    )


def _refused(
    request: Request, editor: Principal, form: Mapping[str, str], status: int, wrong: Mapping[str, str]
) -> Response:
    """The page that the form came from, with what is wrong."""
    number = form.get("page", "")
    if is_prisoner_number(number) and is_theirs(system_of(request), editor, number):
        return _view(request, editor, number, wrong=wrong, form=form, status=status)
    return _start(request, editor, wrong=wrong, form=form, status=status)


def _back(system: System, reader: Principal, number: str) -> str:
    """His page; the start for somebody who does not see him any more."""
    return f"/prisoners/{number}" if is_theirs(system, reader, number) else "/prisoners"


def is_theirs(system: System, reader: Principal, number: str) -> bool:
    """Whether he is in one of their prisons, or a restriction that they see names him."""
    if reader.covers(system.registry.where_is(number)):
        return True
    page = system.registry.versions.page(prisons=reader.prisons, prisoner_number=number, limit=1)
    return bool(page.items or page.unread)


def _view(
    request: Request,
    reader: Principal,
    number: str,
    *,
    wrong: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    status: int = 200,
    said: str | None = None,
) -> Response:
    """The page. Raises NotFoundError for somebody who is in none of the reader's prisons."""
    system = system_of(request)
    if not is_theirs(system, reader, number):
        raise NotFoundError("there is no such prisoner in your prisons")
    registry = system.registry
    numbers = registry.prisoners.group(number)
    naming = registry.versions.page(prisons=reader.prisons, prisoner_number=number, limit=RESTRICTIONS_SHOWN)
    return show(
        request,
        "prisoner.html",
        reader,
        status=status,
        said=said,
        wrong=wrong or {},
        errors=listed(wrong or {}),
        form={"moved": numbers[0], "removed": numbers[0], **(form or {})},
        number=number,
        numbers=numbers,
        where=(where := registry.where_is(number)),
        is_in_prison=where is not None and where not in NOT_A_PRISON and reader.covers(where),
        history=_places(system, number),
        restrictions=[plain(one, system.clock()) for one in naming.items],
        more_restrictions=naming.next is not None,
        not_read=ids_of("restriction", naming.unread),
        tries=_tries(system, reader, numbers),
        cases=of_prisoner(registry, reader, number) if reader.may(Right.HANDLE_CASES) else [],
        may_edit=reader.may(Right.EDIT_PRISONERS),
    )


def _places(system: System, number: str) -> list[dict[str, str]]:
    """Where he was, the newest first; nothing where nobody ever knew."""
    try:
        history = system.registry.prisoners.history(number)
    except NotFoundError:
        return []
    return [{"title": _place(one), "by": one.author, "at": moment(one.at), "text": ""} for one in history]


def _place(version: Prisoner) -> str:
    place = NOWHERE.get(version.establishment or "")
    place = place or f"In {prison(version.establishment)}" if version.establishment else "Not known where"
    return f"{place}; merged into {version.merged_into}" if version.merged_into else place


def _tries(system: System, reader: Principal, numbers: tuple[str, ...]) -> list[dict[str, Any]]:
    """His last attempts that were blocked or flagged, under any of his numbers, in the reader’s prisons."""
    with system.database.read() as connection:
        rows = [
            row
            for number in numbers
            for outcome in ("block", "flag")
            for row in search.search(
                connection,
                kind=Kind.DECISION,
                prisoner=number,
                outcome=outcome,
                establishments=reader.prisons or None,
                limit=TRIES_SHOWN,
            )
        ]
    newest = sorted(rows, key=lambda row: row.seq, reverse=True)[:TRIES_SHOWN]
    return told(system, reader, newest)


def told(system: System, reader: Principal, rows: Sequence[search.Row]) -> list[dict[str, str]]:
    """Attempts, for a timeline: nothing of whom they were to, nor of other prisons' restrictions."""
    named = [payloads.tried(row.detail).restrictions for row in rows]
    theirs = system.registry.versions.concerning(reader.prisons, (id_ for ids in named for id_ in ids))
    return [
        _told(row, [id_ for id_ in ids if is_told(id_, reader, theirs.__contains__)], reader)
        for row, ids in zip(rows, named, strict=True)
    ]


def _told(row: search.Row, named: Sequence[str], reader: Principal) -> dict[str, str]:
    why = ", ".join(words(code) for code in row.codes.split(",") if code)
    more = f" and {len(named) - NAMED:,} more" if len(named) > NAMED else ""
    text = f"{why}. Restriction {', '.join(named[:NAMED])}{more}." if named else f"{why}."
    title = f"{words(row.channel or 'attempt')}: {row.outcome}"
    link = f"/queue/{row.seq}" if row.outcome == "flag" and reader.may(Right.REVIEW) else ""
    by = row.prisoner or "nobody known"
    return {"title": title, "by": by, "at": moment(row.at), "text": text, "link": link}
