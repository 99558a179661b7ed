"""Keying in a request that came by telephone or e-mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from service.access.model import Principal, Right
from service.cases.model import Channel
from service.console.page import OurForm, go, page_needs, show
from service.console.restriction_form import FormReader
from service.console.restrictions import listed
from service.public.asked import PublicRequest
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
ANSWERS = ("yes", "no", "unsure")
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
    if form.get("kind") != "continuing" and form.get("danger") not in ANSWERS:
        read.wrong["danger"] = "Say whether she would be in danger once he is told"
    if read.wrong:
        return _new(request, officer, form, read.wrong, status=422)
    channel: Channel = "email" if form.get("channel") == "email" else "telephone"
    made = system.cases.key_in(officer, asked, channel, words_said)
    system.cases.view(officer, made, "keyed it in")
    return go(f"/cases/{made.id}?said=new")


def _asked(reader: FormReader, form: Mapping[str, str], now: datetime) -> PublicRequest:
    if form.get("who", "") not in WHO:
        reader.wrong["who"] = "Choose who asks"
    asker = {
        "who": _chosen(form, "who", WHO, "self"),
        "name": reader.line("asker", "Enter the name of who asks"),
        "organisation": reader.line("organisation"),
        "reference": reader.line("reference"),
        "email": reader.line("email"),
        "phone": reader.line("phone"),
        "safely": reader.text("safely"),
    }
    sought = {
        "name": reader.line("sought", "Enter the prisoner’s name"),
        "number": reader.line("number"),
        "prison": reader.line("prison"),
        "born": reader.day("born") or "",
    }
    person = {
        "name": reader.line("name", "Enter the name of the person to be protected"),
        "aliases": reader.lines("aliases"),
        "numbers": reader.lines("phones"),
        "addresses": reader.lines("addresses"),
        "emails": reader.lines("emails"),
        "accounts": reader.lines("handles"),
        "agrees": _chosen(form, "agrees", ANSWERS, ""),
    }
    request = {
        "reference": "",
        "at": now.isoformat(),
        "kind": _chosen(form, "kind", ("continuing",), "stop"),
        "asker": asker,
        "sought": sought,
        "person": person,
        "court_order": reader.text("court_order"),
        "how": [one for one in HOW if form.get(f"how_{one}")],
        "happened": reader.text("happened"),
        "danger": _chosen(form, "danger", ANSWERS, ""),
        "urgency": _chosen(form, "urgency", URGENCY, "usual"),
    }
    return msgspec.convert(request, PublicRequest)


def _chosen(form: Mapping[str, str], name: str, among: Collection[str], otherwise: str) -> str:
    value = form.get(name, "")
    return value if value in among else otherwise


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
