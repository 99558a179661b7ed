"""Try it: how an attempt would be answered, and why. It is no attempt; that somebody asked is recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, get_args

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from engine.jsonl import InputError, check_attempt
from engine.listing import LONGEST_CONTACT
from engine.model import Attempt, Channel, Decision
from engine.read_attempt import ReadAttempt
from engine.screener import Screener
from service.access.model import Principal, Right
from service.access.view import ShownDecision, reasons_seen
from service.console.page import OurForm, PageError, page_needs, show, words
from service.console.reasons import reasons_of
from service.errors import InvalidError, NotAllowedError, ServiceError, UnavailableError
from service.explain.decision import address_parts
from service.ledger import payloads
from service.ledger.record import Kind, Record
from service.system import System
from service.web.dependencies import system_of

router = APIRouter(prefix="/try", include_in_schema=False)

Asker = Annotated[Principal, Depends(page_needs(Right.SEE_REASONS))]

SUBJECT = "try"
"""Of the ledger's records of those who asked."""
LONGEST_WHY = 500
CHANNELS = {"call": "Call", "message": "Message", "letter": "Letter"}
_FIELDS = ("channel", "to", "prisoner", "establishment", "body", "why")


@router.get("")
def ask(request: Request, asker: Asker) -> Response:
    """The form."""
    return _show(request, asker, {})


@router.post("")
def answer(request: Request, form: OurForm, asker: Asker) -> Response:
    """The answer; in the ledger before it is shown."""
    system = system_of(request)
    given = {name: form.get(name, "").replace("\r\n", "\n").strip() for name in _FIELDS}
    try:
        attempt = _attempt(system, asker, given)
    except (InvalidError, NotAllowedError) as error:
        place = error.field if error.field in _FIELDS else "to"
        errors = [{"text": error.detail, "href": f"#{place}"}]
        return _show(request, asker, given, status=error.status, errors=errors)
    screener = system.current.screener
    if screener is None:
        raise PageError(UnavailableError(system.current.why_not or "there is no usable blocklist"))
    now = system.clock()
    system.asking.key(asker)
    system.asking.attempt(asker, attempt.channel, attempt.prisoner, (attempt.to,), screener)
    decision = screener.check(attempt, system.clock.moment())
    sees_listed = bool(given["why"]) and asker.may(Right.REVEAL)
    try:
        system.ledger.write_now(_record(system, asker, attempt, decision, now, given["why"]))
    except ServiceError as error:
        raise PageError(error) from None
    theirs = system.registry.versions.concerning(
        asker.prisons, {reason.restriction for reason in decision.reasons if reason.restriction is not None}
    )
    shown = reasons_seen(decision, asker, theirs.__contains__, looked=sees_listed)
    return _show(request, asker, given, tried=_tried(screener, attempt, shown, looked=sees_listed))


def _attempt(system: System, asker: Principal, given: dict[str, str]) -> Attempt:
    """What was typed, as an attempt. Raises InvalidError; NotAllowedError outside the asker's prisons."""
    channel = given["channel"]
    if channel not in get_args(Channel):
        raise InvalidError("Choose a call, a message or a letter", "channel")
    if not given["to"]:
        raise InvalidError("Enter whom it goes to", "to")
    if len(given["to"]) > LONGEST_CONTACT:
        raise InvalidError(f"Whom it goes to: at most {LONGEST_CONTACT:,} characters", "to")
    if len(given["why"]) > LONGEST_WHY:
        raise InvalidError(f"Why you ask: at most {LONGEST_WHY} characters", "why")
    prisoner = given["prisoner"].upper() or None
    establishment = given["establishment"].upper() or None
    attempt = Attempt(
        id=SUBJECT,
        channel=channel,  # type: ignore[arg-type]
        to=given["to"],
        prisoner=prisoner,
        establishment=establishment,
        body=given["body"] or None,
    )
    try:
        check_attempt(attempt)
    except InputError as error:
        field, what = error.field, error.what
        raise InvalidError(f"{_LABELS.get(field, field.capitalize())}: {what}", field) from None
    if establishment is None and prisoner is not None:
        establishment = system.registry.where_is(prisoner)
    if not asker.covers(establishment):
        raise NotAllowedError("Prison: enter one of yours", "establishment")
    where = system.registry.where_is(prisoner)
    if where is not None and not asker.covers(where):
        raise NotAllowedError("Prisoner number: enter one of a prisoner of yours", "prisoner")
    return msgspec.structs.replace(attempt, establishment=establishment)


_LABELS = {"establishment": "Prison", "prisoner": "Prisoner number", "body": "Text"}


def _record(
    system: System, asker: Principal, attempt: Attempt, decision: Decision, now: datetime, why: str
) -> Record:
    """That somebody asked and what he may have seen by it, in codes; the reason given is sealed."""
    return Record(
        at=now,
        kind=Kind.VIEW,
        actor=asker.id,
        subject=SUBJECT,
        prisoner=attempt.prisoner,
        establishment=attempt.establishment,
        channel=attempt.channel,
        outcome="tried",
        codes=",".join(dict.fromkeys(reason.code.value for reason in decision.reasons)),
        blocklist=decision.blocklist,
        sealed=payloads.seal(system.vault, SUBJECT, why) if why else b"",
    )


def _tried(screener: Screener, attempt: Attempt, shown: ShownDecision, *, looked: bool) -> dict[str, Any]:
    """What the page shows."""
    asked = ReadAttempt(
        attempt, screener.blocklist.restricted, screener.blocklist.confidential, screener.policy
    )
    read, steps = _what_was_read(asked)
    return {
        "decision": shown.decision,
        "action": words(shown.action),
        "confidential": shown.confidential,
        "read": read,
        "steps": steps,
        "reasons": reasons_of(shown, screener.policy),
        "is_hidden": any(reason.score is None for reason in shown.reasons),
        "is_elsewhere": looked and any(reason.score is None for reason in shown.reasons),
        "establishment": attempt.establishment,
    }


def _what_was_read(asked: ReadAttempt) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """What was made of whom it goes to, as names and values, and the steps to it."""
    if asked.attempt.channel == "letter":
        return [(name[:1].upper() + name[1:], value) for name, value in address_parts(asked.address)], ()
    account = asked.account if asked.attempt.channel == "message" else None
    if account is not None:
        kind = "E-mail address" if account.kind == "email" else "Account name"
        return [(kind, account.canonical)], account.steps
    number = asked.number
    found = [("Number", number.e164 or "none that is complete"), ("Kind", words(number.kind.value))]
    if number.tail:
        found.append(("Digits behind it", number.tail))
    return found, number.steps


def _show(
    request: Request,
    asker: Principal,
    given: dict[str, str],
    *,
    status: int = 200,
    errors: list[dict[str, str]] | None = None,
    tried: dict[str, Any] | None = None,
) -> Response:
    return show(
        request,
        "try.html",
        asker,
        status=status,
        errors=errors,
        given=given,
        tried=tried,
        channels=CHANNELS,
        may_reveal=asker.may(Right.REVEAL),
    )
