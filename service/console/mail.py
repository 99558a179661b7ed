"""The scanning station: a tray of letters, one after another, by keyboard. Image, reading, answer, next."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from adapters.mailroom.barcodes import CodeKind
from adapters.mailroom.envelope import Doubt
from engine.listing import LONGEST_CONTACT
from matchers.prison import is_prison_code
from service.access.model import Principal, Right
from service.access.view import reasons_seen
from service.api.mail import TRAY
from service.console.page import HEADERS, OurForm, PageError, go, number_in, page_needs, show, words
from service.console.restriction_form import FormReader
from service.console.restrictions import is_prisoner_number, listed
from service.errors import ConflictError, InvalidError, ServiceError
from service.mail.attempt import Seen
from service.mail.intake import MOST_ENCLOSED, Intake
from service.mail.items import ITEM, MailItem
from service.mail.standing import Todo
from service.mail.trays import Tray
from service.review.model import Standing
from service.storage.sealing import SealError
from service.system import System
from service.web.dependencies import system_of

router = APIRouter(prefix="/mail", include_in_schema=False)

Officer = Annotated[Principal, Depends(page_needs(Right.SCAN))]
TrayName = Annotated[str, Path(pattern=TRAY)]
ItemName = Annotated[str, Path(pattern=f"^{ITEM}$")]

SHORT = {Todo.POST: "Post it", Todo.KEEP: "Hold it", Todo.RETURN: "Stop it"}
"""What to do in words that are read from two metres away."""
LONG = {Todo.POST: "Post it", Todo.KEEP: "Keep it", Todo.RETURN: "Return it to the prisoner"}
TONES = {Todo.POST: "allow", Todo.KEEP: "flag", Todo.RETURN: "block"}
"""The colour and the shape of each."""
STATES = {
    (Standing.ALLOWED, False): "Allowed",
    (Standing.HELD, False): "Held: a reviewer has not decided",
    (Standing.STOPPED, False): "Stopped",
    (Standing.RELEASED, True): "Released by a reviewer",
    (Standing.STOPPED, True): "Stopped by a reviewer",
}
"""Why, by what became of it and whether a reviewer decided that."""

_is_tray = re.compile(TRAY).fullmatch


@router.get("")
def trays(request: Request, officer: Officer) -> Response:
    """The newest trays, and a form to begin one."""
    return _trays(request, officer)


@router.post("")
def begin(request: Request, form: OurForm, officer: Officer) -> Response:
    """Begin a tray."""
    read = FormReader(form)
    name = form.get("tray", "").strip()
    prison = form.get("establishment", "").strip().upper()
    counted = form.get("expected", "").strip()
    expected = number_in(counted, digits=5)
    if not _is_tray(name):
        read.wrong["tray"] = "Enter a name of letters, digits, dots and dashes"
    if prison and not is_prison_code(prison):
        read.wrong["establishment"] = "Enter the prison's code, as LEI"
    if counted and expected is None:
        read.wrong["expected"] = "Enter how many letters there are, in digits"
    if not read.wrong and not officer.covers(prison or None):
        read.wrong["establishment"] = "Enter one of your prisons"
    if read.wrong:
        return _trays(request, officer, given=form, wrong=read.wrong, status=422)
    system = system_of(request)
    try:
        system.trays.begin(officer, name, prison or None, expected)
    except ServiceError as error:
        return _trays(request, officer, given=form, wrong={"tray": error.detail}, status=error.status)
    return go(f"/mail/{name}")


@router.get("/{tray}")
def station(request: Request, tray: TrayName, officer: Officer) -> Response:
    """The first letter that nobody has looked at; when there is none, what became of the tray."""
    system = system_of(request)
    kept = _tray(system, officer, tray)
    waiting = system.trays.waiting(tray)
    if waiting is not None:
        return go(f"/mail/{tray}/{waiting}")
    return _letters(request, officer, kept)


@router.get("/{tray}/list")
def letters(request: Request, tray: TrayName, officer: Officer) -> Response:
    """Every letter of a tray: what became of it by now, and what to do with it. To be printed, too."""
    return _letters(request, officer, _tray(system_of(request), officer, tray))


@router.post("/{tray}/close")
def close(request: Request, tray: TrayName, form: OurForm, officer: Officer) -> Response:
    """All of it is done."""
    system = system_of(request)
    try:
        system.trays.close(officer, tray)
    except ConflictError as error:
        kept = _tray(system, officer, tray)
        return _letters(request, officer, kept, wrong={"close": f"Not closed: {error.detail}"})
    except ServiceError as error:
        raise PageError(error) from None
    return go(f"/mail/{tray}/list")


@router.get("/{tray}/{item}")
def read_item(request: Request, tray: TrayName, item: ItemName, officer: Officer) -> Response:
    """One letter."""
    return _view(request, officer, tray, item)


@router.post("/{tray}/{item}/correct")
async def correct(
    request: Request, tray: TrayName, item: ItemName, form: OurForm, officer: Officer
) -> Response:
    """What the eye sees, asked about at once."""
    system = system_of(request)
    before = await run_in_threadpool(_item, system, officer, tray, item)
    to = form.get("to", "").replace("\r\n", "\n").strip()
    enclosed = form.get("enclosed", "").strip()
    prisoner = form.get("prisoner", "").strip().upper()
    inside = number_in(enclosed or "0", digits=2)
    wrong = {}
    if not to:
        wrong["to"] = "Enter what stands on the envelope"
    elif len(to) > LONGEST_CONTACT:
        wrong["to"] = "Enter the address alone"
    if prisoner and not is_prisoner_number(prisoner):
        wrong["prisoner"] = "Enter a prisoner number, as A1234BC, or nothing"
    if inside is None:
        wrong["enclosed"] = f"Enter how many letters are inside, 0 to {MOST_ENCLOSED}"
    if form.get("version") != str(before.version):
        wrong["to"] = "Somebody else has corrected this letter: look again"
    if not wrong:
        intake: Intake = request.app.state.intake
        try:
            seen = Seen(
                to=to,
                prisoner=prisoner or None,
                also_to=_addresses(form, "also_to"),
                enclosed=inside or 0,
                enclosures=_addresses(form, "enclosures"),
                privileged=form.get("privileged") == "yes",
                is_confirmed=form.get("confirmed") == "yes",
            )
            await intake.correct(officer, before, seen)
            return go(f"/mail/{tray}/{item}")
        except (InvalidError, ConflictError) as error:
            field = (error.field or "").partition("[")[0]
            wrong[field if field in ("prisoner", "also_to") else "to"] = error.detail
        except ServiceError as error:
            raise PageError(error) from None
    return await run_in_threadpool(_view, request, officer, tray, item, form, wrong)


@router.post("/{tray}/{item}/done")
def done(request: Request, tray: TrayName, item: ItemName, form: OurForm, officer: Officer) -> Response:
    """On to the next one."""
    system = system_of(request)
    one = _item(system, officer, tray, item)
    if form.get("version") != str(one.version):
        return go(f"/mail/{tray}/{item}")  # corrected since it was shown: nobody has seen the new answer
    try:
        system.mail.done(one, system.clock())
    except ConflictError:
        return go(f"/mail/{tray}/{item}")
    return go(f"/mail/{tray}")


@router.get("/{tray}/{item}/label")
def label(request: Request, tray: TrayName, item: ItemName, officer: Officer) -> Response:
    """A label for the letter, as a PDF of its size."""
    from adapters.mailroom.labels import label_pdf  # with it comes what draws: for who prints

    system = system_of(request)
    one = _item(system, officer, tray, item)
    pdf = label_pdf(one.id, one.decision, one.taken_at, one.establishment)
    name = f'inline; filename="label-{one.id}.pdf"'
    return Response(pdf, media_type="application/pdf", headers={**HEADERS, "content-disposition": name})


def pictures_of(system: System, item: str) -> list[str]:
    """An item's pages for a page of ours."""
    return shown(lambda: system.mail.pictures(item))


def shown(pictures: Callable[[], list[bytes]]) -> list[str]:
    """Pages as data, so that they have no address of their own; none that cannot be opened."""
    try:
        found = pictures()
    except SealError:
        return []
    return [f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}" for picture in found]


def _addresses(form: dict[str, str], field: str) -> tuple[str, ...]:
    """The addresses of a field, empty lines between."""
    blocks = re.split(r"\n\s*\n", form.get(field, "").replace("\r\n", "\n"))
    return tuple(block.strip() for block in blocks if block.strip())


def _view(
    request: Request,
    officer: Principal,
    tray: str,
    item: str,
    form: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    system = system_of(request)
    kept = _tray(system, officer, tray)
    one = _item(system, officer, tray, item)
    return show(
        request,
        "mail_item.html",
        officer,
        status=422 if wrong else 200,
        tray=kept,
        item=one,
        given=form or _given(one),
        reasons=_reasons(officer, one),
        pictures=pictures_of(system, one.id),
        turn_over=_is_wrong_side(one),
        short=SHORT,
        todo=LONG,
        tone=TONES[one.todo],
        before=system.mail.before(one),
        wrong=wrong or {},
        errors=listed(wrong or {}),
    )


def _given(item: MailItem) -> dict[str, str]:
    reading = item.reading
    if reading is None:
        return {}
    return {
        "to": reading.to,
        "prisoner": reading.prisoner or "",
        "also_to": "\n\n".join(reading.also_to),
        "enclosed": str(reading.enclosed or ""),
        "enclosures": "\n\n".join(reading.enclosures),
        "privileged": "yes" if item.privileged else "",
    }


def _reasons(officer: Principal, item: MailItem) -> list[dict[str, Any]]:
    """Why, in codes and the reader's own doubts: the station stands in a room with many people."""
    reading = item.reading
    if reading is None or reading.decision is None:
        return []
    found: dict[str, tuple[str, ...]] = {}
    for reason in reasons_seen(reading.decision, officer, lambda restriction: False).reasons:
        steps = reason.steps if reason.matcher == "reader" else ()
        found[reason.code] = found.get(reason.code, ()) + steps
    return [{"title": words(code), "steps": steps} for code, steps in found.items()]


def _is_wrong_side(item: MailItem) -> bool:
    """Whether it waits for nothing but its other side to be scanned."""
    reading = item.reading
    return item.todo is Todo.KEEP and reading is not None and Doubt.WRONG_SIDE.in_words in reading.doubts


def _codes(item: MailItem) -> list[dict[str, str]]:
    """The codes printed on it, and what each proves."""
    kinds = dict.fromkeys(item.reading.codes if item.reading else ())
    return [
        {"title": words(kind), "proves": kind.proves, "not": kind.does_not_prove}
        for kind in kinds
        if kind is not CodeKind.OTHER
    ]


def _letters(
    request: Request, officer: Principal, tray: Tray, wrong: dict[str, str] | None = None
) -> Response:
    items = system_of(request).trays.manifest(officer, tray.id)
    return show(
        request,
        "mail_tray.html",
        officer,
        status=409 if wrong else 200,
        tray=tray,
        items=items,
        todo=LONG,
        tones=TONES,
        states=STATES,
        printed_at=system_of(request).clock(),
        errors=listed(wrong or {}),
    )


def _trays(
    request: Request,
    officer: Principal,
    *,
    given: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    return show(
        request,
        "mail.html",
        officer,
        status=status,
        trays=system_of(request).trays.newest(officer),
        given=given or {},
        wrong=wrong or {},
        errors=listed(wrong or {}),
    )


def _tray(system: System, officer: Principal, tray: str) -> Tray:
    try:
        return system.trays.get(officer, tray)
    except ServiceError as error:
        raise PageError(error) from None


def _item(system: System, officer: Principal, tray: str, item: str) -> MailItem:
    try:
        return system.mail.get(officer, tray, item)
    except ServiceError as error:
        raise PageError(error) from None
