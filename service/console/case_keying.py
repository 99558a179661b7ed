"""Keying in a request that came by telephone or e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from service.access.model import Principal, Right
from service.cases.model import Channel
from service.console.page import OurForm, go, page_needs, show
from service.console.restriction_form import FormReader
from service.console.restrictions import listed
from service.public.asked import Asker, Protected, PublicRequest, Sought
from service.web.dependencies import system_of

router = APIRouter(prefix="/cases", include_in_schema=False)

Officer = Annotated[Principal, Depends(page_needs(Right.HANDLE_CASES))]

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
    if form.get("kind") != "continuing" and form.get("danger") not in ("yes", "no", "unsure"):
        read.wrong["danger"] = "Say whether she would be in danger once he is told"
    if read.wrong:
        return _new(request, officer, form, read.wrong, status=422)
    channel: Channel = "email" if form.get("channel") == "email" else "telephone"
    made = system.cases.key_in(officer, asked, channel, words_said)
    made = system.cases.assign(officer, made.id, made.version)
    system.cases.view(officer, made, "keyed it in")
    return go(f"/cases/{made.id}?said=received")


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
        danger=form.get("danger", "") if form.get("danger") in ("yes", "no", "unsure") else "",  # type: ignore[arg-type]
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
