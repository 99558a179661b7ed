"""Keying in a request that came by telephone or e-mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from fastapi import APIRouter, Request, Response

from service.access.model import Principal
from service.cases.email_reading import LONGEST_TEXT, EmailRead
from service.cases.model import Channel
from service.console.files import OurFiles, fields_of
from service.console.handling import Officer
from service.console.page import go, show
from service.console.restriction_form import FormReader
from service.console.restrictions import listed
from service.public.answers import Answers
from service.public.answers import asked as request_of
from service.public.asked import Answer, How, Kind, PublicRequest, Urgency, Who
from service.web.dependencies import system_of

router = APIRouter(prefix="/cases", include_in_schema=False)

T = TypeVar("T")

WHO: dict[Who, str] = {
    "self": "The person herself",
    "police": "Police",
    "probation": "Probation",
    "family": "Family or friend",
    "organisation": "Another organisation",
}
HOW: dict[How, str] = {
    "letter": "Letter",
    "call": "Call",
    "text": "Text or message",
    "through_somebody": "Through somebody",
    "fellow_prisoner": "A fellow prisoner",
    "illegal_mobile": "An illegal mobile phone",
    "other": "Another way",
}
KINDS_OF_CASE: tuple[Kind, ...] = ("stop", "continuing")
ANSWERS: tuple[Answer, ...] = ("yes", "no", "unsure")
URGENCY: dict[Urgency, str] = {"today": "Somebody may be hurt", "soon": "Soon", "usual": "As usual"}


@router.get("/new")
def new_case(request: Request, officer: Officer) -> Response:
    """A form for what came by telephone or e-mail."""
    return show_new(request, officer, {"kind": "stop", "channel": "telephone", "urgency": "usual"}, {})


@router.post("/new")
def key_in(request: Request, given: OurFiles, officer: Officer) -> Response:
    """Make the case."""
    form = fields_of(given)
    system = system_of(request)
    read = FormReader(form)
    asked = _asked(read, form, system.clock())
    words_said = read.text("words", longest=LONGEST_TEXT)
    if form.get("kind") != "continuing" and form.get("danger") not in ANSWERS:
        read.wrong["danger"] = "Say whether she would be in danger once he is told"
    if read.wrong:
        return show_new(request, officer, form, read.wrong, status=422)
    channel: Channel = "email" if form.get("channel") == "email" else "telephone"
    made = system.cases.key_in(officer, asked, channel, words_said)
    system.cases.view(officer, made, "keyed it in")
    return go(f"/cases/{made.id}?said=new")


def _asked(reader: FormReader, form: Mapping[str, str], now: datetime) -> PublicRequest:
    if form.get("who", "") not in WHO:
        reader.wrong["who"] = "Choose who asks"
    born = (reader.past_day("born", now) or "--").split("-")
    answers = Answers(
        kind=_chosen(form, "kind", KINDS_OF_CASE, "stop"),
        who=_chosen(form, "who", WHO, "self"),
        organisation=reader.line("organisation"),
        reference=reader.line("reference"),
        asker=reader.name("asker", "Enter the name of who asks"),
        email=reader.line("email"),
        phone=reader.line("phone"),
        safely=reader.text("safely"),
        prisoner=reader.name("sought", "Enter the prisoner’s name"),
        number=reader.line("number"),
        prison=reader.line("prison"),
        born=(born[2], born[1], born[0]),
        person=reader.name("name", "Enter the name of the person to be protected"),
        aliases=tuple(reader.names("aliases")),
        addresses=tuple(reader.lines("addresses")),
        numbers=tuple(reader.lines("phones")),
        emails=tuple(reader.lines("emails")),
        accounts=tuple(reader.lines("handles")),
        agrees=_chosen(form, "agrees", ANSWERS, ""),
        court_order=reader.text("court_order"),
        how=tuple(one for one in HOW if form.get(f"how_{one}")),
        happened=reader.text("happened"),
        urgency=_chosen(form, "urgency", URGENCY, "usual"),
        danger=_chosen(form, "danger", ANSWERS, ""),
    )
    return request_of(answers, reference="", at=now.isoformat(), language="en")


def _chosen(form: Mapping[str, str], name: str, among: Iterable[T], otherwise: T) -> T:
    value = form.get(name, "")
    return next((one for one in among if one == value), otherwise)


def show_new(
    request: Request,
    officer: Principal,
    form: Mapping[str, str],
    wrong: Mapping[str, str],
    *,
    status: int = 200,
    found: EmailRead | None = None,
) -> Response:
    """The form; `found` is the e-mail that it was filled from."""
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
        found=found,
    )
