"""The queue of what was flagged, one item of it, and what a reviewer does with that."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from service.access.model import Principal, Right
from service.access.view import is_told, reasons_seen
from service.console.mail import pictures_of, shown
from service.console.page import (
    HEADERS,
    OurForm,
    PageError,
    age,
    go,
    ids_of,
    moment,
    number_in,
    page_needs,
    said_of,
    show,
    words,
)
from service.console.reasons import reasons_of
from service.errors import ConflictError, NotFoundError, ServiceError
from service.ledger import payloads, search
from service.ledger.payloads import Decided
from service.ledger.record import Kind
from service.mail.items import item_of
from service.registry.model import RestrictionVersion, state_at
from service.review.model import PHONE_LIST, WAITING, ItemState, Outcome, ReviewItem, reasons_for
from service.review.reviews import LONGEST_NOTE, SHOWN_AT_ONCE, Counts, Reviews
from service.review.said import Act, acts, decisions
from service.review.shown import WHICH, Filter
from service.system import System
from service.web.dependencies import system_of

router = APIRouter(prefix="/queue", include_in_schema=False)

Reviewer = Annotated[Principal, Depends(page_needs(Right.REVIEW))]
Seq = Annotated[int, Path(ge=1, le=search.LAST_SEQ)]

COUNTED_EVERY = 2.0
"""Seconds between live counts; all reviewers of the same prisons share one count."""
TRIES_SHOWN = 10
ACTS = {
    "claimed": "Claimed",
    "skipped": "Skipped",
    "uphold": "Upheld",
    "release": "Released",
    "exception": "Released, exception asked for",
    "escalate": "Escalated",
    "escalated": "Escalated",
    "asks_second": "To be released, a second reviewer needed",
    "undone": "Taken back",
    "seen": "Details seen",
    "settled": "In effect",
    "gone": "Closed: off the list, or found anew",
}
OUTCOMES = {
    Outcome.UPHOLD: ("Uphold", "It stays stopped", "u"),
    Outcome.RELEASE: ("Release", "Let this one go", "r"),
    Outcome.EXCEPTION: (
        "Release with an exception",
        "And ask for an exception for this prisoner and contact",
        "x",
    ),
    Outcome.ESCALATE: ("Escalate", "Somebody with more to go by decides", "e"),
}
"""What may be decided: in words, what it means, and the key."""
OF_LISTS = {
    Outcome.UPHOLD: "It has to come off the list",
    Outcome.RELEASE: "It may stand there; what is refused when it is dialled is refused as before",
    Outcome.EXCEPTION: "It may stand there, and an exception is asked for",
}
"""What it means for a number that stands on a prisoner's list already."""
PLACES = {"outcome": "#outcome-1", "reason": "#reason", "note": "#note"}
"""Where each field of a decision is on the page."""

_counted: dict[frozenset[str], tuple[float, Counts]] = {}


@router.get("")
def queue(request: Request, reviewer: Reviewer) -> Response:
    """What waits, the gravest first and of those the oldest."""
    system = system_of(request)
    shown = _filter(request, reviewer, request.query_params)
    items = system.reviews.page(
        shown, after=_after(request.query_params.get("after")), limit=SHOWN_AT_ONCE + 1
    )
    more = items[SHOWN_AT_ONCE - 1] if len(items) > SHOWN_AT_ONCE else None
    return show(
        request,
        "queue.html",
        reviewer,
        items=items[:SHOWN_AT_ONCE],
        without_picture=system.pictures.lacking([item.seq for item in items]),
        next=None if more is None else f"{more.gravity}.{more.at.timestamp():.6f}.{more.seq}",
        counts=(counts := _count(system, reviewer)),
        held_hours=system.settings.held_hours,
        not_read=ids_of("flag", system.reviews.missing(reviewer)),
        choices=[
            ("which", "Show", list(WHICH.items()), shown.which),
            (
                "prison",
                "Prison",
                [(name, name) for name in sorted(counts.by_prison) if name != "?"],
                shown.prison,
            ),
            (
                "channel",
                "Channel",
                [(name, words(name)) for name in sorted(counts.by_channel)],
                shown.channel,
            ),
            ("code", "Reason", [(name, words(name)) for name in sorted(counts.by_code)], shown.code),
        ],
        query={
            key: value
            for key, value in request.query_params.items()
            if key in ("which", "prison", "channel", "code")
        },
    )


@router.get("/counts")
async def live_counts(request: Request, reviewer: Reviewer) -> Response:
    """Counts as server-sent events, until the session would have fallen asleep without them."""
    system = system_of(request)
    until = time.monotonic() + system.settings.session_minutes * 60

    async def events() -> AsyncIterator[bytes]:
        last = b""
        while time.monotonic() < until and not await request.is_disconnected():
            counts = await run_in_threadpool(_count, system, reviewer)
            now = msgspec.json.encode({"total": counts.total, "overdue": counts.overdue, "mine": counts.mine})
            if now != last:
                yield b"event: counts\ndata: " + now + b"\n\n"
                last = now
            await asyncio.sleep(COUNTED_EVERY)
        yield b"event: over\ndata: {}\n\n"

    return StreamingResponse(events(), media_type="text/event-stream", headers=HEADERS)


@router.post("/next")
def claim_next(request: Request, form: OurForm, reviewer: Reviewer) -> Response:
    """Claim the first that nobody has."""
    claimed = system_of(request).reviews.claim_next(reviewer, _filter(request, reviewer, form))
    return go("/queue" if claimed is None else f"/queue/{claimed.seq}")


@router.get("/{seq}")
def read_item(request: Request, seq: Seq, reviewer: Reviewer) -> Response:
    """One item. Protected details are hidden until they are asked for."""
    return _show(request, reviewer, _item(request, reviewer, seq))


@router.post("/{seq}/show")
def show_details(request: Request, seq: Seq, form: OurForm, reviewer: Reviewer) -> Response:
    """The same with the details, which is in the ledger before they are shown."""
    item = _item(request, reviewer, seq)
    try:
        opened = system_of(request).reviews.open(
            reviewer, item, form.get("why", "").strip()[:500] or "review"
        )
    except ServiceError as error:
        raise PageError(error) from None
    return _show(request, reviewer, item, opened=opened)


@router.post("/{seq}/claim")
def claim(request: Request, seq: Seq, form: OurForm, reviewer: Reviewer) -> Response:
    """Make it one's own for ten minutes."""
    return _do(request, reviewer, seq, lambda reviews: reviews.claim(reviewer, seq))


@router.post("/{seq}/skip")
def skip(request: Request, seq: Seq, form: OurForm, reviewer: Reviewer) -> Response:
    """Give it back; that is recorded."""
    note = form.get("note", "").strip()[:500]
    return _do(
        request, reviewer, seq, lambda reviews: reviews.skip(reviewer, seq, _token(form), note), on="/queue"
    )


@router.post("/{seq}/decide")
def decide(request: Request, seq: Seq, form: OurForm, reviewer: Reviewer) -> Response:
    """Decide; in effect 30 seconds later."""

    item = _item(request, reviewer, seq)
    wrong = _missing(form, item)
    if wrong:
        return _show(request, reviewer, item, status=422, wrong=wrong, form=form)
    outcome, _, reason = form["reason"].partition(":")
    note = form.get("note", "").strip()
    return _do(
        request,
        reviewer,
        seq,
        lambda reviews: reviews.decide(reviewer, seq, _token(form), Outcome(outcome), reason, note),
        form=form,
    )


@router.post("/{seq}/undo")
def undo(request: Request, seq: Seq, form: OurForm, reviewer: Reviewer) -> Response:
    """Take one's decision back, within 30 seconds."""
    return _do(request, reviewer, seq, lambda reviews: reviews.undo(reviewer, seq))


def _do(
    request: Request,
    reviewer: Principal,
    seq: int,
    change: Callable[[Reviews], object],
    *,
    on: str = "",
    form: dict[str, str] | None = None,
) -> Response:
    """Change an item and go on, to the item itself where nothing is said; or say on it why not."""
    try:
        change(system_of(request).reviews)
    except NotFoundError as error:
        raise PageError(error) from None
    except ServiceError as error:
        return _refused(request, reviewer, seq, error, form)
    return go(on or f"/queue/{seq}")


def _item(request: Request, reviewer: Principal, seq: int) -> ReviewItem:
    try:
        return system_of(request).reviews.get(reviewer, seq)
    except ServiceError as error:
        raise PageError(error) from None


def _refused(
    request: Request, reviewer: Principal, seq: int, error: ServiceError, form: dict[str, str] | None = None
) -> Response:
    """The item as it is now, with what went wrong on top."""
    said = said_of(error)
    name = error.field if error.field in PLACES else ""
    return _show(
        request, reviewer, _item(request, reviewer, seq), status=error.status, wrong={name: said}, form=form
    )


def _show(
    request: Request,
    reviewer: Principal,
    item: ReviewItem,
    *,
    opened: Decided | None = None,
    status: int = 200,
    wrong: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
) -> Response:
    system = system_of(request)
    versions = system.registry.versions
    now = system.clock()
    with system.database.read() as connection:
        record = search.read(connection, item.seq)
        by_prisoner = (
            search.search(
                connection,
                kind=Kind.DECISION,
                prisoner=item.prisoner,
                establishments=reviewer.prisons or None,
                limit=TRIES_SHOWN,
            )
            if item.prisoner is not None
            else []
        )
        ids = payloads.tried(record.detail).restrictions
        opened_met = versions.opened(connection, sorted(ids))
        was_seen = search.has_seen(connection, reviewer.id, f"review/{item.seq}")
        done = acts(connection, item.seq, None if opened is None else system.vault)
    met = {one.id: one for one in opened_met.versions}
    theirs = versions.may_concern(reviewer.prisons, ids)
    restrictions = {id_: one for id_, one in met.items() if is_told(id_, reviewer, theirs.__contains__)}
    not_read = [id_ for id_ in opened_met.unread if is_told(id_, reviewer, theirs.__contains__)]
    at_contact = system.reviews.tries_at(item.contact, TRIES_SHOWN) if item.contact is not None else []
    node = payloads.tried(record.detail).node
    last, takes_another = item.second_by or item.decided_by, system.reviews.takes_another(reviewer, item)
    return show(
        request,
        "item.html",
        reviewer,
        status=status,
        errors=[{"text": text, "href": PLACES.get(name, "#main-content")} for name, text in wrong.items()]
        if wrong
        else None,
        wrong=wrong or {},
        item=item,
        codes=record.codes.split(","),
        is_seen=opened is not None or was_seen,
        is_mine=item.state in WAITING and item.held_by(now) == reviewer.id,
        held_by=item.held_by(now),
        can_claim=item.state in WAITING and not takes_another,
        waits_for_another=takes_another,
        may_see=reviewer.may(Right.SEE_RESTRICTIONS),
        can_undo=item.state is ItemState.DECIDED and last == reviewer.id and now < (item.effective_at or now),
        is_in_effect=item.effective_at is not None and now >= item.effective_at,
        outcomes=_outcomes(item.channel),
        reasons={outcome: reasons_for(outcome, item.channel) for outcome in Outcome},
        form=form or {},
        node=node,
        details=None if opened is None else _details(system, reviewer, item, node, opened, restrictions),
        restrictions=[_plain(one, now) for one in restrictions.values()],
        elsewhere=len(met) + len(opened_met.unread) - len(restrictions) - len(not_read),
        not_read=ids_of("restriction", not_read),
        by_prisoner=[_try(row) for row in by_prisoner],
        at_contact=[_try(row) for row in at_contact if reviewer.covers(row.establishment)],
        others=sum(not reviewer.covers(row.establishment) for row in at_contact),
        decided=decisions(done),
        history=[_act(one, now) for one in done],
    )


def _details(
    system: System,
    reviewer: Principal,
    item: ReviewItem,
    node: str | None,
    opened: Decided,
    restrictions: dict[str, RestrictionVersion],
) -> dict[str, Any]:
    """What is protected, for the template; every text is escaped there or by `marked`. `restrictions` are
    those of the reviewer's prisons: of others nothing is shown."""
    seen = reasons_seen(opened.decision, reviewer, restrictions.__contains__, looked=True)
    letter = item_of(str(opened.attempt["id"]))
    if node is None:
        pictures = [] if letter is None else pictures_of(system, letter)
    else:
        pictures = shown(lambda: system.pictures.of(item.seq))
    return {
        "pictures": pictures,
        "awaits_picture": letter is not None and node is not None and not pictures,
        "to": _recipient(opened.attempt),
        "body": opened.attempt.get("body") or "",
        "reasons": reasons_of(seen, system.current.policy),
        "notes": [
            (id_, one.document.restriction.protected.name, one.document.notes, one.document.justification)
            for id_, one in restrictions.items()
        ],
    }


def _recipient(attempt: dict[str, Any]) -> str:
    """Whom an attempt goes to; of somebody whom a prisoner would have on his list, all that was given."""
    if "to" in attempt:
        return str(attempt["to"])
    points = (*attempt.get("numbers", ()), *attempt.get("emails", ()), attempt.get("address"))
    return "\n".join(str(one) for one in (attempt.get("name"), *points) if one)


def _outcomes(channel: str) -> dict[Outcome, tuple[str, str, str]]:
    if channel != PHONE_LIST:
        return OUTCOMES
    return {one: (text, OF_LISTS.get(one, hint), key) for one, (text, hint, key) in OUTCOMES.items()}


def _plain(version: RestrictionVersion, now: datetime) -> dict[str, Any]:
    restriction = version.document.restriction
    return {
        "id": version.id,
        "link": f"/restrictions/view/{quote(version.id)}",
        "pathway": restriction.pathway,
        "court_order": restriction.has_court_order,
        "scope": restriction.scope,
        "prisoners": restriction.prisoners,
        "state": state_at(version, now),
        "requests": [request.agency for request in version.document.requests if request.stands],
    }


def _try(row: search.Row) -> dict[str, Any]:
    what = f"{row.channel or ''}: {row.outcome or ''}".strip(": ").capitalize()
    why = ", ".join(words(code) for code in row.codes.split(",") if code)
    link = f"/queue/{row.seq}" if row.outcome == "flag" else None
    return {"title": what, "by": row.prisoner or "", "at": moment(row.at), "text": why, "link": link}


def _act(one: Act, now: datetime) -> dict[str, Any]:
    why = f"{one.why}." if one.why else ""
    note = f"Note: {one.note}" if one.note else "With a note, shown with the details." if one.has_note else ""
    return {
        "title": ACTS.get(one.act, words(one.act)),
        "by": one.by,
        "at": f"{moment(one.at)}, {age(one.at, now)} ago",
        "text": f"{why} {note}".strip(),
    }


def _filter(request: Request, reviewer: Principal, wanted: Mapping[str, str]) -> Filter:
    which = wanted.get("which")
    return Filter(
        prisons=reviewer.prisons,
        prison=wanted.get("prison") or None,
        channel=wanted.get("channel") or None,
        code=wanted.get("code") or None,
        which=which if which in WHICH else None,
        by=reviewer.id,
        longest=timedelta(hours=system_of(request).settings.held_hours),
    )


def _after(text: str | None) -> tuple[int, datetime, int] | None:
    """The place behind which a page begins. Raises PageError."""
    if not text:
        return None
    try:
        parts = zip(text.split("."), (9, 11, 6, 19), strict=True)
        gravity, seconds, micro, seq = (number_in(part, digits) for part, digits in parts)
        if gravity is None or seconds is None or micro is None or seq is None:
            raise ValueError
        at = datetime.fromtimestamp(seconds, tz=UTC).replace(microsecond=micro)
        return gravity, at, min(seq, search.LAST_SEQ)
    except (ValueError, OverflowError, OSError):
        raise PageError(NotFoundError("there is no such page")) from None


def _count(system: System, reviewer: Principal) -> Counts:
    """Counts of the reviewer's prisons, a moment old; how many are his own is asked anew."""
    now = time.monotonic()
    known = _counted.get(reviewer.prisons)
    if known is None or now - known[0] > COUNTED_EVERY:
        longest = timedelta(hours=system.settings.held_hours)
        counts = system.reviews.counts(reviewer, Filter(reviewer.prisons), longest)
        _counted[reviewer.prisons] = known = now, counts
    return known[1]._replace(mine=system.reviews.mine(reviewer))


def _token(form: dict[str, str]) -> int:
    token = number_in(form.get("token", ""))
    if token is None:
        raise ConflictError("your claim has run out", "token")
    return token


def _missing(form: dict[str, str], item: ReviewItem) -> dict[str, str]:
    """Everything that a decision lacks, by field."""
    wrong = {}
    chosen, (said, _, reason) = form.get("outcome", ""), form.get("reason", "").partition(":")
    if chosen not in [*Outcome]:
        wrong["outcome"] = "Choose what you decide"
    if not reason:
        wrong["reason"] = "Choose a reason"
    elif "outcome" not in wrong and (
        said != chosen or reason not in reasons_for(Outcome(chosen), item.channel)
    ):
        wrong["reason"] = "Choose a reason that goes with the decision"
    if reason == "other" and not form.get("note", "").strip():
        wrong["note"] = "Say in the note what the other reason is"
    if len(form.get("note", "").strip()) > LONGEST_NOTE:
        wrong["note"] = f"The note must be {LONGEST_NOTE:,} characters or fewer"
    return wrong
